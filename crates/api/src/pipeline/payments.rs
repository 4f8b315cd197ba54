//! Ways to pay, as `GET /v1/{market}/payment-methods` and the pages offer them, and another try to pay.

use jiff::Timestamp;
use souk_base::{CityId, MarketCode, Tables};
use souk_commerce::checkout::Refusal;
use souk_commerce::orders::OrderGroupId;
use souk_commerce::payments::{self, Method, Started};
use souk_commerce::writes::{self, Answer, IdempotencyKey};

use crate::AppState;
use crate::error::{Error, Result};
use crate::pipeline::checkout::PaymentAnswer;
use crate::writing::created;

/// The ways to pay in a market that are open now, in the order in which they should be offered; a city narrows them to
/// those for it, a payer's country to those for payers from there.
///
/// # Errors
/// [`Error::NotFound`] for an unknown market; [`Error::NotReady`] before the first fill.
pub async fn offered(
    app: &AppState,
    market: MarketCode,
    city: Option<CityId>,
    country: Option<&str>,
) -> Result<Vec<Method>> {
    let view = app.view()?;
    let market = view.tables.market(market).ok_or(Error::NotFound)?;
    let mut connection = app.connection().await?;
    let mut methods = payments::methods(&mut connection, market.code, city, country).await?;
    methods.retain(|way| app.gateways.serves(market.code, way, market.payable_step));
    Ok(methods)
}

/// The codes of the ways to pay that are open now, market by market.
///
/// # Errors
/// [`Error::Commerce`] when the database does not answer.
pub(crate) async fn open_ways(
    app: &AppState,
    tables: &Tables,
) -> Result<Vec<(MarketCode, String)>> {
    let mut connection = app.connection().await?;
    let ways = payments::everywhere(&mut connection).await?;
    let is_open = |(code, way): &(MarketCode, Method)| {
        let step = tables.market(*code).map(|market| market.payable_step);
        step.is_some_and(|step| app.gateways.serves(*code, way, step))
    };
    Ok(ways.into_iter().filter(is_open).map(|(code, way)| (code, way.code)).collect())
}

/// Tries to pay a purchase again, once for each `key`. In a task of its own: a client that goes away must not leave it half
/// done.
///
/// # Errors
/// [`Error::Commerce`] for a way that is not offered, and as [`payments::again`].
pub async fn again(
    app: &AppState,
    key: IdempotencyKey,
    group: OrderGroupId,
    market: MarketCode,
    method: &str,
) -> Result<Started> {
    let mut connection = app.connection().await?;
    let found = payments::method(&mut connection, market, None, method).await;
    drop(connection);
    let method = match found {
        Err(souk_commerce::Error::NotFound) => {
            return Err(souk_commerce::Error::from(Refusal::MethodNotOffered).into());
        }
        found => found?,
    };
    let inner = app.clone();
    let tried = tokio::spawn(async move {
        let (db, gateways) = (&inner.db, &inner.gateways);
        payments::again(db, gateways, Some(key), group, &method, Timestamp::now()).await
    });
    Ok(tried.await.map_err(|error| Error::Internal(error.to_string()))??)
}

/// How another try is answered: as it stood when the first request with the key was answered, byte for byte.
///
/// # Errors
/// [`Error::Commerce`] when the database does not answer.
pub(crate) async fn answer(
    app: &AppState,
    key: &IdempotencyKey,
    started: Started,
) -> Result<Answer> {
    let told = created(None, &PaymentAnswer::of(started));
    let kept = writes::complete(&app.db, key, &payments::UNANSWERED, told.clone()).await?;
    Ok(Answer { body: kept.body, ..told })
}
