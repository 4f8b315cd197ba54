//! The page of models: a question where something is to be done, then each model with its chart and versions.

use askama::Template;
use souk_api::Permission;
use souk_base::{Lang, Market, Tables};
use souk_commerce::models::Version;

use super::chart::{Chart, Figure, Metric};
use super::{Act, PLACE, why};
use crate::address::Address;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Problems, Select};
use crate::office::form::Form;
use crate::office::products::filled::local;
use crate::text::fill;
use crate::text::models::{Models as Words, models as words_of};

/// Versions of a model that are shown.
const VERSIONS: usize = 20;

#[derive(Template)]
#[template(path = "office/models.html")]
pub(super) struct ModelsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    /// Where a list is explained.
    why: String,
    market: Select,
    problem: Option<&'static str>,
    question: Option<Question>,
    models: Vec<Model>,
}

/// What is to be done, to be said yes to.
struct Question {
    act: &'static str,
    market: String,
    model: String,
    version: String,
    title: String,
    lead: &'static str,
    button: &'static str,
    /// Where it is left.
    back: String,
}

/// A model of the page.
struct Model {
    code: String,
    title: &'static str,
    metric: &'static str,
    finding: String,
    chart: Option<Chart>,
    /// Asks to take the last promotion back; none where nothing serves.
    roll_back: Option<String>,
    rows: Vec<Row>,
}

/// A version of a model.
struct Row {
    version: String,
    kept: String,
    rows: String,
    figure: String,
    verdict: &'static str,
    is_worse: bool,
    serves: bool,
    /// Asks to promote it.
    promote: String,
}

impl ModelsPage {
    /// The page of a market.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        market: &Market,
        versions: &[Version],
        problem: Option<&'static str>,
    ) -> ModelsPage {
        let lang = colleague.caller.lang();
        let words = words_of(lang);
        let mut form = Form::default();
        form.put("market", market.code.as_str());
        let markets = tables.markets.iter();
        let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
        let here: Vec<&Version> = versions.iter().filter(|it| it.market == market.code).collect();
        ModelsPage {
            frame: desk::frame(colleague, words.models),
            desk: Desk::new(colleague, PLACE).with_done(done(colleague, words)),
            words,
            may_write: desk::may(&colleague.staff, Permission::SearchWrite),
            why: Address::new(why::PLACE).and("market", market.code.as_str()).to_string(),
            market: Select::new("market", markets, &form, &Problems::default()),
            problem,
            question: question(&colleague.caller.address, market, &here, words),
            models: here
                .chunk_by(|one, other| one.model == other.model)
                .map(|versions| Model::new(versions, market, lang))
                .collect(),
        }
    }
}

impl Model {
    /// A model by its versions, the newest first.
    fn new(versions: &[&Version], market: &Market, lang: Lang) -> Model {
        let (words, numbers) = (words_of(lang), Numbers::of(lang, Some(market.code)));
        let code = versions[0].model.clone();
        let ask = |act: Act, version: &str| {
            let place = Address::new(PLACE).and("market", market.code.as_str());
            let place = place.and("ask", act.name()).and("model", &code);
            format!("{}#ask", place.and("version", version))
        };
        let serving = versions.iter().find(|it| it.promoted_at.is_some());
        let figure = |version: &Version| Figure::of(version).map(|it| it.told(numbers));
        let row = |version: &&Version| Row {
            version: version.version.clone(),
            kept: local(version.created_at, &market.time_zone).replace('T', " "),
            rows: version.manifest["rows"].as_u64().map(|it| numbers.whole(it)).unwrap_or_default(),
            figure: figure(version).unwrap_or_else(|| "–".to_owned()),
            verdict: verdict(version, words),
            is_worse: version.verdict.as_deref() == Some("worse"),
            serves: version.promoted_at.is_some(),
            promote: ask(Act::Promote, &version.version),
        };
        let metric = versions.iter().find_map(|it| Figure::of(it)).map(|it| it.metric);
        Model {
            title: title(&code, words),
            metric: metric.map_or("", |metric| metric_words(metric, words)),
            finding: match serving {
                Some(version) => figure(version).unwrap_or_else(|| version.version.clone()),
                None => words.none_serves.to_owned(),
            },
            chart: Chart::new(versions, numbers),
            roll_back: serving.map(|version| ask(Act::RollBack, &version.version)),
            rows: versions.iter().take(VERSIONS).map(row).collect(),
            code,
        }
    }
}

fn done(colleague: &Colleague, words: &'static Words) -> Option<Done> {
    let text = match Act::read(colleague.caller.address.get("done")?)? {
        Act::Promote => words.promoted,
        Act::RollBack => words.rolled_back,
    };
    Some(Done { text: text.to_owned(), link: None })
}

/// The question that an address asks, about a version that there is.
fn question(
    address: &Address,
    market: &Market,
    versions: &[&Version],
    words: &'static Words,
) -> Option<Question> {
    let act = Act::read(address.get("ask")?)?;
    let (model, version) = (address.get("model")?, address.get("version")?);
    let is_it = |it: &&&Version| it.model == model && it.version == version;
    let known = versions.iter().find(is_it)?;
    let (title, lead, button) = match act {
        Act::Promote => (words.ask_promote, words.ask_promote_lead, words.promote),
        Act::RollBack => (words.ask_roll_back, words.ask_roll_back_lead, words.roll_back),
    };
    Some(Question {
        act: act.name(),
        market: market.code.to_string(),
        model: model.to_owned(),
        version: known.version.clone(),
        title: fill(title, "version", &format!("{model} {version}")),
        lead,
        button,
        back: Address::new(PLACE).and("market", market.code.as_str()).to_string(),
    })
}

const fn metric_words(metric: Metric, words: &'static Words) -> &'static str {
    match metric {
        Metric::Recall => words.recall,
        Metric::Hits => words.hits,
        Metric::Explained => words.explained,
    }
}

fn verdict(version: &Version, words: &'static Words) -> &'static str {
    match version.verdict.as_deref() {
        Some("first") => words.verdict_first,
        Some("better") => words.verdict_better,
        Some("as good") => words.verdict_as_good,
        Some("worse") => words.verdict_worse,
        _ => words.verdict_none,
    }
}

/// What a model knows, in words.
fn title(model: &str, words: &'static Words) -> &'static str {
    match model {
        "blend" => words.model_blend,
        "session" => words.model_session,
        "together" => words.model_together,
        "repeat" => words.model_repeat,
        "trending" => words.model_trending,
        "popularity" => words.model_popularity,
        "ease" => words.model_ease,
        "als" => words.model_als,
        "segments" => words.model_segments,
        _ => "",
    }
}
