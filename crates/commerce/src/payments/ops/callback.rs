//! Callbacks and returns: proved ones are taken in, the others are a reason to ask the provider.

use jiff::Timestamp;
use souk_base::MarketCode;
use souk_providers::payments::{self as providers, Report, Verdict};

use super::super::Gateways;
use super::super::sql::{attempts, events};
use super::super::state::Source;
use super::apply::{Heard, Told, apply};
use super::{operate, tend};
use crate::orders::OrderGroupId;
use crate::{Db, Error, Result};

/// What came in for a provider.
#[derive(Clone, Debug)]
pub struct Callback<'a> {
    /// The provider, by its address.
    pub connector: &'a str,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The query, as sent.
    pub query: String,
    /// The body, as sent.
    pub body: Vec<u8>,
    /// Whether the provider called, or the shopper came back.
    pub source: Source,
}

/// Takes a callback in; gives the purchase it is about, and where its shopper goes on.
///
/// # Errors
/// [`Error::NotFound`] for a provider without an account, and for a callback about nothing of ours.
pub async fn callback(
    db: &Db,
    gateways: &Gateways,
    given: Callback<'_>,
    now: Timestamp,
) -> Result<(OrderGroupId, String)> {
    let Callback { connector, headers, query, body, source } = given;
    let received_at_s = now.as_second();
    let callback = providers::Callback { headers, query, body, received_at_s };
    let (mut proved, mut unverified) = (Vec::new(), None);
    for (market, gateway) in gateways.of(connector) {
        match gateway.verify(&callback) {
            Verdict::Verified(report) => proved.push((market, report)),
            Verdict::Unverified { reference, provider_ref } => {
                unverified.get_or_insert((reference, provider_ref));
            }
        }
    }
    if let Some((market, report)) = of_own_market(db, connector, proved).await? {
        let body = callback.body.as_slice();
        let told = Told { connector, market, report: &report, attempt: None, body };
        return match apply(db, gateways, &told, source, now).await? {
            Heard::Taken(id) | Heard::Used(id) | Heard::Refused(id) => {
                operate::drive(db, gateways, Some(id.get()), now).await?;
                whose(db, id.get()).await
            }
            Heard::Stranger => Err(Error::NotFound),
        };
    }
    let (reference, provider_ref) = unverified.ok_or(Error::NotFound)?;
    let mut connection = db.acquire().await?;
    let (reference, provider_ref) = (reference.as_deref(), provider_ref.as_deref());
    let named = attempts::named(&mut connection, connector, reference, provider_ref).await?;
    let id = named.ok_or(Error::NotFound)?;
    keep(&mut connection, connector, id, &callback.body, now).await?;
    drop(connection);
    tend::look(db, gateways, id, now).await?;
    operate::drive(db, gateways, Some(id), now).await?;
    whose(db, id).await
}

/// Of the accounts whose key proves a report the one in whose market the payment was begun: a company may have one key for
/// all its countries.
async fn of_own_market(
    db: &Db,
    connector: &str,
    mut proved: Vec<(MarketCode, Box<Report>)>,
) -> Result<Option<(MarketCode, Box<Report>)>> {
    if let Some((_, report)) = proved.first()
        && proved.len() > 1
    {
        let (reference, provider_ref) =
            (report.reference.as_deref(), report.provider_ref.as_deref());
        let mut connection = db.acquire().await?;
        let named = attempts::named(&mut connection, connector, reference, provider_ref).await?;
        if let Some(id) = named {
            let own: MarketCode = attempts::one(&mut connection, id).await?.market.parse()?;
            proved.sort_by_key(|(market, _)| *market != own);
        }
    }
    Ok(proved.into_iter().next())
}

/// Keeps what nobody has proved, without its event: the real one may still come.
async fn keep(
    connection: &mut sqlx::PgConnection,
    connector: &str,
    attempt: i64,
    body: &[u8],
    now: Timestamp,
) -> Result<()> {
    if body.is_empty() {
        return Ok(());
    }
    let callback = events::NewCallback {
        connector,
        event_key: None,
        attempt: Some(attempt),
        verified: false,
        outcome: "asked",
        body,
    };
    events::keep(connection, &callback, now.into()).await?;
    Ok(())
}

async fn whose(db: &Db, attempt: i64) -> Result<(OrderGroupId, String)> {
    let row = attempts::one(&mut *db.acquire().await?, attempt).await?;
    let group = row.group_id.parse().map_err(|_| Error::UnknownState(row.group_id.clone()))?;
    let to = match row.return_to {
        Some(to) => to,
        None => {
            let mut connection = db.acquire().await?;
            let payer = super::super::sql::intents::payer(&mut connection, &row.group_id).await?;
            format!("/orders/{}", payer.number.unwrap_or_default())
        }
    };
    Ok((group, to))
}
