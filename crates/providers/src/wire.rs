//! How values look on the wire: amounts without floats, forms, XML elements, times.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use souk_base::{Currency, Money};

use crate::payments::Error;

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An amount as a JSON number in major units, printed from whole minor units: `12.500`.
#[must_use]
pub fn number(amount: Money) -> Box<RawValue> {
    let text = amount.to_decimal();
    RawValue::from_string(text).expect("digits with one point are a JSON number")
}

/// Reads an amount in major units, a JSON number or a text of one.
///
/// # Errors
/// [`Error::Unreadable`] for more digits than the currency has, exponents and everything else.
pub fn amount(raw: &RawValue, currency: Currency) -> Result<Money, Error> {
    decimal(raw.get().trim_matches('"'), currency)
}

/// Reads an amount in major units.
///
/// # Errors
/// [`Error::Unreadable`] as [`amount`].
pub fn decimal(text: &str, currency: Currency) -> Result<Money, Error> {
    Money::parse_decimal(text, currency).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads a currency's code, in capitals or not.
///
/// # Errors
/// [`Error::Unreadable`] for one that the shop does not have.
pub fn currency(code: &str) -> Result<Currency, Error> {
    code.to_ascii_uppercase()
        .parse()
        .map_err(|error: souk_base::ParseError| Error::Unreadable(error.to_string()))
}

/// Reads JSON.
///
/// # Errors
/// [`Error::Unreadable`], which says where but quotes nothing: bodies hold names and numbers of people.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::Unreadable(format!("not the JSON expected, at line {line} column {column}"))
    })
}

/// `application/x-www-form-urlencoded`, with `%20` for a space.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| {
        format!("{}={}", utf8_percent_encode(name, FORM), utf8_percent_encode(value, FORM))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The fields of a form or query; what is no text is left out.
#[must_use]
pub fn fields(form: &str) -> Vec<(String, String)> {
    let read = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    };
    let pairs = form.split('&').filter(|pair| !pair.is_empty());
    pairs
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((read(name)?, read(value)?))
        })
        .collect()
}

/// The value of a field.
#[must_use]
pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// The text of the first XML element of this name, for documents without attributes and nesting.
#[must_use]
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}
