//! The page on which a product is made and changed.

mod lines;

use std::collections::BTreeSet;

use askama::Template;
use jiff::Timestamp;
use souk_api::{Permission, request_id};
use souk_base::{AttributeValueId, Lang, Tables};
use souk_commerce::media::Size;

use self::lines::{Dated, More, VariantBlock};
use super::filled::{self, Snapshot};
use super::line::Current;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Link};
use crate::office::fields::{Choice, Input, Problems, Select};
use crate::office::form::Form;
use crate::text::desk::Desk as Words;
use crate::text::{fill, texts};

#[derive(Template)]
#[template(path = "office/editor.html")]
pub(super) struct EditorPage {
    frame: Frame,
    desk: Desk,
    heading: String,
    links: Vec<Link>,
    notice: Option<String>,
    problems: Vec<Link>,
    action: String,
    key: String,
    was: String,
    is_new: bool,
    may_write: bool,
    texts: Vec<TextBlock>,
    pictures: Vec<PictureBlock>,
    upload: Input,
    /// Most bytes of pictures that one form takes.
    bytes_max: usize,
    variants: Vec<VariantBlock>,
    more: Option<More>,
    dated: Option<Dated>,
    publish: Vec<Choice>,
    publish_at: Input,
    publish_when: String,
    category: Select,
    brand: Select,
    slug: Input,
    attributes: Vec<AttributeBlock>,
    save_label: &'static str,
}

/// Title and description in one language.
struct TextBlock {
    lang: Lang,
    /// The countries whose pages are in this language.
    spoken: String,
    title: Input,
    title_label: &'static str,
    description: Input,
    description_label: &'static str,
}

struct PictureBlock {
    id: String,
    url: String,
    label: String,
    first: bool,
    last: bool,
}

/// An attribute with its values.
struct AttributeBlock {
    label: String,
    /// The chosen ones in words.
    chosen: String,
    open: bool,
    values: Vec<ValueBox>,
}

struct ValueBox {
    value: String,
    label: String,
    chosen: bool,
    colour: Option<String>,
}

/// What the page is made from.
pub(super) struct Seen<'a> {
    pub(super) colleague: &'a Colleague,
    pub(super) tables: &'a Tables,
    /// None for a new product.
    pub(super) current: Option<&'a Current>,
    /// What the fields hold.
    pub(super) form: &'a Form,
    pub(super) problems: &'a Problems,
}

impl EditorPage {
    pub(super) fn new(seen: &Seen<'_>) -> EditorPage {
        let (lang, words) = (seen.lang(), seen.words());
        let text = texts(lang);
        let heading = seen.heading();
        let count = seen.problems.all().len();
        let problems_text = words.problems.form(count as u64);
        let counted = Numbers::of(lang, None).whole(count as u64);
        EditorPage {
            frame: desk::frame(seen.colleague, &heading),
            desk: Desk::new(seen.colleague, "/office/products"),
            links: seen.links(),
            notice: (count > 0).then(|| fill(problems_text, "n", &counted)),
            problems: seen.problems.all().iter().map(problem_link).collect(),
            action: seen.path(""),
            key: request_id(),
            was: seen.was(),
            is_new: seen.current.is_none(),
            may_write: desk::may(&seen.colleague.staff, Permission::CatalogWrite),
            texts: seen.texts(),
            pictures: seen.pictures(),
            upload: seen.upload(),
            bytes_max: souk_api::PICTURE_BYTES_MAX,
            variants: seen.variants(),
            more: seen.current.map(|current| seen.more(current)),
            dated: seen.current.filter(|c| !c.offers.is_empty()).map(|c| seen.dated(c)),
            publish: seen.publish(),
            publish_at: seen.input("publish_at"),
            publish_when: fill(words.publish_when, "zone", &filled::zone(seen.tables)),
            category: seen.category(),
            brand: seen.brand(),
            slug: seen.input("slug"),
            attributes: seen.attributes(),
            save_label: if seen.current.is_some() { words.save } else { words.add_product },
            heading: if heading.is_empty() { text.products.to_owned() } else { heading },
        }
    }

    /// The page, saying what has just been done.
    pub(super) fn with_done(mut self, done: Option<desk::Done>) -> EditorPage {
        self.desk = self.desk.with_done(done);
        self
    }
}

fn problem_link(problem: &crate::office::fields::Problem) -> Link {
    let place =
        if problem.place.is_empty() { String::new() } else { format!("{}: ", problem.place) };
    Link { href: problem.field.clone(), label: format!("{place}{}", problem.text) }
}

impl Seen<'_> {
    fn lang(&self) -> Lang {
        self.colleague.caller.lang()
    }

    fn words(&self) -> &'static Words {
        crate::text::desk::desk(self.lang())
    }

    fn input(&self, name: &str) -> Input {
        Input::new(name, self.form, self.problems)
    }

    fn select(&self, name: &str, options: Vec<(String, String)>) -> Select {
        Select::new(name, options, self.form, self.problems)
    }

    /// The address of the product, and below it.
    fn path(&self, rest: &str) -> String {
        match self.current {
            Some(current) => format!("/office/products/{}{rest}", current.product.id),
            None => format!("/office/products/new{rest}"),
        }
    }

    fn heading(&self) -> String {
        let Some(current) = self.current else { return self.words().new_product.to_owned() };
        title(current, self.lang()).unwrap_or(self.words().untitled).to_owned()
    }

    fn links(&self) -> Vec<Link> {
        let Some(current) = self.current else { return Vec::new() };
        let preview = Link { href: self.path("/preview"), label: self.words().preview.to_owned() };
        let shop = shop_address(current, Timestamp::now());
        let shop = shop.map(|href| Link { href, label: self.words().in_shop.to_owned() });
        std::iter::once(preview).chain(shop).collect()
    }

    /// What is in the database now: whoever saves again has seen what others did.
    fn was(&self) -> String {
        match self.current {
            Some(current) => Snapshot::of(&filled::fields(Some(current), self.tables)).written(),
            None => String::new(),
        }
    }

    fn texts(&self) -> Vec<TextBlock> {
        let block = |lang: Lang| {
            let spoken = self.tables.markets.iter().filter(|m| m.languages.contains(&lang));
            let spoken: Vec<_> = spoken.map(|market| market.code.as_str()).collect();
            let spoken = match spoken.as_slice() {
                [] => String::new(),
                codes => fill(self.words().spoken_in, "markets", &codes.join(" ")),
            };
            TextBlock {
                lang,
                spoken,
                title: self.input(&format!("title_{lang}")),
                title_label: crate::text::desk::desk(lang).title,
                description: self.input(&format!("description_{lang}")),
                description_label: texts(lang).description,
            }
        };
        [Lang::En, Lang::Ar, Lang::Ru, Lang::Kk].map(block).into()
    }

    fn pictures(&self) -> Vec<PictureBlock> {
        let Some(current) = self.current else { return Vec::new() };
        let media = &current.product.media;
        let block = |(place, picture): (usize, &souk_commerce::media::Picture)| PictureBlock {
            id: picture.id.to_string(),
            url: picture.address(Size::Small),
            label: fill(self.words().picture_number, "n", &self.whole(place as u64 + 1)),
            first: place == 0,
            last: place + 1 == media.len(),
        };
        media.iter().enumerate().map(block).collect()
    }

    /// Browsers do not keep chosen files in a form that is shown again.
    fn upload(&self) -> Input {
        let mut upload = self.input("pictures");
        if upload.error.is_none() && self.form.files("pictures").next().is_some() {
            upload.error = Some(self.words().picture_again.to_owned());
        }
        upload
    }

    fn whole(&self, number: u64) -> String {
        Numbers::of(self.lang(), None).whole(number)
    }

    fn publish(&self) -> Vec<Choice> {
        let words = self.words();
        let chosen = self.form.get("publish");
        let archived = self.current.map(|_| ("archived", words.publish_archived));
        [("now", words.publish_now), ("at", words.publish_at), ("draft", words.publish_draft)]
            .into_iter()
            .chain(archived)
            .map(|(value, label)| Choice {
                value: value.to_owned(),
                label: label.to_owned(),
                chosen: value == chosen,
            })
            .collect()
    }

    fn category(&self) -> Select {
        let mut options = vec![(String::new(), self.words().category_choose.to_owned())];
        options.extend(categories(self.tables, self.lang()));
        self.select("category", options)
    }

    fn brand(&self) -> Select {
        let mut brands: Vec<_> = self.tables.brands.values().collect();
        brands.sort_by(|one, other| one.name.cmp(&other.name));
        let mut options = vec![(String::new(), self.words().brand_none.to_owned())];
        options.extend(brands.into_iter().map(|brand| (brand.id.to_string(), brand.name.clone())));
        self.select("brand", options)
    }

    fn attributes(&self) -> Vec<AttributeBlock> {
        let chosen: BTreeSet<AttributeValueId> =
            self.form.all("value").filter_map(|id| id.parse().ok()).collect();
        let lang = self.lang();
        let block = |attribute: &souk_base::Attribute| {
            let values = self.tables.values.values().filter(|v| v.attribute_id == attribute.id);
            let mut values: Vec<_> = values.collect();
            values.sort_by_key(|value| (value.position, value.id));
            let is_chosen = |value: &&&souk_base::AttributeValue| chosen.contains(&value.id);
            let labels: Vec<_> =
                values.iter().filter(is_chosen).map(|value| value.label.get(lang)).collect();
            let value_box = |value: &&souk_base::AttributeValue| ValueBox {
                value: value.id.to_string(),
                label: value.label.get(lang).to_owned(),
                chosen: chosen.contains(&value.id),
                colour: (attribute.code == "colour").then(|| value.code.clone()),
            };
            AttributeBlock {
                label: attribute.label.get(lang).to_owned(),
                chosen: labels.join(" · "),
                open: attribute.code == "colour",
                values: values.iter().map(value_box).collect(),
            }
        };
        self.tables.attributes.iter().map(block).collect()
    }
}

/// The title of a product in this language, else in another.
pub(super) fn title(current: &Current, lang: Lang) -> Option<&str> {
    let texts = &current.product.texts;
    let of = |lang: Lang| texts.iter().find(|text| text.lang == lang);
    of(lang).or_else(|| of(Lang::En)).or_else(|| texts.first()).map(|text| text.title.as_str())
}

/// Where the shop shows the product now; none while it does not.
pub(super) fn shop_address(current: &Current, now: Timestamp) -> Option<String> {
    let offers = &mut current.offers.iter();
    let offer = offers.find(|offer| {
        offer.state == souk_commerce::offers::OfferState::Active && offer.minor.is_some()
    })?;
    let product = &current.product;
    product.is_listed(now).then(|| format!("/{}/p/{}", offer.market, product.slug))
}

/// Every category, each below the one it stands under and further in.
pub(crate) fn categories(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let mut options = Vec::new();
    add_below(None, 0, tables, lang, &mut options);
    options
}

fn add_below(
    parent: Option<souk_base::CategoryId>,
    depth: usize,
    tables: &Tables,
    lang: Lang,
    options: &mut Vec<(String, String)>,
) {
    // Writers refuse rings; a tree that is one all the same has no end to walk to.
    if depth > 12 {
        return;
    }
    let mut level: Vec<_> = tables.categories.values().filter(|c| c.parent_id == parent).collect();
    level.sort_by_key(|category| (category.position, category.id));
    for category in level {
        let indent = "\u{2003}".repeat(depth);
        options.push((category.id.to_string(), format!("{indent}{}", category.label.get(lang))));
        add_below(Some(category.id), depth + 1, tables, lang, options);
    }
}
