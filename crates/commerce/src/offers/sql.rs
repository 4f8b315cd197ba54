//! SQL of the offers slice.

use jiff_sqlx::Timestamp;
use souk_base::Seller;
use sqlx::PgConnection;

use super::NewDatedPrice;

pub(super) async fn sellers(connection: &mut PgConnection) -> sqlx::Result<Vec<Seller>> {
    sqlx::query_as!(Seller, "select id, slug, name, house from sellers").fetch_all(connection).await
}

/// An offer as the office edits it.
pub(super) struct EditableRow {
    pub(super) id: i64,
    pub(super) product_id: i64,
    pub(super) variant_id: i64,
    pub(super) sku: String,
    pub(super) seller_id: i64,
    pub(super) market: String,
    pub(super) state: String,
    pub(super) preparation_minutes: i32,
    pub(super) minor: Option<i64>,
    pub(super) list_minor: Option<i64>,
}

/// The offers of a product, or one offer.
pub(super) async fn editable(
    connection: &mut PgConnection,
    product_id: Option<i64>,
    id: Option<i64>,
) -> sqlx::Result<Vec<EditableRow>> {
    sqlx::query_as!(
        EditableRow,
        r#"select offers.id, offers.product_id, variant_id, variants.sku, seller_id, market, state,
                  preparation_minutes, prices.minor as "minor?", prices.list_minor
           from offers
           join variants on variants.id = offers.variant_id
           left join prices on prices.offer_id = offers.id
           where offers.product_id = $1 or offers.id = $2
           order by variants.position, variants.id, market, seller_id"#,
        product_id,
        id
    )
    .fetch_all(connection)
    .await
}

/// A row of `price_exceptions`.
pub(super) struct DatedRow {
    pub(super) id: i64,
    pub(super) offer_id: i64,
    pub(super) minor: i64,
    pub(super) list_minor: Option<i64>,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
}

pub(super) async fn dated_prices(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<DatedRow>> {
    sqlx::query_as!(
        DatedRow,
        r#"select id, offer_id, minor, list_minor,
                  nullif(lower(during), '-infinity') as "starts_at: Timestamp",
                  nullif(upper(during), 'infinity') as "ends_at: Timestamp"
           from price_exceptions where product_id = $1 order by during, id"#,
        product_id
    )
    .fetch_all(connection)
    .await
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from offers where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Adds an offer, the house's without a seller.
pub(super) async fn insert(
    connection: &mut PgConnection,
    variant_id: i64,
    seller_id: Option<i64>,
    market: &str,
    preparation_minutes: i32,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into offers (variant_id, seller_id, market, preparation_minutes)
         values ($1, coalesce($2, (select id from sellers where house)), $3, $4) returning id",
        variant_id,
        seller_id,
        market,
        preparation_minutes
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    state: &str,
    preparation_minutes: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update offers set state = $2, preparation_minutes = $3 where id = $1",
        id,
        state,
        preparation_minutes
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_price(
    connection: &mut PgConnection,
    offer_id: i64,
    minor: i64,
    list_minor: Option<i64>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into prices (offer_id, minor, list_minor) values ($1, $2, $3)
         on conflict (offer_id) do update
         set minor = excluded.minor, list_minor = excluded.list_minor",
        offer_id,
        minor,
        list_minor
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_dated_price(
    connection: &mut PgConnection,
    offer_id: i64,
    new: &NewDatedPrice,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into price_exceptions (offer_id, minor, list_minor, during)
         values ($1, $2, $3, tstzrange($4, $5)) returning id",
        offer_id,
        new.minor,
        new.list_minor,
        Timestamp::from(new.from) as _,
        new.until.map(Timestamp::from) as _
    )
    .fetch_one(connection)
    .await
}

/// Gives the price that was removed.
pub(super) async fn delete_dated_price(
    connection: &mut PgConnection,
    offer_id: i64,
    id: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "delete from price_exceptions where offer_id = $1 and id = $2 returning minor",
        offer_id,
        id
    )
    .fetch_one(connection)
    .await
}
