//! Marking the words of a query in a title, and the part of a description that shows them.

use souk_base::Lang;

use crate::analysis::{Word, is_irregular, spans, stem};
use crate::query::ResolvedWord;

/// Length of a snippet, in characters.
const SNIPPET_LENGTH: usize = 160;
/// What a snippet shows before the first word that matches.
const LEAD_LENGTH: usize = 50;
/// Letters that may stand before the first one of an Arabic word's stem.
const ARABIC_LEAD_LENGTH: usize = 4;
/// How much of a description is looked through, in bytes: a match further down is not worth the time.
const SCANNED_BYTES: usize = 4_096;

/// Marks the words of one query in texts of one language.
#[derive(Clone)]
pub(crate) struct Marker {
    lang: Lang,
    stems: Vec<String>,
    /// Folded words that match as they are: codes and what completes the last word.
    exact: Vec<String>,
    /// First letters of all of them, to pass most words over quickly.
    initials: Vec<char>,
}

/// Part of a description.
pub(crate) struct Snippet {
    /// As plain text.
    pub(crate) plain: String,
    /// As HTML with the matches marked.
    pub(crate) marked: String,
}

impl Marker {
    /// A marker of these words, and of what they mean besides.
    pub(crate) fn new(words: &[ResolvedWord], synonyms: &[(Lang, String)], lang: Lang) -> Marker {
        let completions =
            words.iter().flat_map(|word| word.completions.iter().flatten().map(|it| &it.folded));
        let exact = words.iter().map(|word| &word.folded).chain(completions);
        let synonyms = synonyms.iter().filter(|it| it.0 == lang).map(|it| &it.1);
        let exact = exact.chain(synonyms);
        let exact: Vec<String> = exact.cloned().collect();
        let stems: Vec<String> = exact.iter().map(|word| stem(lang, word)).collect();
        let initials = stems.iter().chain(&exact).filter_map(|word| word.chars().next()).collect();
        Marker { lang, stems, exact, initials }
    }

    /// The whole text as HTML, matches marked.
    pub(crate) fn mark(&self, text: &str) -> String {
        marked(text, 0, text.len(), self.matches_in(text))
    }

    /// About [`SNIPPET_LENGTH`] characters around the first match, or the beginning.
    pub(crate) fn snippet(&self, text: &str) -> Snippet {
        let scanned = &text[..text.floor_char_boundary(SCANNED_BYTES)];
        let mut matches = self.matches_in(scanned);
        let first = matches.next();
        let (start, end) = window(scanned, first.as_ref());
        let (before, after) = (start > 0, end < text.trim_end().len());
        let around = |part: String| {
            let (before, after) = (if before { "…" } else { "" }, if after { "…" } else { "" });
            format!("{before}{part}{after}")
        };
        let matches = first.into_iter().chain(matches);
        Snippet {
            plain: around(one_line(&scanned[start..end])),
            marked: around(marked(scanned, start, end, matches)),
        }
    }

    /// The words that match, looked for as far as they are asked for.
    fn matches_in(&self, text: &str) -> impl Iterator<Item = Word> {
        let looked_at = if self.initials.is_empty() { "" } else { text };
        let places =
            spans(looked_at).filter(|&(start, _)| self.may_begin(looked_at.as_bytes()[start]));
        let words = places.map(|(start, end)| Word::of(looked_at, start, end));
        words.filter(|word| self.matches(word))
    }

    /// Whether a word that begins with this byte is worth folding: what is Latin begins with the same letter then.
    fn may_begin(&self, first: u8) -> bool {
        !first.is_ascii() || self.initials.contains(&char::from(first.to_ascii_lowercase()))
    }

    fn matches(&self, word: &Word) -> bool {
        self.may_match(word)
            && (self.exact.contains(&word.folded)
                || self.stems.contains(&stem(self.lang, &word.folded)))
    }

    /// Whether a letter that a match could begin with stands where one could begin: an Arabic word may carry
    /// the article and other small words in front, and its plural a letter; дети is a form of ребёнок.
    fn may_match(&self, word: &Word) -> bool {
        let mut letters = word.folded.chars();
        let Some(first) = letters.next() else { return false };
        self.initials.contains(&first)
            || (matches!(first, 'ا'..='ي')
                && letters.take(ARABIC_LEAD_LENGTH).any(|letter| self.initials.contains(&letter)))
            || (matches!(first, 'а'..='я') && is_irregular(&word.folded))
    }
}

/// The byte range to show: from a word a little before the match to the last word that fits.
fn window(text: &str, first_match: Option<&Word>) -> (usize, usize) {
    if after_characters(text, 0, SNIPPET_LENGTH) == text.len() {
        return (0, text.trim_end().len());
    }
    let start = match first_match {
        Some(first) if first.end > after_characters(text, 0, SNIPPET_LENGTH * 2 / 3) => {
            let before = &text[..first.start];
            let lead = before.char_indices().rev().nth(LEAD_LENGTH - 1).map_or(0, |(at, _)| at);
            spans(before).map(|(start, _)| start).find(|&it| it >= lead).unwrap_or(first.start)
        }
        _ => 0,
    };
    let end = after_characters(text, start, SNIPPET_LENGTH);
    // Words are looked for from a space a little before the end on.
    let near = text[start..end].char_indices().rev().nth(LEAD_LENGTH).map_or(0, |(at, _)| at);
    let space = text[start..start + near].rfind(' ').map_or(start, |at| start + at);
    let last_from = |from: usize| {
        let behind = spans(&text[from..]).map(|(_, behind)| from + behind);
        behind.take_while(|&behind| behind <= end).last()
    };
    (start, last_from(space).or_else(|| last_from(start)).unwrap_or(end))
}

/// The offset that many characters behind `start`.
fn after_characters(text: &str, start: usize, count: usize) -> usize {
    text[start..].char_indices().nth(count).map_or(text.len(), |(offset, _)| start + offset)
}

/// The range as HTML on one line, with the matches in it marked; they come in their order.
fn marked(text: &str, start: usize, end: usize, matches: impl Iterator<Item = Word>) -> String {
    let mut html = String::with_capacity(end - start + 2 * "<mark></mark>".len());
    let mut written = start;
    for found in matches.take_while(|found| found.end <= end) {
        push_escaped(&text[written..found.start], &mut html);
        html.push_str("<mark>");
        push_escaped(&text[found.start..found.end], &mut html);
        html.push_str("</mark>");
        written = found.end;
    }
    push_escaped(&text[written..end], &mut html);
    html
}

fn push_escaped(text: &str, html: &mut String) {
    push_with(text, html, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => character.is_control().then_some(" "),
    });
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    push_with(text, &mut line, |character| character.is_control().then_some(" "));
    line
}

/// Adds the text, some of its characters replaced: runs of others go over at once.
fn push_with(text: &str, to: &mut String, instead: impl Fn(char) -> Option<&'static str>) {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        if let Some(replacement) = instead(character) {
            to.push_str(&text[written..at]);
            to.push_str(replacement);
            written = at + character.len_utf8();
        }
    }
    to.push_str(&text[written..]);
}

#[cfg(test)]
mod tests {
    use crate::analysis::words;
    use proptest::prelude::{any, proptest};
    use proptest::sample::Index;

    use super::*;

    fn marker(words: &[&str]) -> Marker {
        let word = |&word: &&str| ResolvedWord {
            written: word.to_owned(),
            folded: word.to_owned(),
            cost: 0,
            code: false,
            completions: None,
        };
        Marker::new(&words.iter().map(word).collect::<Vec<_>>(), &[], Lang::En)
    }

    #[test]
    fn every_form_of_a_word_is_marked_and_everything_else_escaped() {
        let html = marker(&["rose"]).mark("<b>Roses & \"rose\" prose</b>");

        assert_eq!(
            html,
            "&lt;b&gt;<mark>Roses</mark> &amp; &quot;<mark>rose</mark>&quot; prose&lt;/b&gt;"
        );
    }

    #[test]
    fn a_snippet_shows_the_first_match_between_whole_words() {
        let text = format!("{}a red rose for you {}", "filler ".repeat(60), "tail ".repeat(60));

        let snippet = marker(&["rose"]).snippet(&text);

        assert!(snippet.plain.starts_with("…filler ") && snippet.plain.ends_with(" tail…"));
        assert!(snippet.marked.contains("red <mark>rose</mark> for"));
        assert!(snippet.plain.chars().count() <= SNIPPET_LENGTH + 2);
    }

    #[test]
    fn a_short_description_is_shown_whole_and_an_endless_word_is_cut() {
        assert_eq!(marker(&["x"]).snippet("One\nline. ").plain, "One line.");
        assert_eq!(marker(&["x"]).snippet("").plain, "");
        assert_eq!(marker(&["x"]).snippet(&"я".repeat(9_000)).plain.chars().count(), 161);
    }

    /// The window counted out character by character.
    fn counted_window(text: &str, first_match: Option<&Word>) -> (usize, usize) {
        let words: Vec<Word> = words(text).collect();
        let length = |start: usize, end: usize| text[start..end].chars().count();
        if length(0, text.len()) <= SNIPPET_LENGTH {
            return (0, text.trim_end().len());
        }
        let start = match first_match {
            Some(first) if length(0, first.end) > SNIPPET_LENGTH * 2 / 3 => {
                let lead = words.iter().find(|word| length(word.start, first.start) <= LEAD_LENGTH);
                lead.map_or(first.start, |word| word.start)
            }
            _ => 0,
        };
        let fits = |word: &&Word| word.start >= start && length(start, word.end) <= SNIPPET_LENGTH;
        match words.iter().rev().find(fits) {
            Some(last) => (start, last.end),
            None => (start, after_characters(text, start, SNIPPET_LENGTH)),
        }
    }

    proptest! {
        #[test]
        fn a_window_ends_with_the_last_word_that_fits(
            text in "([a-z]{1,12}|я{1,30}|وَرْد|[ .-]{1,3}|rose){0,70}", at in any::<Index>()
        ) {
            let words: Vec<Word> = words(&text).collect();
            let first = (!words.is_empty()).then(|| &words[at.index(words.len())]);
            for first in [None, first] {
                assert_eq!(window(&text, first), counted_window(&text, first));
            }
        }

        #[test]
        fn no_text_makes_a_snippet_panic_and_no_mark_up_gets_through(
            text in "\\PC{0,400}|(<script>|&|rose|\n| |я){0,90}"
        ) {
            let marker = marker(&["rose"]);
            let (title, snippet) = (marker.mark(&text), marker.snippet(&text));
            for html in [title, snippet.marked] {
                let rest = html.replace("<mark>", "").replace("</mark>", "");
                assert!(!rest.contains(['<', '>', '"', '\'']), "{html}");
            }
        }
    }
}
