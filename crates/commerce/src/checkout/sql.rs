//! SQL of the checkout: the purchase in one statement, and what it takes in another.

use jiff::civil::Date;
use jiff_sqlx::Timestamp;
use serde::Serialize;
use souk_base::{CityId, DeliveryWindowId, SellerId, StaffId};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::carts::pricing::Amounts;
use crate::carts::{Address, CartLine};

/// A group to be written, with its recipient.
#[derive(Serialize)]
pub(super) struct GroupRecord {
    pub(super) id: String,
    pub(super) market: String,
    pub(super) cart_id: String,
    pub(super) state: &'static str,
    pub(super) currency: &'static str,
    pub(super) lang: &'static str,
    pub(super) email: Option<String>,
    pub(super) phone: String,
    pub(super) visitor: Option<String>,
    pub(super) network: Option<String>,
    pub(super) address_hash: Option<String>,
    pub(super) payment_method: String,
    pub(super) account: Option<&'static str>,
    pub(super) staff_id: Option<StaffId>,
    /// Who it is by in the log.
    pub(super) actor: String,
    pub(super) tax_inclusive: bool,
    pub(super) expires_at: jiff::Timestamp,
    #[serde(flatten)]
    pub(super) amounts: Amounts,
    pub(super) name: Option<String>,
    pub(super) recipient_phone: Option<String>,
    pub(super) address: Option<Address>,
    pub(super) latitude_e6: Option<i32>,
    pub(super) longitude_e6: Option<i32>,
    pub(super) gift_message: Option<String>,
    pub(super) gift_from: Option<String>,
    pub(super) anonymous: bool,
    /// Whether the recipient is asked where exactly and when.
    pub(super) asked: bool,
}

/// An order to be written; ids are texts in JSON, which PostgreSQL reads as numbers.
#[derive(Serialize)]
pub(super) struct OrderRecord {
    pub(super) number: String,
    pub(super) seller_id: SellerId,
    pub(super) city_id: Option<CityId>,
    pub(super) window_id: Option<DeliveryWindowId>,
    pub(super) date: Option<Date>,
    pub(super) starts_at: Option<jiff::Timestamp>,
    pub(super) ends_at: Option<jiff::Timestamp>,
    pub(super) cut_off_at: Option<jiff::Timestamp>,
    pub(super) wrapped: bool,
    /// What wrapping has of the tax, the rounding and the total.
    pub(super) wrapping_part: Amounts,
    #[serde(flatten)]
    pub(super) amounts: Amounts,
}

/// A line to be written.
pub(super) struct LineRecord<'a> {
    pub(super) position: i32,
    pub(super) line: &'a CartLine,
    pub(super) tax_inclusive: bool,
    pub(super) tax_rate_bp: i32,
}

impl Serialize for LineRecord<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CartLine { amounts, .. } = self.line;
        serde_json::json!({
            "position": self.position, "seller_id": self.line.seller_id,
            "product_id": self.line.product_id, "variant_id": self.line.variant_id,
            "offer_id": self.line.offer_id, "sku": self.line.sku, "titles": self.line.titles,
            "options": self.line.options, "quantity": self.line.quantity,
            "unit_minor": self.line.unit_minor, "list_minor": self.line.list_minor,
            "goods": amounts.goods, "discount": amounts.discount, "delivery": amounts.delivery,
            "tax": amounts.tax, "rounding": amounts.rounding, "total": amounts.total,
            "tax_inclusive": self.tax_inclusive, "tax_rate_bp": self.tax_rate_bp,
        })
        .serialize(serializer)
    }
}

/// A reservation to be written.
#[derive(Serialize)]
pub(super) struct HeldRecord {
    pub(super) seller_id: SellerId,
    pub(super) quantity: i32,
    pub(super) offer_id: Option<i64>,
    pub(super) warehouse_id: Option<i64>,
    pub(super) window_id: Option<i64>,
    pub(super) date: Option<Date>,
}

/// Everything of a purchase.
pub(super) struct Records<'a> {
    pub(super) group: &'a GroupRecord,
    pub(super) orders: &'a [OrderRecord],
    pub(super) lines: &'a [LineRecord<'a>],
    pub(super) held: &'a [HeldRecord],
}

/// Unpaid purchases by what they have in common with a new one.
pub(super) struct UnpaidRow {
    pub(super) phone: i64,
    pub(super) visitor: i64,
    pub(super) network: i64,
    pub(super) address: i64,
}

pub(super) async fn unpaid(
    connection: &mut PgConnection,
    phone: &str,
    visitor: Option<&str>,
    network: Option<&str>,
    address: Option<&str>,
) -> sqlx::Result<UnpaidRow> {
    sqlx::query_as!(
        UnpaidRow,
        r#"select (select count(*) from order_groups
                   where state = 'pending_payment' and phone = $1) as "phone!",
                  (select count(*) from order_groups
                   where state = 'pending_payment' and visitor = $2) as "visitor!",
                  (select count(*) from order_groups
                   where state = 'pending_payment' and network = $3) as "network!",
                  (select count(*) from order_groups
                   where state = 'pending_payment' and address_hash = $4) as "address!""#,
        phone,
        visitor,
        network,
        address
    )
    .fetch_one(connection)
    .await
}

/// Writes a purchase: the cart's end, group, recipient, orders, lines, reservations, log and outbox.
#[expect(clippy::too_many_lines, reason = "one statement, so that it costs one round trip")]
pub(super) async fn insert(
    connection: &mut PgConnection,
    records: &Records<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with made_group as (
             insert into order_groups (
                 id, market, cart_id, state, currency, lang, email, phone, visitor, network,
                 address_hash, payment_method, tax_inclusive, goods_minor, discount_minor,
                 delivery_minor, wrapping_minor, tax_minor, rounding_minor, total_minor, expires_at,
                 created_at, placed_at, account, staff_id, customer_id)
             select id, market, cart_id, state, currency, lang, email, phone, visitor, network,
                    address_hash, payment_method, tax_inclusive, goods, discount, delivery, wrapping,
                    tax, rounding, total, expires_at, $5,
                    case when state = 'placed' then $5::timestamptz end, account, staff_id,
                    (select customer_id from carts where carts.id = given.cart_id)
             from jsonb_to_record($1) as given (
                 id uuid, market text, cart_id uuid, state text, currency text, lang text, email text,
                 phone text, visitor text, network text, address_hash text, payment_method text,
                 tax_inclusive boolean, goods bigint, discount bigint, delivery bigint,
                 wrapping bigint, tax bigint, rounding bigint, total bigint, expires_at timestamptz, account text,
                 staff_id bigint)
             returning id, market, state, cart_id),
         made_recipient as (
             insert into order_recipients (
                 group_id, name, phone, address, latitude, longitude, gift_message, gift_from, anonymous,
                 asked)
             select id, name, recipient_phone, address, latitude_e6 / 1e6, longitude_e6 / 1e6,
                    gift_message, gift_from, anonymous, asked
             from jsonb_to_record($1) as given (
                 id uuid, name text, recipient_phone text, address jsonb, latitude_e6 integer,
                 longitude_e6 integer, gift_message text, gift_from text, anonymous boolean,
                 asked boolean)),
         completed as (
             update carts set state = 'completed', version = version + 1, updated_at = $5
             from made_group where carts.id = made_group.cart_id),
         made_orders as (
             insert into orders (
                 number, group_id, market, seller_id, state, city_id, window_id, date, starts_at,
                 ends_at, cut_off_at, goods_minor, discount_minor, delivery_minor, wrapping_minor,
                 tax_minor, rounding_minor, total_minor, wrapped, wrapping_tax_minor,
                 wrapping_rounding_minor, wrapping_total_minor, created_at, updated_at)
             select number, made_group.id, market, seller_id, state, city_id, window_id, date,
                    starts_at, ends_at, cut_off_at, goods, discount, delivery, wrapping, given.tax,
                    given.rounding, given.total, wrapped, part.tax, part.rounding, part.total, $5, $5
             from made_group
             cross join jsonb_to_recordset($2) as given (
                 number text, seller_id bigint, city_id bigint, window_id bigint, date date,
                 starts_at timestamptz, ends_at timestamptz, cut_off_at timestamptz, goods bigint,
                 discount bigint, delivery bigint, wrapping bigint, tax bigint, rounding bigint,
                 total bigint, wrapped boolean, wrapping_part jsonb)
             cross join lateral jsonb_to_record(wrapping_part) as part (
                 tax bigint, rounding bigint, total bigint)
             returning id, group_id, seller_id, state),
         made_lines as (
             insert into order_lines (
                 order_id, position, product_id, variant_id, offer_id, sku, titles, options, quantity,
                 unit_minor, list_minor, goods_minor, discount_minor, delivery_minor, tax_minor,
                 rounding_minor, total_minor, tax_inclusive, tax_rate_bp)
             select made_orders.id, position, product_id, variant_id, offer_id, sku, titles, options,
                    quantity, unit_minor, list_minor, goods, discount, delivery, tax, rounding, total,
                    tax_inclusive, tax_rate_bp
             from jsonb_to_recordset($3) as given (
                 position integer, seller_id bigint, product_id bigint, variant_id bigint,
                 offer_id bigint, sku text, titles jsonb, options jsonb, quantity integer,
                 unit_minor bigint, list_minor bigint, goods bigint, discount bigint, delivery bigint,
                 tax bigint, rounding bigint, total bigint, tax_inclusive boolean,
                 tax_rate_bp integer)
             join made_orders on made_orders.seller_id = given.seller_id),
         made_reservations as (
             insert into reservations (
                 group_id, order_id, state, quantity, offer_id, warehouse_id, window_id, date)
             select group_id, made_orders.id,
                    case when state = 'placed' then 'committed' else 'held' end, quantity, offer_id,
                    warehouse_id, window_id, date
             from jsonb_to_recordset($4) as given (
                 seller_id bigint, quantity integer, offer_id bigint, warehouse_id bigint,
                 window_id bigint, date date)
             join made_orders on made_orders.seller_id = given.seller_id),
         logged as (
             insert into order_events (group_id, order_id, topic, to_state, actor, at)
             select group_id, id, 'order.' || state, state, actor, $5
             from made_orders cross join jsonb_to_record($1) as given (actor text)
             returning group_id, order_id, topic)
         insert into outbox (topic, subject, payload)
         select topic, 'order:' || order_id, jsonb_build_object('group', group_id, 'order', order_id)
         from logged",
        Json(records.group) as _,
        Json(records.orders) as _,
        Json(records.lines) as _,
        Json(records.held) as _,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What could be taken.
pub(super) struct Taken {
    pub(super) offers: Vec<i64>,
    pub(super) windows: Vec<i64>,
    /// Whether orders for the slots are no longer taken, also when that came about while waiting here.
    pub(super) is_cut_off: bool,
}

/// Raises counters as far as there is room: units by offer and warehouse first, then places by window and day, each in
/// the order of their keys.
pub(super) async fn take(
    connection: &mut PgConnection,
    units: &(Vec<i64>, Vec<i64>, Vec<i32>),
    places: &(Vec<i64>, Vec<String>, Vec<i32>),
    cut_off: Timestamp,
    now: Timestamp,
) -> sqlx::Result<Taken> {
    sqlx::query_as!(
        Taken,
        r#"with goods as materialized (
               select stock.offer_id, stock.warehouse_id, wanted.quantity
               from stock
               join unnest($1::bigint[], $2::bigint[], $3::integer[])
                   as wanted (offer_id, warehouse_id, quantity) using (offer_id, warehouse_id)
               order by stock.offer_id, stock.warehouse_id for update of stock),
           taken as (
               update stock set reserved = reserved + goods.quantity
               from goods
               where stock.offer_id = goods.offer_id and stock.warehouse_id = goods.warehouse_id
                   and on_hand - reserved >= goods.quantity
               returning stock.offer_id),
           seated as (
               insert into delivery_loads (window_id, date, reserved)
               select wanted.window_id, wanted.date, wanted.quantity
               from unnest($4::bigint[], $5::text[]::date[], $6::integer[])
                   as wanted (window_id, date, quantity)
               join delivery_windows on delivery_windows.id = wanted.window_id
               where coalesce(capacity, 2147483647) >= wanted.quantity
                   and (select count(*) from taken) >= 0
               order by wanted.window_id, wanted.date
               on conflict (window_id, date) do update
               set reserved = delivery_loads.reserved + excluded.reserved
               where delivery_loads.reserved + excluded.reserved <= coalesce((
                   select capacity from delivery_windows where id = excluded.window_id), 2147483647)
               returning window_id)
           select coalesce((select array_agg(offer_id) from taken), '{}') as "offers!",
                  coalesce((select array_agg(window_id) from seated), '{}') as "windows!",
                  $7::timestamptz <= $8::timestamptz + (clock_timestamp() - transaction_timestamp())
                      as "is_cut_off!""#,
        &units.0,
        &units.1,
        &units.2,
        &places.0,
        &places.1,
        &places.2,
        cut_off as _,
        now as _
    )
    .fetch_one(connection)
    .await
}
