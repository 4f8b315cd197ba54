//! Rules of the search bench.

use serde_json::Value;
use sqlx::PgPool;
use sqlx::types::Json;

/// Adds rules, each an object of `name`, `market`, `conditions` and `actions`.
pub(in crate::commands::bench) async fn add(db: &PgPool, rules: &[Value]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into rules (name, market, conditions, actions)
         select name, market, conditions, actions
         from jsonb_to_recordset($1)
             as given (name text, market text, conditions jsonb, actions jsonb)",
    )
    .bind(Json(rules))
    .execute(db)
    .await
    .map(drop)
}

/// Removes every rule.
pub(in crate::commands::bench) async fn remove_all(db: &PgPool) -> sqlx::Result<()> {
    sqlx::query("delete from rules").execute(db).await.map(drop)
}

/// Some products to write rules about.
pub(in crate::commands::bench) async fn products(db: &PgPool) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select id from products order by id limit 1000").fetch_all(db).await
}
