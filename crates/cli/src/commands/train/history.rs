//! What models are trained on: the shop's own past, or a table.

use std::path::Path;

use jiff::Timestamp;
use souk_base::MarketCode;
use souk_commerce::models;
use souk_recommend::train::{Data, Gathering};
use souk_recommend::{Columns, Names};

use crate::context::Context;

/// Everything that happened in a market, or only from and until these milliseconds since 1970.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_shop(
    context: &Context,
    market: MarketCode,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
) -> anyhow::Result<Data> {
    let instant =
        |ms: Option<i64>, open: Timestamp| ms.map_or(Ok(open), Timestamp::from_millisecond);
    let within = (instant(from_ms, Timestamp::UNIX_EPOCH)?, instant(to_ms, Timestamp::now())?);
    let mut connection = context.db.acquire().await?;
    let mut gathering = Gathering::default();
    models::purchases(&mut connection, market, within, &mut |it| {
        let (item, time_ms) = (it.product_id.to_string(), it.time.as_millisecond());
        gathering.bought(it.customer.as_deref(), &it.basket, &item, time_ms);
    })
    .await?;
    models::clicks(&mut connection, market, within, &mut |it| {
        gathering.clicked(&it.visitor, &it.product_id.to_string(), it.time.as_millisecond());
    })
    .await?;
    Ok(gathering.data())
}

/// The rows of a table, whole or within a time.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn of_file(
    file: &Path,
    columns: &Columns,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
) -> anyhow::Result<Data> {
    let mut log = souk_recommend::read(file, "user", columns, Names::default())?;
    log.events = log.events.between(from_ms.unwrap_or(i64::MIN), to_ms.unwrap_or(i64::MAX));
    Ok(Data::of_log(log))
}
