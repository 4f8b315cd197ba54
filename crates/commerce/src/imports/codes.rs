//! Codes made from names: readable where the name is Latin, short and stable where it is not.

use sha2::{Digest, Sha256};
use souk_base::{Lang, Translated, slug};

/// From this length on [`slug`] has cut the name, and two names may share the cut part.
const SLUG_LENGTH_CUT: usize = 80;

/// The code of a name: its slug, or a hash of the name when nothing Latin is left of it.
pub(super) fn code_of(name: &str) -> String {
    let readable = slug(name);
    if readable.is_empty() {
        return format!("x{}", short_hash(name));
    }
    if readable.len() + 1 >= SLUG_LENGTH_CUT {
        return format!("{readable}-{}", short_hash(name));
    }
    readable
}

/// The code of a translated name: that of the English one, else of any.
pub(super) fn code_of_label(label: &Translated) -> String {
    code_of(label.get(Lang::En))
}

/// The code of an attribute's name: as in filters, words joined by `_`, a letter first.
pub(super) fn attribute_code(name: &str) -> String {
    let code = code_of(name).replace('-', "_");
    if code.starts_with(|first: char| first.is_ascii_lowercase()) {
        code
    } else {
        format!("a_{code}")
    }
}

/// Eight hexadecimal digits that stand for a text, the same on every machine.
pub(super) fn short_hash(text: &str) -> String {
    format!("{:08x}", stable_hash(text) >> 32)
}

/// A number that stands for a text, the same on every machine and in every version.
pub(super) fn stable_hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_name_stays_readable_and_any_other_gets_a_stable_code() {
        assert_eq!(code_of("Mother's Day"), "mothers-day");
        assert_eq!(code_of("أحمر"), code_of("أحمر"));
        assert_ne!(code_of("أحمر"), code_of("أبيض"));
        assert_eq!(code_of("أحمر").len(), 9);
    }

    #[test]
    fn an_attribute_code_begins_with_a_letter() {
        assert_eq!(attribute_code("Colour family"), "colour_family");
        assert_eq!(attribute_code("3D ready"), "a_3d_ready");
        assert_eq!(attribute_code("t_compatible_memory__slots_"), "t_compatible_memory_slots");
    }

    #[test]
    fn two_long_names_with_the_same_beginning_get_two_codes() {
        let (one, other) = ("a ".repeat(60) + "one", "a ".repeat(60) + "other");

        assert_ne!(code_of(&one), code_of(&other));
    }
}
