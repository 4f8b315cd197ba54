//! What a title says about its product: category, colours and which still life to draw.
//!
//! The rules are data, in `fixtures/online-retail/*.tsv`; a test checks that they agree with each other.

use std::sync::LazyLock;

use souk_base::Translated;

use super::names::in_four;

/// More colours than this in one title mean a mixture.
const COLOURS_MAX: usize = 3;

static CATEGORIES: LazyLock<Vec<Category>> = LazyLock::new(|| {
    let file = include_str!("../../../../fixtures/online-retail/categories.tsv");
    rows(file)
        .map(|[en, ar, ru, kk, picture]| Category {
            label: in_four([en, ar, ru, kk]),
            name: en,
            picture,
        })
        .collect()
});
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let file = include_str!("../../../../fixtures/online-retail/rules.tsv");
    rows(file).map(|[name, words]| Rule::of(name, words)).collect()
});
static PICTURES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let file = include_str!("../../../../fixtures/online-retail/pictures.tsv");
    rows(file).map(|[name, words]| Rule::of(name, words)).collect()
});
static COLOURS: LazyLock<Vec<Colour>> = LazyLock::new(|| {
    let file = include_str!("../../../../fixtures/online-retail/colours.tsv");
    rows(file)
        .map(|[en, ar, ru, kk, words]| Colour {
            label: in_four([en, ar, ru, kk]),
            phrases: Rule::of(en, words).phrases,
        })
        .collect()
});

/// A line of `categories.tsv`.
struct Category {
    label: Translated,
    name: &'static str,
    picture: &'static str,
}

/// A line of `rules.tsv` or `pictures.tsv`: what the name stands for is told by any of the phrases.
struct Rule {
    name: &'static str,
    phrases: Vec<Vec<&'static str>>,
}

impl Rule {
    fn of(name: &'static str, words: &'static str) -> Rule {
        let phrases = words.split(',').map(|phrase| phrase.split_whitespace().collect());
        Rule { name, phrases: phrases.collect() }
    }
}

/// A line of `colours.tsv`.
struct Colour {
    label: Translated,
    phrases: Vec<Vec<&'static str>>,
}

/// The lines of a table that are not comments, split into their columns.
fn rows<const COLUMNS: usize>(file: &'static str) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    file.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        columns.try_into().expect("a test reads every line of every table")
    })
}

/// What a title says about its product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Derived {
    /// The root and the category below it.
    pub(super) category: Vec<Translated>,
    /// Values of the attribute `colour`.
    pub(super) colours: Vec<Translated>,
    pub(super) picture: &'static str,
}

/// Every category that a rule names, as a path, in the order of the shop.
pub(super) fn categories() -> impl Iterator<Item = Vec<Translated>> {
    let (root, others) = CATEGORIES.split_first().expect("the root stands first");
    let named =
        others.iter().filter(|category| RULES.iter().any(|rule| rule.name == category.name));
    named.map(|category| vec![root.label.clone(), category.label.clone()])
}

/// What this title says.
pub(super) fn derive(title: &str) -> Derived {
    let words = words(title);
    let words: Vec<&str> = words.split(' ').collect();
    let rule = RULES.iter().find(|rule| speaks_of(&words, &rule.phrases, is_word_or_plural));
    let (root, others) = CATEGORIES.split_first().expect("the root stands first");
    let (last, _) = others.split_last().expect("the last one takes what no rule names");
    let category = rule
        .and_then(|rule| others.iter().find(|category| category.name == rule.name))
        .unwrap_or(last);
    let picture = PICTURES.iter().find(|rule| speaks_of(&words, &rule.phrases, is_word_or_plural));
    Derived {
        category: vec![root.label.clone(), category.label.clone()],
        colours: colours(&words),
        picture: picture.map_or(category.picture, |rule| rule.name),
    }
}

fn colours(words: &[&str]) -> Vec<Translated> {
    let named = COLOURS.iter().filter(|colour| speaks_of(words, &colour.phrases, |a, b| a == b));
    let labels: Vec<_> = named.map(|colour| colour.label.clone()).collect();
    if labels.len() <= COLOURS_MAX {
        return labels;
    }
    let mixed = COLOURS.iter().find(|colour| colour.phrases.contains(&vec!["multicolour"]));
    mixed.map(|colour| colour.label.clone()).into_iter().collect()
}

/// The words of a title in lower case, joined by blanks: letters and digits, no apostrophes.
fn words(title: &str) -> String {
    let mut words = String::new();
    for letter in title.chars().filter(|letter| *letter != '\'').flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            words.push(letter);
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.trim_end().to_owned()
}

/// Whether one of the phrases stands in the title, its words one after the other.
fn speaks_of(words: &[&str], phrases: &[Vec<&str>], same: impl Fn(&str, &str) -> bool) -> bool {
    phrases.iter().any(|phrase| {
        words
            .windows(phrase.len().max(1))
            .any(|window| window.iter().zip(phrase).all(|(word, wanted)| same(word, wanted)))
    })
}

fn is_word_or_plural(word: &str, wanted: &str) -> bool {
    word.strip_prefix(wanted).is_some_and(|ending| matches!(ending, "" | "s" | "es"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use souk_base::Lang;

    use super::*;

    /// The still lifes that the storefront can draw for gifts.
    const DRAWN: [&str; 26] = [
        "lights",
        "mug",
        "bag",
        "clock",
        "frame",
        "card",
        "jewellery",
        "toy",
        "kitchen",
        "garden",
        "cushion",
        "lantern",
        "sign",
        "tin",
        "glass",
        "heart",
        "star",
        "bird",
        "candle",
        "box",
        "ribbon",
        "cake",
        "vase",
        "basket",
        "bear",
        "balloon",
    ];

    fn category(title: &str) -> String {
        derive(title).category[1].get(Lang::En).to_owned()
    }

    #[test]
    fn the_decisive_word_of_a_title_names_the_category() {
        assert_eq!(category("15cm Christmas Glass Ball 20 Lights"), "Christmas");
        assert_eq!(category("Pink Cherry Lights"), "Lights & Lanterns");
        assert_eq!(category("White Hanging Heart T-Light Holder"), "Candles & Holders");
        assert_eq!(category("Fancy Font Home Sweet Home Doormat"), "Doormats");
        assert_eq!(category("Set of 2 Red Spotty Tea Towels"), "Kitchen & Baking");
        assert_eq!(category("Jumbo Bag Toys"), "Bags & Purses");
        assert_eq!(category("Vintage Snap Cards"), "Toys & Games");
        assert_eq!(category("Space Boy Birthday Card"), "Greeting Cards");
        assert_eq!(category("Sombrero of Nothing Known"), "Travel & Umbrellas");
        assert_eq!(category("Xyzzy"), "Other Gifts");
    }

    #[test]
    fn colours_are_read_and_too_many_are_a_mixture() {
        let colours = |title| {
            let colours = derive(title).colours;
            colours.iter().map(|label| label.get(Lang::En).to_owned()).collect::<Vec<_>>()
        };

        assert_eq!(colours("Pink/White Ivory Mug"), ["White", "Pink", "Cream"]);
        assert_eq!(colours("Red Green Blue Black Top"), ["Mixed"]);
        assert!(colours("Bluebell Redwood").is_empty());
    }

    #[test]
    fn the_picture_is_what_the_title_names_else_the_categorys() {
        assert_eq!(derive("Red Hanging Heart T-Light Holder").picture, "candle");
        assert_eq!(derive("Christmas Pudding Trinket Pot").picture, "cake");
        assert_eq!(derive("Christmas Craft White Fairy").picture, "star");
        assert_eq!(derive("Xyzzy").picture, "box");
    }

    #[test]
    fn the_tables_agree_with_each_other() {
        for rule in RULES.iter() {
            assert!(CATEGORIES.iter().any(|category| category.name == rule.name), "{}", rule.name);
        }
        let pictures = PICTURES.iter().map(|rule| rule.name);
        for picture in pictures.chain(CATEGORIES.iter().map(|category| category.picture)) {
            assert!(DRAWN.contains(&picture), "{picture}");
        }
        let phrases = RULES.iter().chain(PICTURES.iter()).flat_map(|rule| &rule.phrases);
        for phrase in phrases.chain(COLOURS.iter().flat_map(|colour| &colour.phrases)) {
            assert!(!phrase.is_empty());
            assert_eq!(words(&phrase.join(" ")), phrase.join(" "), "can never match");
        }
    }

    proptest! {
        #[test]
        fn any_title_has_a_category_and_a_picture(title in any::<String>()) {
            let derived = derive(&title);

            assert_eq!(derived.category.len(), 2);
            assert!(DRAWN.contains(&derived.picture));
        }
    }
}
