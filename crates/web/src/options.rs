//! What tells variants apart, in the shopper's language.
//!
//! An option is a text, or a text in several languages: `{"size": {"en": "12 stems", "ru": "12 стеблей"}}`.

use serde_json::Value;
use souk_base::Lang;

use crate::format::Numbers;

/// The name of a variant: its options, joined; empty when it has none.
pub(crate) fn label(options: &Value, lang: Lang, numbers: Numbers) -> String {
    let Some(options) = options.as_object() else { return String::new() };
    let texts = options.values().filter_map(|option| text(option, lang));
    texts.map(|text| numbers.plain(text)).collect::<Vec<_>>().join(" · ")
}

/// The text of an option in this language, else in English, else in any.
fn text(option: &Value, lang: Lang) -> Option<&str> {
    let Value::Object(texts) = option else { return option.as_str() };
    let wanted = texts.get(lang.code()).or_else(|| texts.get(Lang::En.code()));
    wanted.or_else(|| texts.values().next())?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(options: &Value, lang: Lang) -> String {
        label(options, lang, Numbers::of(lang, None))
    }

    #[test]
    fn an_option_is_said_in_the_shoppers_language_and_digits() {
        let options = json!({ "size": { "en": "1.5 kg", "ru": "1.5 кг", "ar": "1.5 كجم" } });

        assert_eq!(named(&options, Lang::En), "1.5 kg");
        assert_eq!(named(&options, Lang::Ru), "1,5 кг");
        assert_eq!(named(&options, Lang::Ar), "١٫٥ كجم");
        assert_eq!(named(&options, Lang::Kk), "1,5 kg");
    }

    #[test]
    fn a_plain_option_is_shown_as_it_is_and_none_is_nothing() {
        assert_eq!(named(&json!({ "size": "Large", "wrap": "Mr. B" }), Lang::Ru), "Large · Mr. B");
        assert_eq!(named(&json!({ "size": 3 }), Lang::En), "");
        assert_eq!(named(&json!({}), Lang::En), "");
        assert_eq!(named(&Value::Null, Lang::En), "");
    }
}
