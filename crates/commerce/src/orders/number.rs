//! What people call an order: short, readable aloud, and not to be guessed from another.

use souk_base::MarketCode;

/// Letters and digits that nobody takes for one another.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKLMNPQRSTVWXY";

/// Letters after the market: 30⁸ are enough for chance to keep a billion orders apart.
const LENGTH: usize = 8;

/// A new number, such as `KW-7KQ4M2XP`.
pub(crate) fn number(market: MarketCode) -> String {
    let mut random: u64 = rand::random();
    let mut number = format!("{market}-");
    for _ in 0..LENGTH {
        let place = usize::try_from(random % 30).unwrap_or_default();
        number.push(char::from(ALPHABET[place]));
        random /= 30;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_and_name_their_market() {
        let numbers: std::collections::HashSet<_> =
            (0..10_000).map(|_| number("KW".parse().unwrap())).collect();

        assert_eq!(numbers.len(), 10_000);
        assert!(numbers.iter().all(|number| number.starts_with("KW-") && number.len() == 11));
    }
}
