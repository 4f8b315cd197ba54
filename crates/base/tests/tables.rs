//! The small tables: the category tree, and the newest settings.

use std::collections::HashMap;

use souk_base::{Category, CategoryId, SearchSettings, Tables, Translated, Weights};

fn category(id: i64, parent: Option<i64>) -> (CategoryId, Category) {
    let node = Category {
        id: CategoryId::new(id),
        parent_id: parent.map(CategoryId::new),
        slug: format!("c{id}"),
        label: Translated::default(),
        position: 0,
    };
    (node.id, node)
}

#[test]
fn ancestry_runs_from_leaf_to_root_and_ends_even_in_a_loop() {
    let categories = HashMap::from([category(1, None), category(2, Some(1)), category(3, Some(3))]);
    let tables = Tables { categories, ..Tables::default() };

    assert_eq!(tables.ancestry(CategoryId::new(2)), [2, 1].map(CategoryId::new));
    assert_eq!(tables.ancestry(CategoryId::new(3)), [3].map(CategoryId::new));
    assert!(tables.ancestry(CategoryId::new(9)).is_empty());
}

#[test]
fn a_market_is_weighed_by_its_own_settings_else_by_those_for_all_else_as_ever() {
    let (kuwait, britain) = ("KW".parse().unwrap(), "GB".parse().unwrap());
    let settings = |market, text| SearchSettings {
        version: 1,
        market,
        weights: Weights { text, ..Weights::default() },
    };
    let mut tables = Tables::default();
    assert_eq!(tables.weights(kuwait), Weights::default());

    tables.settings = vec![settings(None, 2.0), settings(Some(kuwait), 3.0)];

    assert_eq!([kuwait, britain].map(|market| tables.weights(market).text), [3.0, 2.0]);
}
