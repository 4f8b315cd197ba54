//! Telephone numbers.

use std::fmt;
use std::str::FromStr;

use souk_base::ParseError;

/// A telephone number in the form of E.164: `+96512345678`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Phone {
    type Err = ParseError;

    /// Spaces, hyphens, points and brackets are how people write, `00` is a `+`, and Arabic digits are digits.
    fn from_str(text: &str) -> Result<Phone, ParseError> {
        let refuse = || ParseError {
            what: "phone",
            expected: "a number with its country code, such as +96512345678",
            given: text.chars().take(64).collect(),
        };
        let plain: String =
            text.trim().chars().filter(|c| !" -.()\u{a0}".contains(*c)).map(western).collect();
        let digits =
            plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")).ok_or_else(refuse)?;
        let is_number = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Phone(format!("+{digits}"))) } else { Err(refuse()) }
    }
}

/// The digit that an Arabic or Persian one is.
fn western(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return c,
    };
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling_and_needs_its_country() {
        for text in ["+96512345678", " 00965 1234-5678", "+965 (1234) 56.78", "+٩٦٥١٢٣٤٥٦٧٨"]
        {
            assert_eq!(text.parse::<Phone>().unwrap().as_str(), "+96512345678", "{text}");
        }
        for text in ["", "12345678", "+1234567", "+1234567890123456", "+96512x45678", "+0123456789"]
        {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }
}
