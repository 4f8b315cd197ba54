//! SQL of the wrappings slice.

use souk_base::SellerId;
use sqlx::PgConnection;

use super::Wrapping;
use crate::{Error, Result};

/// A row of `wrappings`.
pub(super) struct WrappingRow {
    seller_id: i64,
    market: String,
    minor: i64,
}

impl TryFrom<WrappingRow> for Wrapping {
    type Error = Error;

    fn try_from(row: WrappingRow) -> Result<Wrapping> {
        let WrappingRow { seller_id, market, minor } = row;
        Ok(Wrapping { seller_id: SellerId::new(seller_id), market: market.parse()?, minor })
    }
}

pub(super) async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<WrappingRow>> {
    sqlx::query_as!(
        WrappingRow,
        "select seller_id, market, minor from wrappings order by seller_id, market"
    )
    .fetch_all(connection)
    .await
}

/// Whether seller and market are there.
pub(super) async fn set(
    connection: &mut PgConnection,
    seller_id: i64,
    market: &str,
    minor: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into wrappings (seller_id, market, minor)
         select sellers.id, markets.code, $3 from sellers cross join markets
         where sellers.id = $1 and markets.code = $2
         on conflict (seller_id, market) do update set minor = excluded.minor",
        seller_id,
        market,
        minor
    );
    Ok(done.execute(connection).await?.rows_affected() > 0)
}

/// Whether it was there.
pub(super) async fn remove(
    connection: &mut PgConnection,
    seller_id: i64,
    market: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from wrappings where seller_id = $1 and market = $2",
        seller_id,
        market
    );
    Ok(done.execute(connection).await?.rows_affected() > 0)
}
