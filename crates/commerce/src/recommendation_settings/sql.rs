//! SQL of the recommendation settings slice.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Placements;

/// What counts of a row of `recommendation_settings`.
pub(super) struct PlacementsRow {
    pub(super) market: Option<String>,
    pub(super) placements: Value,
}

/// A row of `recommendation_settings` with the name of who wrote it.
pub(super) struct VersionRow {
    pub(super) version: i64,
    pub(super) market: Option<String>,
    pub(super) placements: Value,
    pub(super) note: String,
    pub(super) staff_name: Option<String>,
    pub(super) created_at: Timestamp,
}

/// The ten newest versions of each market, the newest first: where nobody can read one, an older one counts.
pub(super) async fn placements(connection: &mut PgConnection) -> sqlx::Result<Vec<PlacementsRow>> {
    sqlx::query_as!(
        PlacementsRow,
        r#"select market, placements as "placements!"
           from (select version, market, placements,
                        row_number() over (partition by market order by version desc) as place
                 from recommendation_settings) as versions
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
        r#"select version, market, placements, note, staff.name as "staff_name?",
                  recommendation_settings.created_at as "created_at: Timestamp"
           from recommendation_settings left join staff on staff.id = staff_id
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
        r#"select version, market, placements, note, staff.name as "staff_name?",
                  recommendation_settings.created_at as "created_at: Timestamp"
           from recommendation_settings left join staff on staff.id = staff_id
           where version = $1"#,
        version
    )
    .fetch_one(connection)
    .await
}

/// Keeps everybody else from setting a version until the transaction ends; readers go on.
pub(super) async fn lock_all(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table recommendation_settings in share row exclusive mode")
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn newest_version(
    connection: &mut PgConnection,
    market: Option<&str>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select max(version) from recommendation_settings where market is not distinct from $1",
        market
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    market: Option<&str>,
    placements: &Placements,
    note: &str,
    staff_id: Option<i64>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into recommendation_settings (market, placements, note, staff_id) values ($1, $2, $3, $4)
         returning version",
        market,
        Json(placements) as _,
        note,
        staff_id
    )
    .fetch_one(connection)
    .await
}
