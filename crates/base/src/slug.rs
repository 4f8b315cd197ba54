//! Slugs: the readable part of an address.

/// Longest slug, so that addresses stay readable.
const SLUG_LENGTH_MAX: usize = 80;

/// The text in lower-case ASCII letters and digits, words joined by `-`; empty when none is left.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if character != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_LENGTH_MAX {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_title_becomes_words_joined_by_hyphens() {
        assert_eq!(slug("  Record Frame 7\" Single — Size! "), "record-frame-7-single-size");
        assert_eq!(slug("Mother's Day"), "mothers-day");
        assert_eq!(slug("ورد أحمر"), "");
    }
}
