//! Reading the values of a query one by one, so that an answer names everything that is wrong at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;

use crate::error::{Code, Error, FieldError, Result};

/// Reads values and gathers what is wrong with any of them. An empty text counts as not given, because
/// HTML forms send their empty fields.
#[derive(Default)]
pub(crate) struct Reader {
    errors: Vec<FieldError>,
}

impl Reader {
    /// A value of any type that says in its error what it must look like.
    pub(crate) fn optional<T: FromStr>(&mut self, name: &str, text: Option<&str>) -> Option<T>
    where
        T::Err: Display,
    {
        let text = text.filter(|text| !text.is_empty())?;
        let refuse = |error: T::Err| (Code::InvalidValue, error.to_string());
        self.keep(name, text.parse().map_err(refuse))
    }

    /// The same, where it must be given.
    pub(crate) fn required<T: FromStr>(&mut self, name: &str, text: Option<&str>) -> Option<T>
    where
        T::Err: Display,
    {
        if text.is_none_or(str::is_empty) {
            return self.keep(name, Err((Code::MissingField, format!("{name} must be given"))));
        }
        self.optional(name, text)
    }

    /// A whole number within limits.
    pub(crate) fn number(
        &mut self,
        name: &str,
        text: Option<&str>,
        range: RangeInclusive<usize>,
    ) -> Option<usize> {
        let number = self.optional::<i64>(name, text)?;
        let within = usize::try_from(number).ok().filter(|number| range.contains(number));
        let (min, max) = range.into_inner();
        self.keep(
            name,
            within.ok_or_else(|| {
                (Code::OutOfRange, format!("{name} must be from {min} to {max}, but is {number}"))
            }),
        )
    }

    /// A text of at most this many characters.
    pub(crate) fn length(&mut self, name: &str, text: Option<&str>, length_max: usize) {
        let too_long = text.is_some_and(|text| text.chars().count() > length_max);
        let detail = || format!("{name} must have at most {length_max} characters");
        self.keep(name, if too_long { Err((Code::TooLong, detail())) } else { Ok(()) });
    }

    /// A date of exactly the form YYYY-MM-DD.
    pub(crate) fn date(&mut self, name: &str, text: Option<&str>) -> Option<Date> {
        let text = text.filter(|text| !text.is_empty())?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        let refuse = || (Code::InvalidValue, format!("{name} must be a date such as 2026-02-14"));
        self.keep(name, date.ok_or_else(refuse))
    }

    /// Notes what else is wrong with a value.
    pub(crate) fn refuse(&mut self, name: &str, detail: &str) {
        self.keep::<()>(name, Err((Code::InvalidValue, detail.to_owned())));
    }

    /// Lets all pass, or refuses with everything that was wrong.
    pub(crate) fn finish(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Invalid(self.errors)) }
    }

    fn keep<T>(&mut self, name: &str, value: Result<T, (Code, String)>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err((code, detail)) => {
                self.errors.push(FieldError::new(format!("/{name}"), code, detail));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use souk_base::Lang;

    use super::*;

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let mut reader = Reader::default();

        assert_eq!(reader.optional::<Lang>("lang", Some("ar")), Some(Lang::Ar));
        assert_eq!(reader.optional::<Lang>("city", Some("")), None);
        assert_eq!(reader.optional::<Lang>("lang", Some("xx")), None);
        assert_eq!(reader.number("limit", Some("-1"), 1..=100), None);
        assert_eq!(reader.number("limit", Some("ten"), 1..=100), None);
        for bad in ["20260214", "2026-02-30", "2026-02-14T00:00", "tomorrow"] {
            assert_eq!(reader.date("date", Some(bad)), None);
        }

        let Err(Error::Invalid(errors)) = reader.finish() else { panic!("errors were expected") };
        let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
        assert_eq!(codes[..3], [Code::InvalidValue, Code::OutOfRange, Code::InvalidValue]);
        assert_eq!(codes.len(), 7);
    }
}
