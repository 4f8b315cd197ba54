//! `GET /office/products` and `POST /office/products/bulk`: finding products, and changing many at once.

use std::collections::HashSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, ProductId, Tables};
use souk_commerce::products::{self, BulkChange, Filter, Found, PriceChange, State as Stage};
use souk_commerce::writes::{self, Answer, Begun};

use super::editor::categories;
use super::filled;
use super::step::said;
use crate::address::Address;
use crate::caller::Caller;
use crate::format::{Numbers, read_percent};
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problems, Select};
use crate::office::form::Form;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::still;
use crate::text::desk::{Desk as Words, desk as words_of};
use crate::text::{fill, texts};

/// Products on a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "office/products.html")]
struct ProductsPage {
    frame: Frame,
    desk: Desk,
    may_write: bool,
    q: Input,
    state: Select,
    category: Select,
    missing: Select,
    without_picture: bool,
    /// Whether the filters leave anything out.
    sieved: bool,
    total: String,
    rows: Vec<Row>,
    /// The query of this page, for the way back.
    back: String,
    bulk_error: Option<String>,
    move_to: Select,
    percent: Input,
    market: Select,
    next: Option<String>,
    first: Option<String>,
}

/// A product of the list.
struct Row {
    id: String,
    href: String,
    chosen: bool,
    choose: String,
    image: String,
    title: String,
    slug: String,
    state: &'static str,
    state_label: String,
    category: String,
    languages: String,
    offers: Option<String>,
    stock: String,
    changed: String,
    changed_at: String,
}

/// What the list is made from besides the database.
struct Asked<'a> {
    colleague: &'a Colleague,
    /// The filters.
    address: Address,
    /// What was chosen for a change that failed.
    form: Form,
    problems: Problems,
}

/// `GET /office/products`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let address = colleague.caller.address.clone();
    let asked = Asked {
        colleague: &colleague,
        address,
        form: Form::default(),
        problems: Problems::default(),
    };
    let page = read(&app, &asked).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, asked: &Asked<'_>) -> Result<ProductsPage, Error> {
    let tables = app.view()?.tables.clone();
    let filter = filter(&asked.address);
    let below = asked.address.get("below").and_then(|id| id.parse().ok());
    let mut connection = app.connection().await?;
    let lang = asked.colleague.caller.lang();
    let found = products::find(&mut connection, &filter, lang, below, PAGE).await?;
    let total = products::count_found(&mut connection, &filter).await?;
    Ok(asked.page(&tables, &filter, &found, total))
}

fn filter(address: &Address) -> Filter {
    Filter {
        text: address.get("q").map(|text| text.replace('\0', "").trim().to_owned()),
        state: address.get("state").and_then(Stage::of_code),
        category_id: address.get("category").and_then(|id| id.parse().ok()),
        missing_lang: address.get("missing").and_then(|lang| lang.parse().ok()),
        without_picture: address.get("without_picture").is_some(),
    }
}

impl Asked<'_> {
    fn page(&self, tables: &Tables, filter: &Filter, found: &[Found], total: i64) -> ProductsPage {
        let caller = &self.colleague.caller;
        let (lang, words) = (caller.lang(), words_of(caller.lang()));
        let mut typed = Form::default();
        for name in ["q", "state", "category", "missing"] {
            typed.put(name, self.address.get(name).unwrap_or_default());
        }
        let none = Problems::default();
        let select = |name, options: Vec<_>| Select::new(name, options, &typed, &none);
        let place = self.address.clone().without("below").without("done").without("n");
        let more = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
        let last = found.last().filter(|_| more).map(|last| last.id.to_string());
        let chosen: HashSet<&str> = self.form.all("id").collect();
        let any = |text: &str| (String::new(), text.to_owned());
        let all_categories = || categories(tables, lang);
        ProductsPage {
            frame: desk::frame(self.colleague, texts(lang).products),
            desk: Desk::new(self.colleague, "/office/products").with_done(done(caller)),
            may_write: desk::may(&self.colleague.staff, Permission::CatalogWrite),
            q: Input::new("q", &typed, &none),
            state: select("state", states(words)),
            category: select(
                "category",
                std::iter::once(any(words.category_any)).chain(all_categories()).collect(),
            ),
            missing: select("missing", languages(words)),
            without_picture: filter.without_picture,
            sieved: *filter != Filter::default(),
            total: counted(total, lang),
            rows: found.iter().map(|found| row(found, tables, lang, &chosen)).collect(),
            back: query(&self.address),
            bulk_error: self.problems.all().first().map(|problem| problem.text.clone()),
            move_to: Select::new(
                "move_to",
                std::iter::once(any(words.category_choose)).chain(all_categories()),
                &self.form,
                &self.problems,
            ),
            percent: Input::new("percent", &self.form, &self.problems),
            market: Select::new("market", markets(tables, lang), &self.form, &self.problems),
            next: last.map(|id| place.clone().with("below", &id).to_string()),
            first: self.address.has("below").then(|| place.to_string()),
        }
    }
}

fn counted(total: i64, lang: Lang) -> String {
    let total = total.unsigned_abs();
    let form = texts(lang).products_count.form(total);
    fill(form, "n", &Numbers::of(lang, None).whole(total))
}

/// What follows the question mark.
fn query(address: &Address) -> String {
    let address = address.clone().without("done").without("n").to_string();
    address.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
}

fn states(words: &Words) -> Vec<(String, String)> {
    let states = [
        ("", words.state_any),
        ("active", words.state_active),
        ("draft", words.state_draft),
        ("archived", words.state_archived),
    ];
    states.map(|(value, label)| (value.to_owned(), label.to_owned())).into()
}

fn languages(words: &Words) -> Vec<(String, String)> {
    let langs = Lang::ALL.map(|lang| (lang.code().to_owned(), lang.name().to_owned()));
    std::iter::once((String::new(), words.missing_any.to_owned())).chain(langs).collect()
}

fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|m| (m.code.to_string(), m.label.get(lang).to_owned()));
    std::iter::once((String::new(), words_of(lang).every_market.to_owned()))
        .chain(markets)
        .collect()
}

fn row(found: &Found, tables: &Tables, lang: Lang, chosen: &HashSet<&str>) -> Row {
    let (words, numbers) = (words_of(lang), Numbers::of(lang, None));
    let title = if found.title.is_empty() { words.untitled } else { &found.title };
    let category = tables.categories.get(&found.category_id);
    let langs: Vec<_> = found.langs.iter().map(|lang| lang.code()).collect();
    let id = found.id.to_string();
    let drawn = || still::address(&found.picture, found.id.get());
    let state = match (found.state, found.publish_at) {
        (Stage::Active, Some(at)) if at > jiff::Timestamp::now() => {
            let when = filled::local(at, &filled::zone(tables)).replace('T', " ");
            ("scheduled", fill(words.state_scheduled, "when", &when))
        }
        (Stage::Active, _) => ("active", words.state_active.to_owned()),
        (Stage::Draft, _) => ("draft", words.state_draft.to_owned()),
        (Stage::Archived, _) => ("archived", words.state_archived.to_owned()),
    };
    Row {
        href: format!("/office/products/{id}"),
        chosen: chosen.contains(id.as_str()),
        choose: fill(words.choose_one, "title", title),
        image: found.image.clone().unwrap_or_else(drawn),
        title: title.to_owned(),
        slug: found.slug.clone(),
        state: state.0,
        state_label: state.1,
        category: category.map_or_else(String::new, |c| c.label.get(lang).to_owned()),
        languages: langs.join(" "),
        offers: (found.offers > 0).then(|| numbers.whole(found.offers.unsigned_abs())),
        stock: numbers.whole(found.stock.unsigned_abs()),
        changed: filled::local(found.updated_at, &filled::zone(tables)).replace('T', " "),
        changed_at: found.updated_at.to_string(),
        id,
    }
}

/// What the address says has just been done.
fn done(caller: &Caller) -> Option<Done> {
    let words = words_of(caller.lang());
    let text = match caller.address.get("done")? {
        "deleted" => words.deleted.to_owned(),
        "changed" => {
            let count = caller.address.get("n").and_then(|n| n.parse().ok()).unwrap_or_default();
            let number = Numbers::of(caller.lang(), None).whole(count);
            fill(words.products_changed.form(count), "n", &number)
        }
        _ => return None,
    };
    Some(Done { text, link: None })
}

/// `POST /office/products/bulk`
pub(crate) async fn change(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error| refuse(&colleague.caller, error);
    let address = format!("/office/products?{}", form.get("back"));
    let address =
        address.parse().map_or_else(|_| Address::new("/office/products"), |uri| Address::of(&uri));
    match change_all(&app, &colleague, &form).await.map_err(fail)? {
        Ok(count) => {
            let done = address.with("done", "changed").with("n", &count.to_string());
            Ok(Redirect::to(&done.to_string()).into_response())
        }
        Err(problems) => {
            let asked = Asked { colleague: &colleague, address, form, problems };
            let page = read(&app, &asked).await.map_err(fail)?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// Changes the chosen products; gives how many those were.
async fn change_all(
    app: &AppState,
    colleague: &Colleague,
    form: &Form,
) -> Result<Result<u64, Problems>, Error> {
    let words = words_of(colleague.caller.lang());
    let change = match bulk_change(form, words) {
        Ok(change) => change,
        Err(problems) => return Ok(Err(problems)),
    };
    let ids: Vec<ProductId> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    let begun = writes::begin(&app.db, Some(colleague.staff.id), None).await?;
    let Begun::New(mut write) = begun else {
        return Err(Error::Internal("a write without a key was answered before".to_owned()));
    };
    match products::bulk(&mut write, &ids, &change).await {
        Ok(report) => {
            let (headers, body) = (Vec::new(), String::new());
            let status = StatusCode::SEE_OTHER.as_u16();
            write.commit(&app.db, &Answer { status, headers, body }).await?;
            Ok(Ok(report.products))
        }
        Err(error) => match said(&error, words) {
            Some(text) => Ok(Err(Problems::of("bulk", "", text))),
            None => Err(error.into()),
        },
    }
}

fn bulk_change(form: &Form, words: &Words) -> Result<BulkChange, Problems> {
    if !form.has("id") {
        return Err(Problems::of("id", "", words.bulk_none));
    }
    let mut change = BulkChange::default();
    match form.get("act") {
        "publish" => {
            change.state = Some(Stage::Active);
            change.publish_at = Some(None);
        }
        "draft" => change.state = Some(Stage::Draft),
        "archive" => change.state = Some(Stage::Archived),
        "move" => {
            let category = form.get("move_to").parse().ok();
            let missing = || Problems::of("move_to", "", words.category_choose);
            change.category_id = Some(category.ok_or_else(missing)?);
        }
        _ => {
            let bad = || Problems::of("percent", "", words.bulk_percent_bad);
            let basis_points = read_percent(form.get("percent")).ok_or_else(bad)?;
            let market = form.get("market").parse().ok();
            change.price = Some(PriceChange::Percent { market, basis_points });
        }
    }
    Ok(change)
}
