//! A search before and after: the part of a form that asks for one, and the two lists of hits that it gets.
//!
//! It needs no script: the form is sent with `act=try` and comes back as it was typed, with the lists. The fields are
//! `try_q`, `try_market` and `try_lang`, and `try_segment` where rules ask what kind of customer searches.

use std::collections::BTreeSet;

use souk_api::pipeline::preview::{self, Draft, Mark, Preview, PreviewHit, Side as Answered};
use souk_api::pipeline::search::{self, SearchAnswer, SearchRequest};
use souk_api::{AppState, Error};
use souk_base::{Condition, Lang, MarketCode, Tables};
use souk_commerce::rules::{CONDITIONS_MAX, SEGMENT_MAX};

use super::fields::{Input, Problems, Select};
use super::form::Form;
use crate::format::{Numbers, Price};
use crate::text::tuning::{Tuning, tuning};
use crate::text::{Text, fill, texts};

/// Hits of each list.
const HITS: usize = 12;

/// The buttons beside a hit: to put it first, and to hide it. Their value is the hit's address.
pub(crate) const PUT: &str = "put";
pub(crate) const HIDE: &str = "drop";

/// The search that is tried out and what it gets.
pub(crate) struct Trial {
    pub(crate) words: &'static Tuning,
    pub(crate) q: Input,
    pub(crate) market: Select,
    pub(crate) lang: Select,
    /// The kind of customer, where the form or another rule asks for one.
    pub(crate) segment: Option<Select>,
    /// What to know about both lists together.
    pub(crate) verdict: Option<&'static str>,
    /// Without and with what is tried out; one list where there is nothing to try yet, none before anything is asked.
    pub(crate) lists: Vec<List>,
}

/// One of the lists.
pub(crate) struct List {
    pub(crate) title: &'static str,
    pub(crate) total: String,
    pub(crate) notes: Vec<String>,
    pub(crate) hits: Vec<TriedHit>,
}

/// A hit with what became of it.
pub(crate) struct TriedHit {
    pub(crate) position: String,
    pub(crate) slug: String,
    pub(crate) image: String,
    /// The title as safe HTML, found words marked.
    pub(crate) title: String,
    pub(crate) plain_title: String,
    pub(crate) price: Price,
    /// What became of it: a code, and words.
    pub(crate) mark: Option<(&'static str, String)>,
}

/// What the search got.
pub(crate) enum Found {
    /// Nothing was asked.
    Nothing,
    /// As the shop answers now, since there is nothing yet to try out.
    Now(MarketCode, Box<SearchAnswer>),
    /// Without and with it.
    Both(MarketCode, Box<Preview>),
}

/// Whether the form was sent to try something out, by its button or by one beside a hit.
pub(crate) fn is_asked(form: &Form) -> bool {
    form.get("act") == "try" || form.has(PUT) || form.has(HIDE)
}

/// Asks for the search of a form, with what is tried out if there is something.
///
/// # Errors
/// As [`preview::run`].
pub(crate) async fn find(
    app: &AppState,
    form: &Form,
    draft: Option<&Draft>,
    lang: Lang,
) -> Result<Found, Error> {
    let tables = app.view()?.tables.clone();
    let Some(request) = request(form, &tables, lang) else { return Ok(Found::Nothing) };
    let market = request.market;
    Ok(match draft {
        Some(draft) => {
            let both = preview::run(app, draft, &request).await?;
            Found::Both(market, Box::new(both))
        }
        None => Found::Now(market, Box::new(search::run(app, &request).await?)),
    })
}

/// The search that a form asks for, in its own market and language unless it says another.
fn request(form: &Form, tables: &Tables, lang: Lang) -> Option<SearchRequest> {
    let known = |field: &str| tables.market(form.get(field).parse().ok()?);
    let market = known("try_market").or_else(|| known("market")).or(tables.markets.first())?;
    let q = form.get("try_q").to_owned();
    let spoken = form.get("try_lang").parse().ok();
    let lang = spoken.or_else(|| Some(lang).filter(|lang| market.languages.contains(lang)));
    // A rule for some customers is tried out as one of them until somebody else is chosen.
    let chosen = form.has("try_segment").then(|| form.get("try_segment").parse().ok());
    let segment = chosen.unwrap_or_else(|| typed_segments(form).next());
    Some(SearchRequest { q, lang, segment, limit: HITS, ..SearchRequest::of(market.code) })
}

impl Trial {
    /// The search of a form with what it got, for somebody who reads this language.
    pub(crate) fn new(form: &Form, tables: &Tables, found: &Found, lang: Lang) -> Trial {
        let (words, text, none) = (tuning(lang), texts(lang), Problems::default());
        let mut chosen = form.clone();
        if chosen.get("try_market").is_empty() {
            chosen.set("try_market", form.get("market"));
        }
        let markets = tables.markets.iter();
        let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
        let languages = Lang::ALL.map(|lang| (lang.code().to_owned(), lang.name().to_owned()));
        if chosen.get("try_lang").is_empty() {
            chosen.set("try_lang", lang.code());
        }
        if !chosen.has("try_segment") {
            let first = typed_segments(form).next();
            chosen.set("try_segment", first.map(|it| it.to_string()).unwrap_or_default());
        }
        let (lists, verdict) = match found {
            Found::Nothing => (Vec::new(), None),
            Found::Now(market, answer) => {
                let told = Told { words, text, numbers: Numbers::of(lang, Some(*market)) };
                (vec![told.list(words.today, &unmarked(answer), words.from_place)], None)
            }
            Found::Both(market, both) => {
                let told = Told { words, text, numbers: Numbers::of(lang, Some(*market)) };
                let before = told.list(words.without, &both.before, words.to_place);
                let after = told.list(words.with, &both.after, words.from_place);
                (vec![before, after], verdict(both, words))
            }
        };
        Trial {
            words,
            q: Input::new("try_q", &chosen, &none),
            market: Select::new("try_market", markets, &chosen, &none),
            lang: Select::new("try_lang", languages, &chosen, &none),
            segment: segments(form, tables, words)
                .map(|kinds| Select::new("try_segment", kinds, &chosen, &none)),
            verdict,
            lists,
        }
    }
}

/// The kinds of customers to choose from: those that rules and the form name, and nobody; none where nothing names any.
fn segments(form: &Form, tables: &Tables, words: &'static Tuning) -> Option<Vec<(String, String)>> {
    let of_rules = tables.rules.iter().flat_map(|rule| &rule.conditions);
    let mut kinds: BTreeSet<u16> = of_rules
        .filter_map(|condition| match condition {
            Condition::Segment(number) => Some(*number),
            _ => None,
        })
        .collect();
    kinds.extend(typed_segments(form));
    let nobody = (String::new(), words.try_nobody.to_owned());
    let told = |number: &u16| fill(words.try_segment, "n", &number.to_string());
    let named = kinds.iter().map(|number| (number.to_string(), told(number)));
    (!kinds.is_empty()).then(|| std::iter::once(nobody).chain(named).collect())
}

/// The kinds of customers that a rule's form names.
fn typed_segments(form: &Form) -> impl Iterator<Item = u16> {
    let is_one = |place: &usize| form.get(&format!("where_kind_{place}")) == "segment";
    let lines = (0..CONDITIONS_MAX).filter(is_one);
    let typed = lines.filter_map(|place| form.get(&format!("where_text_{place}")).parse().ok());
    typed.filter(|number| (1..=SEGMENT_MAX).contains(number))
}

/// What is to be said where the lists are the same.
fn verdict(both: &Preview, words: &'static Tuning) -> Option<&'static str> {
    let moved = both.before.hits.iter().chain(&both.after.hits).any(|hit| hit.mark.is_some());
    let told =
        both.after.banner != both.before.banner || both.after.redirect != both.before.redirect;
    match (both.applies, moved || told) {
        (false, _) => Some(words.no_part),
        (true, false) => Some(words.same),
        (true, true) => None,
    }
}

/// What the shop answers now as a side on which nothing happens.
fn unmarked(answer: &SearchAnswer) -> Answered {
    let hits = answer.hits.iter().zip(1..).map(|(hit, position)| PreviewHit {
        position,
        other_position: Some(position),
        mark: None,
        hit: hit.clone(),
    });
    Answered {
        total: answer.total,
        hits: hits.collect(),
        corrected_query: answer.corrected_query.clone(),
        relaxed: answer.relaxed.clone(),
        rules: answer.rules.clone(),
        redirect: answer.redirect.clone(),
        banner: answer.banner.clone(),
    }
}

/// How the lists are told.
struct Told {
    words: &'static Tuning,
    text: &'static Text,
    numbers: Numbers,
}

impl Told {
    /// A list of a side; `moved` says where a hit's other place is.
    fn list(&self, title: &'static str, side: &Answered, moved: &str) -> List {
        let count = self.text.products_count.form(side.total);
        List {
            title,
            total: fill(count, "n", &self.numbers.whole(side.total)),
            notes: notes(side, self.words),
            hits: side.hits.iter().map(|hit| self.hit(hit, moved)).collect(),
        }
    }

    fn hit(&self, tried: &PreviewHit, moved: &str) -> TriedHit {
        let hit = &tried.hit;
        let place = |place: usize| self.numbers.whole(place as u64);
        let other = tried.other_position.map(place).unwrap_or_default();
        TriedHit {
            position: place(tried.position),
            slug: hit.slug.clone(),
            image: hit.image.clone(),
            title: hit.highlights.title.clone(),
            plain_title: hit.title.clone(),
            price: self.numbers.money(hit.price),
            mark: tried.mark.map(|mark| (mark.code(), self.mark(mark, moved, &other))),
        }
    }

    fn mark(&self, mark: Mark, moved: &str, other: &str) -> String {
        let words = self.words;
        match mark {
            Mark::Pinned => words.pinned.to_owned(),
            Mark::New => words.newly.to_owned(),
            Mark::Moved => fill(moved, "n", other),
            Mark::Hidden => words.hidden.to_owned(),
            Mark::Gone => words.gone.to_owned(),
        }
    }
}

/// What is to be said above a list. Foreign words are kept together whatever their direction.
fn notes(side: &Answered, words: &'static Tuning) -> Vec<String> {
    let told =
        |text: &str, name: &str, value: &str| fill(text, name, &format!("\u{2068}{value}\u{2069}"));
    let mut notes = Vec::new();
    if let Some(query) = &side.corrected_query {
        notes.push(told(words.searched_for, "q", query));
    }
    if !side.relaxed.is_empty() && side.total > 0 {
        notes.push(told(words.gave_up, "words", &side.relaxed.join(", ")));
    }
    if let Some(address) = &side.redirect {
        notes.push(told(words.leads_to, "address", address));
    }
    if let Some(banner) = &side.banner {
        notes.push(format!("“\u{2068}{}\u{2069}”", banner.text));
    }
    if side.total == 0 {
        notes.push(words.finds_nothing.to_owned());
    }
    notes
}
