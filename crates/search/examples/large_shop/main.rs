//! Measures search at the size it is made for: a shop of invented products, the same every time.
//!
//! ```text
//! cargo run --release -p souk-search --example large_shop -- columns [products]
//! cargo run --release -p souk-search --example large_shop -- searches <folder of the index> [products]
//! cargo run --release -p souk-search --example large_shop -- suggestions <folder of the index> [products]
//! cargo run --release -p souk-search --example large_shop -- commits <folder of the index> [products]
//! cargo run --release -p souk-search --example large_shop -- fills <folder of the index> [products]
//! ```
//!
//! The index is built where there is none, and used again where there is one; `commits` changes it, `fills`
//! wants an empty folder.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

mod data;
mod searches;
mod suggestions;

use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use souk_base::{Ordinal, Position};
use souk_search::{Books, Checkpoint, Columns, View, Writer};

use data::Shop;

/// Products when no number is given.
const PRODUCTS: u32 = 100_000;
/// Commits of one measurement, and changed documents in each.
const COMMITS: u32 = 300;
const CHANGED: u32 = 33;
/// As often as a changed text is committed.
const PACE: Duration = Duration::from_millis(100);

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let count = |at: usize| given.get(at).map_or(PRODUCTS, |count| count.parse().unwrap());
    match given[..] {
        ["columns", ..] => columns(count(1)),
        ["searches", dir, ..] => {
            let (shop, writer) = (Shop::new(), open(Path::new(dir), count(2)));
            searches::run(&view(&shop, &writer, count(2)));
        }
        ["suggestions", dir, ..] => {
            let (shop, writer) = (Shop::new(), open(Path::new(dir), count(2)));
            suggestions::run(&shop, &view(&shop, &writer, count(2)));
        }
        ["commits", dir, ..] => commits(open(Path::new(dir), count(2)), count(2)),
        ["fills", dir, ..] => fills(Path::new(dir), count(2)),
        _ => println!(
            "say columns, searches <folder>, suggestions <folder>, commits <folder> or fills <folder>"
        ),
    }
}

/// Memory of the columns; time to fill, copy, change, write and read them.
fn columns(products: u32) {
    let shop = Shop::new();
    let before = anonymous_bytes();
    let start = Instant::now();
    let mut columns = shop.columns(products);
    let taken = anonymous_bytes() - before;
    println!("filled in {:?}: {} MB anonymous", start.elapsed(), taken / 1_000_000);

    let mut file = tempfile::tempfile().unwrap();
    let start = Instant::now();
    columns.write("stamp", &file).unwrap();
    let length = file.metadata().unwrap().len();
    println!("written in {:?}: {} MB", start.elapsed(), length / 1_000_000);
    file.seek(SeekFrom::Start(0)).unwrap();
    let (before, start) = (anonymous_bytes(), Instant::now());
    let (_, read) = Columns::read(file).unwrap();
    let taken = anonymous_bytes() - before;
    println!("read in {:?}: {} MB anonymous", start.elapsed(), taken / 1_000_000);
    drop(read);

    let mut times = Vec::new();
    let mut random = data::Random(7);
    for _ in 0..10_000 {
        let ordinal = Ordinal(random.below(products));
        let market = shop.markets()[random.below(10) as usize];
        let mut offer = columns.get(market, ordinal).unwrap().offers[0];
        offer.minor += 1;
        let snapshot = columns.clone();
        let start = Instant::now();
        columns.set_offer(market, ordinal, offer);
        times.push(start.elapsed());
        drop(snapshot);
    }
    println!("a changed offer, with a snapshot held: {}", summary(&mut times));
}

/// What writing a whole index costs when the documents are at hand, and how large it is.
fn fills(dir: &Path, products: u32) {
    let shop = Shop::new();
    let documents: Vec<_> = (0..products).map(|ordinal| shop.document(ordinal, 0)).collect();
    let mut writer = Writer::open(dir).unwrap();
    writer.postpone_merges();
    let (start, before, memory) = (Instant::now(), all_cpu_time(), anonymous_bytes());
    documents.iter().for_each(|document| writer.add(document).unwrap());
    let taken = anonymous_bytes().saturating_sub(memory);
    commit(&mut writer);
    writer.close().unwrap();
    let (took, cpu) = (start.elapsed(), all_cpu_time() - before);
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    let (disk, taken) = (files.sum::<u64>() / 1_000_000, taken / 1_000_000);
    println!(
        "filled in {took:.1?}, {cpu:.1?} of processor, {disk} MB on disk, {taken} MB anonymous"
    );
}

fn open(dir: &Path, products: u32) -> Writer {
    let mut writer = Writer::open(dir).unwrap();
    if writer.checkpoint().is_none() {
        let (shop, start) = (Shop::new(), Instant::now());
        for ordinal in 0..products {
            writer.upsert(&shop.document(ordinal, 0)).unwrap();
        }
        commit(&mut writer);
        println!("built in {:?}", start.elapsed());
    }
    let searcher = writer.searcher();
    println!("{} documents in {} segments", searcher.document_count(), searcher.segment_count());
    writer
}

fn view(shop: &Shop, writer: &Writer, products: u32) -> View {
    View {
        searcher: writer.searcher(),
        columns: shop.columns(products),
        tables: Arc::clone(&shop.tables),
        books: Arc::new(Books::of(&shop.tables)),
        position: Position(1),
    }
}

/// What a commit of a few changed documents costs, and how many segments they leave behind.
fn commits(mut writer: Writer, products: u32) {
    let (shop, mut random) = (Shop::new(), data::Random(11));
    let (mut times, mut segments_max, mut cpu) = (Vec::new(), 0, Duration::ZERO);
    let (mut next, all_before) = (Instant::now(), all_cpu_time());
    for round in 1..=COMMITS {
        let changed: Vec<u32> = (0..CHANGED).map(|_| random.below(products)).collect();
        let documents: Vec<_> = changed.iter().map(|&it| shop.document(it, round)).collect();
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next = Instant::now() + PACE;
        let (start, before) = (Instant::now(), cpu_time());
        documents.iter().for_each(|document| writer.upsert(document).unwrap());
        commit(&mut writer);
        times.push(start.elapsed());
        cpu += cpu_time() - before;
        segments_max = segments_max.max(writer.searcher().segment_count());
    }
    println!("a commit of {CHANGED} documents: {}", summary(&mut times));
    let (cpu, all) = (cpu / COMMITS, (all_cpu_time() - all_before) / COMMITS);
    println!("processor: {cpu:.1?} of the thread that commits, {all:.1?} of all threads");
    println!("{} segments at the end, {segments_max} at most", writer.searcher().segment_count());
    writer.close().unwrap();
}

fn commit(writer: &mut Writer) {
    let source = "example".to_owned();
    writer.commit(&Checkpoint { source, position: Position(1), clock_us: 0 }).unwrap();
}

fn summary(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |per_mille: usize| times[(times.len() * per_mille / 1_000).min(times.len() - 1)];
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap();
    let (p50, p90, p99) = (at(500), at(900), at(990));
    format!("p50 {p50:.1?}, p90 {p90:.1?}, p99 {p99:.1?}, most {:.1?}, mean {mean:.1?}", at(1_000))
}

/// Time this thread has had a processor, which others' work does not lengthen; exact to some
/// milliseconds.
fn cpu_time() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(times.split(' ').next().unwrap().parse().unwrap())
}

/// The same of all threads there are.
fn all_cpu_time() -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = status.rsplit_once(") ").unwrap();
    let ticks = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Memory of this process that no file stands behind.
fn anonymous_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}
