//! The mix of searches: no two alike, each with facets, filters and highlights.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use souk_base::{Lang, MarketCode};
use souk_search::{Found, Query, Request, Sort, View};

use crate::data::{Random, Shop};
use crate::{cpu_time, summary};

const SEARCHES: usize = 4_000;
const FACETS: [&str; 5] = ["category", "brand", "seller", "attribute1", "attribute2"];

/// What is typed, and how.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Search {
    kind: &'static str,
    text: String,
    market: MarketCode,
    category: Option<String>,
    prefix: bool,
    filters: Vec<String>,
}

/// Runs the mix, kind after kind, and prints how long each took.
pub(crate) fn run(view: &View) {
    let shop = Shop::new();
    let searches = mix(&shop, view.searcher.document_count());
    let mut kinds = BTreeMap::<&str, Vec<Search>>::new();
    searches.into_iter().for_each(|search| kinds.entry(search.kind).or_default().push(search));
    let (mut all, mut hits, mut found, mut cpu) = (Vec::new(), 0, 0, Duration::ZERO);
    for (kind, searches) in &kinds {
        let (mut times, before) = (Vec::new(), cpu_time());
        for search in searches {
            let start = Instant::now();
            let answer = answer(view, search);
            times.push(start.elapsed());
            hits += answer.hits.len();
            found += usize::from(answer.total > 0);
        }
        let taken = cpu_time() - before;
        let mean = taken / u32::try_from(searches.len()).unwrap();
        println!("{kind:>8}: {}; processor {mean:.1?}", summary(&mut times));
        cpu += taken;
        all.extend(times);
    }
    println!("     all: {}", summary(&mut all));
    let per_second = 1_000 * SEARCHES as u128 / cpu.as_millis().max(1);
    println!("{per_second} searches a second of processor time");
    println!("{found} of {SEARCHES} found something, {hits} hits");
}

fn answer(view: &View, search: &Search) -> Found {
    let request = Request {
        market: search.market,
        text: &search.text,
        lang: None,
        city: None,
        date: None,
        segment: None,
        now: jiff::Timestamp::UNIX_EPOCH,
        category: search.category.as_deref(),
        filters: &search.filters,
        facets: &FACETS.map(str::to_owned),
        sort: Sort::Relevance,
        limit: 24,
        after: None,
        prefix: search.prefix,
    };
    view.candidates(&Query::parse(&request, &view.tables).unwrap()).unwrap()
}

fn mix(shop: &Shop, products: u64) -> Vec<Search> {
    let mut random = Random(5);
    let (mut seen, mut searches) = (HashSet::new(), Vec::new());
    while searches.len() < SEARCHES {
        let search = search(shop, u32::try_from(products).unwrap(), &mut random);
        if seen.insert(search.clone()) {
            searches.push(search);
        }
    }
    searches
}

fn search(shop: &Shop, products: u32, random: &mut Random) -> Search {
    let lang = if random.below(10) < 7 { Lang::En } else { Lang::Ar };
    let markets = shop.markets();
    let mut search = Search {
        kind: "word",
        text: String::new(),
        market: markets[random.below(10) as usize],
        category: None,
        prefix: false,
        filters: vec![
            format!("price:{}..{}", 100 + random.below(5_000), 20_000 + random.below(30_000)),
            match random.below(2) {
                0 => "in_stock:true".to_owned(),
                _ => format!("attribute1:value{}", random.below(12)),
            },
        ],
    };
    let document = shop.document(random.below(products), 0);
    let text = document.texts.iter().find(|text| text.lang == lang).unwrap();
    let title: Vec<&str> = text.title.split(' ').collect();
    match random.below(100) {
        0..30 => search.text = shop.word(lang, random).to_owned(),
        30..65 => {
            search.kind = "words";
            search.text = title[..2 + random.below(2) as usize].join(" ");
        }
        65..80 => {
            search.kind = "typo";
            search.text = format!("{} {}", title[0], misspelled(title[1], random));
        }
        80..90 => {
            search.kind = "prefix";
            let begun: String = title[1].chars().take(2 + random.below(3) as usize).collect();
            search.text = format!("{} {begun}", title[0]);
            search.prefix = true;
        }
        _ => {
            search.kind = "category";
            search.category = Some(format!("category-{}", 1 + random.below(400)));
        }
    }
    search
}

/// The word with two neighbours swapped or a letter left out, behind its first.
fn misspelled(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + random.below(u32::try_from(letters.len()).unwrap() - 2) as usize;
    if random.below(2) == 0 {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    letters.into_iter().collect()
}
