//! What 10,000 rules cost a query: `cargo run --release -p souk-search --example rule_book [RULES]`.
//!
//! A third of the rules asks for the whole query, a third for its beginning, a third for words in it; half of them for one of ten
//! markets, a tenth for a category or a city besides. Words are drawn from 2,000, so that some rules hold for most queries.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use souk_base::{Action, CategoryId, CityId, Condition, MarketCode, Rule, RuleId};
use souk_search::{Effects, RuleBook, Situation};

const MARKETS: [&str; 10] = ["GB", "KW", "SA", "AE", "QA", "BH", "OM", "JO", "EG", "KZ"];
const WORDS: i32 = 2_000;
const QUERIES: usize = 100_000;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let mut dice = Dice(1);
    let rules: Vec<Rule> = (0..count).map(|id| dice.rule(id)).collect();
    let started = Instant::now();
    let book = RuleBook::new(&rules);
    println!("{count} rules: the book is made in {:.1} ms", started.elapsed().as_secs_f64() * 1e3);

    let queries: Vec<(MarketCode, Vec<String>)> = (0..QUERIES).map(|_| dice.query()).collect();
    let categories = [CategoryId::new(3), CategoryId::new(1)];
    let (mut met, mut times_ns) = (0, Vec::with_capacity(QUERIES));
    for (market, words) in &queries {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (city, segment, now) = (Some(CityId::new(5)), Some(1), Timestamp::UNIX_EPOCH);
        let (market, categories) = (*market, &categories[..]);
        let situation = Situation { market, words: &words, categories, city, segment, now };
        let started = Instant::now();
        let found = book.matching(&situation);
        met += found.len();
        black_box(Effects::of(&found));
        times_ns.push(started.elapsed().as_nanos());
    }
    times_ns.sort_unstable();
    let at = |share: usize| times_ns[(QUERIES - 1) * share / 100] as f64 / 1e3;
    let mean = times_ns.iter().sum::<u128>() as f64 / QUERIES as f64 / 1e3;
    println!(
        "{QUERIES} queries, {:.1} rules each: mean {mean:.2} µs, p50 {:.2} µs, p99 {:.2} µs, most {:.1} µs",
        met as f64 / QUERIES as f64,
        at(50),
        at(99),
        at(100)
    );
}

/// xorshift64*, so that every run asks the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i32) -> i32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        i32::try_from(drawn).expect("31 bits are left") % end
    }

    fn market(&mut self) -> MarketCode {
        let markets = (0..=self.below(10)).zip(MARKETS);
        let drawn = markets.last().map(|(_, market)| market);
        drawn.and_then(|market| market.parse().ok()).expect("they are two capital letters")
    }

    /// Small numbers come more often.
    fn word(&mut self) -> String {
        let end = self.below(WORDS) + 1;
        format!("word{}", self.below(end))
    }

    fn text(&mut self, words: i32) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn query(&mut self) -> (MarketCode, Vec<String>) {
        let words = self.below(4) + 1;
        (self.market(), (0..words).map(|_| self.word()).collect())
    }

    fn rule(&mut self, id: i64) -> Rule {
        let words = self.below(3) + 1;
        let text = self.text(words);
        let mut conditions = vec![match self.below(3) {
            0 => Condition::QueryIs(text),
            1 => Condition::QueryBegins(text),
            _ => Condition::QueryContains(text),
        }];
        match self.below(20) {
            0 => conditions.push(Condition::Category(CategoryId::new(3))),
            1 => conditions.push(Condition::City(CityId::new(5))),
            _ => {}
        }
        Rule {
            id: RuleId::new(id),
            name: format!("rule {id}"),
            enabled: true,
            priority: self.below(10),
            market: (self.below(2) == 0).then(|| self.market()),
            conditions,
            actions: vec![Action::Pin { product: id.into(), position: 1 }],
            starts_at: None,
            ends_at: None,
        }
    }
}
