//! `/office/search-settings`: how much each part of the ranking weighs, by market, with every version there was.
//!
//! An older version is used again by filling the form with it (`?from=12`): it is looked at before and after like any
//! other change, and saved as a new version.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use souk_api::pipeline::preview::Draft;
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, MarketCode, SearchSettings, Tables, Weights};
use souk_commerce::search_settings::{self, NewSettings, Version, WEIGHT_MAX};
use souk_commerce::{Error as ShopError, PgConnection};

use super::desk::{self, Desk, Done};
use super::fields::{Input, Problem, Problems, Select};
use super::form::Form;
use super::products::filled::{local, zone};
use super::products::step::Stopped;
use super::trial::{self, Found, Trial};
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::address::Address;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::tuning::{Tuning, tuning};
use crate::text::{fill, texts};

/// Versions that are shown.
const VERSIONS: i64 = 30;
/// Longest note, in characters.
const NOTE_LENGTH_MAX: usize = 500;
/// The page.
const PLACE: &str = "/office/search-settings";
/// Fields of the form, in the order of [`values`].
const FIELDS: [&str; 9] = [
    "text",
    "named",
    "describing",
    "earlier",
    "together",
    "cheap",
    "popularity",
    "availability",
    "newness",
];

const fn values(weights: &Weights) -> [f32; 9] {
    let Weights { text, named, describing, earlier, together, .. } = *weights;
    let Weights { cheap, popularity, availability, newness, .. } = *weights;
    [text, named, describing, earlier, together, cheap, popularity, availability, newness]
}

const fn weights(values: [f32; 9]) -> Weights {
    let [text, named, describing, earlier, together, cheap, popularity, availability, newness] =
        values;
    Weights { text, named, describing, earlier, together, cheap, popularity, availability, newness }
}

const fn labels(words: &'static Tuning) -> [&'static str; 9] {
    [
        words.text,
        words.named,
        words.describing,
        words.earlier,
        words.together,
        words.cheap,
        words.popularity,
        words.availability,
        words.newness,
    ]
}

#[derive(Template)]
#[template(path = "office/search_settings.html")]
struct SettingsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Tuning,
    may_write: bool,
    /// The choice of what is weighed, a form of its own.
    market: Select,
    /// The same for the form of the weights.
    code: String,
    from_version: i64,
    problems: Vec<Problem>,
    weights: Vec<WeightField>,
    note: Input,
    trial: Trial,
    versions: Vec<VersionRow>,
    /// Fills the form with the standard weights.
    standard: String,
}

/// A weight of the form.
struct WeightField {
    label: &'static str,
    input: Input,
    /// Where its slider ends.
    most: String,
}

/// A version of the list.
struct VersionRow {
    version: String,
    market: String,
    time: String,
    who: String,
    note: String,
    in_use: bool,
    /// Fills the form with it; none where nobody can read it.
    again: Option<String>,
}

/// What the page shows of the shop.
struct Known {
    market: Option<MarketCode>,
    /// The newest version of this market itself, 0 for none.
    own: i64,
    /// The settings that count here; none for the standard ones.
    used: Option<SearchSettings>,
    versions: Vec<Version>,
}

/// `GET /office/search-settings`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = opened(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn opened(app: &AppState, colleague: &Colleague) -> Result<SettingsPage, Error> {
    let (lang, tables) = (colleague.caller.lang(), app.view()?.tables.clone());
    let address = &colleague.caller.address;
    let (known, again) = {
        let mut connection = app.connection().await?;
        let known = known(&mut connection, market(address.get("market"), &tables)).await?;
        (known, again(&mut connection, address, lang).await?)
    };
    let used = known.used.as_ref().map(|settings| settings.weights).unwrap_or_default();
    let (shown, note) = again.clone().unwrap_or((used, String::new()));
    let mut form = filled(&shown, &note);
    form.put("market", known.market.map(|code| code.to_string()).unwrap_or_default());
    form.put("try_q", example(app, &tables, known.market, lang));
    let found = match again {
        Some((weights, _)) => {
            let draft = Draft::Weights { market: known.market, weights };
            trial::find(app, &form, Some(&draft), lang).await?
        }
        None => Found::Nothing,
    };
    let trial = Trial::new(&form, &tables, &found, lang);
    Ok(SettingsPage::new(colleague, &tables, &known, &form, &Problems::default(), trial))
}

/// What is to be used again: an older version, or the standard weights (`from=0`).
async fn again(
    connection: &mut PgConnection,
    address: &Address,
    lang: Lang,
) -> Result<Option<(Weights, String)>, Error> {
    let words = tuning(lang);
    let Some(from) = address.get("from").and_then(|version| version.parse::<i64>().ok()) else {
        return Ok(None);
    };
    if from == 0 {
        return Ok(Some((Weights::default(), words.standard.to_owned())));
    }
    let version = search_settings::get(connection, from).await?;
    let note = fill(words.as_version, "n", &from.to_string());
    Ok(version.weights.map(|weights| (weights, note)))
}

/// A query that shows something: one that many mean, else the name of a category.
fn example(app: &AppState, tables: &Tables, market: Option<MarketCode>, lang: Lang) -> String {
    let Some(market) = market.or_else(|| tables.markets.first().map(|it| it.code)) else {
        return String::new();
    };
    let popular = app.popular();
    if let Some(query) = popular.of(market, lang, None).next() {
        return query.text.clone();
    }
    let mut categories: Vec<_> = tables.categories.values().collect();
    categories.sort_by_key(|category| (category.parent_id.is_some(), category.id));
    categories.first().map_or_else(String::new, |category| category.label.get(lang).to_owned())
}

fn market(code: Option<&str>, tables: &Tables) -> Option<MarketCode> {
    let code: MarketCode = code?.parse().ok()?;
    tables.market(code).map(|market| market.code)
}

async fn known(connection: &mut PgConnection, market: Option<MarketCode>) -> Result<Known, Error> {
    let newest = search_settings::newest(connection).await?;
    let of = |wanted| newest.iter().find(|settings| settings.market == wanted);
    let used = of(market).or_else(|| of(None)).cloned();
    let versions = search_settings::find(connection, market, None, VERSIONS).await?;
    let listed = versions.iter().find(|version| version.market == market);
    let listed = listed.map_or(0, |version| version.version);
    let own = of(market).map_or(0, |settings| settings.version).max(listed);
    Ok(Known { market, own, used, versions })
}

/// `POST /office/search-settings`
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    answer(&app, &colleague, &form).await.map_err(|error| refuse(&colleague.caller, error))
}

/// Saves and leads on, or shows the form again: with what is wrong, or with what was tried out.
async fn answer(app: &AppState, colleague: &Colleague, form: &Form) -> Result<Response, Error> {
    let (lang, tables) = (colleague.caller.lang(), app.view()?.tables.clone());
    let market = market(Some(form.get("market")), &tables);
    let read = read(form, lang);
    let problems = match &read {
        Err(problems) => problems.clone(),
        Ok(_) if trial::is_asked(form) => Problems::default(),
        Ok(weights) => match take(app, colleague, market, *weights, form).await {
            Ok(()) => {
                let place = Address::new(PLACE).with("market", form.get("market"));
                let place = place.with("done", "saved").to_string();
                return Ok(Redirect::to(&place).into_response());
            }
            Err(Stopped::Problems(problems)) => problems,
            Err(Stopped::Error(error)) => return Err(error),
        },
    };
    let draft = read.ok().map(|weights| Draft::Weights { market, weights });
    let found = trial::find(app, form, draft.as_ref(), lang).await?;
    let trial = Trial::new(form, &tables, &found, lang);
    let known = known(&mut *app.connection().await?, market).await?;
    let page = SettingsPage::new(colleague, &tables, &known, form, &problems, trial);
    let wrong = !problems.is_empty();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page::html(status, &page))
}

async fn take(
    app: &AppState,
    colleague: &Colleague,
    market: Option<MarketCode>,
    weights: Weights,
    form: &Form,
) -> Result<(), Stopped> {
    let lang = colleague.caller.lang();
    let new = NewSettings { market, weights, note: form.get("note").to_owned() };
    let from = form.get("from_version").parse().ok();
    let mut write = open(app, colleague).await?;
    match search_settings::set(&mut write, &new, from).await {
        Ok(_) => Ok(commit(app, write).await?),
        Err(ShopError::Stale) => {
            Err(Stopped::Problems(Problems::of(FIELDS[0], "", words_of(lang).bad_changed)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The weights of a form.
fn read(form: &Form, lang: Lang) -> Result<Weights, Problems> {
    let (words, mut problems) = (tuning(lang), Problems::default());
    let mut read = |field: &str| {
        let typed = form.get(field).replace(',', ".").parse::<f32>().ok();
        let weight = typed.filter(|weight| (0.0..=WEIGHT_MAX).contains(weight));
        if weight.is_none() {
            problems.put(field, "", words.bad_weight);
        }
        weight.unwrap_or_default()
    };
    let values = FIELDS.map(&mut read);
    if form.get("note").chars().count() > NOTE_LENGTH_MAX {
        problems.put("note", "", words.bad_note);
    }
    if problems.is_empty() { Ok(weights(values)) } else { Err(problems) }
}

/// Weights as their form has them.
fn filled(weights: &Weights, note: &str) -> Form {
    let mut form = Form::default();
    for (field, value) in FIELDS.into_iter().zip(values(weights)) {
        form.put(field, value.to_string());
    }
    form.put("note", note);
    form
}

impl SettingsPage {
    fn new(
        colleague: &Colleague,
        tables: &Tables,
        known: &Known,
        form: &Form,
        problems: &Problems,
        trial: Trial,
    ) -> SettingsPage {
        let lang = colleague.caller.lang();
        let words = tuning(lang);
        let done = colleague.caller.address.get("done").filter(|done| *done == "saved");
        let done = done.map(|_| Done { text: words.settings_saved.to_owned(), link: None });
        let code = known.market.map(|code| code.to_string()).unwrap_or_default();
        let may_write = desk::may(&colleague.staff, Permission::SearchWrite);
        let field = |(name, label)| WeightField::new(name, label, form, problems);
        SettingsPage {
            frame: desk::frame(colleague, words.ranking),
            desk: Desk::new(colleague, PLACE).with_done(done),
            words,
            may_write,
            market: Select::new("market", markets(tables, words, lang), form, &Problems::default()),
            from_version: known.own,
            problems: problems.all().to_vec(),
            weights: FIELDS.into_iter().zip(labels(words)).map(field).collect(),
            note: Input::new("note", form, problems),
            trial,
            versions: known.versions.iter().map(|it| known.row(it, tables, lang)).collect(),
            standard: Address::new(PLACE).with("market", &code).with("from", "0").to_string(),
            code,
        }
    }
}

impl WeightField {
    fn new(
        name: &'static str,
        label: &'static str,
        form: &Form,
        problems: &Problems,
    ) -> WeightField {
        let input = Input::new(name, form, problems);
        let most = input.value.parse::<f32>().unwrap_or_default().clamp(1.0, WEIGHT_MAX).ceil();
        WeightField { label, input, most: most.to_string() }
    }
}

impl Known {
    fn row(&self, version: &Version, tables: &Tables, lang: Lang) -> VersionRow {
        let (words, numbers) = (tuning(lang), Numbers::of(lang, None));
        let market = version.market.and_then(|code| tables.market(code));
        let code = self.market.map(|code| code.to_string()).unwrap_or_default();
        let from = version.version.to_string();
        let again = Address::new(PLACE).with("market", &code).with("from", &from).to_string();
        VersionRow {
            version: numbers.whole(version.version.unsigned_abs()),
            market: market.map_or(words.others_markets, |it| it.label.get(lang)).to_owned(),
            time: local(version.created_at, &zone(tables)).replace('T', " "),
            who: version.staff_name.clone().unwrap_or_else(|| texts(lang).command_line.to_owned()),
            note: version.note.clone(),
            in_use: self.used.as_ref().is_some_and(|used| used.version == version.version),
            again: version.weights.map(|_| again),
        }
    }
}

/// Every market, and those without weights of their own.
fn markets(tables: &Tables, words: &'static Tuning, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let others = (String::new(), words.others_markets.to_owned());
    std::iter::once(others).chain(markets).collect()
}

#[cfg(test)]
mod tests {
    use souk_base::StaffId;
    use souk_commerce::staff::{Role, Staff};

    use super::*;
    use crate::sample;

    fn version(version: i64, weights: Option<Weights>) -> Version {
        let created_at = "2026-11-22T10:00:00Z".parse().unwrap();
        let (note, staff_name) = ("<b>spring</b>".to_owned(), Some("Aisha".to_owned()));
        Version { version, market: None, weights, note, staff_name, created_at }
    }

    #[test]
    fn weights_are_filled_in_as_they_were_and_read_with_a_comma_too() {
        let mut form = filled(&Weights::default(), "");

        assert_eq!(form.get("named"), "0.03");
        assert_eq!(read(&form, Lang::En).unwrap(), Weights::default());
        form.set("newness", "0,5");
        assert_eq!(read(&form, Lang::En).unwrap().newness, 0.5);
        form.set("text", "101");
        form.set("cheap", "much");
        let problems = read(&form, Lang::En).unwrap_err();
        assert_eq!(problems.all().len(), 2);
        assert_eq!(problems.text("text"), Some(tuning(Lang::En).bad_weight));
    }

    #[test]
    fn weights_and_versions_are_shown_in_every_language() {
        let tables = sample::tables();
        for lang in Lang::ALL {
            for role in [Role::Merchandiser, Role::Support] {
                let staff = Staff {
                    id: StaffId::new(1),
                    email: "a@b.c".to_owned(),
                    name: "Aisha".to_owned(),
                    roles: vec![role],
                };
                let colleague = Colleague { staff, caller: sample::caller(PLACE, lang) };
                let weights = Weights::default();
                let used = SearchSettings { version: 2, market: None, weights };
                let versions =
                    vec![version(3, None), version(2, Some(weights)), version(1, Some(weights))];
                let known = Known { market: None, own: 3, used: Some(used), versions };
                let (form, none) = (filled(&weights, ""), Problems::default());
                let trial = Trial::new(&form, &tables, &Found::Nothing, lang);

                let page = SettingsPage::new(&colleague, &tables, &known, &form, &none, trial);
                let html = page.render().unwrap();

                let words = tuning(lang);
                assert!(html.contains(words.in_use) && html.contains(words.cheap), "{lang}");
                assert!(html.contains("value=\"0.03\"") && !html.contains("<b>"), "{lang}");
                let may_write = role == Role::Merchandiser;
                assert_eq!(html.contains("from=1"), may_write, "{lang}");
                assert!(!html.contains("from=3"), "nobody can read it");
                assert_eq!(html.contains("save-bar"), may_write);
            }
        }
    }
}
