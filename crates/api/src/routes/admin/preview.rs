//! The search that something unsaved is tried out on, the same for rules, synonyms and weights.

use jiff::Timestamp;
use serde::Deserialize;
use souk_base::{CityId, Lang, MarketCode};
use souk_commerce::rules::SEGMENT_MAX;
use souk_search::LIMIT_MAX;
use utoipa::ToSchema;

use crate::error::{Code, FieldError, Result};
use crate::pipeline::search::{LIMIT_DEFAULT, SearchRequest};

/// A search to try something out on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewSearch {
    /// Code of the market.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// What a shopper would type; nothing when not given.
    #[serde(default)]
    #[schema(max_length = 512)]
    q: String,
    /// Language of the answer; the market's first when not given.
    #[schema(value_type = Option<String>, example = "en")]
    lang: Option<Lang>,
    /// Only what can be bought in this city.
    #[schema(value_type = Option<String>)]
    city: Option<CityId>,
    /// Slug of a category to stay within.
    category: Option<String>,
    /// The kind of customer who asks, from 1, the most valuable; nobody known when not given.
    #[schema(minimum = 1, maximum = 50)]
    segment: Option<u16>,
    /// Hits of each side, from 1 to 100; 24 when not given.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

impl PreviewSearch {
    pub(super) fn request(self) -> Result<SearchRequest> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let detail = format!("limit must be from 1 to {LIMIT_MAX}, but is {limit}");
            return Err(FieldError::new("/search/limit", Code::OutOfRange, detail).into());
        }
        if let Some(given) = self.segment.filter(|given| !(1..=SEGMENT_MAX).contains(given)) {
            let detail = format!("segment must be from 1 to {SEGMENT_MAX}, but is {given}");
            return Err(FieldError::new("/search/segment", Code::OutOfRange, detail).into());
        }
        Ok(SearchRequest {
            q: self.q,
            lang: self.lang,
            city: self.city,
            segment: self.segment,
            now: Timestamp::now(),
            category: self.category,
            limit,
            ..SearchRequest::of(self.market)
        })
    }
}
