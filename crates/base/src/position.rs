//! A position in PostgreSQL's write-ahead log (LSN).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ParseError;

/// A byte position in the write-ahead log, written as PostgreSQL writes it: `16/B374D848`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

impl FromStr for Position {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let refuse =
            || ParseError::new("position", "two hexadecimal numbers such as 16/B374D848", text);
        let (high, low) = text.split_once('/').ok_or_else(refuse)?;
        let part = |part: &str| {
            let hexadecimal = part.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hexadecimal {
                return Err(refuse());
            }
            u32::from_str_radix(part, 16).map_err(|_| refuse())
        };
        Ok(Position(u64::from(part(high)?) << 32 | u64::from(part(low)?)))
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    proptest! {
        #[test]
        fn every_position_reads_back_as_written(raw in any::<u64>()) {
            let position = Position(raw);

            assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
        }
    }

    #[test]
    fn nonsense_is_not_a_position() {
        for bad in ["", "/", "1", "G/1", "1/+2", "1/100000000", "1/2/3"] {
            assert!(bad.parse::<Position>().is_err(), "{bad}");
        }
    }
}
