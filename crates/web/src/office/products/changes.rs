//! From what was typed to the steps that a product takes.
//!
//! A form carries what it was filled with. What somebody typed differs from that; only it is written, so that two
//! people who change different fields of a product do not undo each other. Where both changed the same field, the
//! second is told and decides.

use souk_base::{BrandId, CategoryId, Lang, Tables};
use souk_commerce::products::{NewProduct, NewVariant, ProductChange, ProductText, State};

use super::filled::{self, Snapshot};
use super::line::{self, Current};
use super::step::{Change, Step};
use super::{changes_of_lines, changes_of_variants};
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::still;
use crate::text::desk::Desk as Words;
use crate::text::fill;

/// Longest title, in characters.
const TITLE_MAX: usize = 300;

/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 20_000;

/// What was typed, what the form had been filled with, and what holds now.
pub(super) struct Answers {
    typed: Snapshot,
    was: Snapshot,
    now: Snapshot,
}

impl Answers {
    /// The value of a field: what was typed, unless the field was left alone.
    pub(super) fn get(&self, name: &str) -> &str {
        if self.is_typed(name) { self.typed.get(name) } else { self.now.get(name) }
    }

    /// Whether a field must be written.
    pub(super) fn changed(&self, name: &str) -> bool {
        self.get(name) != self.now.get(name)
    }

    /// Whether any of these must be written.
    pub(super) fn any_changed(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.changed(name))
    }

    /// What the form had been filled with.
    pub(super) fn was(&self, name: &str) -> &str {
        self.was.get(name)
    }

    fn is_typed(&self, name: &str) -> bool {
        self.typed.get(name) != self.was.get(name)
    }

    /// Whether somebody else changed the same field to something else meanwhile.
    fn clashes(&self, name: &str) -> bool {
        self.changed(name) && self.now.get(name) != self.was.get(name)
    }
}

/// Reads a form.
pub(super) struct Reader<'a> {
    pub(super) answers: Answers,
    pub(super) tables: &'a Tables,
    pub(super) words: &'static Words,
    pub(super) lang: Lang,
    pub(super) problems: Problems,
    pub(super) steps: Vec<Step>,
}

impl<'a> Reader<'a> {
    fn new(
        form: &Form,
        current: Option<&Current>,
        tables: &'a Tables,
        (lang, words): (Lang, &'static Words),
    ) -> Reader<'a> {
        let now = current.map(|current| Snapshot::of(&filled::fields(Some(current), tables)));
        let answers = Answers {
            typed: Snapshot::of(form),
            was: Snapshot::read(form.get("was")),
            now: now.unwrap_or_default(),
        };
        Reader { answers, tables, words, lang, problems: Problems::default(), steps: Vec::new() }
    }

    /// Adds a step that a field asks for, unless somebody else has changed that field meanwhile.
    pub(super) fn step(&mut self, field: &str, place: &str, change: Change) {
        if self.answers.clashes(field) {
            let text = fill(self.words.bad_meanwhile, "value", self.answers.now.get(field));
            self.problems.put(field, place, text);
        }
        let (field, place) = (field.to_owned(), place.to_owned());
        self.steps.push(Step { field, place, change });
    }

    fn finish(self) -> Result<Vec<Step>, Problems> {
        if self.problems.is_empty() { Ok(self.steps) } else { Err(self.problems) }
    }
}

/// What a form changes of a product.
pub(super) fn of_product(
    form: &Form,
    current: &Current,
    tables: &Tables,
    speech: (Lang, &'static Words),
) -> Result<Vec<Step>, Problems> {
    let mut reader = Reader::new(form, Some(current), tables, speech);
    for lang in Lang::ALL {
        if let Some(change) = reader.text(lang) {
            reader.step(&format!("title_{lang}"), lang.name(), change);
        }
    }
    if !Lang::ALL.into_iter().any(|lang| !reader.answers.get(&format!("title_{lang}")).is_empty()) {
        reader.problems.put("title_en", "", reader.words.bad_title);
    }
    reader.place_in_shop();
    if reader.answers.changed("value") {
        let values = reader.values();
        reader.step("value", "", Change::Values(values));
    }
    for variant in line::variants(Some(current), tables) {
        if let Some(known) = variant.variant {
            changes_of_variants::change(&mut reader, known);
        }
        for line in &variant.lines {
            changes_of_lines::change(&mut reader, line);
        }
    }
    changes_of_variants::add(&mut reader);
    changes_of_lines::add_of_seller(&mut reader, current);
    changes_of_lines::add_dated_price(&mut reader, current);
    reader.finish()
}

/// A new product and the steps that follow when it is made.
pub(super) fn of_new(
    form: &Form,
    tables: &Tables,
    speech: (Lang, &'static Words),
) -> Result<(NewProduct, Vec<Step>), Problems> {
    let mut reader = Reader::new(form, None, tables, speech);
    let texts: Vec<_> = Lang::ALL.into_iter().filter_map(|lang| reader.new_text(lang)).collect();
    if texts.is_empty() && !reader.problems.any("title_") {
        reader.problems.put("title_en", "", reader.words.bad_title);
    }
    let category = reader.category();
    let place = reader.publishing();
    reader.slug();
    let brand_id = reader.answers.get("brand").parse::<BrandId>().ok();
    let variant = NewVariant {
        sku: Some(reader.answers.get("sku.new").to_owned()).filter(|sku| !sku.is_empty()),
        options: changes_of_variants::options(&reader.answers, "new", None),
        eans: Vec::new(),
    };
    for variant in line::variants(None, tables) {
        for line in &variant.lines {
            changes_of_lines::change(&mut reader, line);
        }
    }
    let new = category.map(|category_id| NewProduct {
        external_id: None,
        slug: Some(reader.answers.get("slug").to_owned()).filter(|slug| !slug.is_empty()),
        state: place.0,
        publish_at: place.1,
        category_id,
        brand_id,
        picture: Some(picture(tables, category_id)),
        texts,
        variants: vec![variant],
        values: reader.values(),
    });
    let steps = reader.finish()?;
    Ok((new.expect("without a category there is a problem"), steps))
}

/// The still life that stands for a category, or for the nearest one above that has one.
fn picture(tables: &Tables, category: CategoryId) -> String {
    let path = tables.ancestry(category);
    let mut kinds = path.iter().filter_map(|id| still::kind(&tables.categories.get(id)?.slug));
    kinds.next().unwrap_or("box").to_owned()
}

impl Reader<'_> {
    /// What changes of the text of a language.
    fn text(&mut self, lang: Lang) -> Option<Change> {
        let (title, description) = (format!("title_{lang}"), format!("description_{lang}"));
        if !self.answers.any_changed(&[&title, &description]) {
            return None;
        }
        let is_empty =
            self.answers.get(&title).is_empty() && self.answers.get(&description).is_empty();
        if is_empty {
            return Some(Change::RemoveText(lang));
        }
        self.new_text(lang).map(Change::Text)
    }

    /// The text of a language, if there is one.
    fn new_text(&mut self, lang: Lang) -> Option<ProductText> {
        let (title_field, description_field) =
            (format!("title_{lang}"), format!("description_{lang}"));
        let title = self.answers.get(&title_field).to_owned();
        let description = self.answers.get(&description_field).to_owned();
        let long = |max: usize| fill(self.words.bad_long, "n", &max.to_string());
        if title.chars().count() > TITLE_MAX {
            self.problems.put(&title_field, lang.name(), long(TITLE_MAX));
        } else if description.chars().count() > DESCRIPTION_MAX {
            self.problems.put(&description_field, lang.name(), long(DESCRIPTION_MAX));
        } else if title.is_empty() && !description.is_empty() {
            self.problems.put(&title_field, lang.name(), self.words.bad_title_of_text);
        }
        (!title.is_empty()).then_some(ProductText { lang, title, description })
    }

    /// Category, brand, address and state.
    fn place_in_shop(&mut self) {
        if self.answers.changed("category")
            && let Some(category) = self.category()
        {
            let change = ProductChange { category_id: Some(category), ..ProductChange::default() };
            self.step("category", "", Change::Product(change));
        }
        if self.answers.changed("brand") {
            let brand = self.answers.get("brand").parse().ok();
            let change = ProductChange { brand_id: Some(brand), ..ProductChange::default() };
            self.step("brand", "", Change::Product(change));
        }
        if self.answers.changed("slug") {
            self.slug();
            let slug = Some(self.answers.get("slug").to_owned());
            self.step(
                "slug",
                "",
                Change::Product(ProductChange { slug, ..ProductChange::default() }),
            );
        }
        if self.answers.any_changed(&["publish", "publish_at"]) {
            let (state, at) = self.publishing();
            let change = ProductChange {
                state: Some(state),
                publish_at: Some(at),
                ..ProductChange::default()
            };
            self.step("publish", "", Change::Product(change));
        }
    }

    fn category(&mut self) -> Option<CategoryId> {
        let chosen = self.answers.get("category").parse().ok();
        let known = chosen.filter(|id| self.tables.categories.contains_key(id));
        if known.is_none() {
            self.problems.put("category", "", self.words.category_choose);
        }
        known
    }

    /// Whether it is shown, and from when on.
    fn publishing(&mut self) -> (State, Option<jiff::Timestamp>) {
        match self.answers.get("publish") {
            "draft" => (State::Draft, None),
            "archived" => (State::Archived, None),
            "at" => {
                let at = self.answers.get("publish_at");
                let at = filled::instant(at, &filled::zone(self.tables));
                if at.is_none() {
                    self.problems.put("publish_at", "", self.words.bad_time);
                }
                (State::Active, at)
            }
            _ => (State::Active, None),
        }
    }

    /// Notes an address that none can have.
    fn slug(&mut self) {
        let slug = self.answers.get("slug");
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_slug = slug.split('-').all(|part| !part.is_empty() && part.chars().all(is_plain));
        let may_be_empty = self.answers.was("slug").is_empty();
        if !(is_slug || slug.is_empty() && may_be_empty) {
            self.problems.put("slug", "", self.words.bad_slug);
        }
    }

    fn values(&self) -> Vec<souk_base::AttributeValueId> {
        let chosen = self.answers.get("value").split(',').filter_map(|id| id.parse().ok());
        chosen.filter(|id| self.tables.values.contains_key(id)).collect()
    }
}
