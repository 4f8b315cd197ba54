//! SQL of the search settings slice.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use souk_base::Weights;
use sqlx::PgConnection;
use sqlx::types::Json;

/// What counts of a row of `search_settings`.
pub(super) struct WeightsRow {
    pub(super) version: i64,
    pub(super) market: Option<String>,
    pub(super) weights: Value,
}

/// A row of `search_settings` with the name of who wrote it.
pub(super) struct VersionRow {
    pub(super) version: i64,
    pub(super) market: Option<String>,
    pub(super) weights: Value,
    pub(super) note: String,
    pub(super) staff_name: Option<String>,
    pub(super) created_at: Timestamp,
}

/// The ten newest versions of each market, the newest first: where nobody can read one, an older one counts.
pub(super) async fn weights(connection: &mut PgConnection) -> sqlx::Result<Vec<WeightsRow>> {
    sqlx::query_as!(
        WeightsRow,
        r#"select version as "version!", market, weights as "weights!"
           from (select version, market, weights,
                        row_number() over (partition by market order by version desc) as place
                 from search_settings) as versions
           where place <= 10
           order by version desc"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find(
    connection: &mut PgConnection,
    market: Option<&str>,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select version, market, weights, note, staff.name as "staff_name?",
                  search_settings.created_at as "created_at: Timestamp"
           from search_settings left join staff on staff.id = staff_id
           where version < $2 and ($1::text is null or market is null or market = $1)
           order by version desc
           limit $3"#,
        market,
        below,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn one(connection: &mut PgConnection, version: i64) -> sqlx::Result<VersionRow> {
    sqlx::query_as!(
        VersionRow,
        r#"select version, market, weights, note, staff.name as "staff_name?",
                  search_settings.created_at as "created_at: Timestamp"
           from search_settings left join staff on staff.id = staff_id
           where version = $1"#,
        version
    )
    .fetch_one(connection)
    .await
}

/// Keeps everybody else from setting a version until the transaction ends; readers go on.
pub(super) async fn lock_all(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table search_settings in share row exclusive mode")
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn newest_version(
    connection: &mut PgConnection,
    market: Option<&str>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select max(version) from search_settings where market is not distinct from $1",
        market
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    market: Option<&str>,
    weights: &Weights,
    note: &str,
    staff_id: Option<i64>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into search_settings (market, weights, note, staff_id) values ($1, $2, $3, $4)
         returning version",
        market,
        Json(weights) as _,
        note,
        staff_id
    )
    .fetch_one(connection)
    .await
}
