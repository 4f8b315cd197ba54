//! Telephone numbers as people of a country type them.

use souk_base::MarketCode;
use souk_commerce::checkout::Phone;

use crate::text::basket::basket;
use crate::text::fill;
use crate::visit::Visit;

/// How a country is called from abroad, what its people dial before a number at home, and an example.
struct Dialling {
    country: &'static str,
    trunk: &'static str,
    example: &'static str,
}

fn dialling(market: &str) -> Option<Dialling> {
    let of = |country, trunk, example| Some(Dialling { country, trunk, example });
    match market.as_bytes() {
        b"AE" => of("+971", "0", "+971 50 123 4567"),
        b"BH" => of("+973", "", "+973 3600 1234"),
        b"EG" => of("+20", "0", "+20 100 123 4567"),
        b"GB" => of("+44", "0", "+44 7400 123456"),
        b"JO" => of("+962", "0", "+962 79 012 3456"),
        b"KW" => of("+965", "", "+965 5001 2345"),
        b"KZ" => of("+7", "8", "+7 771 000 9998"),
        b"OM" => of("+968", "", "+968 9212 3456"),
        b"QA" => of("+974", "", "+974 3312 3456"),
        b"SA" => of("+966", "0", "+966 51 234 5678"),
        _ => None,
    }
}

/// The number that was typed; without a country's code it is one of the market's own.
pub(crate) fn read(typed: &str, market: MarketCode) -> Option<Phone> {
    if let Ok(phone) = typed.parse() {
        return Some(phone);
    }
    let Dialling { country, trunk, .. } = dialling(market.as_str())?;
    let typed = typed.trim();
    let is_own = !typed.starts_with('+') && !typed.starts_with("00");
    // Reading it as a number from abroad first turns every kind of digit into western ones.
    let plain: Phone = is_own.then(|| format!("+1{typed}").parse().ok()).flatten()?;
    let digits = plain.as_str().strip_prefix("+1")?;
    format!("{country}{}", digits.strip_prefix(trunk).unwrap_or(digits)).parse().ok()
}

/// How a number of the market is written.
pub(crate) fn example(market: MarketCode) -> &'static str {
    dialling(market.as_str()).map_or("+965 5001 2345", |dialling| dialling.example)
}

/// What is said about a number that is none. Its example reads the same way within every script.
pub(crate) fn complaint(visit: &Visit) -> String {
    let example = format!("\u{2066}{}\u{2069}", example(visit.market));
    fill(basket(visit.lang).bad_phone, "example", &example)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(typed: &str, market: &str) -> Option<String> {
        read(typed, market.parse().unwrap()).map(|phone| phone.to_string())
    }

    #[test]
    fn a_number_is_understood_as_people_at_home_and_abroad_write_it() {
        let cases = [
            ("5001 2345", "KW", "+96550012345"),
            ("٥٠٠١٢٣٤٥", "KW", "+96550012345"),
            ("+44 7400 123456", "KW", "+447400123456"),
            ("0044 7400 123456", "KW", "+447400123456"),
            ("07400 123456", "GB", "+447400123456"),
            ("8 (771) 000-99-98", "KZ", "+77710009998"),
            ("771 000 9998", "KZ", "+77710009998"),
            ("050 123 4567", "AE", "+971501234567"),
        ];
        for (typed, market, expected) in cases {
            assert_eq!(phone(typed, market).as_deref(), Some(expected), "{typed}");
        }
        for (typed, market) in [("", "KW"), ("12", "KW"), ("call me", "GB"), ("+965", "KW")] {
            assert_eq!(phone(typed, market), None, "{typed}");
        }
    }

    #[test]
    fn every_example_is_a_number() {
        for market in ["AE", "BH", "EG", "GB", "JO", "KW", "KZ", "OM", "QA", "SA"] {
            let market = market.parse().unwrap();
            assert!(read(example(market), market).is_some(), "{market}");
        }
    }
}
