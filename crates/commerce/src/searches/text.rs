//! Queries as texts: the spelling they are counted in, whether two are one thought, and what must not be shown to others.

/// Longest query that is counted whole, in characters; the log keeps what was typed.
const LENGTH_MAX: usize = 200;

/// Digits that make a telephone number, a card or an order.
const DIGITS_MAX: usize = 6;

/// The one spelling under which a query is counted: lower case, single spaces, without Arabic vowel marks, and with
/// the letters that are typed interchangeably made one.
#[must_use]
pub fn folded(query: &str) -> String {
    let letters: String = query.chars().flat_map(char::to_lowercase).filter_map(letter).collect();
    let words = letters.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LENGTH_MAX).collect::<String>().trim_end().to_owned()
}

fn letter(character: char) -> Option<char> {
    match character {
        // Tatweel and vowel marks; NUL, which no text column can hold.
        'ـ' | '\u{64b}'..='\u{652}' | '\0' => None,
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ى' => Some('ي'),
        'ة' => Some('ه'),
        'ё' => Some('е'),
        other => Some(other),
    }
}

/// Whether typing led from one text to the other: one begins with the other, or a slip was put right.
pub(super) fn is_typing(before: &str, after: &str) -> bool {
    if before.starts_with(after) || after.starts_with(before) {
        return true;
    }
    let (old, new): (Vec<_>, Vec<_>) = (before.split(' ').collect(), after.split(' ').collect());
    if old.len() == new.len() {
        return old.iter().zip(new).all(|(old, new)| is_slip(old, new));
    }
    is_slip(before, after)
}

/// Whether two words are one but for slips: one from four letters on, two from eight.
fn is_slip(one: &str, other: &str) -> bool {
    let slips = match one.chars().count().min(other.chars().count()) {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    };
    strsim::osa_distance(one, other) <= slips
}

/// Whether a query may name a person: an e-mail address, or digits as long as a telephone number. Such a query is
/// never suggested to others.
pub(super) fn is_personal(text: &str) -> bool {
    let digits = text.chars().filter(|character| character.is_numeric()).count();
    digits > DIGITS_MAX || text.contains('@')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn spellings_of_one_query_are_counted_together() {
        assert_eq!(folded("  Red\u{a0}  ROSES "), "red roses");
        assert_eq!(folded("وَرْدة أحـــمر"), folded("ورده احمر"));
        assert_eq!(folded("Тёплый"), "теплый");
        assert_eq!(folded(" \u{640} "), "");
    }

    #[test]
    fn typing_goes_on_and_back_and_slips_are_put_right() {
        for (before, after) in [
            ("r", "ros"),
            ("roses", "rose"),
            ("rises", "roses"),
            ("chrismas ligts", "christmas lights"),
        ] {
            assert!(is_typing(before, after), "{before}, {after}");
        }
        for (before, after) in [("rose", "tulip"), ("cup", "cap"), ("red rose", "red vase")] {
            assert!(!is_typing(before, after), "{before}, {after}");
        }
    }

    #[test]
    fn what_names_a_person_is_known() {
        for text in ["+965 5012 3456", "٠٥٠١٢٣٤٥٦", "a@b.example", "card 4242-4242"] {
            assert!(is_personal(text), "{text}");
        }
        for text in ["red roses", "100 roses 60 cm", "iphone 15", "ورد"] {
            assert!(!is_personal(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(query in any::<String>()) {
            let once = folded(&query);

            assert_eq!(folded(&once), once);
            assert!(once.chars().count() <= LENGTH_MAX && !once.contains('\0'));
        }

        #[test]
        fn typing_has_no_direction(before in "[a-d ]{0,12}", after in "[a-d ]{0,12}") {
            assert_eq!(is_typing(&before, &after), is_typing(&after, &before));
            assert!(is_typing(&before, &before));
        }
    }
}
