//! Rules, synonyms and settings reach the View like everything else.

use crate::shop::{Shop, kw};

#[tokio::test]
async fn a_changed_rule_synonym_or_weight_counts_at_once() {
    let mut shop = Shop::new().await;
    shop.product("rose").await;
    shop.start().await;
    assert!(shop.view().tables.rules.is_empty());

    shop.sql(r#"insert into rules (name, actions) values ('calm', '[{"replace": "roses"}]')"#)
        .await;
    shop.until("the rule", |view| view.tables.rules.len() == 1).await;
    shop.sql("update rules set enabled = false").await;
    shop.until("it is off", |view| view.tables.rules.is_empty()).await;
    shop.sql("update rules set enabled = true, priority = 7").await;
    shop.until("it is strong", |view| {
        view.tables.rules.first().is_some_and(|rule| rule.priority == 7)
    })
    .await;
    shop.sql("delete from rules").await;
    shop.until("no rule", |view| view.tables.rules.is_empty()).await;
    shop.sql("insert into synonyms (kind, words) values ('two_way', '{bunch,bouquet}')").await;
    shop.until("the synonym", |view| view.tables.synonyms.len() == 1).await;
    shop.sql(r#"insert into search_settings (weights) values ('{"newness": 2}')"#).await;
    shop.until("the weight", |view| view.tables.weights(kw()).newness > 1.9).await;
    shop.assert_verified().await;
}
