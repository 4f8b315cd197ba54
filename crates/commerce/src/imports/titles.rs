//! Titles from the descriptions that a shop's staff typed in capitals.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Abbreviations and slips of the pen, by what is typed in capitals.
static MEANT: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let file = include_str!("../../../../fixtures/online-retail/words.tsv");
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
});

/// Words that stay small inside a title.
const SMALL: [&str; 21] = [
    "a", "an", "and", "at", "by", "d", "de", "des", "du", "et", "for", "from", "in", "n", "of",
    "on", "or", "the", "to", "with", "x",
];

/// Units that stay small behind a number.
const UNITS: [&str; 15] =
    ["cm", "m", "mm", "ml", "g", "kg", "oz", "l", "pc", "pcs", "st", "nd", "rd", "th", "in"];

/// Whether a description names goods: a note about stock is written in small letters or asks something.
pub(super) fn is_plausible(description: &str) -> bool {
    let letters = description.chars().filter(|letter| letter.is_alphabetic());
    let (capital, small): (Vec<char>, Vec<char>) =
        letters.partition(|letter| letter.is_uppercase());
    if description.contains('?') || capital.len() + small.len() < 3 {
        return false;
    }
    capital.len() > small.len() || is_in_title_case(description)
}

/// Whether there are two words or more and the longer ones begin with a capital.
fn is_in_title_case(description: &str) -> bool {
    let words: Vec<&str> = description.split_whitespace().collect();
    let mut long = words.iter().filter(|word| word.len() >= 4);
    words.len() >= 2 && long.all(|word| !word.starts_with(char::is_lowercase))
}

/// The description as a title: `SET/3 PINK  T-LIGHTS ,SMALL` is `Set of 3 Pink T-Lights, Small`.
pub(super) fn title(description: &str) -> String {
    let spaced = spaced(description);
    let typed: Vec<&str> = spaced.split_whitespace().collect();
    let mut words: Vec<String> = Vec::new();
    let mut place = 0;
    while place < typed.len() {
        let pair = typed.get(place..place + 2).map(|pair| pair.join(" ").to_uppercase());
        match pair.and_then(|pair| MEANT.get(pair.as_str())) {
            Some(meant) => {
                words.push((*meant).to_owned());
                place += 2;
            }
            None => {
                words.push(word(typed[place], place == 0));
                place += 1;
            }
        }
    }
    joined(&counted(words))
}

/// The description with blanks where a sign stands between two words.
fn spaced(description: &str) -> String {
    let mut spaced = String::new();
    let letters: Vec<char> = description.trim_start_matches('*').chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        let before = &letters[..place];
        let next = letters.get(place + 1);
        match letter {
            '+' => spaced.push_str(" & "),
            ',' => spaced = format!("{}, ", spaced.trim_end()),
            '.' if ends_a_word(before, next) => spaced.push(' '),
            // 36"BLACK: an inch sign, then a word.
            '"' if ends_with_digit(before) && next.is_some_and(|next| next.is_alphabetic()) => {
                spaced.push_str("\" ");
            }
            // BULLET"KEEP CLEAN" and SCISSOR(POINTED): a word, then one in quotes or brackets.
            '"' | '('
                if letters_at_end(before) > 0 && next.is_some_and(|next| next.is_alphabetic()) =>
            {
                spaced.push(' ');
                spaced.push(letter);
            }
            // NECKL36"BLACK: a word, then a number.
            digit if digit.is_ascii_digit() && letters_at_end(before) >= 4 => {
                spaced.push(' ');
                spaced.push(digit);
            }
            other => spaced.push(other),
        }
    }
    spaced
}

/// Whether a point ends a word, as in `JAR. NEXT`; it belongs to `M.O.P`, `DR.` and `3.5g`.
fn ends_a_word(before: &[char], next: Option<&char>) -> bool {
    let long_before = letters_at_end(before) >= 3 || before.last() == Some(&'.');
    long_before || (next.is_none() && !ends_with_digit(before) && letters_at_end(before) != 1)
}

fn letters_at_end(before: &[char]) -> usize {
    before.iter().rev().take_while(|letter| letter.is_alphabetic()).count()
}

fn ends_with_digit(before: &[char]) -> bool {
    before.last().is_some_and(char::is_ascii_digit)
}

/// One typed word as it stands in a title.
fn word(typed: &str, first: bool) -> String {
    let core = typed.trim_end_matches(',');
    let comma = if core.len() < typed.len() { "," } else { "" };
    let capital = core.to_uppercase();
    let meant = match MEANT.get(capital.as_str()) {
        Some(meant) => (*meant).to_owned(),
        None => counting(&capital).unwrap_or_else(|| parts(core, first)),
    };
    meant + comma
}

/// `S/3`, `SET/3` and `SET3` are sets of 3; `PACK/6` and `BOX/12` hold so many.
fn counting(capital: &str) -> Option<String> {
    let digits = capital.find(|letter: char| letter.is_ascii_digit())?;
    let (what, count) = capital.split_at(digits);
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let what = match what {
        "S/" | "SET/" | "SET" => "Set of",
        "PACK/" => "Pack of",
        "BOX/" => "Box of",
        "BASKET/" => "Basket of",
        "OF" => "of",
        _ => return None,
    };
    Some(format!("{what} {count}"))
}

/// A word of parts, each with its own capital: `RED/WHITE`, `T-LIGHT`.
fn parts(core: &str, first: bool) -> String {
    let mut word = String::new();
    let mut part = String::new();
    for letter in core.chars() {
        if matches!(letter, '/' | '-') {
            word.push_str(&meant_or_cased(&part, first && word.is_empty()));
            word.push(letter);
            part.clear();
        } else {
            part.push(letter);
        }
    }
    word + &meant_or_cased(&part, first)
}

fn meant_or_cased(part: &str, first: bool) -> String {
    let meant = MEANT.get(part.to_uppercase().as_str());
    meant.map_or_else(|| cased(part, first), |meant| (*meant).to_owned())
}

/// A word without hyphens in the case of a title; signs around it stay.
fn cased(part: &str, first: bool) -> String {
    let small = part.to_lowercase();
    let core = small.trim_matches(|letter: char| !letter.is_alphanumeric());
    if core.starts_with(|first: char| first.is_ascii_digit()) {
        return measured(part, core);
    }
    // "A" in quotes is a letter and not an article.
    if !first && SMALL.contains(&core) && !part.contains('"') {
        return small;
    }
    let is_typed_in_case =
        part.chars().any(char::is_lowercase) && part.starts_with(char::is_uppercase);
    if is_typed_in_case || is_paper_size(core) || is_initials(core) {
        return if is_typed_in_case { part.to_owned() } else { part.to_uppercase() };
    }
    capitalised(&small)
}

/// A3 to A7.
fn is_paper_size(core: &str) -> bool {
    core.len() == 2 && core.starts_with('a') && core.ends_with(|last: char| last.is_ascii_digit())
}

/// D.O.F.
fn is_initials(core: &str) -> bool {
    core.contains('.') && core.split('.').all(|part| part.chars().count() <= 1)
}

/// A number with its unit: `15cm`, `16x16cm`, `3D`, `20 Lights`.
fn measured(part: &str, core: &str) -> String {
    let unit =
        core.trim_start_matches(|letter: char| letter.is_ascii_digit() || ".x".contains(letter));
    if unit.chars().count() >= 4 && unit.chars().all(char::is_alphabetic) {
        return format!("{} {}", &core[..core.len() - unit.len()], capitalised(unit));
    }
    if unit.is_empty() || UNITS.contains(&unit) || core.contains("cm") {
        return part.to_lowercase();
    }
    part.to_uppercase().replace("'S", "'s")
}

/// The first letter of a word in lower case made a capital; `d'azur` is `d'Azur`, `child's` is `Child's`.
fn capitalised(small: &str) -> String {
    let before_apostrophe = small.split('\'').next().unwrap_or_default();
    let elided = small.contains('\'') && before_apostrophe == "d";
    let mut title = String::new();
    let mut due = !elided;
    for letter in small.chars() {
        if due && letter.is_alphabetic() {
            title.extend(letter.to_uppercase());
            due = false;
        } else {
            title.push(letter);
        }
        due = due || (elided && letter == '\'');
    }
    title
}

/// `Set 3 …` and `Pack 6 …` at the beginning are `Set of 3 …` and `Pack of 6 …`.
fn counted(mut words: Vec<String>) -> Vec<String> {
    let counts = words.get(1).is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    if counts && words.first().is_some_and(|word| word == "Set" || word == "Pack") {
        words.insert(1, "of".to_owned());
    }
    words
}

/// The words as one text that begins and ends well.
fn joined(words: &[String]) -> String {
    let title = words.join(" ").replace(" ,", ",");
    let title = title
        .trim_end_matches([',', '&', ' ', '.', '-', '/'])
        .trim_start_matches([',', '&', ' ', '.', '-', '/']);
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn capitals_become_a_title() {
        let cases = [
            ("PINK  CHERRY LIGHTS", "Pink Cherry Lights"),
            ("RECORD FRAME 7\" SINGLE SIZE", "Record Frame 7\" Single Size"),
            ("15CM CHRISTMAS GLASS BALL 20 LIGHTS", "15cm Christmas Glass Ball 20 Lights"),
            ("DOG BOWL , CHASING BALL DESIGN", "Dog Bowl, Chasing Ball Design"),
            ("SET/5 RED SPOTTY LID GLASS BOWLS", "Set of 5 Red Spotty Lid Glass Bowls"),
            ("SEAGRASS S/3 SQU LAUNDRY BOX", "Seagrass Set of 3 Square Laundry Box"),
            ("SET 12 KIDS WHITE CHALK STICKS", "Set of 12 Kids White Chalk Sticks"),
            ("SET OF 6 SOLDIER SKITTLES", "Set of 6 Soldier Skittles"),
            ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
            ("LUNCH BOX WITH CUTLERY FAIRY CAKES", "Lunch Box with Cutlery Fairy Cakes"),
            ("3 BLACK CATS W HEARTS BLANK CARD", "3 Black Cats with Hearts Blank Card"),
            ("BLUE FAIRY CAKE CHILD'S APRON", "Blue Fairy Cake Child's Apron"),
            ("FUSCHIA/GREEN STRIPE WOOLLY BLANKET", "Fuchsia/Green Stripe Woolly Blanket"),
            ("NECKLACE+BRACELET SET PINK BLOSSOM", "Necklace & Bracelet Set Pink Blossom"),
            ("FLOWER GLASS GARLAND NECKL.36\"BLACK", "Flower Glass Garland Necklace 36\" Black"),
            ("FLOWER GLASS GARLD NECKL36\"AMETHYST", "Flower Glass Garland Necklace 36\" Amethyst"),
            ("GLASS BONBON JAR. D'AMANDES", "Glass Bonbon Jar d'Amandes"),
            ("ROSE DU SUD CUSHION COVER", "Rose du Sud Cushion Cover"),
            ("POTTING SHED SOW 'N' GROW SET", "Potting Shed Sow 'n' Grow Set"),
            ("3D SHEET OF CAT STICKERS", "3D Sheet of Cat Stickers"),
            ("FAIRY CAKE NOTEBOOK A5 SIZE", "Fairy Cake Notebook A5 Size"),
            ("16X16CM TILE", "16x16cm Tile"),
            ("BAG 250g SWIRLY MARBLES", "Bag 250g Swirly Marbles"),
            ("GOLD/M.O.P PENDANT ORBIT NECKLACE", "Gold/Mother-of-Pearl Pendant Orbit Necklace"),
            ("PING! MICROWAVE PLATE", "Ping! Microwave Plate"),
            ("RETRO \"TEA FOR ONE\"", "Retro \"Tea for One\""),
            ("LETTER \"A\" BLING KEY RING", "Letter \"A\" Bling Key Ring"),
            ("BLACK ROUND BULLET\"KEEP CLEAN\" BIN", "Black Round Bullet \"Keep Clean\" Bin"),
            ("SMALL FOLDING SCISSOR(POINTED EDGE)", "Small Folding Scissor (Pointed Edge)"),
            ("SMOKEY GREY COLOUR D.O.F. GLASS", "Smokey Grey Colour D.O.F. Glass"),
            ("WALL MIRROR , RECT DIAMANTE, PINK/", "Wall Mirror, Rectangular Diamante, Pink"),
            ("FOLK ART GREETING CARD,pack/12", "Folk Art Greeting Card, Pack of 12"),
            ("Dr. Jam's Arouzer Stress Ball", "Dr. Jam's Arouzer Stress Ball"),
            ("*Boombox Ipod Classic", "Boombox iPod Classic"),
            ("FRENCH BOTTLE, BRASSERIE DES ARTIST", "French Bottle, Brasserie des Artistes"),
            ("THE KING GIFT BAG 25x24x12cm", "The King Gift Bag 25x24x12cm"),
            ("RETRO PLASTIC 70'S TRAY", "Retro Plastic 70's Tray"),
            ("HEART DECORATION.", "Heart Decoration"),
            ("BLACKCHRISTMAS TREE 30CM", "Black Christmas Tree 30cm"),
        ];
        for (typed, expected) in cases {
            assert_eq!(title(typed), expected);
        }
    }

    #[test]
    fn a_note_about_stock_is_no_description() {
        for note in
            ["", "?", "damaged", "wrong code", "sold as set?", "Given away", "21494", "Found"]
        {
            assert!(!is_plausible(note), "{note}");
        }
        for name in ["SOMBRERO", "Glow In The Dark Shot Glasses", "BAG 250g SWIRLY MARBLES"] {
            assert!(is_plausible(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_title_has_single_blanks_and_none_at_its_ends(typed in any::<String>()) {
            let title = title(&typed);

            assert_eq!(title, title.split_whitespace().collect::<Vec<_>>().join(" "));
        }

        #[test]
        fn a_title_keeps_every_letter_of_plain_words(typed in "[B-V]{5,9}( [B-V]{5,9}){0,4}") {
            let known = typed.split(' ').any(|word| MEANT.contains_key(word));

            assert!(known || title(&typed).to_uppercase() == typed);
        }
    }
}
