//! What survives: commits, deletes, restarts, damage.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use souk_base::Lang::En;
use souk_base::{Ordinal, ProductId};
use souk_search::{Engine, Error, Scrub, Writer};

use crate::shop::{GB, Shop, checkpoint, market, request};

#[test]
fn an_empty_index_answers_with_nothing_and_has_no_checkpoint() {
    let shop = Shop::new();

    assert_eq!(shop.writer.checkpoint(), None);
    assert_eq!(shop.find(&request(GB, "rose")).total, 0);
    assert_eq!(shop.find(&request(GB, "")).total, 0);
    assert_eq!(
        (shop.writer.searcher().document_count(), shop.writer.searcher().segment_count()),
        (0, 0)
    );
}

#[test]
fn a_changed_document_replaces_the_one_before() {
    let mut shop = Shop::new();
    let mut product = shop.product().text(En, "Rose", "").offer(GB, 1);
    shop.add(product.clone());
    shop.commit();

    product.document.texts[0].title = "Tulip".to_owned();
    shop.add(product.clone());
    shop.commit();

    assert_eq!(shop.titles(GB, "rose"), [""; 0]);
    assert_eq!(shop.titles(GB, "tulip"), ["Tulip"]);
    let stored: Vec<_> =
        shop.writer.searcher().documents().unwrap().map(|stored| stored.unwrap()).collect();
    assert_eq!(stored, [product.document.stored()]);
    assert!(product.document.matches(&stored[0]));
}

#[test]
fn a_deleted_product_is_gone_at_once_from_the_columns_and_after_a_commit_from_the_index() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose"), (En, "Rose large")]);

    shop.columns.remove(Ordinal(0));
    assert_eq!(shop.titles(GB, "rose"), ["Rose large"]);

    shop.writer.delete(ProductId::new(1_000)).unwrap();
    assert_eq!(shop.writer.searcher().document_count(), 2);
    shop.commit();
    assert_eq!(shop.writer.searcher().document_count(), 1);
}

#[test]
fn a_price_change_is_visible_without_a_commit_and_not_in_views_taken_before() {
    let mut shop = Shop::new();
    let product = shop.product().text(En, "Rose", "").offer(GB, 500);
    shop.add(product);
    shop.commit();
    let engine = Engine::new();
    assert!(engine.view().is_none());
    engine.publish(shop.view());
    let before = engine.view().unwrap();

    let mut column = shop.columns.get(market(GB), Ordinal(0)).unwrap();
    column.offers[0].minor = 300;
    shop.columns.set(market(GB), Ordinal(0), column);
    engine.publish(shop.view());

    let query = souk_search::Query::parse(&request(GB, "rose"), &shop.tables).unwrap();
    let price = |view: &souk_search::View| view.candidates(&query).unwrap().hits[0].offer.minor;
    assert_eq!(price(&before), 500);
    assert_eq!(price(&engine.view().unwrap()), 300);
}

#[test]
fn the_checkpoint_is_that_of_the_last_commit_after_a_restart() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose")]);
    shop.writer.commit(&checkpoint(42)).unwrap();
    let Shop { dir, writer, .. } = shop;
    drop(writer);

    let again = Writer::open(dir.path()).unwrap();

    assert_eq!(again.checkpoint(), Some(checkpoint(42)));
    assert_eq!(again.searcher().document_count(), 1);
}

#[test]
fn killed_before_a_commit_only_what_was_not_committed_is_lost() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose")]);
    let product = shop.product().text(En, "Tulip", "");
    shop.add(product);
    // What a kill leaves behind is what is on disk now: the writer is alive and has not committed.
    let left = tempfile::tempdir().unwrap();
    for file in fs::read_dir(shop.dir.path()).unwrap() {
        let file = file.unwrap();
        let copied = fs::copy(file.path(), left.path().join(file.file_name()));
        // The writer's thread writes its list of files beside the old one and renames it meanwhile.
        assert!(copied.map_or_else(|error| error.kind() == ErrorKind::NotFound, |_| true));
    }

    let again = Writer::open(left.path()).unwrap();

    assert_eq!(again.searcher().document_count(), 1);
    assert_eq!(again.checkpoint(), Some(checkpoint(1)));
}

#[test]
fn a_rollback_forgets_what_was_not_committed() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose")]);
    let product = shop.product().text(En, "Tulip", "");
    shop.add(product);

    shop.writer.rollback().unwrap();
    shop.commit();

    assert_eq!(shop.writer.searcher().document_count(), 1);
}

#[test]
fn one_index_has_one_writer() {
    let shop = Shop::new();

    assert!(matches!(Writer::open(shop.dir.path()), Err(Error::InUse { .. })));
}

#[test]
fn an_index_whose_files_do_not_fit_their_trailers_is_refused_with_its_path_and_the_reason() {
    for damage in [cut_short as fn(&[u8]) -> Vec<u8>, flip_the_last_byte, |_| Vec::new()] {
        for kind in KINDS {
            let dir = closed();
            damage_file(dir.path(), kind, damage);

            let refused = Writer::open(dir.path());

            let Err(Error::Damaged { path, reason }) = refused else {
                panic!("{kind} was not refused as damaged: {:?}", refused.err());
            };
            assert!(path == dir.path() && reason.contains(kind), "{kind}: {reason}");
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_at_the_start_found_by_a_scrub_and_never_searched() {
    for kind in KINDS {
        let dir = closed();
        let file = damage_file(dir.path(), kind, flip_the_first_byte);

        assert_eq!(scrubbed(dir.path()), [file], "{kind}");
        match Writer::open(dir.path()) {
            Err(Error::Damaged { reason, .. }) => assert!(reason.contains(kind), "{reason}"),
            Err(error) => panic!("{kind}: {error}"),
            // Postings and documents are read when they are needed.
            Ok(writer) => {
                assert!(["idx", "pos", "store"].contains(&kind));
                assert!(
                    kind != "store" || writer.searcher().documents().unwrap().all(|it| it.is_err())
                );
            }
        }
    }
}

#[test]
fn a_file_cut_short_while_it_is_searched_is_an_error_and_no_crash() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose"), (En, "Tulip")]);
    for kind in KINDS {
        damage_file(shop.dir.path(), kind, |_| Vec::new());
    }

    let asked = request(GB, "rose");
    assert!(matches!(shop.try_find(&asked), Err(Error::Index(_))), "{:?}", shop.try_find(&asked));
    // What is damaged must not be merged into what looks sound.
    let product = shop.product().text(En, "Lily", "");
    shop.add(product);
    let committed = shop.writer.commit(&checkpoint(2));
    assert!(matches!(committed, Err(Error::Damaged { .. })), "{committed:?}");
}

#[test]
fn damage_that_a_search_met_is_told_by_the_next_commit() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rose")]);
    damage_file(shop.dir.path(), "store", flip_the_first_byte);
    assert!(shop.try_find(&request(GB, "rose")).is_err());

    let committed = shop.writer.commit(&checkpoint(2));

    let Err(Error::Damaged { reason, .. }) = committed else { panic!("{committed:?}") };
    assert!(reason.contains("store") && reason.contains("block 0"), "{reason}");
}

#[test]
fn a_scrub_finds_a_missing_file_and_nothing_wrong_with_a_sound_index() {
    let dir = closed();
    assert_eq!(scrubbed(dir.path()), [""; 0]);
    assert_eq!(scrubbed(&dir.path().join("nowhere")), [""; 0]);

    let missing = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path());
    let missing = missing.into_iter().find(|path| path.extension().is_some_and(|it| it == "fast"));
    fs::remove_file(missing.as_ref().unwrap()).unwrap();

    let found = scrubbed(dir.path());
    assert!(found.len() == 1 && missing.unwrap().ends_with(&found[0]), "{found:?}");
}

#[test]
fn a_scrub_beside_commits_and_merges_raises_no_false_alarm() {
    let mut shop = Shop::new();
    let mut scrub = Scrub::begin(shop.dir.path()).unwrap();
    for _ in 0..60 {
        let product = shop.product().text(En, "Rose", "").offer(GB, 1);
        shop.add(product);
        shop.commit();
        // Each time some of the listed files may be gone already.
        if scrub.step(100).unwrap().is_none() {
            assert_eq!(scrub.finish(), []);
            scrub = Scrub::begin(shop.dir.path()).unwrap();
        }
    }
}

#[test]
fn an_index_that_another_program_wrote_is_damage_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut schema = tantivy::schema::Schema::builder();
    schema.add_text_field("title", tantivy::schema::TEXT);
    tantivy::Index::create_in_dir(dir.path(), schema.build()).unwrap();

    let refused = Writer::open(dir.path());

    assert!(matches!(refused, Err(Error::Damaged { .. })), "{:?}", refused.err());
}

#[test]
fn many_small_commits_leave_few_segments() {
    let mut shop = Shop::new();
    for _ in 0..40 {
        let product = shop.product().text(En, "Rose", "").offer(GB, 1);
        shop.add(product);
        shop.commit();
    }

    // Merges run beside the commits and are seen by the next one.
    for _ in 0..500 {
        if shop.writer.searcher().segment_count() > 20 {
            shop.commit();
        }
    }
    assert!(shop.writer.searcher().segment_count() <= 20);
    assert_eq!(shop.find(&request(GB, "rose")).total, 40);
}

/// Every kind of file that an index without deleted documents has.
const KINDS: [&str; 8] =
    ["term", "idx", "pos", "fast", "fieldnorm", "store", "meta.json", ".managed.json"];

/// An index of two products that nobody has open.
fn closed() -> tempfile::TempDir {
    let shop = Shop::with_titles(GB, &[(En, "Rose"), (En, "Tulip")]);
    shop.writer.close().unwrap();
    shop.dir
}

/// The files that a scrub takes for damaged.
fn scrubbed(dir: &Path) -> Vec<String> {
    let mut scrub = Scrub::begin(dir).unwrap();
    while scrub.step(1_000).unwrap().is_some() {}
    scrub.finish().into_iter().map(|damage| damage.file.display().to_string()).collect()
}

/// Damages the file of a kind; its name.
fn damage_file(dir: &Path, kind: &str, damage: fn(&[u8]) -> Vec<u8>) -> String {
    let mut files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let is_it = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name == kind)
            || path.extension().is_some_and(|found| found == kind)
    };
    let file = files.find(is_it).unwrap();
    let damaged = damage(&fs::read(&file).unwrap());
    fs::write(&file, damaged).unwrap();
    file.file_name().unwrap().to_str().unwrap().to_owned()
}

fn cut_short(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

fn flip_the_first_byte(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[0] ^= 0xFF;
    bytes
}

fn flip_the_last_byte(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 0x01;
    bytes
}
