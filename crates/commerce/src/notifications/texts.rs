//! What messages say: one file a language, a section a kind, `{name}` for what is put in.
//!
//! A section has the subject of a mail, the text of an SMS, and after a blank line the text of the mail, whose paragraphs are
//! its HTML as well.

use souk_base::Lang;

use super::Kind;

const EN: &str = include_str!("texts/en.txt");
const AR: &str = include_str!("texts/ar.txt");
const RU: &str = include_str!("texts/ru.txt");
const KK: &str = include_str!("texts/kk.txt");

/// What is put in, by name.
pub(super) type Values<'a> = [(&'static str, &'a str)];

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) sms: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A message of this kind in this language.
pub(super) fn words(kind: Kind, lang: Lang, values: &Values<'_>) -> Words {
    let (subject, sms, text) = template(kind, lang);
    Words {
        subject: fill(subject, values),
        sms: fill(sms, values),
        text: fill(text, values),
        html: html(lang, text, values),
    }
}

/// Subject, SMS and text of a section.
fn template(kind: Kind, lang: Lang) -> (&'static str, &'static str, &'static str) {
    let file = match lang {
        Lang::En => EN,
        Lang::Ar => AR,
        Lang::Ru => RU,
        Lang::Kk => KK,
    };
    let section = file.split("== ").find_map(|section| {
        section.strip_prefix(kind.code()).and_then(|rest| rest.strip_prefix('\n'))
    });
    let section = section.expect("every file has every section, which a test reads");
    let (head, text) = section.split_once("\n\n").unwrap_or((section, ""));
    let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("");
    (line("subject: "), line("sms: "), text.trim())
}

fn fill(text: &str, values: &Values<'_>) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// A page that any mail program shows, right to left where the language is; values stand apart from the direction of the
/// words around them, and a link is one.
fn html(lang: Lang, text: &str, values: &Values<'_>) -> String {
    let paragraph = |paragraph: &str| {
        let inner = values.iter().fold(escaped(paragraph), |inner, (name, value)| {
            let value = escaped(value);
            let shown = match *name {
                "link" => format!("<a href=\"{value}\" dir=\"ltr\">{value}</a>"),
                _ => format!("<bdi>{value}</bdi>"),
            };
            inner.replace(&format!("{{{name}}}"), &shown)
        });
        format!("<p>{inner}</p>\n")
    };
    let body: String = text.split("\n\n").map(paragraph).collect();
    let direction = lang.direction();
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{direction}\"><head><meta charset=\"utf-8\"></head>\n\
         <body style=\"font:16px/1.5 sans-serif;color:#22301f;max-width:34em;margin:2em auto;padding:0 1em\">\n\
         {body}</body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names between braces.
    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|it| it.0).collect()
    }

    #[test]
    fn every_language_says_every_message_with_the_same_values() {
        for kind in Kind::ALL {
            let english = template(kind, Lang::En);
            for lang in Lang::ALL {
                let (subject, sms, text) = template(kind, lang);
                for (own, other) in [(subject, english.0), (sms, english.1), (text, english.2)] {
                    assert!(!own.is_empty(), "{lang} {}", kind.code());
                    assert_eq!(names(own), names(other), "{lang} {}: {own}", kind.code());
                }
            }
        }
    }

    #[test]
    fn a_message_is_filled_and_its_html_is_safe_and_has_its_direction() {
        let values = [
            ("shop", "Souk"),
            ("numbers", "KW-1"),
            ("total", "12.500 KWD"),
            ("link", "https://a.b/o?s=1&t=<x>"),
        ];

        let words = words(Kind::Paid, Lang::Ar, &values);

        assert!(words.text.contains("12.500 KWD") && !words.text.contains('{'), "{}", words.text);
        assert!(words.sms.starts_with("Souk: "), "{}", words.sms);
        assert!(words.html.contains("dir=\"rtl\"") && words.html.contains("<bdi>KW-1</bdi>"));
        assert!(
            words.html.contains("href=\"https://a.b/o?s=1&amp;t=&lt;x&gt;\""),
            "{}",
            words.html
        );
    }
}
