//! Whatever is killed, and whenever: search finds everything again that PostgreSQL has, and nothing else.
//!
//! The real binary runs on a data folder with its private PostgreSQL, and writers change everything there is while
//! either of them is killed at random moments. After each kill `souk verify` must find no difference.

mod cluster;
mod process;
mod searcher;
mod sql;
mod writers;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use serde_json::Value;

use self::cluster::Cluster;
use self::process::{Log, Souk};
use self::searcher::Searcher;
use self::writers::Writers;
use crate::shop::{fixture, open_folder, souk};

/// Kills of souk in one run, unless `SOUK_TEST_CRASHES` says otherwise.
const KILLS: usize = 6;
/// What has not come back by then never will.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two looks at something that is waited for.
const POLL: Duration = Duration::from_millis(10);
/// Pause between two looks at something that is soon over.
const GLANCE: Duration = Duration::from_micros(200);

/// A blow, and when it falls.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Blow {
    /// Souk is killed while it serves.
    Serving,
    /// Souk is killed at some moment of its start.
    Starting,
    /// Souk is killed while it fills an index.
    Filling,
    /// Souk is killed while it saves the columns.
    Saving,
    /// Souk is asked to stop and killed before it has.
    Stopping,
    /// Souk and PostgreSQL are killed together, as by a power cut.
    Both,
    /// Souk is asked to stop and does.
    Stop,
    /// PostgreSQL's first process is killed.
    Postmaster,
    /// PostgreSQL is told to quit at once, without a checkpoint.
    Quit,
}

/// The ways to kill souk.
const OF_SOUK: [Blow; 6] =
    [Blow::Serving, Blow::Starting, Blow::Filling, Blow::Saving, Blow::Stopping, Blow::Both];
/// The ways to kill PostgreSQL under it.
const OF_POSTGRESQL: [Blow; 2] = [Blow::Postmaster, Blow::Quit];

/// The shop under blows. Dropped, it leaves no process behind.
struct Shop {
    souk: Option<Souk>,
    log: Log,
    cluster: Cluster,
    searcher: Searcher,
    random: StdRng,
    data: tempfile::TempDir,
    figures: Figures,
}

/// What a run came to.
#[derive(Default)]
struct Figures {
    kills: usize,
    stops: usize,
    kills_of_postgresql: usize,
    outages_searched: usize,
    searches_in_outages: usize,
    /// From the start to the end of the last transaction.
    paused: Vec<Duration>,
    /// From the start to a `/readyz` that says 200.
    ready: Vec<Duration>,
    /// From the start to a search that has everything.
    fresh: Vec<Duration>,
    verify_max: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_search_ends_up_with_what_postgresql_has() {
    let asked = std::env::var("SOUK_TEST_CRASHES").ok();
    let count = asked.map_or(KILLS, |count| count.parse().unwrap());
    let seed: u64 = std::env::var("SOUK_TEST_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    write(&format!("SOUK_TEST_SEED={seed}"));
    let mut shop = Shop::open(StdRng::seed_from_u64(seed));
    let writers = Writers::start(&shop.cluster, seed);

    for (number, blow) in plan(count, &mut shop.random).into_iter().enumerate() {
        let range = if blow == Blow::Starting { 0..300 } else { 0..1_500 };
        shop.moment(range);
        let start = shop.strike(blow);
        let paused = writers.pause().await;
        shop.figures.paused.push(start.elapsed());
        shop.is_whole(start, &format!("{blow:?}, blow {number}")).await;
        drop(paused);
        write(&format!("{number}: {blow:?}: {}", shop.figures.last()));
    }

    let committed = writers.stop().await;
    let answered = shop.searcher.answered();
    write(&format!("{}; {answered} searches, {committed}", shop.figures));
    assert!(answered > 0);
    assert!(2 * shop.figures.outages_searched > shop.figures.kills_of_postgresql);
    shop.close();
}

#[expect(clippy::print_stderr, reason = "the seed and the figures are for people")]
fn write(line: &str) {
    eprintln!("{line}");
}

/// Every kind of blow about equally often, in random order.
fn plan(count: usize, random: &mut StdRng) -> Vec<Blow> {
    let kills = OF_SOUK.into_iter().cycle().take(count);
    let stops = std::iter::repeat_n(Blow::Stop, count.div_ceil(6));
    let of_postgresql = OF_POSTGRESQL.into_iter().cycle().take((count / 5).max(2));
    let mut plan: Vec<_> = kills.chain(stops).chain(of_postgresql).collect();
    plan.shuffle(random);
    plan
}

impl Shop {
    /// A few hundred products behind the real binary.
    fn open(random: StdRng) -> Shop {
        let data = open_folder();
        let log = Log::default();
        let mut shop = Shop {
            souk: None,
            log: log.clone(),
            cluster: Cluster::of(data.path()),
            searcher: Searcher::start(data.path()),
            random,
            data,
            figures: Figures::default(),
        };
        for name in ["flowers/flowers.jsonl", "flowers/gifts.jsonl"] {
            let path = fixture(name);
            let import = ["import", "catalog", path.to_str().unwrap(), "--invent-stock"];
            let imported = souk(shop.data.path(), "", &import);
            assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        }
        shop.souk = Some(Souk::start(shop.data.path(), log));
        shop.wait_until_ready();
        shop
    }

    fn close(mut self) {
        let souk = self.souk.take().expect("it runs between two blows");
        self.searcher.leave();
        assert_eq!(souk.terminate().code(), Some(0));
    }

    /// Lets a random time go by, in milliseconds.
    fn moment(&mut self, range: std::ops::Range<u64>) {
        std::thread::sleep(Duration::from_millis(self.random.random_range(range)));
    }

    /// Deals the blow and has everything started again; says when that was.
    fn strike(&mut self, blow: Blow) -> Instant {
        if OF_POSTGRESQL.contains(&blow) {
            return self.strike_postgresql(blow);
        }
        self.searcher.leave();
        let mut souk = self.souk.take().expect("it runs between two blows");
        match blow {
            Blow::Starting | Blow::Filling | Blow::Saving => {
                souk.kill();
                souk = self.start_for(blow);
            }
            Blow::Stopping => {
                souk.signal(Signal::TERM);
                self.moment(0..300);
            }
            Blow::Both => drop(self.cluster.signal(Signal::KILL)),
            _ => {}
        }
        if blow == Blow::Stop {
            assert_eq!(souk.terminate().code(), Some(0));
            self.figures.stops += 1;
        } else {
            souk.kill();
            self.figures.kills += 1;
        }
        self.harm_columns();
        // The writers go on without it.
        self.moment(0..500);
        self.souk = Some(Souk::start(self.data.path(), self.log.clone()));
        Instant::now()
    }

    /// A souk that has come to where it is to be killed.
    fn start_for(&mut self, blow: Blow) -> Souk {
        let (index, columns) = (self.index_dir(), self.beside_index("columns"));
        match blow {
            Blow::Filling => drop(fs::remove_dir_all(&index)),
            Blow::Saving => drop(fs::remove_file(&columns)),
            _ => {}
        }
        let mut souk = Souk::start(self.data.path(), self.log.clone());
        match blow {
            Blow::Filling => {
                let filling = self.beside_index("filling");
                souk.wait_for("the fill", GLANCE, || is_there(&filling) || is_there(&index));
                self.moment(0..50);
            }
            Blow::Saving => {
                let new = self.beside_index("columns.new");
                souk.wait_for("the columns", GLANCE, || is_there(&new) || is_there(&columns));
            }
            _ => self.moment(0..2_000),
        }
        souk
    }

    /// Kills PostgreSQL, which souk starts again; search goes on meanwhile.
    fn strike_postgresql(&mut self, blow: Blow) -> Instant {
        let before = self.searcher.answered_in_outages();
        let signal = if blow == Blow::Quit { Signal::QUIT } else { Signal::KILL };
        let postmaster = self.cluster.signal(signal);
        let start = Instant::now();
        self.figures.kills_of_postgresql += 1;
        wait_for("a new PostgreSQL", || {
            self.cluster.postmaster().is_some_and(|now| Some(now) != postmaster)
                && self.cluster.answers()
        });
        let answered = self.searcher.answered_in_outages() - before;
        self.figures.searches_in_outages += answered;
        self.figures.outages_searched += usize::from(answered > 0);
        start
    }

    /// What a disk or a person may do to the file of columns while nobody looks.
    fn harm_columns(&mut self) {
        let path = self.beside_index("columns");
        match self.random.random_range(0..4) {
            0 => drop(fs::remove_file(&path)),
            1 => {
                let Ok(file) = fs::File::options().write(true).open(&path) else { return };
                let length = file.metadata().unwrap().len();
                file.set_len(self.random.random_range(0..=length)).unwrap();
            }
            _ => {}
        }
    }

    fn index_dir(&self) -> PathBuf {
        self.data.path().join("index").join(souk_search::schema_hash())
    }

    fn beside_index(&self, suffix: &str) -> PathBuf {
        let mut name = self.index_dir().into_os_string();
        name.push(".");
        name.push(suffix);
        name.into()
    }

    fn wait_until_ready(&mut self) -> String {
        let souk = self.souk.as_mut().expect("it was started");
        let address = souk.address();
        souk.wait_for("readiness", POLL, || {
            searcher::get(&address, "/readyz").is_ok_and(|(status, _)| status == 200)
        });
        self.searcher.visit(&address);
        address
    }

    /// Waits until souk is ready and has what was written, and has it compared with PostgreSQL.
    async fn is_whole(&mut self, start: Instant, after: &str) {
        let address = self.wait_until_ready();
        self.figures.ready.push(start.elapsed());
        let position = self.cluster.position().await.replace('/', "%2F");
        let path = format!("/v1/KW/search?q=rose&lang=en&min_position={position}");
        wait_for("what was written", || {
            searcher::get(&address, &path).is_ok_and(|(_, body)| body.contains("\"behind\":false"))
        });
        self.figures.fresh.push(start.elapsed());
        let asked = Instant::now();
        let report = verify(self.data.path());
        let took = asked.elapsed();
        self.figures.verify_max = self.figures.verify_max.max(took);
        if report["ok"] != true {
            // What is still wrong after a second look does not heal by itself.
            let again = verify(self.data.path());
            panic!("after {after}, in {took:?}: {report}\nsecond look: {again}");
        }
        let derived = ["index", "columns"].map(Value::from);
        for check in report["checks"].as_array().unwrap() {
            let detail = check["detail"].as_str().unwrap();
            let is_whole = detail.ends_with("0 missing, 0 stale, 0 extra");
            assert!(is_whole || !derived.contains(&check["name"]), "after {after}: {report}");
        }
        self.searcher.is_content();
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            write(&self.log.tail());
        }
        self.searcher.leave();
        drop(self.souk.take());
        self.cluster.stop();
    }
}

impl Figures {
    fn last(&self) -> String {
        let seconds = |times: &[Duration]| times.last().map_or(0.0, Duration::as_secs_f64);
        let (paused, ready) = (seconds(&self.paused), seconds(&self.ready));
        let fresh = seconds(&self.fresh);
        format!("ready after {ready:.1} s, no writes after {paused:.1} s, fresh after {fresh:.1} s")
    }
}

fn verify(data: &Path) -> Value {
    let output = souk(data, "", &["verify", "--json"]);
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said()))
}

fn is_there(path: &Path) -> bool {
    path.try_exists().unwrap()
}

fn wait_for(what: &str, has_come: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !has_come() {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        std::thread::sleep(POLL);
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let spread = |times: &[Duration]| {
            let mut times = times.to_vec();
            times.sort_unstable();
            let (half, all) = (times[times.len() / 2], times[times.len() - 1]);
            format!("{:.1} s median, {:.1} s at most", half.as_secs_f64(), all.as_secs_f64())
        };
        write!(
            f,
            "{} kills and {} stops of souk, {} kills of PostgreSQL; ready after {}; fresh after {}; \
             {} searches in {} outages; longest verify {:.1} s",
            self.kills,
            self.stops,
            self.kills_of_postgresql,
            spread(&self.ready),
            spread(&self.fresh),
            self.searches_in_outages,
            self.outages_searched,
            self.verify_max.as_secs_f64(),
        )
    }
}
