//! What survives: commits, deletes, restarts, damage.

use std::fs;

use souk_base::Lang::En;
use souk_base::{Ordinal, ProductId};
use souk_search::{Engine, Error, Writer};

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
    assert_eq!(stored, [product.document.clone()]);
    assert!(stored[0].matches(&product.document));
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
        fs::copy(file.path(), left.path().join(file.file_name())).unwrap();
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
fn a_damaged_index_is_refused_with_its_path_and_the_reason() {
    for damage in [cut_short as fn(&[u8]) -> Vec<u8>, flip_a_byte, |_| Vec::new()] {
        for extension in ["store", "term", "fast", "json"] {
            let shop = Shop::with_titles(GB, &[(En, "Rose"), (En, "Tulip")]);
            let Shop { dir, writer, .. } = shop;
            drop(writer);
            damage_file(dir.path(), extension, damage);

            let refused = Writer::open(dir.path());

            let Err(Error::Damaged { path, reason }) = refused else {
                panic!("{extension} was not refused as damaged: {:?}", refused.err());
            };
            assert!(path == dir.path() && !reason.is_empty(), "{extension}: {reason}");
        }
    }
}

#[test]
fn another_schema_is_damage_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut schema = tantivy::schema::Schema::builder();
    schema.add_text_field("title", tantivy::schema::TEXT);
    tantivy::Index::create_in_dir(dir.path(), schema.build()).unwrap();

    let refused = Writer::open(dir.path()).err().unwrap().to_string();

    assert!(refused.contains("another schema"), "{refused}");
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

fn damage_file(dir: &std::path::Path, extension: &str, damage: fn(&[u8]) -> Vec<u8>) {
    let name = |path: &std::path::Path| match extension {
        "json" => path.file_name().is_some_and(|name| name == "meta.json"),
        _ => path.extension().is_some_and(|found| found == extension),
    };
    let mut files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let file = files.find(|path| name(path)).unwrap();
    let damaged = damage(&fs::read(&file).unwrap());
    fs::write(file, damaged).unwrap();
}

fn cut_short(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

fn flip_a_byte(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[0] ^= 0xFF;
    bytes
}
