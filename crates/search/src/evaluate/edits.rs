//! Queries made worse in a way that can be repeated: slips of the finger, and words cut short.

use crate::analysis::spans;

/// Shortest word that gets a slip, in letters.
const TYPO_LETTERS_MIN: usize = 4;

/// Numbers that look random and are the same for the same seed (`SplitMix64`, Steele et al. 2014).
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one query: the same however many others come before it.
    #[must_use]
    pub fn new(seed: u64, query: &str) -> Dice {
        let mixed = query.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice(mixed)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = limit as u64;
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap_or_default()
    }
}

/// The query with so many slips, each in one word of letters alone and at least four of them: a letter left
/// out, doubled by another, replaced, or swapped with the next; the first letter stays. `None` when there is
/// no such word.
#[must_use]
pub fn with_typos(query: &str, typos: usize, dice: &mut Dice) -> Option<String> {
    let mut query = query.to_owned();
    for _ in 0..typos {
        let words: Vec<(usize, usize)> = spans(&query)
            .filter(|&(start, end)| {
                let word = &query[start..end];
                word.chars().all(char::is_alphabetic) && word.chars().count() >= TYPO_LETTERS_MIN
            })
            .collect();
        if words.is_empty() {
            return None;
        }
        let (start, end) = words[dice.below(words.len())];
        let slipped = slip(&query[start..end], dice);
        query.replace_range(start..end, &slipped);
    }
    Some(query)
}

/// The word with one edit that is not the word itself.
fn slip(word: &str, dice: &mut Dice) -> String {
    let letters: Vec<char> = word.chars().collect();
    loop {
        let mut slipped = letters.clone();
        let place = 1 + dice.below(letters.len() - 1);
        let letter = letters[dice.below(letters.len())].to_lowercase().next().unwrap_or('e');
        let other = alphabet(letter, dice);
        match dice.below(4) {
            0 => drop(slipped.remove(place)),
            1 => slipped.insert(place, other),
            2 => slipped[place] = other,
            _ if place + 1 < letters.len() => slipped.swap(place, place + 1),
            _ => continue,
        }
        if slipped != letters {
            return slipped.into_iter().collect();
        }
    }
}

/// Any letter of the alphabet that this letter is from.
fn alphabet(letter: char, dice: &mut Dice) -> char {
    let (first, letters) = match letter {
        'а'..='я' => ('а', 32),
        'ا'..='غ' => ('ا', 20),
        _ => ('a', 26),
    };
    let offset = u32::try_from(dice.below(letters)).unwrap_or_default();
    char::from_u32(u32::from(first) + offset).unwrap_or(first)
}

/// The query with its last word cut to so many letters; `None` when it is no longer than that.
#[must_use]
pub fn cut_last_word(query: &str, letters: usize) -> Option<String> {
    let (start, end) = spans(query).last()?;
    let (cut, _) = query[start..end].char_indices().nth(letters)?;
    Some(query[..start + cut].to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn the_last_word_is_cut_to_so_many_letters() {
        assert_eq!(cut_last_word("laser printer", 4).as_deref(), Some("laser prin"));
        assert_eq!(cut_last_word("красная роза", 4), None);
        assert_eq!(cut_last_word("красные розы!", 3).as_deref(), Some("красные роз"));
        assert_eq!(cut_last_word("", 4), None);
    }

    #[test]
    fn codes_numbers_and_short_words_get_no_slip() {
        let dice = &mut Dice::new(1, "");

        assert_eq!(with_typos("tv 85123a usb", 1, dice), None);
    }

    proptest! {
        #[test]
        fn a_slip_changes_one_word_and_never_its_first_letter(
            query in "[a-z]{4,12}( [a-zа-я]{1,9}){0,3}", seed in any::<u64>()
        ) {
            let slipped = with_typos(&query, 1, &mut Dice::new(seed, &query)).unwrap();
            let again = with_typos(&query, 1, &mut Dice::new(seed, &query)).unwrap();
            let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
            let (before, after) = (words(&query), words(&slipped));
            let changed: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one != other).collect();

            assert_eq!(slipped, again);
            assert_eq!((before.len(), changed.len()), (after.len(), 1));
            assert_eq!(changed[0].0.chars().next(), changed[0].1.chars().next());
        }
    }
}
