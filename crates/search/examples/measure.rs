//! Fills an index with invented products, opens it again, and prints what searching it costs in time and
//! memory: `cargo run -p souk-search --example measure -- <products> [<directory to keep>]`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program to be looked at")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;
use souk_base::{
    CategoryId, CitySet, Currency, Lang, Market, MarketCode, Offer, OfferId, Ordinal, Position,
    ProductId, SellerId, Tables, Translated, VariantId,
};
use souk_search::{
    Checkpoint, Columns, Document, ProductColumn, Query, Request, Sort, Text, View, Writer,
};

const QUERIES: usize = 400;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let products: u32 = arguments.next().unwrap().parse().unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let dir = arguments.next().map_or_else(|| temporary.path().to_owned(), Into::into);
    if !dir.join("meta.json").try_exists().unwrap() {
        let start = Instant::now();
        fill(&dir, products);
        println!("filled in {:?}, {}", start.elapsed(), memory());
    }
    for kind in ["term", "idx", "pos", "store", "fast", "fieldnorm", "del"] {
        println!("{kind}: {} KB", size(&dir, kind) / 1_000);
    }
    let before = memory();
    let start = Instant::now();
    let mut writer = Writer::open(&dir).unwrap();
    println!("opened in {:?}; {before} -> {}", start.elapsed(), memory());
    let tables = Arc::new(tables());
    let columns = columns(products);
    for round in 0..3 {
        let view = View {
            searcher: writer.searcher(),
            columns: columns.clone(),
            tables: Arc::clone(&tables),
            position: Position(1),
        };
        search(&view, round);
        let start = Instant::now();
        for number in 0..20 {
            writer.upsert(&document(number * 7)).unwrap();
            writer.commit(&checkpoint()).unwrap();
        }
        println!("20 commits: {:?}, {}", start.elapsed(), memory());
    }
    writer.close().unwrap();
}

fn fill(dir: &Path, products: u32) {
    let mut writer = Writer::open(dir).unwrap();
    for ordinal in 0..products {
        writer.upsert(&document(ordinal)).unwrap();
    }
    writer.commit(&checkpoint()).unwrap();
    writer.close().unwrap();
}

fn search(view: &View, round: usize) {
    let mut took: Vec<Duration> = Vec::new();
    let mut total = 0;
    for number in 0..QUERIES {
        let seed = u32::try_from(number * 31 + round).unwrap();
        let text = match number % 4 {
            0 => word(seed % 40),
            1 => format!("{} {}", word(seed % 400), word(seed % 60)),
            2 => format!("{} {} {}", word(seed % 90), word(seed % 2_000), word(seed % 30)),
            _ => word(seed % 20_000),
        };
        let request = Request {
            market: "GB".parse().unwrap(),
            text: &text,
            lang: None,
            city: None,
            category: None,
            filters: &[],
            facets: &[],
            sort: Sort::Relevance,
            limit: 24,
            after: None,
            prefix: number % 8 == 0,
        };
        let start = Instant::now();
        let found = view.candidates(&Query::parse(&request, &view.tables).unwrap()).unwrap();
        took.push(start.elapsed());
        total += found.total;
    }
    took.sort_unstable();
    let sum: Duration = took.iter().sum();
    println!(
        "{QUERIES} searches, {total} hits: mean {:?}, p50 {:?}, p95 {:?}, p99 {:?}; {}",
        sum / u32::try_from(QUERIES).unwrap(),
        took[QUERIES / 2],
        took[QUERIES * 95 / 100],
        took[QUERIES * 99 / 100],
        memory()
    );
}

/// Anonymous and file-backed memory of this process.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_000
    };
    format!("anonymous {} MB (peak {}), files {} MB", of("RssAnon"), of("VmHWM"), of("RssFile"))
}

fn size(dir: &Path, kind: &str) -> u64 {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    let files = files.filter(|file| file.path().extension().is_some_and(|found| found == kind));
    files.map(|file| file.metadata().unwrap().len()).sum()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { source: "measure".to_owned(), position: Position(1) }
}

/// A made-up word; the same number gives the same one.
fn word(number: u32) -> String {
    let syllables = ["ka", "ro", "mi", "tel", "su", "van", "do", "pri", "len", "gor"];
    let mut number = number;
    let mut word = String::new();
    for _ in 0..5 {
        word.push_str(syllables[(number % 10) as usize]);
        number /= 10;
    }
    word
}

/// Mixes a number, so that words are spread; small ones are more frequent.
fn mixed(ordinal: u32, place: u32) -> u32 {
    let mut mixed = ordinal.wrapping_mul(2_654_435_761).wrapping_add(place.wrapping_mul(40_503));
    mixed ^= mixed >> 15;
    mixed = mixed.wrapping_mul(2_246_822_519);
    mixed ^= mixed >> 13;
    let skew = mixed % 1_000;
    if skew < 300 { mixed % 60 } else { mixed % (skew * 20 + 100) }
}

fn document(ordinal: u32) -> Document {
    let text = |lang: Lang, shift: u32| Text {
        lang,
        title: (0..6).map(|place| word(mixed(ordinal, place + shift)) + " ").collect(),
        description: (6..46).map(|place| word(mixed(ordinal, place + shift)) + " ").collect(),
        keywords: (46..49).map(|place| word(mixed(ordinal, place + shift)) + " ").collect(),
    };
    Document {
        product_id: ProductId::new(i64::from(ordinal) + 1),
        ordinal: Ordinal(ordinal),
        external_id: None,
        slug: format!("p{ordinal}"),
        picture: "rose/red".to_owned(),
        image: None,
        brand_id: None,
        categories: vec![CategoryId::new(1), CategoryId::new(i64::from(ordinal % 50) + 2)],
        values: vec![],
        codes: vec![format!("SKU-{ordinal}"), format!("{:013}", u64::from(ordinal) * 7_919)],
        created_at_s: 1_700_000_000 + i64::from(ordinal),
        texts: vec![text(Lang::En, 0), text(Lang::Ru, 100)],
    }
}

fn columns(products: u32) -> Columns {
    let market: MarketCode = "GB".parse().unwrap();
    let mut columns = Columns::new([market]);
    for ordinal in 0..products {
        let offer = Offer {
            id: OfferId::new(i64::from(ordinal) + 1),
            variant_id: VariantId::new(i64::from(ordinal) + 1),
            seller_id: SellerId::new(1),
            minor: i64::from(ordinal % 900) + 100,
            list_minor: None,
            stock: 3,
            cities: CitySet(1),
            preparation_minutes: 60,
            until: None,
        };
        let column = ProductColumn { offers: SmallVec::from_slice(&[offer]), popularity: 0.5 };
        columns.set(market, Ordinal(ordinal), column);
    }
    columns
}

fn tables() -> Tables {
    let market = Market {
        code: "GB".parse().unwrap(),
        label: Translated::default(),
        currency: Currency::Gbp,
        payable_step: 1,
        languages: vec![Lang::En, Lang::Ru],
        time_zone: "Etc/UTC".to_owned(),
        weekend: vec![6, 7],
        tax_rate_bp: 0,
        tax_inclusive: true,
        address_fields: vec![],
        flags: serde_json::Map::new(),
        cities: vec![],
    };
    Tables {
        markets: vec![market],
        categories: std::collections::HashMap::new(),
        attributes: vec![],
        values: std::collections::HashMap::new(),
        brands: std::collections::HashMap::new(),
        sellers: std::collections::HashMap::new(),
    }
}
