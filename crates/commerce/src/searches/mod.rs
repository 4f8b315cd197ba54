//! Searches: the log of what was asked and answered, what shoppers meant by it, and what follows from that.
//!
//! A [`Search`] is a row of the log, written in batches off the request's way. In the same transaction the searches
//! become intents (`intents.rs`): keystrokes of one thought are one row, that of the last query, and a click on a hit
//! is counted there once. Queries that several visitors mean are suggested to others ([`Popular`]): from at least
//! [`VISITORS_MIN`] visitors of the last [`POPULAR_DAYS`] days, each time it is meant counting half as much after
//! [`HALF_LIFE_DAYS`] days, and more where a hit was opened ([`CLICKED`]) or went into a cart ([`CARTED`]); never what found nothing last, what holds a blocked word, or what may name a person.
//!
//! The log is kept for [`LOG_DAYS`] days and intents for [`INTENT_DAYS`].
//!
//! Tables owned: `searches`, `search_intents`, `blocked_words`.

mod analytics;
mod analytics_sql;
mod blocked;
mod intents;
mod ops;
mod popular;
mod query_id;
mod sql;
#[cfg(test)]
mod tests;
mod text;

pub use analytics::{DayFigures, QueryFigures, Report, ReportRequest, report};
pub use blocked::{block, blocked, unblock};
pub(crate) use ops::{Outcome, OutcomeKind, count_outcomes, do_not_wait_for_the_disk};
pub use ops::{append, forget_old, recent};
pub use popular::Popular;
pub use query_id::{NoQueryId, QueryId};
use souk_base::{CityId, Lang, MarketCode};
pub use text::folded;

/// Days that the log is kept.
pub const LOG_DAYS: i32 = 30;

/// Days that intents are kept.
pub const INTENT_DAYS: i32 = 180;

/// Distinct visitors from whom on a query is suggested to others.
pub const VISITORS_MIN: i64 = 5;

/// Days after which an intent counts half as much.
pub const HALF_LIFE_DAYS: f64 = 3.0;

/// What it counts more where a hit of it was opened: once for an intent, however many were. Chosen, not measured.
pub const CLICKED: f64 = 1.0;

/// What it counts more where a hit of it went into a cart; chosen like [`CLICKED`].
pub const CARTED: f64 = 2.0;

/// Days after which an intent no longer counts at all.
pub const POPULAR_DAYS: i32 = 21;

/// Longest name of a visitor, in characters.
pub const VISITOR_LENGTH_MAX: usize = 128;

/// A search as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Its name, which also says when it was.
    pub id: QueryId,
    /// Where.
    pub market: MarketCode,
    /// Language of the answer.
    pub lang: Lang,
    /// City that was delivered to.
    pub city: Option<CityId>,
    /// The device, as its client calls it.
    pub visitor: Option<String>,
    /// What was typed.
    pub query: String,
    /// What was searched instead.
    pub corrected: Option<String>,
    /// Words that were given up.
    pub relaxed: Vec<String>,
    /// Category, filters and day, in short.
    pub narrowed: Option<String>,
    /// Whether this is a page after the first.
    pub further: bool,
    /// Whether it was asked while somebody was typing.
    pub keystroke: bool,
    /// Products found.
    pub total: u64,
    /// Time spent on the answer, in microseconds.
    pub took_us: u64,
}

impl Search {
    /// A search for everything, to be narrowed by setting fields.
    #[must_use]
    pub fn of(id: QueryId, market: MarketCode) -> Search {
        Search {
            id,
            market,
            lang: Lang::En,
            city: None,
            visitor: None,
            query: String::new(),
            corrected: None,
            relaxed: Vec::new(),
            narrowed: None,
            further: false,
            keystroke: false,
            total: 0,
            took_us: 0,
        }
    }
}
