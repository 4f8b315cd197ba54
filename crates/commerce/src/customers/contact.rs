//! How a customer is reached.

use std::fmt;
use std::str::FromStr;

use souk_base::ParseError;

use crate::checkout::Phone;

/// Longest e-mail address (RFC 5321), in characters.
const EMAIL_LENGTH_MAX: usize = 254;

/// An e-mail address, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// An e-mail address or a telephone number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Contact {
    /// Where to write.
    Email(Email),
    /// Where to call.
    Phone(Phone),
}

impl Email {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Contact {
    /// The address or number as text: each has one spelling, and none is both.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Contact::Email(email) => email.as_str(),
            Contact::Phone(phone) => phone.as_str(),
        }
    }

    /// The address, if it is one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        matches!(self, Contact::Email(_)).then(|| self.as_str())
    }

    /// The number, if it is one.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        matches!(self, Contact::Phone(_)).then(|| self.as_str())
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = ParseError;

    /// Something before and after one `@`, with a point behind it, and nothing in it that ends a header of a mail.
    fn from_str(text: &str) -> Result<Email, ParseError> {
        let address = text.trim().to_lowercase();
        let is_plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        let parts = address.split_once('@');
        let is_address = parts.is_some_and(|(name, host)| {
            is_plain(name) && is_plain(host) && host.contains('.') && !host.contains('@')
        });
        let quotes = ['<', '>', '"', ',', ';', '\\', '(', ')', '[', ']'];
        let is_fit = address.chars().count() <= EMAIL_LENGTH_MAX && !address.contains(quotes);
        if is_address && is_fit {
            return Ok(Email(address));
        }
        Err(ParseError {
            what: "email",
            expected: "an e-mail address, such as noor@example.com",
            given: text.chars().take(64).collect(),
        })
    }
}

impl FromStr for Contact {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Contact, ParseError> {
        if text.contains('@') {
            return text.parse().map(Contact::Email);
        }
        text.parse().map(Contact::Phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_number_has_one_spelling() {
        let same = |one: &str, other: &str| {
            assert_eq!(one.parse::<Contact>().unwrap(), other.parse().unwrap());
        };

        same(" Noor@Example.com", "noor@example.com");
        same("00965 1234 5678", "+96512345678");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "noor",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a@b@c.d",
            "a b@c.d",
            "a@b.c\r\nBcc: d@e.f",
            "a\0@b.c",
        ] {
            assert!(text.parse::<Contact>().is_err(), "{text}");
        }
        assert!(format!("{}@b.c", "a".repeat(251)).parse::<Contact>().is_err());
        assert!("\"Noor\" <noor@example.com>".parse::<Contact>().is_err());
    }
}
