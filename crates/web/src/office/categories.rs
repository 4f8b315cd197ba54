//! `/office/categories`: the tree, and the form that adds, renames, moves and removes its nodes.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use souk_api::{AppState, Error, Permission};
use souk_base::{CategoryId, Lang, Translated};
use souk_commerce::categories::{
    self, CategoryChange, CategoryLine, EditableCategory, NewCategory,
};
use souk_commerce::writes::{self, Answer, Begun, Write};
use souk_commerce::{Conflict, Error as ShopError};

use super::desk::{self, Desk, Done};
use super::fields::{Input, Problems, Select};
use super::form::Form;
use super::products::step::{Stopped, said};
use super::{Colleague, refuse};
use crate::format::{Numbers, read_count};
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::{Desk as Words, desk as words_of};
use crate::text::{fill, texts};

#[derive(Template)]
#[template(path = "office/categories.html")]
struct CategoriesPage {
    frame: Frame,
    desk: Desk,
    may_write: bool,
    rows: Vec<Row>,
    /// What is said on top of the form.
    heading: String,
    /// Key of the category that is changed; empty for a new one.
    id: String,
    etag: String,
    labels: Vec<LabelField>,
    parent: Select,
    slug: Input,
    order: Input,
    error: Option<String>,
}

/// A category of the tree.
struct Row {
    href: String,
    label: String,
    depth: usize,
    products: String,
    products_href: String,
    slug: String,
    current: bool,
}

/// The name in one language.
struct LabelField {
    input: Input,
    label: &'static str,
    attributes: String,
}

/// `GET /office/categories`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let tree = tree(&app).await.map_err(fail)?;
    let id = colleague.caller.address.get("edit").and_then(|id| id.parse().ok());
    let edited = tree.iter().map(|line| &line.category).find(|known| Some(known.id) == id);
    let form = edited.map(filled).unwrap_or_default();
    let page = CategoriesPage::new(&colleague, &tree, &form, &Problems::default());
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn tree(app: &AppState) -> Result<Vec<CategoryLine>, Error> {
    let mut connection = app.connection().await?;
    Ok(categories::tree(&mut connection).await?)
}

/// A category as the form has it.
fn filled(category: &EditableCategory) -> Form {
    let mut form = Form::default();
    form.put("id", category.id.to_string());
    form.put("etag", writes::etag(category));
    for (lang, label) in category.labels.iter() {
        form.put(format!("label_{lang}"), label);
    }
    form.put("parent", category.parent_id.map(|id| id.to_string()).unwrap_or_default());
    form.put("slug", &category.slug);
    form.put("order", category.position.to_string());
    form
}

/// `POST /office/categories`
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    match write(&app, &colleague, &form).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Stopped::Error(error)) => Err(fail(error)),
        Err(Stopped::Problems(problems)) => {
            let tree = tree(&app).await.map_err(fail)?;
            let page = CategoriesPage::new(&colleague, &tree, &form, &problems);
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// Takes the form in; gives the address of the page that says so.
async fn write(app: &AppState, colleague: &Colleague, form: &Form) -> Result<String, Stopped> {
    let words = words_of(colleague.caller.lang());
    let read = Asked::read(form, words).map_err(Stopped::Problems)?;
    let begun = writes::begin(&app.db, Some(colleague.staff.id), None).await?;
    let Begun::New(mut write) = begun else { return Ok("/office/categories".to_owned()) };
    let done = read.take(&mut write).await.map_err(|error| refused(error, words))?;
    let (status, headers, body) = (StatusCode::SEE_OTHER.as_u16(), Vec::new(), String::new());
    write.commit(&app.db, &Answer { status, headers, body }).await?;
    Ok(format!("/office/categories?done={done}"))
}

/// What the form asks for.
struct Asked<'a> {
    id: Option<CategoryId>,
    etag: &'a str,
    removes: bool,
    labels: Translated,
    parent_id: Option<CategoryId>,
    slug: &'a str,
    position: Option<i32>,
}

impl<'a> Asked<'a> {
    fn read(form: &'a Form, words: &Words) -> Result<Asked<'a>, Problems> {
        let label = |lang: Lang| {
            let label = form.get(&format!("label_{lang}"));
            (!label.is_empty()).then(|| (lang, label.to_owned()))
        };
        let labels: Translated = Lang::ALL.into_iter().filter_map(label).collect();
        let removes = form.get("act") == "remove";
        let mut problems = Problems::default();
        if labels.iter().next().is_none() && !removes {
            problems.put("label_en", "", words.bad_title);
        }
        let position = read_count(form.get("order"));
        if position.is_none() && !form.get("order").is_empty() {
            problems.put("order", "", words.bad_count);
        }
        let asked = Asked {
            id: form.get("id").parse().ok(),
            etag: form.get("etag"),
            removes,
            labels,
            parent_id: form.get("parent").parse().ok(),
            slug: form.get("slug"),
            position,
        };
        if problems.is_empty() { Ok(asked) } else { Err(problems) }
    }

    async fn take(self, write: &mut Write) -> Result<&'static str, ShopError> {
        let Some(id) = self.id else {
            let new = NewCategory {
                parent_id: self.parent_id,
                slug: Some(self.slug.to_owned()).filter(|slug| !slug.is_empty()),
                labels: self.labels,
                position: self.position,
            };
            categories::create(write, new).await?;
            return Ok("saved");
        };
        let before = categories::lock(write, id, Some(self.etag)).await?;
        if self.removes {
            categories::remove(write, id).await?;
            return Ok("removed");
        }
        // New names first, so that the last one is never taken away.
        for (lang, label) in self.labels.iter() {
            if before.labels.exact(lang) != Some(label) {
                categories::put_label(write, id, lang, Some(label)).await?;
            }
        }
        for (lang, _) in before.labels.iter() {
            if self.labels.exact(lang).is_none() {
                categories::put_label(write, id, lang, None).await?;
            }
        }
        let change = CategoryChange {
            parent_id: Some(self.parent_id).filter(|parent| *parent != before.parent_id),
            slug: Some(self.slug.to_owned()).filter(|slug| *slug != before.slug),
            position: self.position.filter(|position| *position != before.position),
        };
        if change != CategoryChange::default() {
            categories::update(write, id, change).await?;
        }
        Ok("saved")
    }
}

/// A refusal beside the field that is to blame.
fn refused(error: ShopError, words: &Words) -> Stopped {
    let (field, text) = match &error {
        ShopError::Stale => ("label_en", words.bad_changed.to_owned()),
        ShopError::Conflict(Conflict::CategoryInItself) => ("parent", words.bad_cycle.to_owned()),
        ShopError::Conflict(Conflict::CategoryNotEmpty) => {
            ("remove", words.bad_not_empty.to_owned())
        }
        ShopError::Conflict(Conflict::SlugInvalid) => ("slug", words.bad_slug.to_owned()),
        _ => match said(&error, words) {
            Some(text) => ("slug", text),
            None => return error.into(),
        },
    };
    Stopped::Problems(Problems::of(field, "", text))
}

impl CategoriesPage {
    fn new(
        colleague: &Colleague,
        tree: &[CategoryLine],
        form: &Form,
        problems: &Problems,
    ) -> CategoriesPage {
        let lang = colleague.caller.lang();
        let words = words_of(lang);
        let id = form.get("id").to_owned();
        let edited = tree.iter().find(|line| line.category.id.to_string() == id);
        let heading = edited.map_or_else(
            || words.category_new.to_owned(),
            |line| fill(words.category_edit, "category", line.category.labels.get(lang)),
        );
        CategoriesPage {
            frame: desk::frame(colleague, texts(lang).categories),
            desk: Desk::new(colleague, "/office/categories").with_done(done(colleague, words)),
            may_write: desk::may(&colleague.staff, Permission::CatalogWrite),
            rows: (0..tree.len()).map(|place| row(&tree[place..], lang, &id)).collect(),
            heading,
            etag: edited.map(|line| writes::etag(&line.category)).unwrap_or_default(),
            labels: labels(form, problems),
            parent: Select::new("parent", parents(tree, &id, lang), form, problems),
            slug: Input::new("slug", form, problems),
            order: Input::new("order", form, problems),
            error: problems.text("remove").map(str::to_owned),
            id,
        }
    }
}

fn labels(form: &Form, problems: &Problems) -> Vec<LabelField> {
    let field = |lang: Lang| LabelField {
        input: Input::new(format!("label_{lang}"), form, problems),
        label: lang.name(),
        attributes: format!("lang=\"{lang}\" dir=\"{}\" maxlength=\"200\"", lang.direction()),
    };
    [Lang::En, Lang::Ar, Lang::Ru, Lang::Kk].map(field).into()
}

/// Where a category can stand: anywhere but in itself and below.
fn parents(tree: &[CategoryLine], id: &str, lang: Lang) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), words_of(lang).top_level.to_owned())];
    let mut within: Option<usize> = None;
    for line in tree {
        within = within.filter(|depth| line.depth > *depth);
        if line.category.id.to_string() == id {
            within = Some(line.depth);
        }
        if within.is_none() {
            let indent = "\u{2003}".repeat(line.depth);
            let label = format!("{indent}{}", line.category.labels.get(lang));
            options.push((line.category.id.to_string(), label));
        }
    }
    options
}

/// The first category of a part of the tree, with the products in it and below.
fn row(tree: &[CategoryLine], lang: Lang, edited: &str) -> Row {
    let line = &tree[0];
    let id = line.category.id.to_string();
    let below = tree[1..].iter().take_while(|below| below.depth > line.depth);
    let products: i64 = below.map(|below| below.products).sum();
    let count = (line.products + products).unsigned_abs();
    Row {
        href: format!("/office/categories?edit={id}#edit"),
        label: line.category.labels.get(lang).to_owned(),
        depth: line.depth.min(6),
        products: Numbers::of(lang, None).whole(count),
        products_href: format!("/office/products?category={id}"),
        slug: line.category.slug.clone(),
        current: id == edited,
    }
}

fn done(colleague: &Colleague, words: &Words) -> Option<Done> {
    let text = match colleague.caller.address.get("done")? {
        "removed" => words.category_removed,
        _ => words.category_saved,
    };
    Some(Done { text: text.to_owned(), link: None })
}
