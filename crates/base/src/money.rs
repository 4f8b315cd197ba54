//! Money: whole minor units of a currency that knows its digits. No float anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// A currency of one of the markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Emirati dirham.
    Aed,
    /// Bahraini dinar.
    Bhd,
    /// Egyptian pound.
    Egp,
    /// Pound sterling.
    Gbp,
    /// Jordanian dinar.
    Jod,
    /// Kuwaiti dinar.
    Kwd,
    /// Kazakhstani tenge.
    Kzt,
    /// Omani rial.
    Omr,
    /// Qatari riyal.
    Qar,
    /// Saudi riyal.
    Sar,
}

impl Currency {
    /// Every currency.
    pub const ALL: [Currency; 10] = [
        Currency::Aed,
        Currency::Bhd,
        Currency::Egp,
        Currency::Gbp,
        Currency::Jod,
        Currency::Kwd,
        Currency::Kzt,
        Currency::Omr,
        Currency::Qar,
        Currency::Sar,
    ];

    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Currency::Aed => "AED",
            Currency::Bhd => "BHD",
            Currency::Egp => "EGP",
            Currency::Gbp => "GBP",
            Currency::Jod => "JOD",
            Currency::Kwd => "KWD",
            Currency::Kzt => "KZT",
            Currency::Omr => "OMR",
            Currency::Qar => "QAR",
            Currency::Sar => "SAR",
        }
    }

    /// Digits after the decimal point (ISO 4217).
    #[must_use]
    pub const fn digits(self) -> u32 {
        match self {
            Currency::Bhd | Currency::Jod | Currency::Kwd | Currency::Omr => 3,
            Currency::Aed
            | Currency::Egp
            | Currency::Gbp
            | Currency::Kzt
            | Currency::Qar
            | Currency::Sar => 2,
        }
    }

    /// Minor units in one major unit.
    #[must_use]
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.digits())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Currency::ALL
            .into_iter()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| ParseError::new("currency", "a served ISO 4217 code", text))
    }
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are in two currencies.
    #[error("cannot combine {0} with {1}")]
    Currencies(Currency, Currency),
    /// The result does not fit 64 bits.
    #[error("amount is too large")]
    Overflow,
}

/// An amount in minor units: 12500 KWD minor is 12.500 KWD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// Their currency.
    pub currency: Currency,
}

impl Money {
    /// This many minor units of a currency.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Money { minor, currency }
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// [`MoneyError`] when the currencies differ or the sum does not fit.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// Reads a decimal amount such as `12.5` without ever passing through a float.
    ///
    /// # Errors
    /// [`ParseError`] for anything but digits, one point and at most the currency's digits
    /// (more are accepted while they are zeros).
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Money, ParseError> {
        let refuse = || ParseError::new("amount", "a decimal number with a point", text);
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = currency.digits() as usize;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = fraction.bytes().skip(digits).all(|byte| byte == b'0');
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || !fits {
            return Err(refuse());
        }
        let padded: String = fraction.chars().chain("000".chars()).take(digits).collect();
        let minor: i64 = format!("{whole}{padded}").parse().map_err(|_| refuse())?;
        Ok(Money::new(if negative { -minor } else { minor }, currency))
    }

    /// The amount as a decimal with the currency's digits and no grouping: `12.500`.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let digits = self.currency.digits() as usize;
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        format!("{sign}{}.{:0digits$}", minor / per_major, minor % per_major)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}
