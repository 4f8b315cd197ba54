//! A light stemmer for Arabic that knows the words of a shop.
//!
//! Articles, prepositions, possessives, duals and plurals are taken off as long as a word that it knows is
//! left (`data/arabic-words.txt`); broken plurals, which no rule reaches, are looked up
//! (`data/arabic-plurals.tsv`). Of a word that it does not know, only what is nearly always an addition goes.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::lexicon::Lexicon;

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let plurals = include_str!("../../data/arabic-plurals.tsv");
    Known::new(Lexicon::read(&[plurals, include_str!("../../data/arabic-words.txt")]))
});

/// The article with what is written together with it, longest first, and the letters that must remain of a
/// word that is not known.
const ARTICLES: [(&str, usize); 7] =
    [("وال", 4), ("فال", 4), ("بال", 4), ("كال", 4), ("ولل", 3), ("لل", 3), ("ال", 3)];

/// "And", "with" and "for" in front of a word without an article: they go only from a word that is known.
const PREPOSITIONS: [&str; 5] = ["ول", "وب", "و", "ب", "ل"];

/// Endings of a known word, the shorter first, so that as little as possible goes.
const ENDINGS: [&str; 21] = [
    "ي", "ك", "ه", "ها", "هم", "هن", "كم", "نا", "ين", "ان", "ون", "ات", "اتي", "اتك", "اته",
    "يها", "اتها", "اتهم", "اتنا", "اتكم", "ايي",
];

/// Endings that replace the feminine ending of a known word.
const FEMININE_ENDINGS: [&str; 19] = [
    "ات", "تي", "تك", "ته", "تها", "تهم", "تهن", "تنا", "تكم", "تين", "تان", "اتي", "اتك", "اته",
    "اتها", "اتهم", "اتهن", "اتنا", "اتكم",
];

/// Endings of a word that is not known, and the letters that must remain before each. Masculine plurals ask
/// for more, or the olive (زيتون) would become oil (زيت).
const LOOSE_ENDINGS: [(&str, usize); 13] = [
    ("تها", 3),
    ("تهم", 3),
    ("تنا", 3),
    ("تكم", 3),
    ("تين", 3),
    ("تي", 4),
    ("ها", 3),
    ("هم", 3),
    ("ات", 3),
    ("ون", 4),
    ("ين", 4),
    ("ه", 3),
    ("ا", 4),
];

/// Words that are known.
struct Known {
    lexicon: Lexicon,
    /// Feminine words without their ending, and the whole words.
    feminine: FxHashMap<Box<str>, Box<str>>,
}

impl Known {
    fn new(lexicon: Lexicon) -> Known {
        let trunk =
            |(form, stem): (&str, &str)| Some((form.strip_suffix('ه')?.into(), stem.into()));
        let feminine = lexicon.iter().filter_map(trunk).collect();
        Known { lexicon, feminine }
    }

    /// The known word that this is a form of.
    fn stem(&self, word: &str) -> Option<&str> {
        self.inflected(word).or_else(|| {
            let articles = ARTICLES.iter().map(|(article, _)| (*article, 2));
            let prepositions = PREPOSITIONS.iter().map(|preposition| (*preposition, 3));
            articles.chain(prepositions).find_map(|(proclitic, least)| {
                let rest = word.strip_prefix(proclitic).filter(|rest| letters(rest) >= least)?;
                self.inflected(rest)
            })
        })
    }

    /// The known word that this is a form of, with no more than endings.
    fn inflected(&self, word: &str) -> Option<&str> {
        self.lexicon.stem(word).or_else(|| {
            let feminine = FEMININE_ENDINGS.iter().find_map(|ending| {
                self.feminine.get(word.strip_suffix(ending)?).map(|stem| &**stem)
            });
            let plain =
                || ENDINGS.iter().find_map(|ending| self.lexicon.stem(word.strip_suffix(ending)?));
            // The plural of a loanword: كاميرات of كاميرا.
            let loan = || self.lexicon.stem(word.strip_suffix('ت').filter(|it| it.ends_with('ا'))?);
            feminine.or_else(plain).or_else(loan)
        })
    }
}

/// The stem of a folded Arabic word.
pub(super) fn stem(folded: &str) -> Cow<'_, str> {
    let mut word = folded;
    // Again and again, so that a word meets itself with the article, whatever it begins with.
    loop {
        if let Some(stem) = KNOWN.stem(word) {
            return Cow::Borrowed(stem);
        }
        let shorter = without_article(word).or_else(|| without_ending(word));
        match shorter {
            Some(rest) => word = rest,
            None => break,
        }
    }
    match singular(word) {
        Some(singular) => Cow::Owned(stem(&singular).into_owned()),
        None => Cow::Borrowed(word),
    }
}

/// The singular of a word that is not known, if it has the shape of a plural that nearly always has this one.
fn singular(word: &str) -> Option<String> {
    let mut letters = word.chars();
    let shape = std::array::from_fn(|_| letters.next());
    let [Some(one), Some(two), Some(three), Some(four), Some(five)] = shape else {
        return None;
    };
    if letters.next().is_some() {
        return None;
    }
    match (one, two, three, four, five) {
        ('ا', one, two, 'ا', three) => Some([one, two, three].into_iter().collect()),
        ('م', one, 'ا', two, three) => Some(['م', one, two, three].into_iter().collect()),
        (one, 'و', 'ا', two, three) => Some([one, 'ا', two, three].into_iter().collect()),
        (one, two, 'ا', 'ي', three) if three != 'ه' => {
            Some([one, two, 'ي', three].into_iter().collect())
        }
        _ => None,
    }
}

fn without_article(word: &str) -> Option<&str> {
    ARTICLES.iter().find_map(|&(article, least)| {
        word.strip_prefix(article).filter(|rest| letters(rest) >= least)
    })
}

fn without_ending(word: &str) -> Option<&str> {
    let loose = LOOSE_ENDINGS.iter().find_map(|&(ending, least)| {
        let rest = word.strip_suffix(ending).filter(|rest| letters(rest) >= least)?;
        // A long vowel before it belongs to a broken plural: بساتين are no two of anything.
        let broken = rest.ends_with('ا') && ending.starts_with('ت');
        (!broken).then_some(rest)
    });
    // A last hamza is a letter only before an ending: مضيء, but مضيئة.
    let hamza = || word.strip_suffix('ي').filter(|rest| rest.ends_with('ي') && letters(rest) >= 3);
    loose.or_else(hamza)
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

#[cfg(test)]
mod tests {
    use super::super::fold;
    use super::*;

    #[test]
    fn forms_of_gift_shop_words_meet() {
        for forms in [
            &["هدية", "هدايا", "الهدايا", "هديّة"][..],
            &["باقة", "باقات", "الباقة", "باقاتها"],
            &["زهرة", "زهور", "أزهار", "الزهور"],
            &["لعبة", "ألعاب", "الألعاب"],
            &["أحمر", "حمراء", "الحمراء"],
            &["بالون", "بالونات", "البالونات"],
            &["شمعة", "شموع", "بالشموع"],
        ] {
            let stems: Vec<_> = forms.iter().map(|form| stem(&fold(form)).into_owned()).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{forms:?} became {stems:?}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (one, other) in [("زيتون", "زيت"), ("وردي", "ورد"), ("نبات", "نبي"), ("بالون", "لون")]
        {
            assert_ne!(stem(&fold(one)), stem(&fold(other)), "{one} and {other}");
        }
    }
}
