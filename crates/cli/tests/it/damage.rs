//! A disk that rots under a live index: flipped bits and cut files while the shop is searched and changed.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use souk_api::{App, Limits, with_layers};
use souk_feed::Phase;
use souk_search::Scrub;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::shop::{self, FlowerShop};

/// Damages in one run, unless `SOUK_TEST_DAMAGES` says otherwise; hundreds take longer than nextest waits:
/// `SOUK_TEST_DAMAGES=200 cargo test -p souk-cli --test it rotting -- --nocapture`.
const DAMAGES: usize = 16;
/// Pause of a searching thread between two requests: the shop needs a processor to heal.
const SEARCH_PAUSE: Duration = Duration::from_millis(10);
/// Threads that search all the time.
const SEARCHERS: usize = 2;
/// A shop that has not healed by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is searched while the index is damaged; between them they read every kind of file.
const PATHS: [&str; 5] = [
    "/v1/KW/search?q=rose&lang=en&facets=category,colour",
    "/v1/KW/search?q=wite+roses&lang=en",
    "/v1/KW/search?lang=ar&sort=-price&limit=100",
    "/v1/KW/suggest?q=ros&lang=en",
    "/v1/KW/categories?lang=en",
];

#[derive(Default)]
struct Answers {
    good: AtomicU64,
    unavailable: AtomicU64,
}

/// One file made wrong in place, as a disk does it.
#[derive(Debug)]
struct Damaged {
    path: PathBuf,
    /// The file itself, whatever is at its path later.
    inode: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_on_a_rotting_disk_heals_while_the_shop_is_searched_and_changed() {
    let asked = std::env::var("SOUK_TEST_DAMAGES").ok();
    let count = asked.map_or(DAMAGES, |count| count.parse().unwrap());
    let seed: u64 = std::env::var("SOUK_TEST_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    write(&format!("SOUK_TEST_SEED={seed}"));
    let mut random = StdRng::seed_from_u64(seed);
    let shop = shop::flower_shop().await;
    let (address, stop) = serve(&shop).await;
    let (answers, ended) = (Arc::new(Answers::default()), Arc::new(AtomicBool::new(false)));
    let searchers: Vec<_> = (0..SEARCHERS)
        .map(|_| {
            let (address, answers, ended) = (address.clone(), answers.clone(), ended.clone());
            std::thread::spawn(move || search(&address, &answers, &ended))
        })
        .collect();

    let mut healing = Vec::new();
    for number in 0..count {
        change(&shop, number).await;
        let damaged = damage(&mut random, &shop.index_dir);
        let start = Instant::now();
        healed(&shop, &damaged, number).await;
        healing.push(start.elapsed());
        write(&format!("{number}: {damaged:?} healed in {:?}", start.elapsed()));
        for check in souk_feed::verify(&shop.pool, &shop.engine).await.unwrap() {
            assert!(check.ok, "{damaged:?}: {}: {}", check.name, check.detail);
        }
    }

    ended.store(true, Ordering::Relaxed);
    for searcher in searchers {
        searcher.join().expect("every answer is 200 or a clean 503");
    }
    healing.sort_unstable();
    let good = answers.good.load(Ordering::Relaxed);
    write(&format!(
        "{count} damages healed: half within {:?}, all within {:?}; {good} answers, {} times 503",
        healing[count / 2],
        healing[count - 1],
        answers.unavailable.load(Ordering::Relaxed),
    ));
    assert!(good > 0);
    stop.cancel();
    shop.close().await;
}

#[expect(clippy::print_stderr, reason = "the seed and the figures are for people")]
fn write(line: &str) {
    eprintln!("{line}");
}

async fn serve(shop: &FlowerShop) -> (String, CancellationToken) {
    let app = Arc::new(App::new(shop.pool.clone(), shop.engine.clone(), "secret"));
    let router = with_layers(souk_api::router(app.clone()), &app);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = CancellationToken::new();
    tokio::spawn(souk_api::serve(listener, router, Limits::default(), stop.clone()));
    (address, stop)
}

/// Searches until told to stop. Whatever is not answered must be refused cleanly.
fn search(address: &str, answers: &Answers, ended: &AtomicBool) {
    for path in PATHS.iter().cycle() {
        if ended.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(SEARCH_PAUSE);
        let (head, body) = shop::get(address, path);
        match shop::status(&head) {
            200 => answers.good.fetch_add(1, Ordering::Relaxed),
            503 => {
                // On a busy machine a request may also run out of time.
                let codes = ["\"search_unavailable\"", "\"timed_out\"", "\"overloaded\""];
                assert!(codes.iter().any(|code| body.contains(code)), "{path}: {body}");
                assert!(head.to_lowercase().contains("retry-after: "), "{path}: {head}");
                for secret in ["index/", ".term", ".store", "panic", "checksum", "tmp"] {
                    assert!(!body.contains(secret), "{path}: {body}");
                }
                answers.unavailable.fetch_add(1, Ordering::Relaxed)
            }
            _ => panic!("{path}: {head}: {body}"),
        };
    }
}

/// Changes a few products, so that there are deleted documents, commits and merges.
async fn change(shop: &FlowerShop, number: usize) {
    sqlx::query(
        "update product_translations set title = title || $1
         where product_id in (select id from products order by random() limit 3)",
    )
    .bind(format!(" {}", number % 10))
    .execute(&shop.pool)
    .await
    .unwrap();
}

/// Damages some file of the index: first a kind is chosen, as some kinds have few files.
fn damage(random: &mut StdRng, dir: &Path) -> Damaged {
    loop {
        let mut files = files(dir);
        let kind = |path: &PathBuf| path.extension().map(ToOwned::to_owned);
        let name = |path: &PathBuf| path.file_name().map(ToOwned::to_owned);
        files.sort_by_key(|path| (kind(path), name(path)));
        let mut kinds: Vec<_> = files.iter().map(kind).collect();
        kinds.dedup();
        let Some(chosen) = kinds.choose(random).cloned() else { continue };
        files.retain(|path| kind(path) == chosen);
        let Some(path) = files.choose(random).cloned() else { continue };
        let opened = File::options().read(true).write(true).open(&path);
        // It may have been merged away since it was listed.
        let Ok(file) = opened else { continue };
        let meta = file.metadata().unwrap();
        if meta.len() == 0 {
            continue;
        }
        let at = random.random_range(0..meta.len());
        if random.random_bool(0.3) {
            file.set_len(at).unwrap();
        } else {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            byte[0] ^= 1 << random.random_range(0..8);
            file.write_all_at(&byte, at).unwrap();
        }
        return Damaged { path, inode: meta.ino() };
    }
}

/// The files of the index but for its locks.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|kind| kind != "lock")).collect()
}

/// Waits until the damaged file is gone, whether it was found or rewritten, and the index is followed,
/// sound and current.
async fn healed(shop: &FlowerShop, damaged: &Damaged, number: usize) {
    let deadline = Instant::now() + PATIENCE;
    while is_there(damaged) || !is_sound(&shop.index_dir) {
        assert!(Instant::now() < deadline, "it did not heal: {damaged:?}");
        // A file that belongs to no commit any more is removed after another one.
        change(shop, number).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut status = shop.status.clone();
    let wanted = souk_commerce::position(&mut shop.pool.acquire().await.unwrap()).await.unwrap();
    let following =
        status.wait_for(|status| status.phase == Phase::Following && status.position >= wanted);
    tokio::time::timeout(PATIENCE, following).await.expect("it is followed again").unwrap();
}

fn is_there(damaged: &Damaged) -> bool {
    match fs::metadata(&damaged.path) {
        Ok(meta) => meta.ino() == damaged.inode,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            false
        }
    }
}

/// Whether there is an index without damage; while it is being replaced there is none.
fn is_sound(dir: &Path) -> bool {
    if files(dir).is_empty() {
        return false;
    }
    let Ok(mut scrub) = Scrub::begin(dir) else { return false };
    loop {
        match scrub.step(1 << 20) {
            Ok(Some(_)) => {}
            Ok(None) => return scrub.finish().is_empty(),
            Err(_) => return false,
        }
    }
}
