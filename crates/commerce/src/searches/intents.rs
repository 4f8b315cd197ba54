//! What somebody meant: searches that are one thought, collapsed to the last of them.
//!
//! Two searches of a visitor in a market are one intent when typing led from one to the other within
//! [`TYPING_MAX`], or when the same text is asked again (another filter, order or page) within [`SAME_MAX`]. A click
//! ends the intent. Searches without a text, of further pages, and of nobody known do not collapse; the first two are
//! no intents at all.

use std::collections::HashMap;

use jiff::SignedDuration;
use souk_base::MarketCode;

use super::text::is_typing;
use super::{QueryId, Search};

/// Longest pause while somebody types.
pub(super) const TYPING_MAX: SignedDuration = SignedDuration::from_secs(10);

/// Longest time over which the same text is one intent.
pub(super) const SAME_MAX: SignedDuration = SignedDuration::from_mins(30);

/// The latest intent of a visitor in a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Latest {
    /// Its last search.
    pub(super) id: QueryId,
    pub(super) visitor: String,
    pub(super) market: MarketCode,
    pub(super) text: String,
    /// Whether a click has ended it.
    pub(super) clicked: bool,
}

/// An intent that begins or goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The last search of the intent as it was written before; none for a new intent.
    pub(super) replaces: Option<QueryId>,
    /// The place of its last search among those that were given.
    pub(super) last: usize,
    /// How many of them are one with it.
    pub(super) searches: i32,
}

/// The intents that these searches, in the order of their time, begin or carry on. `latest` has at most one intent
/// for each visitor and market.
pub(super) fn collapse(latest: &[Latest], searches: &[(Search, String)]) -> Vec<Change> {
    let known = latest.iter().map(|open| ((open.visitor.as_str(), open.market), open));
    let known: HashMap<_, _> = known.collect();
    let mut changes: Vec<Change> = Vec::new();
    let mut open: HashMap<(&str, MarketCode), usize> = HashMap::new();
    for (place, (search, text)) in searches.iter().enumerate() {
        if text.is_empty() || search.further {
            continue;
        }
        let new = Change { replaces: None, last: place, searches: 1 };
        let Some(visitor) = search.visitor.as_deref() else {
            changes.push(new);
            continue;
        };
        let whose = (visitor, search.market);
        if let Some(&at) = open.get(&whose) {
            let (before, before_text) = &searches[changes[at].last];
            if is_one((before.id, before_text), (search.id, text)) {
                changes[at].last = place;
                changes[at].searches += 1;
                continue;
            }
        } else if let Some(before) = known.get(&whose).filter(|before| !before.clicked)
            && is_one((before.id, &before.text), (search.id, text))
        {
            open.insert(whose, changes.len());
            changes.push(Change { replaces: Some(before.id), ..new });
            continue;
        }
        open.insert(whose, changes.len());
        changes.push(new);
    }
    changes
}

/// Whether two searches of one visitor, neither of them clicked, are one thought.
fn is_one(before: (QueryId, &str), after: (QueryId, &str)) -> bool {
    let pause = after.0.time().duration_since(before.0.time());
    let same = before.1 == after.1 && pause <= SAME_MAX;
    same || (pause <= TYPING_MAX && is_typing(before.1, after.1))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{Strategy, prop, proptest};

    use super::*;

    /// A search `at_s` seconds after the first.
    fn search(visitor: Option<&str>, at_s: i64, text: &str) -> (Search, String) {
        let time = Timestamp::from_second(1_700_000_000 + at_s).unwrap();
        let mut search =
            Search::of(QueryId::new(time, u128::from(at_s.unsigned_abs())), "KW".parse().unwrap());
        search.visitor = visitor.map(str::to_owned);
        text.clone_into(&mut search.query);
        (search, text.to_owned())
    }

    fn ends(searches: &[(Search, String)]) -> Vec<(&str, i32)> {
        let changes = collapse(&[], searches).into_iter();
        changes.map(|change| (searches[change.last].1.as_str(), change.searches)).collect()
    }

    #[test]
    fn keystrokes_collapse_to_the_last_query_and_a_new_thought_begins_anew() {
        let typed = [
            search(Some("a"), 0, "r"),
            search(Some("b"), 0, "rose"),
            search(Some("a"), 2, "ros"),
            search(Some("a"), 4, "roses"),
            search(Some("a"), 5, ""),
            search(Some("a"), 6, "tulip"),
        ];

        assert_eq!(ends(&typed), [("roses", 3), ("rose", 1), ("tulip", 1)]);
    }

    #[test]
    fn a_long_pause_ends_typing_and_a_longer_one_the_same_query() {
        let typed = [search(Some("a"), 0, "ros"), search(Some("a"), 11, "roses")];
        let again = |pause_s| [search(Some("a"), 0, "rose"), search(Some("a"), pause_s, "rose")];

        assert_eq!(ends(&typed), [("ros", 1), ("roses", 1)]);
        assert_eq!(ends(&again(1_800)), [("rose", 2)]);
        assert_eq!(ends(&again(1_801)), [("rose", 1), ("rose", 1)]);
    }

    #[test]
    fn an_intent_that_was_written_goes_on_unless_a_click_has_ended_it() {
        let (before, text) = search(Some("a"), 0, "ros");
        let open = |clicked| Latest {
            id: before.id,
            visitor: "a".to_owned(),
            market: before.market,
            text: text.clone(),
            clicked,
        };
        let now = [search(Some("a"), 3, "rose"), search(Some("a"), 5, "roses")];

        let change = |clicked| collapse(&[open(clicked)], &now);

        assert_eq!(change(false), [Change { replaces: Some(before.id), last: 1, searches: 2 }]);
        assert_eq!(change(true), [Change { replaces: None, last: 1, searches: 2 }]);
    }

    #[test]
    fn nobody_known_never_collapses_and_further_pages_are_no_intents() {
        let mut further = search(None, 2, "rose");
        further.0.further = true;

        assert_eq!(ends(&[search(None, 0, "ros"), search(None, 1, "rose"), further]).len(), 2);
    }

    fn log() -> impl Strategy<Value = Vec<(Search, String)>> {
        let row = (prop::option::of("[ab]"), 0_i64..15, "[a-c]{0,3}");
        prop::collection::vec(row, 0..30).prop_map(|rows| {
            let mut at_s = 0;
            let rows = rows.into_iter().enumerate().map(|(place, (visitor, pause_s, text))| {
                at_s += pause_s;
                let (mut search, text) = search(visitor.as_deref(), at_s, &text);
                // Several searches may be of one second, but none has the name of another.
                search.id = QueryId::new(search.id.time(), place as u128);
                (search, text)
            });
            rows.collect()
        })
    }

    proptest! {
        #[test]
        fn every_search_with_a_text_is_in_exactly_one_intent(log in log()) {
            let changes = collapse(&[], &log);

            let counted: i32 = changes.iter().map(|change| change.searches).sum();
            let with_text = log.iter().filter(|(_, text)| !text.is_empty()).count();
            assert_eq!(usize::try_from(counted).unwrap(), with_text);
        }

        #[test]
        fn writing_in_two_batches_gives_the_same_intents_as_in_one(log in log(), cut in 0_usize..30) {
            let (first, second) = log.split_at(cut.min(log.len()));
            let whole: Vec<_> = ends(&log).into_iter().map(|(text, _)| text.to_owned()).collect();

            let before = collapse(&[], first);
            let mut latest: HashMap<(String, MarketCode), Latest> = HashMap::new();
            for change in &before {
                let (search, text) = &first[change.last];
                let Some(visitor) = search.visitor.clone() else { continue };
                let open = Latest {
                    id: search.id,
                    visitor: visitor.clone(),
                    market: search.market,
                    text: text.clone(),
                    clicked: false,
                };
                latest.insert((visitor, search.market), open);
            }
            let latest: Vec<_> = latest.into_values().collect();
            let after = collapse(&latest, second);
            let replaced: Vec<_> = after.iter().filter_map(|change| change.replaces).collect();
            let kept = before.iter().map(|change| &first[change.last]);
            let kept = kept.filter(|(search, _)| !replaced.contains(&search.id));
            let mut parts: Vec<_> = kept.map(|(_, text)| text.clone()).collect();
            parts.extend(after.iter().map(|change| second[change.last].1.clone()));

            let mut whole = whole;
            whole.sort();
            parts.sort();
            assert_eq!(parts, whole);
        }
    }
}
