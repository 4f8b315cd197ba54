//! The four languages, and a text in some of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// A language of pages and search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Arabic, written right to left.
    Ar,
    /// English.
    En,
    /// Russian.
    Ru,
    /// Kazakh, in Cyrillic.
    Kk,
}

impl Lang {
    /// Every language, in the order of the enum.
    pub const ALL: [Lang; 4] = [Lang::Ar, Lang::En, Lang::Ru, Lang::Kk];

    /// The ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Ar => "ar",
            Lang::En => "en",
            Lang::Ru => "ru",
            Lang::Kk => "kk",
        }
    }

    /// The language's own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lang::Ar => "العربية",
            Lang::En => "English",
            Lang::Ru => "Русский",
            Lang::Kk => "Қазақша",
        }
    }

    /// `rtl` or `ltr`, as HTML's `dir` has it.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Lang::Ar => "rtl",
            Lang::En | Lang::Ru | Lang::Kk => "ltr",
        }
    }

    /// The place of this language in [`Lang::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Lang {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Lang::ALL
            .into_iter()
            .find(|lang| lang.code() == text)
            .ok_or_else(|| ParseError::new("lang", "one of ar, en, ru, kk", text))
    }
}

/// One text in up to four languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated([Option<Box<str>>; 4]);

impl Translated {
    /// Sets the text of one language.
    pub fn set(&mut self, lang: Lang, text: impl Into<Box<str>>) {
        self.0[lang.index()] = Some(text.into());
    }

    /// The text in exactly this language.
    #[must_use]
    pub fn exact(&self, lang: Lang) -> Option<&str> {
        self.0[lang.index()].as_deref()
    }

    /// The text in this language, else in English, else in any; empty when there is none at all.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        self.exact(lang)
            .or_else(|| self.exact(Lang::En))
            .or_else(|| self.0.iter().flatten().next().map(AsRef::as_ref))
            .unwrap_or_default()
    }

    /// Each language that has a text, with it.
    pub fn iter(&self) -> impl Iterator<Item = (Lang, &str)> {
        Lang::ALL.into_iter().filter_map(|lang| Some((lang, self.exact(lang)?)))
    }
}

impl FromIterator<(Lang, String)> for Translated {
    fn from_iter<I: IntoIterator<Item = (Lang, String)>>(texts: I) -> Self {
        let mut translated = Translated::default();
        for (lang, text) in texts {
            translated.set(lang, text);
        }
        translated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_falls_back_to_english_then_to_any() {
        let mut label = Translated::default();
        label.set(Lang::Ru, "Розы");

        assert_eq!(label.get(Lang::Kk), "Розы");

        label.set(Lang::En, "Roses");

        assert_eq!(label.get(Lang::Kk), "Roses");
        assert_eq!(label.get(Lang::Ru), "Розы");
        assert_eq!(label.exact(Lang::Kk), None);
    }
}
