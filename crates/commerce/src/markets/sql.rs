//! SQL of the markets slice.

use std::collections::HashMap;

use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row of `markets`.
pub(super) struct MarketRow {
    pub(super) code: String,
    pub(super) currency: String,
    pub(super) payable_step: i64,
    pub(super) languages: Vec<String>,
    pub(super) time_zone: String,
    pub(super) weekend: Vec<i16>,
    pub(super) tax_rate_bp: i32,
    pub(super) tax_inclusive: bool,
    pub(super) address_fields: Vec<String>,
    pub(super) flags: Json<Map<String, Value>>,
}

pub(super) async fn markets(connection: &mut PgConnection) -> sqlx::Result<Vec<MarketRow>> {
    sqlx::query_as!(
        MarketRow,
        r#"select code, currency, payable_step, languages, time_zone, weekend, tax_rate_bp,
                  tax_inclusive, address_fields, flags as "flags: Json<Map<String, Value>>"
           from markets
           order by position, code"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn market_labels(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<String, Vec<(String, String)>>> {
    let rows = sqlx::query!("select market, lang, label from market_translations")
        .fetch_all(connection)
        .await?;
    let mut labels: HashMap<String, Vec<_>> = HashMap::new();
    for row in rows {
        labels.entry(row.market).or_default().push((row.lang, row.label));
    }
    Ok(labels)
}

/// A row of `cities`.
pub(super) struct CityRow {
    pub(super) id: i64,
    pub(super) market: String,
    pub(super) slug: String,
    pub(super) position: i32,
    pub(super) active: bool,
}

pub(super) async fn cities(connection: &mut PgConnection) -> sqlx::Result<Vec<CityRow>> {
    sqlx::query_as!(CityRow, "select id, market, slug, position, active from cities order by id")
        .fetch_all(connection)
        .await
}

pub(super) async fn city_labels(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<i64, Vec<(String, String)>>> {
    let rows = sqlx::query!("select city_id, lang, label from city_translations")
        .fetch_all(connection)
        .await?;
    let mut labels: HashMap<i64, Vec<_>> = HashMap::new();
    for row in rows {
        labels.entry(row.city_id).or_default().push((row.lang, row.label));
    }
    Ok(labels)
}
