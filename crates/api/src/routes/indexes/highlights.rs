//! Marked texts in the tags that the client asked for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Characters as the search room escapes them in HTML.
const ESCAPED: [(&str, char); 5] =
    [("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&amp;", '&')];

/// What stands around each found word.
#[derive(Clone, Debug)]
pub(super) struct Tags {
    pub(super) pre: String,
    pub(super) post: String,
}

impl Tags {
    /// A text that is HTML with `<mark>` around found words, as plain text with these tags around them, and how
    /// much of a query of this many words was found.
    pub(super) fn result(&self, html: &str, words: usize) -> Value {
        let (mut value, mut found) = (String::new(), BTreeSet::new());
        let mut plain_only = true;
        for (text, marked) in pieces(html) {
            if marked {
                value.extend([self.pre.as_str(), &text, &self.post]);
                found.insert(text.to_lowercase());
            } else {
                plain_only &= text.trim().is_empty();
                value.push_str(&text);
            }
        }
        let level = match found.len() {
            0 => return json!({ "value": value, "matchLevel": "none", "matchedWords": [] }),
            some if some < words => "partial",
            _ => "full",
        };
        json!({
            "value": value, "matchLevel": level, "matchedWords": found, "fullyHighlighted": plain_only,
        })
    }
}

impl Tags {
    /// A plain text with these tags around the first place where a word of it begins as typed.
    pub(super) fn found(&self, text: &str, typed: &str) -> String {
        match beginning(text, typed.trim()) {
            Some((from, to)) => {
                [&text[..from], &self.pre, &text[from..to], &self.post, &text[to..]].concat()
            }
            None => text.to_owned(),
        }
    }

    /// The same with how much of what was typed was found.
    pub(super) fn continued(&self, text: &str, typed: &str) -> Value {
        let level = if beginning(text, typed.trim()).is_some() { "full" } else { "none" };
        let words: Vec<_> = typed.split_whitespace().filter(|_| level == "full").collect();
        json!({ "value": self.found(text, typed), "matchLevel": level, "matchedWords": words })
    }
}

/// Where a word of a text begins as typed, and where that ends, in bytes.
fn beginning(text: &str, typed: &str) -> Option<(usize, usize)> {
    let mut previous = ' ';
    text.char_indices().filter(|_| !typed.is_empty()).find_map(|(from, character)| {
        let is_start = previous.is_whitespace();
        previous = character;
        let rest = text[from..].char_indices();
        let ends = rest.map(|(at, character)| from + at + character.len_utf8());
        let is_typed = |end: &usize| text[from..*end].to_lowercase() == typed.to_lowercase();
        let end = ends.filter(|_| is_start).take(typed.chars().count()).find(is_typed)?;
        Some((from, end))
    })
}

/// The text piece by piece, and whether each is marked.
fn pieces(html: &str) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some((before, from)) = rest.split_once("<mark>") {
        let (marked, after) = from.split_once("</mark>").unwrap_or((from, ""));
        pieces.extend([(plain(before), false), (plain(marked), true)]);
        rest = after;
    }
    pieces.push((plain(rest), false));
    pieces
}

/// The text that is escaped so.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match ESCAPED.into_iter().find(|(escaped, _)| rest.starts_with(escaped)) {
            Some((escaped, character)) => {
                text.push(character);
                rest = &rest[escaped.len()..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn tags() -> Tags {
        Tags { pre: "[".to_owned(), post: "]".to_owned() }
    }

    #[test]
    fn marks_become_the_asked_tags_and_escapes_become_what_they_stand_for() {
        let result = tags().result("A <mark>red</mark> &lt;rose&gt; &amp;lt; B&B", 2);

        assert_eq!(result["value"], "A [red] <rose> &lt; B&B");
        assert_eq!(result["matchLevel"], "partial");
        assert_eq!(result["matchedWords"], json!(["red"]));
        assert_eq!(result["fullyHighlighted"], false);
    }

    #[test]
    fn a_text_is_matched_in_full_or_not_at_all() {
        let full = tags().result("<mark>Red</mark> <mark>Rose</mark>", 2);
        let none = tags().result("Lamp", 1);

        assert_eq!(
            (&full["matchLevel"], &full["fullyHighlighted"]),
            (&json!("full"), &json!(true))
        );
        assert_eq!(none, json!({ "value": "Lamp", "matchLevel": "none", "matchedWords": [] }));
    }

    #[test]
    fn the_word_that_goes_on_is_marked_where_it_begins() {
        assert_eq!(tags().found("Red and Blue", "bl"), "Red and [Bl]ue");
        assert_eq!(tags().found("Red and Blue", "lu"), "Red and Blue");
        assert_eq!(tags().found("وردة حمراء", "حم"), "وردة [حم]راء");
        assert_eq!(tags().continued("red rose", "red r")["value"], "[red r]ose");
        assert_eq!(tags().continued("red rose", "")["matchLevel"], "none");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_marking_panic(text in any::<String>(), html in "(<mark>|</mark>|&|&lt;|a)*") {
            let _ = (tags().found(&text, &html), tags().found(&html, &text), tags().found(&text, &text));
            let _ = tags().result(&text, 1);
            let _ = tags().result(&html, 0);
        }
    }
}
