//! A light stemmer for Arabic: article and proclitics, feminine and plural endings, and the broken
//! plurals and colour forms of a gift shop, which no rule reaches.
//!
//! Snowball's Arabic stemmer leaves the forms of "gift" as five stems and makes fewer forms meet.

/// The article with what is written together with it, longest first.
const PROCLITICS: [&str; 7] = ["وال", "فال", "بال", "كال", "ولل", "لل", "ال"];

/// Endings, and the letters that must remain before each. Masculine plurals ask for more, or the
/// olive (زيتون) would become oil (زيت).
const ENDINGS: [(&str, usize); 6] =
    [("ها", 3), ("هم", 3), ("ات", 3), ("ون", 4), ("ين", 4), ("ه", 3)];

/// Letters that must remain before a proclitic may go.
const LETTERS_AFTER_PROCLITIC: usize = 3;

/// Folded irregular forms, sorted, and the stem of the word they belong to.
const IRREGULAR: [(&str, &str); 46] = [
    ("ازهار", "زهر"),
    ("اساور", "اسوار"),
    ("اضوا", "ضو"),
    ("اطباق", "طبق"),
    ("اطفال", "طفل"),
    ("اعياد", "عيد"),
    ("اقلام", "قلم"),
    ("اكواب", "كوب"),
    ("اكياس", "كيس"),
    ("العاب", "لعب"),
    ("الوان", "لون"),
    ("امهات", "ام"),
    ("انوار", "نور"),
    ("اولاد", "ولد"),
    ("بالونات", "بالون"),
    ("بنات", "بنت"),
    ("بيضا", "ابيض"),
    ("حقايب", "حقيب"),
    ("حمرا", "احمر"),
    ("خضرا", "اخضر"),
    ("خواتم", "خاتم"),
    ("رجال", "رجل"),
    ("زرقا", "ازرق"),
    ("زهور", "زهر"),
    ("سلال", "سل"),
    ("سله", "سل"),
    ("سودا", "اسود"),
    ("شموع", "شمع"),
    ("شوكولا", "شوكول"),
    ("صفرا", "اصفر"),
    ("صناديق", "صندوق"),
    ("عطور", "عطر"),
    ("فساتين", "فستان"),
    ("فناجين", "فنجان"),
    ("قلايد", "قلاد"),
    ("قلوب", "قلب"),
    ("كتب", "كتاب"),
    ("كراسي", "كرسي"),
    ("مصابيح", "مصباح"),
    ("مفاتيح", "مفتاح"),
    ("مناديل", "منديل"),
    ("نجوم", "نجم"),
    ("هدايا", "هدي"),
    ("هديه", "هدي"),
    ("والدين", "والد"),
    ("ورود", "ورد"),
];

/// The stem of a folded Arabic word.
pub(super) fn stem(folded: &str) -> &str {
    let mut word = folded;
    // Again and again, so that a word meets itself with the article, whatever it begins with.
    loop {
        if let Some(stem) = irregular(word) {
            return stem;
        }
        let Some(rest) = without_proclitic(word) else {
            break;
        };
        word = rest;
    }
    while let Some(rest) = without_ending(word) {
        word = rest;
    }
    irregular(word).unwrap_or(word)
}

fn irregular(word: &str) -> Option<&'static str> {
    let place = IRREGULAR.binary_search_by_key(&word, |&(form, _)| form).ok()?;
    Some(IRREGULAR[place].1)
}

fn without_proclitic(word: &str) -> Option<&str> {
    PROCLITICS
        .iter()
        .filter_map(|proclitic| word.strip_prefix(proclitic))
        .find(|rest| rest.chars().count() >= LETTERS_AFTER_PROCLITIC)
}

fn without_ending(word: &str) -> Option<&str> {
    ENDINGS
        .iter()
        .filter_map(|&(ending, least)| Some((word.strip_suffix(ending)?, least)))
        .find_map(|(rest, least)| (rest.chars().count() >= least).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::super::fold;
    use super::*;

    #[test]
    fn irregular_forms_are_sorted_so_that_each_is_found() {
        assert!(IRREGULAR.is_sorted_by(|one, next| one.0 < next.0));
    }

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
            let stems: Vec<_> = forms.iter().map(|form| stem(&fold(form)).to_owned()).collect();
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
