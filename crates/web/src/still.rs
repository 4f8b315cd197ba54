//! Which still life stands for a category.

/// Words of category slugs, with the still life and colour that stand for them; the first that fits is taken.
const PICTURES: [(&str, &str, &str); 70] = [
    ("gifts-home", "mug", "blue"),
    ("incense", "candle", "purple"),
    ("plates", "kitchen", "green"),
    ("craft", "ribbon", "purple"),
    ("travel", "bag", "orange"),
    ("bathroom", "garden", "blue"),
    ("pets", "bird", "orange"),
    ("other-gifts", "box", "gold"),
    ("rose", "rose", "red"),
    ("tulip", "tulip", "orange"),
    ("lil", "lily", "pink"),
    ("orchid", "orchid", "purple"),
    ("peon", "peony", "pink"),
    ("hydrangea", "peony", "blue"),
    ("sunflower", "sunflower", "yellow"),
    ("flower-box", "basket", "pink"),
    ("dried", "vessel", "cream"),
    ("plant", "plant", "green"),
    ("bouquet", "bouquet", "mixed"),
    ("flower", "bouquet", "pink"),
    ("cupcake", "cupcake", "pink"),
    ("honey", "cake", "gold"),
    ("cheesecake", "cake", "cream"),
    ("chocolate-cake", "cake", "brown"),
    ("cake-stand", "cake", "blue"),
    ("cake", "cake", "pink"),
    ("date", "dates", "gold"),
    ("truffle", "chocolate", "gold"),
    ("chocolate", "chocolate", "brown"),
    ("sweet", "dates", "gold"),
    ("for-him", "perfume", "blue"),
    ("home-fragrance", "candle", "cream"),
    ("oud", "perfume", "gold"),
    ("perfume", "perfume", "purple"),
    ("balloon", "balloon", "red"),
    ("bear", "bear", "brown"),
    ("lantern", "lantern", "white"),
    ("light", "lights", "yellow"),
    ("candle", "candle", "cream"),
    ("vase", "vessel", "blue"),
    ("gift-set", "basket", "gold"),
    ("christmas", "star", "red"),
    ("easter", "bird", "yellow"),
    ("mug", "mug", "blue"),
    ("cup", "mug", "green"),
    ("tea", "mug", "pink"),
    ("bag", "bag", "red"),
    ("clock", "clock", "black"),
    ("frame", "frame", "brown"),
    ("card", "card", "pink"),
    ("wrap", "ribbon", "red"),
    ("ribbon", "ribbon", "pink"),
    ("party", "balloon", "mixed"),
    ("stationery", "card", "blue"),
    ("jewel", "jewellery", "silver"),
    ("toy", "toy", "mixed"),
    ("game", "toy", "blue"),
    ("kitchen", "kitchen", "blue"),
    ("bak", "kitchen", "pink"),
    ("garden", "garden", "green"),
    ("cushion", "cushion", "purple"),
    ("textile", "cushion", "green"),
    ("sign", "sign", "brown"),
    ("tin", "tin", "red"),
    ("storage", "tin", "green"),
    ("glass", "glass", "purple"),
    ("heart", "heart", "red"),
    ("star", "star", "gold"),
    ("bird", "bird", "blue"),
    ("basket", "basket", "green"),
];

/// Colours for categories without a still life of their own: boxes that differ.
const BOX_COLOURS: [&str; 6] = ["blue", "pink", "green", "gold", "purple", "orange"];

/// The still life that stands for a category; none when only a box does.
pub(crate) fn kind(slug: &str) -> Option<&'static str> {
    PICTURES.iter().find(|(word, ..)| slug.contains(word)).map(|(_, kind, _)| *kind)
}

/// The address of a still life in mixed colours; `number` decides the small differences.
pub(crate) fn address(kind: &str, number: i64) -> String {
    format!("/pictures/{kind}/mixed/{}.svg", number.unsigned_abs() % 10_000)
}

/// The address of the picture that stands for a category.
pub(crate) fn category(slug: &str) -> String {
    let known = PICTURES.iter().find(|(word, ..)| slug.contains(word));
    match known {
        Some((_, still_life, colour)) => format!("/pictures/{still_life}/{colour}/0.svg"),
        None => {
            let sum = slug.bytes().map(usize::from).sum::<usize>();
            format!("/pictures/box/{}/0.svg", BOX_COLOURS[sum % BOX_COLOURS.len()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures;

    #[test]
    fn every_category_has_a_picture_of_its_own_kind() {
        assert_eq!(category("roses"), "/pictures/rose/red/0.svg");
        assert_eq!(category("cupcakes"), "/pictures/cupcake/pink/0.svg");
        assert_eq!(category("chocolate-cakes"), "/pictures/cake/brown/0.svg");
        assert!(category("something-else").starts_with("/pictures/box/"));
    }

    #[test]
    fn only_known_still_lives_are_named() {
        let stand_in = pictures::still_life("box", "red", 1);
        for (_, name, _) in PICTURES.into_iter().filter(|(_, name, _)| *name != "box") {
            let is_known = pictures::still_life(name, "red", 1) != stand_in;

            assert!(is_known, "{name}");
        }
    }
}
