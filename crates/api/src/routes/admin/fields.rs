//! Reading fields of a change: what is not there stays, and `null` is only where something can be taken away.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use souk_base::{Currency, Lang, MarketCode, Money, Translated};
use souk_commerce::{PgConnection, markets};

use crate::error::{Code, Error, FieldError, Result};

/// A field that can be changed but not taken away; for `#[serde(default, deserialize_with)]`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that can be changed, and taken away with `null`; for `#[serde(default, deserialize_with)]`.
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
pub(super) fn or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Texts by language code as they are sent.
pub(super) type Labels = BTreeMap<Lang, String>;

/// The same as the shop has them.
pub(super) fn translated(labels: Labels) -> Translated {
    labels.into_iter().collect()
}

/// The other way.
pub(super) fn labels(translated: &Translated) -> Labels {
    translated.iter().map(|(lang, text)| (lang, text.to_owned())).collect()
}

/// The currency of each market.
pub(super) struct Currencies(Vec<(MarketCode, Currency)>);

impl Currencies {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Currencies> {
        let markets = markets::list(connection).await?;
        Ok(Currencies(markets.iter().map(|market| (market.code, market.currency)).collect()))
    }

    /// The currency of a market, if there is one.
    pub(super) fn find(&self, market: MarketCode) -> Option<Currency> {
        let found = self.0.iter().find(|(code, _)| *code == market);
        found.map(|(_, currency)| *currency)
    }

    /// The currency of a market that a row names.
    pub(super) fn of(&self, market: MarketCode) -> Result<Currency> {
        let found = self.find(market);
        found.ok_or_else(|| Error::Internal(format!("{market} has rows and no currency")))
    }

    /// The currency of a market that a client named.
    pub(super) fn of_named(&self, market: MarketCode) -> Result<Currency> {
        let detail = format!("no market {market}");
        let refused = || FieldError::new("/market", Code::InvalidValue, detail).into();
        self.find(market).ok_or_else(refused)
    }
}

/// The minor units of an amount that must be in this currency; `field` is its name in the body.
pub(super) fn minor(field: &str, money: Money, currency: Currency) -> Result<i64> {
    if money.currency == currency {
        return Ok(money.minor);
    }
    let detail = format!("the market's currency is {currency}, not {}", money.currency);
    Err(FieldError::new(format!("/{field}/currency"), Code::InvalidValue, detail).into())
}
