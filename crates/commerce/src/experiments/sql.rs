//! SQL of the experiments slice.

use jiff_sqlx::Timestamp;
use serde::Serialize;
use serde_json::Value;
use souk_base::MarketCode;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::ops::code;
use super::{Exposure, NewExperiment};

/// A row of `experiments`.
pub(super) struct ExperimentRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) market: Option<String>,
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) variants: Value,
    pub(super) state: String,
    pub(super) note: String,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) stopped_at: Option<Timestamp>,
}

/// A row of `experiment_exposures`.
#[derive(Serialize)]
pub(super) struct ExposureRow<'a> {
    experiment_id: i64,
    visitor: &'a str,
    market: &'a str,
    variant: Option<u8>,
    exposed_at: String,
}

pub(super) fn exposure_row(exposure: &Exposure) -> ExposureRow<'_> {
    ExposureRow {
        experiment_id: exposure.experiment.get(),
        visitor: &exposure.visitor,
        market: exposure.market.as_str(),
        variant: exposure.variant,
        exposed_at: exposure.time.to_string(),
    }
}

/// What visitors of one variant who pay in one currency did.
pub(super) struct ResultRow {
    pub(super) variant: Option<i16>,
    pub(super) currency: String,
    pub(super) visitors: i64,
    pub(super) buyers: i64,
    pub(super) orders: i64,
    pub(super) revenue_minor: i64,
    pub(super) revenue_squares: f64,
}

/// Visitors by the ranking that brought more of what they clicked.
pub(super) struct PreferredRow {
    pub(super) one: i64,
    pub(super) other: i64,
    pub(super) neither: i64,
}

pub(super) async fn running(connection: &mut PgConnection) -> sqlx::Result<Vec<ExperimentRow>> {
    sqlx::query_as!(
        ExperimentRow,
        r#"select id, name, market, kind, place, variants, state, note, created_at as "created_at: Timestamp",
                  started_at as "started_at: Timestamp", stopped_at as "stopped_at: Timestamp"
           from experiments
           where state = 'running'
           order by id"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find(
    connection: &mut PgConnection,
    market: Option<&str>,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<ExperimentRow>> {
    sqlx::query_as!(
        ExperimentRow,
        r#"select id, name, market, kind, place, variants, state, note, created_at as "created_at: Timestamp",
                  started_at as "started_at: Timestamp", stopped_at as "stopped_at: Timestamp"
           from experiments
           where id < $2 and ($1::text is null or market is null or market = $1)
           order by id desc
           limit $3"#,
        market,
        below,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn one(connection: &mut PgConnection, id: i64) -> sqlx::Result<ExperimentRow> {
    sqlx::query_as!(
        ExperimentRow,
        r#"select id, name, market, kind, place, variants, state, note, created_at as "created_at: Timestamp",
                  started_at as "started_at: Timestamp", stopped_at as "stopped_at: Timestamp"
           from experiments
           where id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from experiments where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Makes whoever starts an experiment wait for who starts another one; reading goes on.
pub(super) async fn lock_table(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table experiments in share row exclusive mode").execute(connection).await?;
    Ok(())
}

/// Whether another one runs that shares the place and a market with this one.
pub(super) async fn runs_beside(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from experiments wanted
               join experiments other on other.place = wanted.place
                   and (other.market is null or wanted.market is null or other.market = wanted.market)
               where wanted.id = $1 and other.id <> wanted.id and other.state = 'running') as "exists!""#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewExperiment,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into experiments (name, market, kind, place, variants, note) values ($1, $2, $3, $4, $5, $6)
         returning id",
        new.name,
        new.market.as_ref().map(MarketCode::as_str),
        code(new.kind),
        new.place,
        Json(&new.variants) as _,
        new.note
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    new: &NewExperiment,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update experiments set name = $2, market = $3, kind = $4, place = $5, variants = $6, note = $7
         where id = $1",
        id,
        new.name,
        new.market.as_ref().map(MarketCode::as_str),
        code(new.kind),
        new.place,
        Json(&new.variants) as _,
        new.note
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_state(
    connection: &mut PgConnection,
    id: i64,
    state: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update experiments
         set state = $2, started_at = coalesce(started_at, $3), stopped_at = case when $2 = 'stopped' then $3 end
         where id = $1",
        id,
        state,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from experiments where id = $1", id).execute(connection).await?;
    Ok(())
}

/// Inserts what is not known yet, and moves back what turns out to have been earlier: instances write apart from each other.
/// What is of no experiment any more is left out.
pub(super) async fn insert_exposures(
    connection: &mut PgConnection,
    rows: &[ExposureRow<'_>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into experiment_exposures (experiment_id, visitor, market, variant, exposed_at)
         select experiment_id, visitor, given.market, variant, exposed_at
         from jsonb_to_recordset($1) as given (
             experiment_id bigint, visitor text, market text, variant smallint, exposed_at timestamptz)
         join experiments on experiments.id = experiment_id
         order by experiment_id, visitor
         on conflict (experiment_id, visitor) do update
             set exposed_at = excluded.exposed_at, market = excluded.market
             where excluded.exposed_at < experiment_exposures.exposed_at",
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What visitors bought from when they first saw an experiment until it ended, by variant and currency. Purchases that were
/// given up bring nothing.
pub(super) async fn results(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<Vec<ResultRow>> {
    sqlx::query_as!(
        ResultRow,
        r#"with spent as (
               select exposure.variant, exposure.market, exposure.visitor, count(bought.id) as orders,
                      coalesce(sum(bought.total_minor), 0)::bigint as minor
               from experiment_exposures exposure
               join experiments on experiments.id = experiment_id
               left join order_groups bought
                   on bought.visitor = exposure.visitor and bought.market = exposure.market
                   and bought.state in ('placed', 'completed') and bought.placed_at >= exposed_at
                   and (stopped_at is null or bought.placed_at < stopped_at)
               where experiment_id = $1
               group by exposure.variant, exposure.market, exposure.visitor)
           select variant, currency as "currency!", count(*) as "visitors!",
                  count(*) filter (where orders > 0) as "buyers!", sum(orders)::bigint as "orders!",
                  sum(minor)::bigint as "revenue_minor!",
                  sum(minor::float8 * minor::float8) as "revenue_squares!"
           from spent
           join markets on code = spent.market
           group by variant, currency
           order by variant, currency"#,
        id
    )
    .fetch_all(connection)
    .await
}

/// Which of two mixed rankings visitors liked: each visitor counts once, however often they came.
pub(super) async fn preferred(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<PreferredRow> {
    sqlx::query_as!(
        PreferredRow,
        r#"with clicked as (
               select distinct list.id, list.visitor, item.product, item.team
               from recommendation_lists list
               cross join lateral unnest(list.products, list.teams) as item (product, team)
               join events on events.list_id = list.id and events.product_id = item.product
               where list.experiment_id = $1 and events.type in ('recommendation-click', 'add-to-cart')),
           liked as (
               select visitor, count(*) filter (where team = 0) as one, count(*) filter (where team = 1) as other
               from clicked
               group by visitor)
           select count(*) filter (where one > other) as "one!", count(*) filter (where other > one) as "other!",
                  count(*) filter (where one = other) as "neither!"
           from liked"#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn forget_old(connection: &mut PgConnection, days: i32) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from experiment_exposures
         using experiments
         where experiments.id = experiment_id and stopped_at < now() - make_interval(days => $1)",
        days
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
