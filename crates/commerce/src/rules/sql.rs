//! SQL of the rules slice.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use souk_base::{Action, Condition};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Filter, NewRule, State};

/// A row of `rules`.
pub(super) struct RuleRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) priority: i32,
    pub(super) market: Option<String>,
    pub(super) conditions: Value,
    pub(super) actions: Value,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
}

/// A rule as PostgreSQL takes it.
pub(super) struct Written<'r> {
    name: &'r str,
    enabled: bool,
    priority: i32,
    market: Option<&'r str>,
    conditions: Json<&'r [Condition]>,
    actions: Json<&'r [Action]>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl<'r> Written<'r> {
    pub(super) fn of(rule: &'r NewRule) -> Written<'r> {
        Written {
            name: &rule.name,
            enabled: rule.enabled,
            priority: rule.priority,
            market: rule.market.as_ref().map(souk_base::MarketCode::as_str),
            conditions: Json(&rule.conditions),
            actions: Json(&rule.actions),
            starts_at: rule.starts_at.map(Into::into),
            ends_at: rule.ends_at.map(Into::into),
        }
    }
}

pub(super) async fn enabled(connection: &mut PgConnection) -> sqlx::Result<Vec<RuleRow>> {
    sqlx::query_as!(
        RuleRow,
        r#"select id, name, enabled, priority, market, conditions, actions,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp"
           from rules where enabled order by id"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<RuleRow>> {
    sqlx::query_as!(
        RuleRow,
        r#"select id, name, enabled, priority, market, conditions, actions,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp"
           from rules order by id"#
    )
    .fetch_all(connection)
    .await
}

/// Those behind a priority and id. Whether a row can be read is not known here, so such a row is in the state of any other.
pub(super) async fn find(
    connection: &mut PgConnection,
    filter: &Filter,
    now: jiff::Timestamp,
    after: (i32, i64),
    limit: i64,
) -> sqlx::Result<Vec<RuleRow>> {
    sqlx::query_as!(
        RuleRow,
        r#"select id, name, enabled, priority, market, conditions, actions,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp"
           from rules
           where (priority < $1 or priority = $1 and id > $2)
             and ($3::text is null or strpos(lower(name || ' ' || conditions::text || ' ' || actions::text), lower($3)) > 0)
             and ($4::text is null or market is null or market = $4)
             and ($5::text is null or $5 = case when not enabled then 'off'
                                                when ends_at <= $6 then 'ended'
                                                when starts_at > $6 then 'scheduled'
                                                else 'live' end)
           order by priority desc, id
           limit $7"#,
        after.0,
        after.1,
        filter.text,
        filter.market.as_ref().map(souk_base::MarketCode::as_str),
        filter.state.map(State::code),
        Timestamp::from(now) as _,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn one(connection: &mut PgConnection, id: i64) -> sqlx::Result<RuleRow> {
    sqlx::query_as!(
        RuleRow,
        r#"select id, name, enabled, priority, market, conditions, actions,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp"
           from rules where id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from rules where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Keeps everybody else from changing rules until the transaction ends; readers go on.
pub(super) async fn lock_all(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table rules in share row exclusive mode").execute(connection).await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut PgConnection, rule: &Written<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into rules (name, enabled, priority, market, conditions, actions, starts_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning id",
        rule.name,
        rule.enabled,
        rule.priority,
        rule.market,
        &rule.conditions as _,
        &rule.actions as _,
        rule.starts_at as _,
        rule.ends_at as _
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    rule: &Written<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update rules
         set name = $2, enabled = $3, priority = $4, market = $5, conditions = $6, actions = $7,
             starts_at = $8, ends_at = $9
         where id = $1",
        id,
        rule.name,
        rule.enabled,
        rule.priority,
        rule.market,
        &rule.conditions as _,
        &rule.actions as _,
        rule.starts_at as _,
        rule.ends_at as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from rules where id = $1", id).execute(connection).await?;
    Ok(())
}

pub(super) async fn missing_products(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::bigint[]) as wanted
           where not exists (select from products where id = wanted) order by 1"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn missing_brands(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::bigint[]) as wanted
           where not exists (select from brands where id = wanted) order by 1"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn missing_categories(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::bigint[]) as wanted
           where not exists (select from categories where id = wanted) order by 1"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn missing_values(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::bigint[]) as wanted
           where not exists (select from attribute_values where id = wanted) order by 1"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn missing_cities(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::bigint[]) as wanted
           where not exists (select from cities where id = wanted) order by 1"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn missing_attributes(
    connection: &mut PgConnection,
    codes: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select distinct wanted as "wanted!" from unnest($1::text[]) as wanted
           where not exists (select from attributes where code = wanted) order by 1"#,
        codes
    )
    .fetch_all(connection)
    .await
}
