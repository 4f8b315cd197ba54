//! SQL for past sales and the popularity that follows from them.

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A line of a past order.
#[derive(Serialize)]
pub(in crate::imports) struct SaleRow<'a> {
    #[serde(rename = "o")]
    pub(in crate::imports) order_number: &'a str,
    #[serde(rename = "l")]
    pub(in crate::imports) line: i32,
    #[serde(rename = "p")]
    pub(in crate::imports) product_id: i64,
    #[serde(rename = "q")]
    pub(in crate::imports) quantity: i32,
    #[serde(rename = "u")]
    pub(in crate::imports) unit_minor: i64,
    /// Unix seconds.
    #[serde(rename = "t")]
    pub(in crate::imports) sold_at_s: i64,
    #[serde(rename = "c")]
    pub(in crate::imports) customer: Option<&'a str>,
}

/// How many lines were changed and how many added.
pub(in crate::imports) struct Counts {
    pub(in crate::imports) changed: i64,
    pub(in crate::imports) added: i64,
}

pub(in crate::imports) async fn set(
    connection: &mut PgConnection,
    market: &str,
    sales: &[SaleRow<'_>],
) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"with given as (
               select o as order_number, l as line, p as product_id, q as quantity,
                      u as unit_minor, to_timestamp(t) as sold_at, c as customer
               from jsonb_to_recordset($2) as given (
                   o text, l integer, p bigint, q integer, u bigint, t bigint, c text)
           ),
           changed as (
               update sales
               set product_id = given.product_id, quantity = given.quantity,
                   unit_minor = given.unit_minor, sold_at = given.sold_at,
                   customer = given.customer
               from given
               where sales.market = $1 and sales.order_number = given.order_number
                   and sales.line = given.line
                   and (sales.product_id, sales.quantity, sales.unit_minor, sales.sold_at,
                        sales.customer)
                       is distinct from (given.product_id, given.quantity, given.unit_minor,
                        given.sold_at, given.customer)
               returning 1
           ),
           added as (
               insert into sales (market, order_number, line, product_id, quantity, unit_minor,
                                  sold_at, customer)
               select $1, order_number, line, product_id, quantity, unit_minor, sold_at, customer
               from given
               where not exists (
                   select from sales known
                   where known.market = $1 and known.order_number = given.order_number
                       and known.line = given.line)
               returning 1
           )
           select (select count(*) from changed) as "changed!",
                  (select count(*) from added) as "added!""#,
        market,
        Json(sales) as _
    )
    .fetch_one(connection)
    .await
}

/// Recomputes the popularity of every product of a market from its sales.
///
/// What can be stored must not make this fail, or one odd row stops every later import: an age counts up to
/// 1,000 half-lives, beyond which a float holds nothing, and the quantity is a float before its sign is dropped.
///
/// A line counts the logarithm of its quantity, so that one wholesaler is not a crowd, and half as much for
/// every `half_life_days` before the newest sale; a cancellation takes away what its sale gave. The parts are
/// rounded before they are summed, because a sum of floats depends on the order of the rows.
pub(in crate::imports) async fn refresh_popularity(
    connection: &mut PgConnection,
    market: &str,
    half_life_days: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with newest as (select max(sold_at) as at from sales where market = $1),
         scores as (
             select product_id,
                    (greatest(sum(round(1000 * sign(quantity) * ln(1 + abs(quantity::float8))
                         * power(0.5, least(extract(epoch from newest.at - sold_at)::float8
                                            / 86400 / $2::integer, 1000)))::bigint), 0)
                     / 1000)::real as score
             from sales cross join newest
             where market = $1
             group by product_id
         ),
         gone as (
             delete from popularity
             where market = $1 and product_id not in (select product_id from scores)
         ),
         changed as (
             update popularity set score = scores.score from scores
             where popularity.product_id = scores.product_id and popularity.market = $1
                 and popularity.score <> scores.score
         )
         insert into popularity (product_id, market, score)
         select product_id, $1, score from scores
         where not exists (
             select from popularity known
             where known.product_id = scores.product_id and known.market = $1)",
        market,
        half_life_days
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether the sales history of this market has been brought in to its end: popularity is computed last.
pub(in crate::imports) async fn has_popularity(
    connection: &mut PgConnection,
    market: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from popularity where market = $1) as "exists!""#,
        market
    )
    .fetch_one(connection)
    .await
}
