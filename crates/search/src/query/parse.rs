//! Reading a request: limits, names, and the words of its text.

use souk_base::{Lang, Market, Tables};

use super::filter::{self, Field};
use super::{
    Availability, FACETS_AUTO, FACETS_MAX, FILTERS_MAX, LIMIT_MAX, Query, Request, TEXT_LENGTH_MAX,
    WORDS_MAX,
};
use crate::analysis::{fold, is_stop_word, words};
use crate::{Error, Result};

/// A word of the query's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryWord {
    /// Its folded spelling; never empty.
    pub(crate) folded: String,
    /// Byte offsets in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The code it is part of, such as `ab123` of `AB-12/3`, and where that ends.
    pub(crate) code: Option<(String, usize)>,
}

impl Query {
    /// Reads a request; after this nothing needs to be checked again.
    ///
    /// # Errors
    /// An unknown name, a malformed filter, or more of something than its limit.
    pub fn parse(request: &Request<'_>, tables: &Tables) -> Result<Query> {
        let market =
            tables.market(request.market).ok_or(Error::UnknownMarket { market: request.market })?;
        check_limits(request)?;
        let facet = |name: &String| Field::parse(name, tables, "facets");
        let chooses_facets = request.facets == [FACETS_AUTO];
        let mut facets: Vec<Field> = match chooses_facets {
            true => Field::all(tables),
            false => request.facets.iter().map(facet).collect::<Result<_>>()?,
        };
        let mut seen = Vec::new();
        facets.retain(|facet| {
            !seen.contains(facet) && {
                seen.push(*facet);
                true
            }
        });
        Ok(Query {
            market: market.code,
            text: request.text.to_owned(),
            words: query_words(request.text, request.prefix),
            languages: languages(request.lang, market),
            availability: Availability::parse(
                request.city,
                request.date,
                request.now,
                market,
                tables,
            )?,
            city: request.city,
            date: request.date,
            segment: request.segment,
            category: request.category.map(|slug| filter::category(slug, tables)).transpose()?,
            groups: filter::parse(request.filters, tables)?,
            facets,
            chooses_facets,
            sort: request.sort,
            limit: request.limit,
            after: request.after,
            prefix: request.prefix,
            now: request.now,
        })
    }

    /// The same query for another text.
    pub(crate) fn with_text(&self, text: &str) -> Query {
        let words = query_words(text, self.prefix);
        Query { text: text.to_owned(), words, ..self.clone() }
    }

    /// Narrows the query by filters that its author did not choose; one that makes no sense is passed over.
    pub(crate) fn narrow(&mut self, filters: &[String], tables: &Tables) {
        for filter in filters {
            let groups = filter::parse(std::slice::from_ref(filter), tables).unwrap_or_default();
            let room = GROUPS_MAX.saturating_sub(self.groups.len());
            self.groups.extend(groups.into_iter().take(room));
        }
    }
}

/// Groups of filters that fit a mask.
const GROUPS_MAX: usize = 62;

fn check_limits(request: &Request<'_>) -> Result<()> {
    let given = request.text.chars().count();
    if given > TEXT_LENGTH_MAX {
        return Err(Error::TooLong { field: "q", given, max: TEXT_LENGTH_MAX });
    }
    let (filters, facets) = (request.filters.len(), request.facets.len());
    if filters > FILTERS_MAX {
        return Err(Error::TooMany { field: "filter", given: filters, max: FILTERS_MAX });
    }
    if facets > FACETS_MAX {
        return Err(Error::TooMany { field: "facets", given: facets, max: FACETS_MAX });
    }
    if !(1..=LIMIT_MAX).contains(&request.limit) {
        return Err(Error::OutOfRange {
            field: "limit",
            given: request.limit,
            min: 1,
            max: LIMIT_MAX,
        });
    }
    Ok(())
}

/// The page's language, then the market's, each once.
fn languages(page: Option<Lang>, market: &Market) -> Vec<Lang> {
    let mut languages: Vec<Lang> = Vec::new();
    for lang in page.into_iter().chain(market.languages.iter().copied()) {
        if !languages.contains(&lang) {
            languages.push(lang);
        }
    }
    languages
}

/// The words of a text that count: the first ones, without stop words unless there are no others.
fn query_words(text: &str, prefix: bool) -> Vec<QueryWord> {
    let all: Vec<QueryWord> = words(text)
        .take(WORDS_MAX)
        .map(|word| QueryWord {
            code: code_around(text, word.start),
            folded: word.folded,
            start: word.start,
            end: word.end,
        })
        .collect();
    let last = all.len().saturating_sub(1);
    // A last word that may go on is no stop word yet: "for" becomes "forest".
    let counts = |place: usize| (prefix && place == last) || !is_stop_word(&all[place].folded);
    let kept: Vec<QueryWord> =
        (0..all.len()).filter(|&place| counts(place)).map(|place| all[place].clone()).collect();
    if kept.is_empty() { all } else { kept }
}

/// The code that the word beginning at `start` begins: everything up to the next space, if it has
/// both a digit and a sign in it.
fn code_around(text: &str, start: usize) -> Option<(String, usize)> {
    if text[..start].chars().next_back().is_some_and(|before| !before.is_whitespace()) {
        return None;
    }
    let chunk = text[start..].split(char::is_whitespace).next()?;
    let is_code = chunk.chars().any(char::is_numeric) && !chunk.chars().all(char::is_alphanumeric);
    is_code.then(|| (fold(chunk), start + chunk.len()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{any, proptest};
    use souk_base::{CityId, Currency, MarketCode};

    use super::super::Sort;
    use super::*;

    fn tables() -> Tables {
        let market = Market {
            code: market(),
            label: souk_base::Translated::default(),
            currency: Currency::Gbp,
            payable_step: 1,
            languages: vec![Lang::En, Lang::Ru],
            time_zone: "Europe/London".to_owned(),
            weekend: vec![6, 7],
            tax_rate_bp: 0,
            tax_inclusive: true,
            address_fields: vec![],
            flags: serde_json::Map::new(),
            cities: vec![],
        };
        Tables { markets: vec![market], ..Tables::default() }
    }

    fn market() -> MarketCode {
        "GB".parse().unwrap()
    }

    fn request(text: &str) -> Request<'_> {
        Request {
            market: market(),
            text,
            lang: Some(Lang::Ru),
            city: None,
            date: None,
            segment: None,
            now: Timestamp::UNIX_EPOCH,
            category: None,
            filters: &[],
            facets: &[],
            sort: Sort::Relevance,
            limit: 10,
            after: None,
            prefix: false,
        }
    }

    fn parsed(text: &str) -> Vec<String> {
        let query = Query::parse(&request(text), &tables()).unwrap();
        query.words.into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn stop_words_go_unless_nothing_else_is_there() {
        assert_eq!(parsed("a Gift for the Mother"), ["gift", "mother"]);
        assert_eq!(parsed("The Of"), ["the", "of"]);
    }

    #[test]
    fn the_page_language_is_searched_first() {
        let query = Query::parse(&request("x"), &tables()).unwrap();

        assert_eq!(query.languages, [Lang::Ru, Lang::En]);
    }

    #[test]
    fn a_word_that_begins_a_code_knows_it() {
        let words = query_words("mug AB-12/3 blue-red", false);

        assert_eq!(words[1].code, Some(("ab123".to_owned(), 11)));
        assert!(words.iter().enumerate().all(|(place, word)| place == 1 || word.code.is_none()));
    }

    #[test]
    fn every_limit_has_its_refusal() {
        let many = vec!["brand:x".to_owned(); FILTERS_MAX + 1];
        let long = "x".repeat(TEXT_LENGTH_MAX + 1);
        let code = |request: Request<'_>| Query::parse(&request, &tables()).unwrap_err().code();

        assert_eq!(code(request(&long)), "too_long");
        assert_eq!(code(Request { filters: &many, ..request("") }), "too_many");
        assert_eq!(code(Request { facets: &many, ..request("") }), "too_many");
        assert_eq!(code(Request { limit: 0, ..request("") }), "out_of_range");
        assert_eq!(code(Request { limit: 101, ..request("") }), "out_of_range");
        assert_eq!(code(Request { category: Some("x"), ..request("") }), "unknown_category");
        assert_eq!(code(Request { city: Some(CityId::new(1)), ..request("") }), "unknown_city");
        let date = Some(jiff::civil::date(2026, 2, 14));
        assert_eq!(code(Request { date, ..request("") }), "missing_city");
        assert_eq!(parsed(&"word ".repeat(20).replace("word", "w")).len(), WORDS_MAX);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>(), filter in any::<String>()) {
            let filters = [filter, text.clone()];
            let _ = Query::parse(&Request { filters: &filters, ..request(&text) }, &tables());
            let _ = Query::parse(&request(&text.repeat(100)), &tables());
            let _ = query_words(&text.repeat(100), true);
        }

        #[test]
        fn ten_kilobytes_of_anything_are_read_without_panic(text in "\\PC{2500,3500}") {
            assert!(query_words(&text, true).len() <= WORDS_MAX);
        }
    }
}
