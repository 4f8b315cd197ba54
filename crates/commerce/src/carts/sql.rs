//! SQL of the carts slice.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

/// A row of `carts` with what its market says.
pub(super) struct CartRow {
    pub(super) id: String,
    pub(super) market: String,
    pub(super) currency: String,
    pub(super) payable_step: i64,
    pub(super) tax_rate_bp: i32,
    pub(super) tax_inclusive: bool,
    pub(super) lang: String,
    pub(super) visitor: Option<String>,
    pub(super) state: String,
    pub(super) version: i32,
    pub(super) recipient: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) latitude_e6: Option<i32>,
    pub(super) longitude_e6: Option<i32>,
    pub(super) city_id: Option<i64>,
    pub(super) date: Option<Date>,
    pub(super) window_id: Option<i64>,
    pub(super) gift_message: Option<String>,
    pub(super) gift_from: Option<String>,
    pub(super) anonymous: bool,
    /// Sellers whose parts are to be wrapped.
    pub(super) wrapped: Vec<i64>,
    pub(super) asks_recipient: bool,
    pub(super) coupons: Vec<String>,
    /// Slots that were chosen apart, by seller.
    pub(super) slots: Value,
    pub(super) takes_cash: bool,
    pub(super) staff_id: Option<i64>,
}

pub(super) async fn first_language(
    connection: &mut PgConnection,
    market: &str,
) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"select languages[1] as "lang!" from markets where code = $1"#, market)
        .fetch_one(connection)
        .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    id: &str,
    market: &str,
    lang: &str,
    visitor: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into carts (id, market, lang, visitor, created_at, updated_at)
         values ($1::text::uuid, $2, $3, $4, $5, $5)",
        id,
        market,
        lang,
        visitor,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a cart against everybody else; gives its state.
pub(super) async fn lock(connection: &mut PgConnection, id: &str) -> sqlx::Result<String> {
    sqlx::query_scalar!("select state from carts where id = $1::text::uuid for update", id)
        .fetch_one(connection)
        .await
}

/// One more change was made.
pub(super) async fn touch(
    connection: &mut PgConnection,
    id: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update carts set version = version + 1, updated_at = $2 where id = $1::text::uuid",
        id,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn cart(connection: &mut PgConnection, id: &str) -> sqlx::Result<CartRow> {
    sqlx::query_as!(
        CartRow,
        r#"select carts.id::text as "id!", market, currency, payable_step, tax_rate_bp,
                  tax_inclusive, lang, visitor, state, version, recipient, phone, address,
                  latitude_e6, longitude_e6, city_id, date as "date: Date", window_id,
                  gift_message, gift_from, anonymous, wrapped, asks_recipient, coupons, slots,
                  staff_id,
                  coalesce((flags -> 'cash_on_delivery')::boolean, false) as "takes_cash!"
           from carts join markets on markets.code = carts.market
           where carts.id = $1::text::uuid"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// The same, locked until the transaction ends. Who waited for the lock reads what the one before wrote.
pub(super) async fn lock_cart(connection: &mut PgConnection, id: &str) -> sqlx::Result<CartRow> {
    sqlx::query_as!(
        CartRow,
        r#"select carts.id::text as "id!", market, currency, payable_step, tax_rate_bp,
                  tax_inclusive, lang, visitor, state, version, recipient, phone, address,
                  latitude_e6, longitude_e6, city_id, date as "date: Date", window_id,
                  gift_message, gift_from, anonymous, wrapped, asks_recipient, coupons, slots,
                  staff_id,
                  coalesce((flags -> 'cash_on_delivery')::boolean, false) as "takes_cash!"
           from carts join markets on markets.code = carts.market
           where carts.id = $1::text::uuid
           for update of carts"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// A line with its offer as it is now.
pub(super) struct LineRow {
    pub(super) id: Option<i64>,
    pub(super) offer_id: i64,
    pub(super) quantity: i32,
    pub(super) added_minor: i64,
    pub(super) product_id: i64,
    pub(super) variant_id: i64,
    pub(super) sku: String,
    pub(super) options: Value,
    pub(super) titles: Value,
    pub(super) seller_id: i64,
    pub(super) preparation_minutes: i32,
    pub(super) until: Option<Date>,
    pub(super) minor: Option<i64>,
    pub(super) list_minor: Option<i64>,
    pub(super) is_live: bool,
    pub(super) warehouse_id: Option<i64>,
    pub(super) left: i64,
    /// What its seller takes for wrapping its part.
    pub(super) wrapping_minor: Option<i64>,
}

/// The lines of a cart, and offers that promotions may put in, with what [`crate::offers::live`] says of each.
pub(super) async fn lines(
    connection: &mut PgConnection,
    id: &str,
    city: Option<i64>,
    gifts: &[i64],
    now: Timestamp,
) -> sqlx::Result<Vec<LineRow>> {
    sqlx::query_as!(
        LineRow,
        r#"select wanted.id as "id?", offers.id as offer_id, wanted.quantity as "quantity!",
                  wanted.minor as "added_minor!", offers.product_id, offers.variant_id, sku, options,
                  coalesce((select jsonb_object_agg(lang, title) from product_translations
                            where product_id = offers.product_id), '{}') as "titles!",
                  offers.seller_id, preparation_minutes, deliverable_until as "until: Date",
                  coalesce(dated.minor, prices.minor) as "minor?",
                  case when dated.minor is null then prices.list_minor else dated.list_minor end
                      as "list_minor?",
                  (offers.state = 'active' and products.state = 'active'
                      and (publish_at is null or publish_at <= $4)
                      and offers.market = (select market from carts where id = $1::text::uuid))
                      as "is_live!",
                  units.warehouse_id as "warehouse_id?", coalesce(units.count, 0) as "left!",
                  wrappings.minor as "wrapping_minor?"
           from (select id, offer_id, quantity, minor from cart_lines
                 where cart_id = $1::text::uuid
                 union all
                 select null, offer_id, 0, 0 from unnest($3::bigint[]) as offer_id) as wanted
           join offers on offers.id = wanted.offer_id
           join products on products.id = offers.product_id
           join variants on variants.id = offers.variant_id
           left join prices on prices.offer_id = offers.id
           left join price_exceptions dated on dated.offer_id = offers.id and during @> $4::timestamptz
           left join wrappings on wrappings.seller_id = offers.seller_id and wrappings.market = offers.market
           left join lateral (
               select min(stock.warehouse_id) as warehouse_id,
                      sum(greatest(on_hand - reserved, 0)) as count
               from stock
               join warehouses on warehouses.id = stock.warehouse_id
               join cities on cities.id = warehouses.city_id and cities.active
               where stock.offer_id = offers.id and ($2::bigint is null or cities.id = $2)) as units on true
           order by wanted.id nulls last, offers.id"#,
        id,
        city,
        gifts,
        now as _
    )
    .fetch_all(connection)
    .await
}

/// The price an offer of a market can be bought for now.
pub(super) async fn price(
    connection: &mut PgConnection,
    cart: &str,
    offer: i64,
    now: Timestamp,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"select coalesce(dated.minor, prices.minor) as "minor!"
           from offers
           join carts on carts.id = $1::text::uuid and carts.market = offers.market
           join products on products.id = offers.product_id and products.state = 'active'
               and (publish_at is null or publish_at <= $3)
           left join prices on prices.offer_id = offers.id
           left join price_exceptions dated on dated.offer_id = offers.id and during @> $3::timestamptz
           where offers.id = $2 and offers.state = 'active'
               and coalesce(dated.minor, prices.minor) is not null"#,
        cart,
        offer,
        now as _
    )
    .fetch_optional(connection)
    .await
}

/// Puts units in, into the line of the offer where there is one; gives its units then.
pub(super) async fn add_line(
    connection: &mut PgConnection,
    cart: &str,
    offer: i64,
    quantity: i32,
    minor: i64,
) -> sqlx::Result<(i64, i32)> {
    let row = sqlx::query!(
        r#"with known as (
               update cart_lines set quantity = quantity + $3, minor = $4
               where id = (select min(id) from cart_lines
                           where cart_id = $1::text::uuid and offer_id = $2)
               returning id, quantity),
           new as (
               insert into cart_lines (cart_id, offer_id, quantity, minor)
               select $1::text::uuid, $2, $3, $4 where not exists (select from known)
               returning id, quantity)
           select id as "id!", quantity as "quantity!" from known
           union all select id, quantity from new"#,
        cart,
        offer,
        quantity,
        minor
    )
    .fetch_one(connection)
    .await?;
    Ok((row.id, row.quantity))
}

pub(super) async fn count_lines(connection: &mut PgConnection, cart: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from cart_lines where cart_id = $1::text::uuid"#,
        cart
    )
    .fetch_one(connection)
    .await
}

/// Whether the cart has the line.
pub(super) async fn set_quantity(
    connection: &mut PgConnection,
    cart: &str,
    line: i64,
    quantity: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update cart_lines set quantity = $3 where cart_id = $1::text::uuid and id = $2",
        cart,
        line,
        quantity
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the cart had the line.
pub(super) async fn delete_line(
    connection: &mut PgConnection,
    cart: &str,
    line: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from cart_lines where cart_id = $1::text::uuid and id = $2",
        cart,
        line
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// For whom and when; slots chosen apart are forgotten, since they were for another day or place.
pub(super) struct NewRecipient<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) address: Option<Value>,
    pub(super) latitude_e6: Option<i32>,
    pub(super) longitude_e6: Option<i32>,
    pub(super) city: Option<i64>,
    pub(super) date: Option<Date>,
    pub(super) window: Option<i64>,
    pub(super) is_asked: bool,
}

/// Whether the city is an active one of the cart's market.
pub(super) async fn set_recipient(
    connection: &mut PgConnection,
    cart: &str,
    new: NewRecipient<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update carts
         set slots = '{}', recipient = $2, phone = $3, address = $4, latitude_e6 = $5, longitude_e6 = $6,
             city_id = $7, date = $8, window_id = $9, asks_recipient = $10
         where id = $1::text::uuid
             and ($7::bigint is null
                  or exists (select from cities
                             where cities.id = $7 and cities.market = carts.market and active))",
        cart,
        new.name,
        new.phone,
        new.address,
        new.latitude_e6,
        new.longitude_e6,
        new.city,
        new.date as _,
        new.window,
        new.is_asked
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn set_gift(
    connection: &mut PgConnection,
    cart: &str,
    message: Option<&str>,
    from: Option<&str>,
    anonymous: bool,
    wrapped: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update carts set gift_message = $2, gift_from = $3, anonymous = $4, wrapped = $5
         where id = $1::text::uuid",
        cart,
        message,
        from,
        anonymous,
        wrapped
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_lang(
    connection: &mut PgConnection,
    cart: &str,
    lang: &str,
) -> sqlx::Result<()> {
    sqlx::query!("update carts set lang = $2 where id = $1::text::uuid", cart, lang)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn choose_slot(
    connection: &mut PgConnection,
    cart: &str,
    seller: &str,
    slot: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update carts set slots = slots || jsonb_build_object($2::text, $3::text)
         where id = $1::text::uuid",
        cart,
        seller,
        slot
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there is such a coupon with uses left, of a promotion in force.
pub(super) async fn coupon_is_good(
    connection: &mut PgConnection,
    cart: &str,
    code: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from coupons
               join promotions on promotions.id = promotion_id and enabled
               join carts on carts.id = $1::text::uuid and carts.market = promotions.market
               where code = $2 and (coupons.uses_max is null or coupons.uses < coupons.uses_max)
                   and (starts_at is null or starts_at <= $3)
                   and (ends_at is null or ends_at > $3)) as "good!""#,
        cart,
        code,
        now as _
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn set_coupons(
    connection: &mut PgConnection,
    cart: &str,
    coupons: &[String],
) -> sqlx::Result<()> {
    sqlx::query!("update carts set coupons = $2 where id = $1::text::uuid", cart, coupons)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn coupons(
    connection: &mut PgConnection,
    cart: &str,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select coupons from carts where id = $1::text::uuid", cart)
        .fetch_one(connection)
        .await
}

pub(super) async fn forget_old(
    connection: &mut PgConnection,
    before: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from carts where id in (
             select id from carts where state = 'active' and updated_at < $1
             order by updated_at limit 1000 for update skip locked)",
        before as _
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
