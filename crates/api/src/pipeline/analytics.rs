//! What figures are asked for: the days and the market, for the API and the office alike.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use souk_base::MarketCode;

use crate::AppState;
use crate::error::{Code, Error, FieldError, Result};

/// Days when the request does not say where they begin.
const DAYS_DEFAULT: i64 = 7;

/// Days that are counted together at most.
const DAYS_MAX: i64 = 92;

/// The first and the last day of a time (UTC), the latest week where nothing is given.
///
/// # Errors
/// [`Error::Invalid`] for a time that ends before it begins or is too long.
pub fn days(from: Option<Date>, to: Option<Date>) -> Result<(Date, Date)> {
    let to = to.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date());
    let from = from.unwrap_or_else(|| to.saturating_sub((DAYS_DEFAULT - 1).days()));
    let days = i64::from(to.since(from).map_or(-1, |span| span.get_days())) + 1;
    if (1..=DAYS_MAX).contains(&days) {
        return Ok((from, to));
    }
    let detail = format!("from 1 to {DAYS_MAX} days are counted together, but these are {days}");
    Err(FieldError::new("/from", Code::OutOfRange, detail).into())
}

/// Whether the shop serves this market.
///
/// # Errors
/// [`Error::NotFound`] when it does not, [`Error::NotReady`] before the first fill of the index.
pub fn known_market(app: &AppState, market: MarketCode) -> Result<()> {
    let view = app.view()?;
    view.tables.market(market).map(|_| ()).ok_or(Error::NotFound)
}
