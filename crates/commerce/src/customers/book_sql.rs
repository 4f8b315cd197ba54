//! SQL of the address book and of favourites. Every statement asks for the customer as well, so that somebody else's entry is not there.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

/// A row of `customer_addresses` with the market of its city.
pub(super) struct AddressRow {
    pub(super) id: i64,
    pub(super) market: String,
    pub(super) label: String,
    pub(super) city_id: i64,
    pub(super) address: Value,
    pub(super) latitude_e6: Option<i32>,
    pub(super) longitude_e6: Option<i32>,
}

/// An address to be written.
pub(super) struct AddressRecord<'a> {
    pub(super) label: &'a str,
    pub(super) city: i64,
    pub(super) address: Value,
    pub(super) latitude_e6: Option<i32>,
    pub(super) longitude_e6: Option<i32>,
}

pub(super) async fn addresses(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<Vec<AddressRow>> {
    sqlx::query_as!(
        AddressRow,
        "select customer_addresses.id, market, label, city_id, address, latitude_e6, longitude_e6
         from customer_addresses join cities on cities.id = city_id
         where customer_id = $1 order by customer_addresses.id",
        customer
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn count_addresses(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from customer_addresses where customer_id = $1"#,
        customer
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn has_address(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from customer_addresses where customer_id = $1 and id = $2) as "is!""#,
        customer,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_address(
    connection: &mut PgConnection,
    customer: i64,
    new: &AddressRecord<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into customer_addresses (customer_id, label, city_id, address, latitude_e6, longitude_e6)
         values ($1, $2, $3, $4, $5, $6) returning id",
        customer,
        new.label,
        new.city,
        new.address,
        new.latitude_e6,
        new.longitude_e6
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update_address(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
    new: &AddressRecord<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update customer_addresses
         set label = $3, city_id = $4, address = $5, latitude_e6 = $6, longitude_e6 = $7
         where customer_id = $1 and id = $2",
        customer,
        id,
        new.label,
        new.city,
        new.address,
        new.latitude_e6,
        new.longitude_e6
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A row of `customer_recipients`.
pub(super) struct RecipientRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) phone: Option<String>,
    pub(super) address_id: Option<i64>,
}

/// A recipient to be written.
pub(super) struct RecipientRecord<'a> {
    pub(super) name: &'a str,
    pub(super) phone: Option<&'a str>,
    pub(super) address: Option<i64>,
}

pub(super) async fn recipients(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<Vec<RecipientRow>> {
    sqlx::query_as!(
        RecipientRow,
        "select id, name, phone, address_id from customer_recipients
         where customer_id = $1 order by name, id",
        customer
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn count_recipients(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from customer_recipients where customer_id = $1"#,
        customer
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn has_recipient(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from customer_recipients where customer_id = $1 and id = $2) as "is!""#,
        customer,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_recipient(
    connection: &mut PgConnection,
    customer: i64,
    new: &RecipientRecord<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into customer_recipients (customer_id, name, phone, address_id)
         values ($1, $2, $3, $4) returning id",
        customer,
        new.name,
        new.phone,
        new.address
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update_recipient(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
    new: &RecipientRecord<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update customer_recipients set name = $3, phone = $4, address_id = $5
         where customer_id = $1 and id = $2",
        customer,
        id,
        new.name,
        new.phone,
        new.address
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A row of `customer_occasions`.
pub(super) struct OccasionRow {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) date: Date,
    pub(super) yearly: bool,
    pub(super) recipient_id: Option<i64>,
    pub(super) remind_days: i32,
}

/// An occasion to be written.
pub(super) struct OccasionRecord<'a> {
    pub(super) title: &'a str,
    pub(super) date: Date,
    pub(super) yearly: bool,
    pub(super) recipient: Option<i64>,
    pub(super) remind_days: i32,
}

pub(super) async fn occasions(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<Vec<OccasionRow>> {
    sqlx::query_as!(
        OccasionRow,
        r#"select id, title, date as "date: Date", yearly, recipient_id, remind_days
           from customer_occasions
           where customer_id = $1 order by to_char(date, 'MMDD'), id"#,
        customer
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn count_occasions(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from customer_occasions where customer_id = $1"#,
        customer
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_occasion(
    connection: &mut PgConnection,
    customer: i64,
    new: &OccasionRecord<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into customer_occasions (customer_id, title, date, yearly, recipient_id, remind_days)
         values ($1, $2, $3, $4, $5, $6) returning id",
        customer,
        new.title,
        new.date as Date,
        new.yearly,
        new.recipient,
        new.remind_days
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update_occasion(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
    new: &OccasionRecord<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update customer_occasions
         set title = $3, date = $4, yearly = $5, recipient_id = $6, remind_days = $7
         where customer_id = $1 and id = $2",
        customer,
        id,
        new.title,
        new.date as Date,
        new.yearly,
        new.recipient,
        new.remind_days
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_address(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from customer_addresses where customer_id = $1 and id = $2",
        customer,
        id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_recipient(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from customer_recipients where customer_id = $1 and id = $2",
        customer,
        id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_occasion(
    connection: &mut PgConnection,
    customer: i64,
    id: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from customer_occasions where customer_id = $1 and id = $2",
        customer,
        id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A row of `customer_favourites`.
pub(super) struct FavouriteRow {
    pub(super) product_id: i64,
    pub(super) at: Timestamp,
}

pub(super) async fn favourites(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<Vec<FavouriteRow>> {
    sqlx::query_as!(
        FavouriteRow,
        r#"select product_id, created_at as "at: Timestamp" from customer_favourites
           where customer_id = $1 order by created_at desc, product_id"#,
        customer
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn is_product(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from products where id = $1 and state = 'active') as "is!""#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn count_favourites(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from customer_favourites where customer_id = $1"#,
        customer
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_favourite(
    connection: &mut PgConnection,
    customer: i64,
    product: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into customer_favourites (customer_id, product_id, created_at) values ($1, $2, $3)
         on conflict do nothing",
        customer,
        product,
        now as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_favourite(
    connection: &mut PgConnection,
    customer: i64,
    product: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from customer_favourites where customer_id = $1 and product_id = $2",
        customer,
        product
    )
    .execute(connection)
    .await?;
    Ok(())
}
