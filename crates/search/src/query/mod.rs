//! What a caller asks, read once into a [`Query`] that is known to make sense.

mod availability;
mod compile;
mod expand;
mod filter;
mod parse;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use souk_base::{CategoryId, CityId, Lang, MarketCode};

pub(crate) use availability::Availability;
pub(crate) use compile::{Meanings, clauses, stems};
pub(crate) use expand::{Completion, ResolvedWord, SPACE_COST, resolve};
pub(crate) use filter::{Field, Group, Test};
pub(crate) use parse::QueryWord;

use crate::Error;
use crate::error::excerpt;

/// Longest text of a query, in characters.
pub const TEXT_LENGTH_MAX: usize = 512;
/// Words of a query that count; later ones are ignored.
pub const WORDS_MAX: usize = 16;
/// Most filters in a request.
pub const FILTERS_MAX: usize = 50;
/// Most facets in a request.
pub const FACETS_MAX: usize = 20;
/// The facet that stands for those that tell most about what is found.
pub const FACETS_AUTO: &str = "auto";
/// Most hits in a page.
pub const LIMIT_MAX: usize = 100;

/// What a caller asks; every text is as it was typed and not trusted.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where.
    pub market: MarketCode,
    /// The words; empty to browse.
    pub text: &'a str,
    /// Language of the page; the market's first when none is given.
    pub lang: Option<Lang>,
    /// Only what can be bought in this city.
    pub city: Option<CityId>,
    /// Only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The kind of customer that the shopper is, for rules that ask.
    pub segment: Option<u16>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
    /// Slug of a category; only what is in it or below, whatever the filters say.
    pub category: Option<&'a str>,
    /// Filters as `field:value`.
    pub filters: &'a [String],
    /// Fields to count by; [`FACETS_AUTO`] alone leaves the choice to what is found.
    pub facets: &'a [String],
    /// The order.
    pub sort: Sort,
    /// Hits in the page, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<PageKey>,
    /// As typed so far: the last word may go on.
    pub prefix: bool,
}

/// The order of hits; ties are always in order of ordinal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Best match first; without words the most popular.
    #[default]
    Relevance,
    /// Cheapest first.
    Price,
    /// Dearest first.
    PriceDescending,
    /// Latest first.
    Newest,
    /// Most popular first.
    Popular,
}

/// The place in an order where a page ended. Its meaning is this crate's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageKey {
    /// What comes before any key; larger comes first.
    pub(crate) bucket: u32,
    /// The sort key's bits; larger comes first.
    pub(crate) key: u64,
    /// The ordinal; among equal keys smaller comes first.
    pub(crate) ordinal: u32,
    /// Hits up to here, whatever put them there.
    #[serde(default)]
    pub(crate) shown: u32,
    /// The last place of a rule's pin whose product was shown; 0 for none.
    #[serde(default)]
    pub(crate) pin: u16,
}

impl PageKey {
    /// Before every hit that has its place by itself.
    pub(crate) const START: PageKey =
        PageKey { bucket: u32::MAX, key: u64::MAX, ordinal: 0, shown: 0, pin: 0 };
}

/// A request that makes sense in this shop.
#[derive(Clone, Debug)]
pub struct Query {
    pub(crate) market: MarketCode,
    /// The text as typed.
    pub(crate) text: String,
    pub(crate) words: Vec<QueryWord>,
    /// Languages searched and shown, the page's first.
    pub(crate) languages: Vec<Lang>,
    /// Which offers the shopper can have.
    pub(crate) availability: Availability,
    /// The city that was chosen.
    pub(crate) city: Option<CityId>,
    /// And the day.
    pub(crate) date: Option<Date>,
    /// The kind of customer that the shopper is.
    pub(crate) segment: Option<u16>,
    pub(crate) category: Option<CategoryId>,
    /// Filters, one group a field.
    pub(crate) groups: Vec<Group>,
    pub(crate) facets: Vec<Field>,
    /// Whether only those facets are shown that tell most.
    pub(crate) chooses_facets: bool,
    pub(crate) sort: Sort,
    pub(crate) limit: usize,
    pub(crate) after: Option<PageKey>,
    pub(crate) prefix: bool,
    /// The instant that rules and newness are judged by.
    pub(crate) now: Timestamp,
}

impl Sort {
    /// Every order.
    pub const ALL: [Sort; 5] =
        [Sort::Relevance, Sort::Price, Sort::PriceDescending, Sort::Newest, Sort::Popular];

    /// Its name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Sort::Relevance => "relevance",
            Sort::Price => "price",
            Sort::PriceDescending => "-price",
            Sort::Newest => "newest",
            Sort::Popular => "popular",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Sort {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Sort::ALL.into_iter().find(|sort| sort.name() == text).ok_or_else(|| Error::UnknownSort {
            sort: excerpt(text),
            known: Sort::ALL.map(Sort::name).to_vec(),
        })
    }
}
