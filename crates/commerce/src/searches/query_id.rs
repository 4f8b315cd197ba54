//! The name of a search: a UUID of version 7 (RFC 9562), which carries its time and sorts by it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// The name of a search, by which events say what they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(u128);

/// A text that is no name of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a query_id is what a search was answered with")]
pub struct NoQueryId;

impl QueryId {
    /// The name of a search at this instant; `random` tells those of one millisecond apart.
    #[must_use]
    pub fn new(now: Timestamp, random: u128) -> QueryId {
        const RANDOM_BITS: u128 = (0xFFF << 64) | (u128::MAX >> 66);
        let time = u128::from(now.as_millisecond().unsigned_abs() & 0xFFFF_FFFF_FFFF);
        QueryId((time << 80) | (7 << 76) | (2 << 62) | (random & RANDOM_BITS))
    }

    /// The instant of the search, to the millisecond.
    #[must_use]
    pub fn time(self) -> Timestamp {
        let ms = i64::try_from(self.0 >> 80).expect("48 bits fit");
        // A forged name may say a year that no calendar has.
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The day (UTC) of the search.
    #[must_use]
    pub fn day(self) -> Date {
        self.time().to_zoned(TimeZone::UTC).date()
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        f.write_str(&parts.join("-"))
    }
}

impl Serialize for QueryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for QueryId {
    type Err = NoQueryId;

    fn from_str(text: &str) -> Result<QueryId, NoQueryId> {
        let hex = text.replace('-', "");
        let id = u128::from_str_radix(&hex, 16).map(QueryId).map_err(|_| NoQueryId)?;
        let is_ours = id.to_string() == text && (id.0 >> 76) & 0xF == 7;
        is_ours.then_some(id).ok_or(NoQueryId)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_a_uuid_of_version_seven_that_knows_its_day(random: u128, ms in 0_i64..4_000_000_000_000) {
            let time = Timestamp::from_millisecond(ms).unwrap();
            let text = QueryId::new(time, random).to_string();

            let id: QueryId = text.parse().unwrap();

            assert_eq!((text.len(), &text[14..15]), (36, "7"));
            assert!("89ab".contains(&text[19..20]), "{text}");
            assert_eq!((id.time(), id.day()), (time, time.to_zoned(TimeZone::UTC).date()));
            assert!(QueryId::new(Timestamp::from_millisecond(ms + 1).unwrap(), 0) > id);
        }

        #[test]
        fn any_other_text_is_refused_and_nothing_panics(text in any::<String>()) {
            assert_eq!(text.parse::<QueryId>(), Err(NoQueryId));
        }
    }

    #[test]
    fn names_of_another_spelling_are_refused() {
        let id = QueryId::new(Timestamp::UNIX_EPOCH, u128::MAX).to_string();

        for bad in [
            id.to_uppercase(),
            id.replace('-', ""),
            id.replace("-7", "-4"),
            format!("+{}", &id[1..]),
        ] {
            assert_eq!(bad.parse::<QueryId>(), Err(NoQueryId), "{bad}");
        }
    }
}
