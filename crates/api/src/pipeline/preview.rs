//! A search before and after a change that is not saved: the same pipeline over the same View, with other small tables
//! for this one request.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use souk_base::{
    Action, MarketCode, ProductId, Rule, RuleId, SearchSettings, Synonym, SynonymId, Tables,
    Weights,
};
use souk_commerce::rules::NewRule;
use souk_commerce::synonyms::NewSynonym;
use souk_commerce::{rules, search_settings, synonyms};
use souk_search::{LIMIT_MAX, Query, View};
use utoipa::ToSchema;

use super::SearchHit;
use super::search::{self, Banner, SearchAnswer, SearchRequest};
use crate::cursor::Keys;
use crate::error::Result;
use crate::{App, AppState};

/// The key of what has none yet: the youngest of all.
const UNSAVED: i64 = i64::MAX;

/// What somebody of the staff tries out.
#[derive(Clone, Debug)]
pub enum Draft {
    /// A rule; it counts as switched on and its time as come.
    Rule {
        /// The saved one in whose place it comes; that one is in neither answer.
        replaces: Option<RuleId>,
        /// As it would be saved.
        rule: NewRule,
    },
    /// A synonym.
    Synonym {
        /// The saved one in whose place it comes; that one is in neither answer.
        replaces: Option<SynonymId>,
        /// As it would be saved.
        synonym: NewSynonym,
    },
    /// Weights of the ranking.
    Weights {
        /// The market they are for; none for those without settings of their own.
        market: Option<MarketCode>,
        /// As they would be saved.
        weights: Weights,
    },
}

/// A search without and with a change that is not saved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    /// Whether the change has anything to do with this search: a rule takes part in it, or some hit has another place.
    pub applies: bool,
    /// As the shop answers without it.
    pub before: Side,
    /// As it would answer with it.
    pub after: Side,
}

/// One of the two answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Side {
    /// Products found.
    pub total: u64,
    /// The first of them.
    pub hits: Vec<PreviewHit>,
    /// The query that was searched instead, when a word was misspelt.
    pub corrected_query: Option<String>,
    /// Words that were given up because nothing has them all.
    pub relaxed: Vec<String>,
    /// Names of the rules that took part, the strongest first.
    pub rules: Vec<String>,
    /// Where a rule leads instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// What a rule shows above the hits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banner: Option<Banner>,
}

/// A hit with its places on both sides.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewHit {
    /// Its place, counted from 1.
    pub position: usize,
    /// Its place on the other side; null where it is not among the first 100 there.
    pub other_position: Option<usize>,
    /// What became of it; null where nothing did.
    pub mark: Option<Mark>,
    /// The hit.
    #[serde(flatten)]
    pub hit: SearchHit,
}

/// What becomes of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A rule puts it in its place.
    Pinned,
    /// It is found only with the change, or was far behind.
    New,
    /// It has another place.
    Moved,
    /// The rule hides it.
    Hidden,
    /// It is found only without the change, or is far behind.
    Gone,
}

impl Mark {
    /// Its name outside.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Mark::Pinned => "pinned",
            Mark::New => "new",
            Mark::Moved => "moved",
            Mark::Hidden => "hidden",
            Mark::Gone => "gone",
        }
    }
}

/// Answers a search without and with the draft. Nothing is saved, and nothing is logged.
///
/// # Errors
/// As [`search::run`].
pub async fn run(app: &AppState, draft: &Draft, request: &SearchRequest) -> Result<Preview> {
    let (view, keys) = (app.view()?, app.keys.clone());
    let (draft, request) = (draft.clone(), request.clone());
    app.compute(move || compare(&view, &keys, &draft, &request)).await
}

/// Refuses what could not be saved.
///
/// # Errors
/// [`crate::Error::Commerce`] that says what is wrong.
pub async fn examine(app: &App, draft: &Draft) -> Result<()> {
    match draft {
        Draft::Rule { rule, .. } => {
            rules::examine(&mut *app.connection().await?, rule).await?;
        }
        Draft::Synonym { synonym, .. } => synonyms::check(synonym)?,
        Draft::Weights { weights, .. } => search_settings::check(weights)?,
    }
    Ok(())
}

/// An answer to as many places as are compared, and the rules that took part.
struct Answered {
    answer: SearchAnswer,
    rules: Vec<RuleId>,
}

fn compare(view: &View, keys: &Keys, draft: &Draft, request: &SearchRequest) -> Result<Preview> {
    let shown = request.limit;
    let request =
        SearchRequest { limit: LIMIT_MAX, cursor: None, facets: Vec::new(), ..request.clone() };
    let without = draft.taken_out_of(&view.tables);
    let with = draft.put_into(without.clone());
    let before = answer(&view.with_tables(without), keys, &request)?;
    let after = answer(&view.with_tables(with), keys, &request)?;
    let (old, new) = (places(&before.answer), places(&after.answer));
    let takes_part = match draft {
        Draft::Rule { replaces, .. } => after.rules.contains(&rule_key(*replaces)),
        _ => false,
    };
    let hidden = if takes_part { draft.hidden() } else { HashSet::new() };
    let gone = |id: &ProductId| if hidden.contains(id) { Mark::Hidden } else { Mark::Gone };
    let after = Side::of(after.answer, shown, &old, |hit, from, to| match from {
        _ if hit.pinned && from != Some(to) => Some(Mark::Pinned),
        None => Some(Mark::New),
        Some(from) => (from != to).then_some(Mark::Moved),
    });
    let before = Side::of(before.answer, shown, &new, |hit, to, from| match to {
        None => Some(gone(&hit.product_id)),
        Some(to) => (from != to).then_some(Mark::Moved),
    });
    let moved = before.hits.iter().chain(&after.hits).any(|hit| hit.mark.is_some());
    Ok(Preview { applies: takes_part || moved, before, after })
}

fn answer(view: &View, keys: &Keys, request: &SearchRequest) -> Result<Answered> {
    let query = Query::parse(&request.as_search(None), &view.tables)?;
    let found = view.candidates(&query)?;
    let rules = found.rules.clone();
    Ok(Answered { answer: search::page(view, keys, request, found)?, rules })
}

/// The place of each product, counted from 1.
fn places(answer: &SearchAnswer) -> HashMap<ProductId, usize> {
    answer.hits.iter().map(|hit| hit.product_id).zip(1..).collect()
}

impl Side {
    /// The first `shown` hits; `mark` is told a hit, its place on the other side and its own.
    fn of(
        answer: SearchAnswer,
        shown: usize,
        others: &HashMap<ProductId, usize>,
        mark: impl Fn(&SearchHit, Option<usize>, usize) -> Option<Mark>,
    ) -> Side {
        let hits = answer.hits.into_iter().zip(1..).take(shown).map(|(hit, position)| {
            let other_position = others.get(&hit.product_id).copied();
            let mark = mark(&hit, other_position, position);
            PreviewHit { position, other_position, mark, hit }
        });
        Side {
            total: answer.total,
            hits: hits.collect(),
            corrected_query: answer.corrected_query,
            relaxed: answer.relaxed,
            rules: answer.rules,
            redirect: answer.redirect,
            banner: answer.banner,
        }
    }
}

fn rule_key(replaces: Option<RuleId>) -> RuleId {
    replaces.unwrap_or(RuleId::new(UNSAVED))
}

impl Draft {
    /// The tables without what the draft replaces; weights stand beside those that count until then.
    fn taken_out_of(&self, tables: &Tables) -> Tables {
        let mut tables = tables.clone();
        match self {
            Draft::Rule { replaces: Some(id), .. } => tables.rules.retain(|rule| rule.id != *id),
            Draft::Synonym { replaces: Some(id), .. } => {
                tables.synonyms.retain(|synonym| synonym.id != *id);
            }
            _ => {}
        }
        tables
    }

    /// The tables with the draft.
    fn put_into(&self, mut tables: Tables) -> Tables {
        match self {
            Draft::Rule { replaces, rule } => tables.rules.push(Rule {
                id: rule_key(*replaces),
                name: rule.name.clone(),
                enabled: true,
                priority: rule.priority,
                market: rule.market,
                conditions: rule.conditions.clone(),
                actions: rule.actions.clone(),
                starts_at: None,
                ends_at: None,
            }),
            Draft::Synonym { synonym, .. } => tables.synonyms.push(Synonym {
                id: SynonymId::new(UNSAVED),
                market: synonym.market,
                lang: synonym.lang,
                kind: synonym.kind,
                words: synonym.words.clone(),
            }),
            Draft::Weights { market, weights } => {
                tables.settings.retain(|settings| settings.market != *market);
                let (market, weights) = (*market, *weights);
                tables.settings.push(SearchSettings { version: UNSAVED, market, weights });
            }
        }
        tables
    }

    /// What a rule hides.
    fn hidden(&self) -> HashSet<ProductId> {
        let Draft::Rule { rule, .. } = self else { return HashSet::new() };
        let hidden = rule.actions.iter().filter_map(|action| match action {
            Action::Hide(product) => Some(*product),
            _ => None,
        });
        hidden.collect()
    }
}
