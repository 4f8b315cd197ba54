//! SQL of the models slice.

use futures_util::TryStreamExt as _;
use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

use super::NewVersion;

/// A row of `models`, and since when it serves.
pub(super) struct VersionRow {
    pub(super) id: i64,
    pub(super) model: String,
    pub(super) market: String,
    pub(super) version: String,
    pub(super) manifest: Value,
    pub(super) verdict: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) promoted_at: Option<Timestamp>,
}

/// A promotion that was not taken back.
pub(super) struct PromotionRow {
    pub(super) id: i64,
    pub(super) version: String,
}

/// One purchased line.
pub(super) struct PurchaseRow {
    pub(super) customer: Option<String>,
    pub(super) basket: String,
    pub(super) product_id: i64,
    pub(super) time: Timestamp,
}

/// One click.
pub(super) struct ClickRow {
    pub(super) visitor: String,
    pub(super) product_id: i64,
    pub(super) time: Timestamp,
}

/// Inserts a version; none when it is there already.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewVersion<'_>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into models (model, market, version, manifest, verdict) values ($1, $2, $3, $4, $5)
         on conflict on constraint models_version_once do nothing
         returning id",
        new.model,
        new.market.as_str(),
        new.version,
        new.manifest,
        new.verdict
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn insert_chunk(
    connection: &mut PgConnection,
    id: i64,
    position: i32,
    bytes: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into model_chunks (model_id, position, bytes) values ($1, $2, $3)",
        id,
        position,
        bytes
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn chunk(
    connection: &mut PgConnection,
    id: i64,
    position: i32,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "select bytes from model_chunks where model_id = $1 and position = $2",
        id,
        position
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn list(connection: &mut PgConnection) -> sqlx::Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select models.id, models.model, models.market, version, manifest, verdict,
                  created_at as "created_at: Timestamp", promoted_at as "promoted_at?: Timestamp"
           from models
           left join (
               select distinct on (model, market) model_id, promoted_at
               from model_promotions
               where rolled_back_at is null
               order by model, market, id desc) serving on model_id = models.id
           order by models.model, models.market, models.id desc"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn serving(connection: &mut PgConnection) -> sqlx::Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select distinct on (serving.model, serving.market)
                  models.id, models.model, models.market, version, manifest, verdict,
                  created_at as "created_at: Timestamp", promoted_at as "promoted_at?: Timestamp"
           from model_promotions serving
           join models on models.id = model_id
           where rolled_back_at is null
           order by serving.model, serving.market, serving.id desc"#
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find(
    connection: &mut PgConnection,
    model: &str,
    market: &str,
    version: &str,
) -> sqlx::Result<Option<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select models.id, models.model, models.market, version, manifest, verdict,
                  created_at as "created_at: Timestamp", promoted_at as "promoted_at?: Timestamp"
           from models
           left join (
               select model_id, promoted_at
               from model_promotions
               where model = $1 and market = $2 and rolled_back_at is null
               order by id desc
               limit 1) serving on model_id = models.id
           where models.model = $1 and models.market = $2 and version = $3"#,
        model,
        market,
        version
    )
    .fetch_optional(connection)
    .await
}

/// Promotions of one model in one market happen one after the other.
pub(super) async fn lock(
    connection: &mut PgConnection,
    model: &str,
    market: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('models ' || $1 || ' ' || $2, 0))",
        model,
        market
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn promote(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into model_promotions (model, market, model_id)
         select model, market, id from models where id = $1",
        id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The promotion that holds and the one before it.
pub(super) async fn promoted(
    connection: &mut PgConnection,
    model: &str,
    market: &str,
) -> sqlx::Result<Vec<PromotionRow>> {
    sqlx::query_as!(
        PromotionRow,
        "select model_promotions.id, version
         from model_promotions
         join models on models.id = model_id
         where model_promotions.model = $1 and model_promotions.market = $2
             and rolled_back_at is null
         order by model_promotions.id desc
         limit 2",
        model,
        market
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn take_back(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("update model_promotions set rolled_back_at = now() where id = $1", id)
        .execute(connection)
        .await?;
    Ok(())
}

/// What was bought in a market in a time: before Souk, here, and elsewhere as clients told it. Who bought is an id that
/// stands for a person only here.
pub(super) async fn purchases(
    connection: &mut PgConnection,
    (market, from, to): (&str, Timestamp, Timestamp),
    took: &mut (dyn FnMut(PurchaseRow) + Send),
) -> sqlx::Result<()> {
    let mut rows = sqlx::query_as!(
        PurchaseRow,
        r#"select 'customer ' || customer as customer, 'sale ' || order_number as "basket!",
                  product_id as "product_id!", sold_at as "time!: Timestamp"
           from sales
           where market = $1 and sold_at >= $2 and sold_at < $3 and quantity > 0
           union all
           select coalesce('account ' || order_groups.customer_id, 'visitor ' || visitor),
                  'group ' || order_groups.id, product_id, placed_at
           from order_groups
           join orders on group_id = order_groups.id
           join order_lines on order_id = orders.id
           where order_groups.market = $1 and placed_at >= $2 and placed_at < $3
               and order_groups.state in ('placed', 'completed') and quantity > returned_quantity
           union all
           select coalesce('account ' || customer, 'visitor ' || visitor), 'event ' || coalesce(order_id, id),
                  item.product_id, time
           from events
           cross join lateral (
               select events.product_id where events.product_id is not null
               union
               select (items.item ->> 'product_id')::bigint
               from jsonb_array_elements(events.items) items (item)) item
           where market = $1 and time >= $2 and time < $3 and type = 'purchase-complete'
               and not exists (select from orders where number = events.order_id)
           order by 4, 2, 3"#,
        market,
        from as _,
        to as _
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        took(row);
    }
    Ok(())
}

/// The products that were looked at or put into carts in a market in a time.
pub(super) async fn clicks(
    connection: &mut PgConnection,
    (market, from, to): (&str, Timestamp, Timestamp),
    took: &mut (dyn FnMut(ClickRow) + Send),
) -> sqlx::Result<()> {
    let mut rows = sqlx::query_as!(
        ClickRow,
        r#"select visitor, product_id as "product_id!", time as "time!: Timestamp"
           from events
           where market = $1 and time >= $2 and time < $3 and product_id is not null
               and type in ('detail-page-view', 'search-click', 'recommendation-click', 'add-to-cart')
           order by time, id"#,
        market,
        from as _,
        to as _
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        took(row);
    }
    Ok(())
}
