//! Finding the rules that hold for a search without trying every one.
//!
//! A book is made once from the small tables. It looks the query's words up; what is left to try are rules whose words, category,
//! city or segment fit already.

use std::cmp::Reverse;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use souk_base::{CategoryId, CityId, Condition, MarketCode, Rule};

use crate::analysis::words;

/// What a search is, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'s> {
    /// Where.
    pub market: MarketCode,
    /// The query's words, folded.
    pub words: &'s [&'s str],
    /// The category that the shopper looks around in, and those above it.
    pub categories: &'s [CategoryId],
    /// The city that the shopper has chosen.
    pub city: Option<CityId>,
    /// The kind of customer that the shopper is, if it is known.
    pub segment: Option<u16>,
    /// When.
    pub now: Timestamp,
}

/// Rules, found by what they look for.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    /// In order of priority, then id, so that a place here is a rank.
    entries: Vec<Entry>,
    /// Those for all markets.
    everywhere: Shelf,
    /// Those for one.
    markets: FxHashMap<MarketCode, Shelf>,
}

/// A rule with its query's words as they are compared.
#[derive(Clone, Debug)]
struct Entry {
    rule: Rule,
    categories: Vec<CategoryId>,
    cities: Vec<CityId>,
    segments: Vec<u16>,
}

/// Places of rules by the most telling thing they look for.
#[derive(Clone, Debug, Default)]
struct Shelf {
    is: FxHashMap<String, Vec<u32>>,
    begins: FxHashMap<String, Vec<u32>>,
    contains: FxHashMap<String, Vec<u32>>,
    /// Most words that a rule asks a query to have one after another.
    contains_length_max: usize,
    empty: Vec<u32>,
    categories: FxHashMap<CategoryId, Vec<u32>>,
    cities: FxHashMap<CityId, Vec<u32>>,
    segments: FxHashMap<u16, Vec<u32>>,
    /// Whether any of them asks for a segment, besides whatever else.
    asks_for_segments: bool,
    always: Vec<u32>,
}

impl RuleBook {
    /// A book of these rules; those that are switched off are left out.
    #[must_use]
    pub fn new(rules: &[Rule]) -> RuleBook {
        let mut rules: Vec<Rule> = rules.iter().filter(|rule| rule.enabled).cloned().collect();
        rules.sort_by_key(|rule| (Reverse(rule.priority), rule.id));
        let mut book = RuleBook::default();
        for (place, rule) in (0..).zip(rules) {
            let shelf = match rule.market {
                Some(market) => book.markets.entry(market).or_default(),
                None => &mut book.everywhere,
            };
            let entry = Entry::of(rule);
            shelf.put(&entry, place);
            book.entries.push(entry);
        }
        book
    }

    /// Whether a segment makes a difference in this market: where it makes none, nobody has to find it out.
    #[must_use]
    pub fn asks_for_segments(&self, market: MarketCode) -> bool {
        let of_market = self.markets.get(&market);
        self.everywhere.asks_for_segments || of_market.is_some_and(|shelf| shelf.asks_for_segments)
    }

    /// The rules that hold, the strongest first.
    ///
    /// The cost follows the words of the query and the rules that fit them, not the rules there are.
    #[must_use]
    pub fn matching(&self, situation: &Situation<'_>) -> Vec<&Rule> {
        let mut places = Vec::new();
        self.everywhere.find(situation, &mut places);
        if let Some(shelf) = self.markets.get(&situation.market) {
            shelf.find(situation, &mut places);
        }
        places.sort_unstable();
        places.dedup();
        let entries = places.into_iter().filter_map(|place| self.entries.get(place as usize));
        entries.filter(|entry| entry.holds(situation)).map(|entry| &entry.rule).collect()
    }
}

impl Entry {
    fn of(rule: Rule) -> Entry {
        let (mut categories, mut cities, mut segments) = (Vec::new(), Vec::new(), Vec::new());
        for condition in &rule.conditions {
            match condition {
                Condition::Category(id) => categories.push(*id),
                Condition::City(id) => cities.push(*id),
                Condition::Segment(number) => segments.push(*number),
                _ => {}
            }
        }
        Entry { rule, categories, cities, segments }
    }

    /// Whether everything but the query fits.
    fn holds(&self, situation: &Situation<'_>) -> bool {
        let category = |id| situation.categories.contains(id);
        let is_of = |segments: &[u16]| situation.segment.is_some_and(|it| segments.contains(&it));
        is_on_at(&self.rule, situation.now)
            && (self.categories.is_empty() || self.categories.iter().any(category))
            && (self.cities.is_empty()
                || situation.city.is_some_and(|id| self.cities.contains(&id)))
            && (self.segments.is_empty() || is_of(&self.segments))
    }
}

/// Whether this instant lies in the rule's time.
fn is_on_at(rule: &Rule, now: Timestamp) -> bool {
    rule.starts_at.is_none_or(|start| start <= now) && rule.ends_at.is_none_or(|end| now < end)
}

impl Shelf {
    /// Puts a rule where a search that it holds for looks: by its query, else by its category, else by its city, else by
    /// its segment.
    fn put(&mut self, entry: &Entry, place: u32) {
        self.asks_for_segments |= !entry.segments.is_empty();
        if self.put_by_query(&entry.rule, place) {
            return;
        }
        if !entry.categories.is_empty() {
            for id in &entry.categories {
                self.categories.entry(*id).or_default().push(place);
            }
        } else if !entry.cities.is_empty() {
            for id in &entry.cities {
                self.cities.entry(*id).or_default().push(place);
            }
        } else if !entry.segments.is_empty() {
            for number in &entry.segments {
                self.segments.entry(*number).or_default().push(place);
            }
        } else {
            self.always.push(place);
        }
    }

    /// Puts a rule where its words are looked up; false where it asks for none.
    fn put_by_query(&mut self, rule: &Rule, place: u32) -> bool {
        let mut is_about_query = false;
        for condition in &rule.conditions {
            let (texts, text) = match condition {
                Condition::QueryIs(text) => (&mut self.is, text),
                Condition::QueryBegins(text) => (&mut self.begins, text),
                Condition::QueryContains(text) => (&mut self.contains, text),
                Condition::QueryEmpty => {
                    self.empty.push(place);
                    is_about_query = true;
                    continue;
                }
                Condition::Category(_) | Condition::City(_) | Condition::Segment(_) => continue,
            };
            is_about_query = true;
            let folded = folded(text);
            // Where nothing remains, no query has it.
            if !folded.is_empty() {
                texts.entry(folded.join(" ")).or_default().push(place);
                if matches!(condition, Condition::QueryContains(_)) {
                    self.contains_length_max = self.contains_length_max.max(folded.len());
                }
            }
        }
        is_about_query
    }

    /// Adds the places of the rules whose query fits, or whose category, city or segment does where they ask for no query.
    fn find(&self, situation: &Situation<'_>, places: &mut Vec<u32>) {
        places.extend(&self.always);
        for id in situation.categories {
            places.extend(self.categories.get(id).into_iter().flatten());
        }
        if let Some(city) = situation.city {
            places.extend(self.cities.get(&city).into_iter().flatten());
        }
        if let Some(segment) = situation.segment {
            places.extend(self.segments.get(&segment).into_iter().flatten());
        }
        let words = situation.words;
        if words.is_empty() {
            places.extend(&self.empty);
            return;
        }
        let mut text = String::new();
        each_beginning(words, &mut text, |text| {
            places.extend(self.begins.get(text).into_iter().flatten());
        });
        places.extend(self.is.get(&text).into_iter().flatten());
        for start in 0..words.len() {
            let end = words.len().min(start + self.contains_length_max);
            each_beginning(&words[start..end], &mut text, |text| {
                places.extend(self.contains.get(text).into_iter().flatten());
            });
        }
    }
}

/// Visits the first word, the first two and so on, joined by spaces; `text` ends as all of them.
fn each_beginning(words: &[&str], text: &mut String, mut visit: impl FnMut(&str)) {
    text.clear();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
        visit(text);
    }
}

/// The words of a text as queries have them.
pub(crate) fn folded(text: &str) -> Vec<String> {
    words(text).map(|word| word.folded).collect()
}
