//! The words of a query against the words there are: corrections and completions.

use super::{Query, QueryWord};
use crate::Result;
use crate::analysis::{is_stop_word, other_layouts};
use crate::vocabulary::{Slip, Together, Vocabulary};

/// With fewer products that have all words, none of them in a phrase, one of the words is doubted.
const DOUBTED_BELOW: u64 = 10;
/// And another believed when so many have it in a phrase with the others, or so many times as many at all.
const BELIEVED_PHRASES: u64 = 3;
const BELIEVED_FACTOR: u64 = 10;
/// Letters of the longest word at least, for a text to be taken for one of another keyboard layout.
const LAYOUT_LETTERS: usize = 3;
/// What a missing space costs.
pub(crate) const SPACE_COST: u8 = 1;
/// Letters from which a word that nobody has may be the beginning of one, though nobody is typing any more.
const BEGINNING_LETTERS: usize = 3;

/// A query's words as they are searched.
pub(crate) struct Resolved {
    /// Each word once, in order.
    pub(crate) words: Vec<ResolvedWord>,
    /// The text that is searched instead of the one typed.
    pub(crate) corrected: Option<String>,
}

/// A word as it is searched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedWord {
    /// As it stands in the text.
    pub(crate) written: String,
    pub(crate) folded: String,
    /// How far it is from what was typed.
    pub(crate) cost: u8,
    /// Only the code counts, not the words it is made of.
    pub(crate) code: bool,
    /// What the unfinished last word may become; `None` for a finished word.
    pub(crate) completions: Option<Vec<Completion>>,
}

/// What an unfinished word may become.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Completion {
    pub(crate) folded: String,
    /// Whether it stands in a title, of any market.
    pub(crate) titled: bool,
    /// Documents that have it, as a share of those that have the most frequent one.
    pub(crate) share: f32,
}

/// A word that was looked up, and where it stands in the text typed; the second of two that were typed without the space
/// between them stands at the empty place behind the first.
struct LookedUp {
    word: ResolvedWord,
    start: usize,
    end: usize,
    /// What it may have been meant to be, the likeliest first; empty when it is a word.
    meant: Vec<Slip>,
    corrected: bool,
    /// Whether the market has it as it was typed, or begun.
    known: bool,
}

/// Looks every word up, corrects what nobody has and completes the last word of an unfinished text. With
/// `doubts` a word that is one may be another beside the others, too.
pub(crate) fn resolve(query: &Query, vocabulary: Vocabulary<'_>, doubts: bool) -> Result<Resolved> {
    let mut words: Vec<LookedUp> = Vec::new();
    let mut code_end = 0;
    for (place, word) in query.words.iter().enumerate() {
        if word.start < code_end {
            continue;
        }
        let unfinished = query.prefix && place + 1 == query.words.len();
        if let Some((code, end)) = &word.code
            && vocabulary.has_code(code)?
        {
            code_end = *end;
            words.push(LookedUp::code(query, word.start, *end, code));
        } else {
            let looked_up = look_up(query, word, unfinished, vocabulary)?;
            words.extend(take_apart(looked_up, vocabulary)?);
        }
    }
    if !words.iter().any(|it| it.known)
        && let Some(resolved) = of_other_layout(query, vocabulary)?
    {
        return Ok(resolved);
    }
    choose(&mut words, vocabulary)?;
    if doubts {
        doubt(&mut words, vocabulary)?;
    }
    let corrected = write(query, &mut words, vocabulary)?;
    let mut resolved = Resolved { words: Vec::new(), corrected };
    words.into_iter().for_each(|it| resolved.push(it.word));
    if resolved.corrected.is_some() {
        resolved.without_stop_words();
    }
    Ok(resolved)
}

/// The query as it was meant when nobody looked at the keyboard's layout: a text of which the market has every
/// word.
fn of_other_layout(query: &Query, vocabulary: Vocabulary<'_>) -> Result<Option<Resolved>> {
    for text in other_layouts(&query.text) {
        let meant = query.with_text(&text);
        let mut words = Vec::new();
        for (place, word) in meant.words.iter().enumerate() {
            let unfinished = meant.prefix && place + 1 == meant.words.len();
            words.push(find(&meant, word, unfinished, vocabulary)?);
        }
        let tells = words.iter().any(|it| it.word.folded.chars().nth(LAYOUT_LETTERS - 1).is_some());
        if tells && words.iter().all(|it| it.known) {
            let words = words.into_iter().map(|it| it.word).collect();
            return Ok(Some(Resolved { words, corrected: Some(text) }));
        }
    }
    Ok(None)
}

/// The word itself when the market has it, else what it begins, else what it was meant to be, else itself
/// again.
fn look_up(
    query: &Query,
    word: &QueryWord,
    unfinished: bool,
    vocabulary: Vocabulary<'_>,
) -> Result<LookedUp> {
    let mut looked_up = find(query, word, unfinished, vocabulary)?;
    if looked_up.known {
        return Ok(looked_up);
    }
    let mut meant = vocabulary.meant(&word.folded, false)?;
    if meant.is_empty() && unfinished {
        meant = vocabulary.meant(&word.folded, true)?;
    }
    if let Some(other) = vocabulary.transliterated(&word.folded)? {
        let spelled = meant.first().map_or(0.0, |likeliest| vocabulary.weight(&likeliest.folded));
        if meant.is_empty() || vocabulary.weight(&other) > spelled {
            meant.clear();
            looked_up.correct(&other, 0);
            looked_up.word.completions = completions(&other, unfinished, vocabulary)?;
        }
    }
    if let Some(Slip { folded, cost, .. }) = meant.first() {
        looked_up.correct(folded, *cost);
        looked_up.word.completions = completions(folded, unfinished, vocabulary)?;
    }
    looked_up.meant = meant;
    Ok(looked_up)
}

/// The word itself when the market has it, else what it begins.
fn find(
    query: &Query,
    word: &QueryWord,
    unfinished: bool,
    vocabulary: Vocabulary<'_>,
) -> Result<LookedUp> {
    let mut looked_up = LookedUp::as_typed(query, word);
    looked_up.word.completions = completions(&word.folded, unfinished, vocabulary)?;
    if looked_up.word.completions.as_ref().is_some_and(|words| !words.is_empty()) {
        looked_up.known = true;
        return Ok(looked_up);
    }
    let is_last = word.end == query.text.trim_end().len();
    looked_up.known = vocabulary.has(&word.folded)?;
    if is_last && word.folded.chars().count() >= BEGINNING_LETTERS {
        let alone = query.words.len() == 1;
        let may_begin = !looked_up.known || vocabulary.is_beginning(&word.folded, alone);
        let begun = may_begin.then(|| vocabulary.completions(&word.folded)).transpose()?;
        if let Some(begun) = begun.filter(|begun| !begun.is_empty()) {
            looked_up.word.completions = Some(completed(begun, vocabulary));
            looked_up.known = true;
            return Ok(looked_up);
        }
    }
    Ok(looked_up)
}

/// A word that nobody has and that was not meant to be another, as the two words it is made of, if it is.
fn take_apart(it: LookedUp, vocabulary: Vocabulary<'_>) -> Result<Vec<LookedUp>> {
    if it.known || it.corrected || it.word.completions.is_some() {
        return Ok(vec![it]);
    }
    let Some(parts) = vocabulary.apart(&it.word.folded)? else { return Ok(vec![it]) };
    let parts = [(parts[0].as_str(), it.start), (parts[1].as_str(), it.end)];
    Ok(parts.map(|(folded, start)| LookedUp::part(folded, start, it.end)).into())
}

/// Of the words that one may have been meant to be, the one that most products have together with the others.
fn choose(words: &mut [LookedUp], vocabulary: Vocabulary<'_>) -> Result<()> {
    if words.len() < 2 {
        return Ok(());
    }
    for place in 0..words.len() {
        let meant = std::mem::take(&mut words[place].meant);
        if meant.len() > 1
            && let Some((best, _)) = best_of(words, place, &meant, vocabulary)?
        {
            words[place].correct(&best.folded, best.cost);
        }
    }
    Ok(())
}

/// A word that is one, but not beside the others: "cd played" was meant to be "cd player" when no product
/// has the first and many have the second.
fn doubt(words: &mut [LookedUp], vocabulary: Vocabulary<'_>) -> Result<()> {
    let as_found: Vec<ResolvedWord> = words.iter().map(|it| it.word.clone()).collect();
    let unfinished = words.iter().any(|it| it.word.completions.is_some());
    if words.len() < 2 || unfinished {
        return Ok(());
    }
    let together = vocabulary.together(&as_found)?;
    if together.phrases > 0 || together.products >= DOUBTED_BELOW {
        return Ok(());
    }
    let mut best: Option<(usize, Slip, Together)> = None;
    for place in 0..words.len() {
        let LookedUp { word, corrected, .. } = &words[place];
        if *corrected || word.code || word.completions.is_some() {
            continue;
        }
        let meant = vocabulary.meant(&word.folded, false)?;
        if let Some((slip, products)) = best_of(words, place, &meant, vocabulary)?
            && (products.phrases >= BELIEVED_PHRASES
                || products.products >= BELIEVED_FACTOR * together.products.max(1))
            && best.as_ref().is_none_or(|best| best.2 < products)
        {
            best = Some((place, slip, products));
        }
    }
    if let Some((place, slip, _)) = best {
        words[place].correct(&slip.folded, slip.cost);
    }
    Ok(())
}

/// Of these words in this place the one that most products have together with the others, and how many have;
/// none when no product has any.
fn best_of(
    words: &[LookedUp],
    place: usize,
    meant: &[Slip],
    vocabulary: Vocabulary<'_>,
) -> Result<Option<(Slip, Together)>> {
    let mut best: Option<(Slip, Together)> = None;
    for slip in meant {
        let mut tried: Vec<ResolvedWord> = words.iter().map(|it| it.word.clone()).collect();
        tried[place].folded.clone_from(&slip.folded);
        let products = vocabulary.together(&tried)?;
        if products > best.as_ref().map_or(Together::default(), |best| best.1) {
            best = Some((slip.clone(), products));
        }
    }
    Ok(best)
}

/// The text typed with the corrected words in place of theirs; none when there are none.
fn write(
    query: &Query,
    words: &mut [LookedUp],
    vocabulary: Vocabulary<'_>,
) -> Result<Option<String>> {
    let (mut text, mut copied) = (String::new(), 0);
    for it in words.iter_mut().filter(|it| it.corrected) {
        it.word.written = vocabulary.written(&it.word.folded)?;
        text.push_str(if it.is_second_part() { " " } else { &query.text[copied..it.start] });
        text.push_str(&it.word.written);
        copied = it.end;
    }
    if copied == 0 {
        return Ok(None);
    }
    text.push_str(&query.text[copied..]);
    Ok(Some(text))
}

impl LookedUp {
    fn as_typed(query: &Query, word: &QueryWord) -> LookedUp {
        let (start, end) = (word.start, word.end);
        let (written, folded) = (query.text[start..end].to_owned(), word.folded.clone());
        let word = ResolvedWord { written, folded, cost: 0, code: false, completions: None };
        LookedUp { word, start, end, meant: Vec::new(), corrected: false, known: false }
    }

    fn code(query: &Query, start: usize, end: usize, code: &str) -> LookedUp {
        let (written, folded) = (query.text[start..end].to_owned(), code.to_owned());
        let word = ResolvedWord { written, folded, cost: 0, code: true, completions: None };
        LookedUp { word, start, end, meant: Vec::new(), corrected: false, known: true }
    }

    fn correct(&mut self, folded: &str, cost: u8) {
        folded.clone_into(&mut self.word.folded);
        self.word.cost = cost;
        self.corrected = true;
    }

    fn part(folded: &str, start: usize, end: usize) -> LookedUp {
        let word = ResolvedWord { cost: SPACE_COST, ..ResolvedWord::finished(folded) };
        LookedUp { word, start, end, meant: Vec::new(), corrected: true, known: true }
    }

    const fn is_second_part(&self) -> bool {
        self.start == self.end
    }
}

/// What a word may become.
fn completions(
    folded: &str,
    unfinished: bool,
    vocabulary: Vocabulary<'_>,
) -> Result<Option<Vec<Completion>>> {
    unfinished.then(|| Ok(completed(vocabulary.completions(folded)?, vocabulary))).transpose()
}

fn completed(words: Vec<(String, u64)>, vocabulary: Vocabulary<'_>) -> Vec<Completion> {
    let most = words.iter().map(|(_, documents)| *documents).max().unwrap_or(0).max(1);
    let completion = |(folded, documents): (String, u64)| Completion {
        titled: vocabulary.weight(&folded) > 0.0,
        share: number(documents) / number(most),
        folded,
    };
    words.into_iter().map(completion).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
const fn number(count: u64) -> f32 {
    count as f32
}

impl Resolved {
    /// Adds a word unless it is there; the unfinished one always stays.
    fn push(&mut self, word: ResolvedWord) {
        self.words.retain(|before| before.folded != word.folded);
        self.words.push(word);
    }

    /// A word that turned out to be a stop word goes, as if it had been typed right.
    fn without_stop_words(&mut self) {
        let counts =
            |word: &ResolvedWord| word.completions.is_some() || !is_stop_word(&word.folded);
        if self.words.iter().any(counts) {
            self.words.retain(counts);
        }
    }
}

impl ResolvedWord {
    /// A finished word, as when a completion is taken.
    pub(crate) fn finished(folded: &str) -> ResolvedWord {
        ResolvedWord {
            written: folded.to_owned(),
            folded: folded.to_owned(),
            cost: 0,
            code: false,
            completions: None,
        }
    }
}
