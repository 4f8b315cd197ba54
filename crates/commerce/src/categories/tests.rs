//! The tree as the office changes it, against a fresh database.

use souk_base::{CategoryId, Lang, Translated};
use souk_testdb::TestDb;

use super::{CategoryChange, NewCategory, create, get, put_label, remove, tree, update};
use crate::writes::Write;
use crate::writes::fixture::{keep, write};
use crate::{Conflict, Error, Result};

async fn add(write: &mut Write, label: &str, parent_id: Option<CategoryId>) -> CategoryId {
    let labels: Translated = [(Lang::En, label.to_owned())].into_iter().collect();
    create(write, NewCategory { labels, parent_id, ..NewCategory::default() }).await.unwrap()
}

fn below(parent: CategoryId) -> CategoryChange {
    CategoryChange { parent_id: Some(Some(parent)), ..CategoryChange::default() }
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_tree_lists_each_category_before_the_ones_below_it() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let gifts = add(&mut open, "Gifts", None).await;
    let flowers = add(&mut open, "Flowers", None).await;
    let roses = add(&mut open, "Roses", Some(gifts)).await;
    update(&mut open, roses, below(flowers)).await.unwrap();
    let red = add(&mut open, "Roses", Some(roses)).await;
    keep(db.pool(), open).await;
    db.run(&format!("insert into products (slug, category_id) values ('a', {red})")).await;

    let lines = tree(&mut db.pool().acquire().await.unwrap()).await.unwrap();

    let seen: Vec<_> =
        lines.iter().map(|line| (line.category.id, line.depth, line.products)).collect();
    assert_eq!(seen, [(gifts, 0, 0), (flowers, 0, 0), (roses, 1, 0), (red, 2, 1)]);
    assert_eq!(lines[3].category.slug, format!("roses-{red}"));
}

#[tokio::test]
async fn a_category_cannot_come_to_stand_below_itself() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let above = add(&mut open, "Above", None).await;
    let middle = add(&mut open, "Middle", Some(above)).await;
    let under = add(&mut open, "Under", Some(middle)).await;

    for target in [above, middle, under] {
        let ring = update(&mut open, above, below(target)).await;
        assert_eq!(conflict(ring), Conflict::CategoryInItself);
    }

    let top = CategoryChange { parent_id: Some(None), ..CategoryChange::default() };
    update(&mut open, under, top).await.unwrap();
    update(&mut open, above, below(under)).await.unwrap();
    assert_eq!(get(&mut open, above).await.unwrap().parent_id, Some(under));
    let nowhere = update(&mut open, above, below(999.into())).await;
    assert_eq!(conflict(nowhere), Conflict::NoSuchCategory);
}

#[tokio::test]
async fn only_an_empty_category_goes_and_one_name_stays() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let parent = add(&mut open, "Parent", None).await;
    let child = add(&mut open, "Child", Some(parent)).await;
    assert_eq!(conflict(remove(&mut open, parent).await), Conflict::CategoryNotEmpty);
    put_label(&mut open, child, Lang::Ru, Some(" Дети ")).await.unwrap();
    put_label(&mut open, child, Lang::En, None).await.unwrap();
    assert_eq!(get(&mut open, child).await.unwrap().labels.exact(Lang::Ru), Some("Дети"));
    assert_eq!(conflict(put_label(&mut open, child, Lang::Ru, None).await), Conflict::LastLabel);
    keep(db.pool(), open).await;

    let mut open = write(db.pool()).await;
    remove(&mut open, child).await.unwrap();
    remove(&mut open, parent).await.unwrap();

    assert!(matches!(get(&mut open, parent).await, Err(Error::NotFound)));
    let nameless = create(&mut open, NewCategory::default()).await;
    assert!(matches!(nameless, Err(Error::Invalid { field: "labels", .. })));
}
