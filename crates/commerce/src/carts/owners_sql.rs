//! SQL about whose a cart is.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// A cart that is locked until the transaction ends.
pub(super) struct LockedRow {
    pub(super) id: String,
    /// Whether nobody has it yet, and it is not bought.
    pub(super) is_guests: bool,
}

/// A guest's cart and the customer's of its market, in the order of their ids, which is that of their making.
pub(super) async fn lock_both(
    connection: &mut PgConnection,
    customer: i64,
    guest: &str,
) -> sqlx::Result<Vec<LockedRow>> {
    sqlx::query_as!(
        LockedRow,
        r#"select id::text as "id!", (state = 'active' and customer_id is null) as "is_guests!"
           from carts
           where id = $2::text::uuid
               or (customer_id = $1 and state = 'active'
                   and market = (select market from carts where id = $2::text::uuid))
           order by id for update"#,
        customer,
        guest
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn set_owner(
    connection: &mut PgConnection,
    cart: &str,
    customer: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update carts set customer_id = $2, version = version + 1, updated_at = $3
         where id = $1::text::uuid",
        cart,
        customer,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_staff(
    connection: &mut PgConnection,
    cart: &str,
    staff: i64,
) -> sqlx::Result<()> {
    sqlx::query!("update carts set staff_id = $2 where id = $1::text::uuid", cart, staff)
        .execute(connection)
        .await?;
    Ok(())
}

/// Units of the same offer come together in one line; new lines are added as long as there is room.
pub(super) async fn move_lines(
    connection: &mut PgConnection,
    to: &str,
    from: &str,
    quantity_max: i32,
    lines_max: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with raised as (
             update cart_lines as own set quantity = least(own.quantity + other.quantity, $3)
             from cart_lines as other
             where own.cart_id = $1::text::uuid and other.cart_id = $2::text::uuid
                 and own.offer_id = other.offer_id
             returning other.id)
         update cart_lines set cart_id = $1::text::uuid
         where id in (
             select id from cart_lines
             where cart_id = $2::text::uuid and id not in (select id from raised)
             order by id
             limit greatest($4 - (select count(*) from cart_lines where cart_id = $1::text::uuid), 0))",
        to,
        from,
        quantity_max,
        lines_max
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whatever nobody has said in the one cart is taken from the other: for whom, what the card says, coupons.
pub(super) async fn take_details(
    connection: &mut PgConnection,
    to: &str,
    from: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update carts as own
         set (recipient, phone, address, latitude_e6, longitude_e6, city_id, date, window_id, slots) = (
                 select recipient, phone, address, latitude_e6, longitude_e6, city_id, date, window_id, slots
                 from carts as said
                 where said.id = case when own.city_id is null then other.id else own.id end),
             (gift_message, gift_from, anonymous, wrapped) = (
                 select gift_message, gift_from, anonymous, wrapped
                 from carts as said
                 where said.id = case when own.gift_message is null then other.id else own.id end),
             coupons = array(
                 select distinct code from unnest(own.coupons || other.coupons) as code
                 order by code limit 5),
             version = own.version + 1, updated_at = $3
         from carts as other
         where own.id = $1::text::uuid and other.id = $2::text::uuid",
        to,
        from,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, cart: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from carts where id = $1::text::uuid", cart).execute(connection).await?;
    Ok(())
}

/// A cart of a customer.
pub(super) struct KeptRow {
    pub(super) id: String,
    pub(super) market: String,
    pub(super) units: i64,
}

pub(super) async fn of_customer(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<Vec<KeptRow>> {
    sqlx::query_as!(
        KeptRow,
        r#"select id::text as "id!", market,
                  (select coalesce(sum(quantity), 0) from cart_lines where cart_id = carts.id) as "units!"
           from carts
           where customer_id = $1 and state = 'active'
           order by updated_at desc limit 20"#,
        customer
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn is_of_customer(
    connection: &mut PgConnection,
    cart: &str,
    customer: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from carts where id = $1::text::uuid and customer_id = $2) as "is!""#,
        cart,
        customer
    )
    .fetch_one(connection)
    .await
}
