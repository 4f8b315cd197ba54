//! What was done, when: the rows that every model and every evaluation starts from.
//!
//! *Invariant*: [`Events`] are ordered by user, then time; rows of the same instant keep the order of their
//! file, which in a session is the order of clicks.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use linfa::dataset::Records;

use crate::error::{Error, Result};
use crate::numbers::index;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Ids of a file and the dense numbers that stand for them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: Vec<String>,
    places: HashMap<String, u32>,
}

impl Names {
    /// The number of this name, a new one when it is seen for the first time.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&known) = self.places.get(name) {
            return known;
        }
        let number = index(self.names.len());
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), number);
        number
    }

    /// The number of a name that was seen before.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<u32> {
        self.places.get(name).copied()
    }

    /// The name that a number stands for.
    #[must_use]
    pub fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// One thing that one user (or basket, or session) did with one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Who; for baskets and sessions, which.
    pub user: u32,
    /// With what.
    pub item: u32,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
}

/// Rows by user and time.
#[derive(Clone, Debug, Default)]
pub struct Events {
    rows: Vec<Event>,
    /// Start of each user's rows, and the end of the last one's.
    starts: Vec<usize>,
    item_count: usize,
}

impl Events {
    /// Orders rows; `user_count` and `item_count` are above every number in them.
    ///
    /// # Panics
    /// When a number is not below its count.
    #[must_use]
    pub fn new(mut rows: Vec<Event>, user_count: usize, item_count: usize) -> Events {
        rows.sort_by_key(|row| (row.user, row.time_ms));
        let mut starts = vec![0; user_count + 1];
        for row in &rows {
            assert!((row.item as usize) < item_count, "item {} of {item_count}", row.item);
            starts[row.user as usize + 1] += 1;
        }
        for user in 0..user_count {
            starts[user + 1] += starts[user];
        }
        Events { rows, starts, item_count }
    }

    /// All rows, by user, then time.
    #[must_use]
    pub fn rows(&self) -> &[Event] {
        &self.rows
    }

    /// The rows of one user, the oldest first.
    #[must_use]
    pub fn of(&self, user: usize) -> &[Event] {
        &self.rows[self.starts[user]..self.starts[user + 1]]
    }

    /// How many users there are, with rows or without.
    #[must_use]
    pub const fn user_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many items there are, with rows or without.
    #[must_use]
    pub const fn item_count(&self) -> usize {
        self.item_count
    }

    /// The rows with `from_ms` ≤ time < `to_ms`; users and items keep their numbers.
    #[must_use]
    pub fn between(&self, from_ms: i64, to_ms: i64) -> Events {
        let within = |row: &&Event| (from_ms..to_ms).contains(&row.time_ms);
        let rows = self.rows.iter().filter(within).copied().collect();
        Events::new(rows, self.user_count(), self.item_count)
    }

    /// The first and the last instant; `None` without rows.
    #[must_use]
    pub fn span_ms(&self) -> Option<(i64, i64)> {
        let times = || self.rows.iter().map(|row| row.time_ms);
        Some((times().min()?, times().max()?))
    }
}

impl Records for Events {
    type Elem = f32;

    /// A sample is a row.
    fn nsamples(&self) -> usize {
        self.rows.len()
    }

    /// The features of a row are the items that it could be about.
    fn nfeatures(&self) -> usize {
        self.item_count
    }
}

/// Unix seconds or ISO 8601 (`T` or a space, offset optional, then UTC) as milliseconds since 1970.
///
/// # Errors
/// [`Error::Time`] for anything else.
pub fn parse_time(text: &str) -> Result<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "a float's cast saturates")]
        return Ok((seconds * 1_000.0).round() as i64);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let civil: DateTime = text.parse().map_err(|_| Error::Time(text.to_owned()))?;
    let instant = civil.to_zoned(TimeZone::UTC).map_err(|_| Error::Time(text.to_owned()))?;
    Ok(instant.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_that_files_have() {
        let instant = 1_289_293_200_000;

        for text in [
            "1289293200",
            "1289293200.000",
            "2010-11-09T09:00:00Z",
            "2010-11-09 09:00:00",
            "2010-11-09T09:00",
            "2010-11-09T13:00:00+04:00",
            "2010-11-09 13:00:00+04:00",
        ] {
            assert_eq!(parse_time(text).ok(), Some(instant), "{text}");
        }
        assert_eq!(parse_time("2010-11-09").ok(), Some(1_289_260_800_000));
        assert!(parse_time("yesterday").is_err());
    }

    #[test]
    fn rows_come_by_user_and_time_whatever_their_order_was() {
        let row = |user, time_ms, item| Event { user, item, time_ms };
        let events = Events::new(vec![row(2, 5, 0), row(0, 9, 1), row(0, 3, 2)], 3, 3);

        assert_eq!(events.of(0), [row(0, 3, 2), row(0, 9, 1)]);
        assert_eq!(events.of(1), []);
        assert_eq!(events.between(4, 9).rows(), [row(2, 5, 0)]);
        assert_eq!(events.span_ms(), Some((3, 9)));
    }
}
