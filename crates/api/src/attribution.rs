//! Which served list something follows from: a signed token that goes out with the list and comes back with events.

use souk_base::MarketCode;
use souk_commerce::searches::QueryId;

use crate::cursor::{self, Keys};

/// What a token is for, so that a cursor is none.
const KIND: &str = "recommendations";

/// A served list, as its token names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Key of the list.
    pub list: QueryId,
    /// Where it was served.
    pub market: MarketCode,
    /// Where on the pages.
    pub placement: String,
}

impl Attribution {
    /// A list of this market and placement.
    #[must_use]
    pub fn of(list: QueryId, market: MarketCode, placement: &str) -> Attribution {
        Attribution { list, market, placement: placement.to_owned() }
    }

    /// Its token.
    #[must_use]
    pub fn token(&self, keys: &Keys) -> String {
        cursor::write(keys, &KIND, &(self.list, self.market, &self.placement))
    }

    /// The list of a token; none for one that the shop has not signed.
    #[must_use]
    pub fn read(keys: &Keys, token: &str) -> Option<Attribution> {
        let (list, market, placement): (String, MarketCode, String) =
            cursor::read(keys, &KIND, token).ok()?;
        Some(Attribution { list: list.parse().ok()?, market, placement })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_token_names_its_list_and_nobody_else_can_make_one() {
        let (keys, list) = (Keys::new(b"secret"), QueryId::new(Timestamp::now(), 7));
        let served = Attribution::of(list, "KW".parse().unwrap(), "home");
        let token = served.token(&keys);

        assert_eq!(Attribution::read(&keys, &token), Some(served));
        assert_eq!(Attribution::read(&Keys::new(b"other"), &token), None);
        assert_eq!(Attribution::read(&keys, "t"), None);
    }
}
