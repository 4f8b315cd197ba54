//! Names in the four languages for what files name in one, or not at all.

use souk_base::{Lang, Translated};

/// The attributes the demo shop's files use, in facet order: code, English, Arabic, Russian, Kazakh.
const ATTRIBUTES: [(&str, [&str; 4]); 6] = [
    ("occasion", ["Occasion", "المناسبة", "Повод", "Мереке"]),
    ("colour", ["Colour", "اللون", "Цвет", "Түсі"]),
    ("flower", ["Flower", "نوع الزهور", "Цветок", "Гүл түрі"]),
    ("for", ["For", "لمن", "Кому", "Кімге"]),
    ("flavour", ["Flavour", "النكهة", "Вкус", "Дәмі"]),
    ("scent", ["Scent", "الرائحة", "Аромат", "Хош иісі"]),
];

/// The name of an attribute: the one known for its code, else the file's own in the file's language.
pub(super) fn attribute(code: &str, name: &str, lang: Lang) -> Translated {
    let known = ATTRIBUTES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| Translated::from_iter([(lang, spelled_out(name))]), |(_, n)| in_four(*n))
}

/// The place of an attribute among the facets: known ones first.
pub(super) fn attribute_position(code: &str) -> usize {
    ATTRIBUTES.iter().position(|(known, _)| *known == code).unwrap_or(ATTRIBUTES.len())
}

/// `t_product_type` as a person would write it; a name of blanks alone stays as it is.
fn spelled_out(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.trim().chars();
    let Some(first) = letters.next() else { return name.to_owned() };
    first.to_uppercase().chain(letters).collect()
}

/// Where products stand whose file names no category.
pub(super) fn other() -> Translated {
    in_four(["Other", "أخرى", "Прочее", "Басқа"])
}

/// The value of an attribute that holds.
pub(super) fn yes() -> Translated {
    in_four(["Yes", "نعم", "Да", "Иә"])
}

/// The value of an attribute that does not hold.
pub(super) fn no() -> Translated {
    in_four(["No", "لا", "Нет", "Жоқ"])
}

/// A label from its English, Arabic, Russian and Kazakh text.
pub(super) fn in_four([en, ar, ru, kk]: [&str; 4]) -> Translated {
    [(Lang::En, en), (Lang::Ar, ar), (Lang::Ru, ru), (Lang::Kk, kk)]
        .into_iter()
        .map(|(lang, text)| (lang, text.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_attribute_has_four_names_and_an_unknown_one_its_own() {
        assert_eq!(attribute("colour", "colour", Lang::En).get(Lang::Ru), "Цвет");
        assert_eq!(attribute("t_type", "t_type", Lang::En).get(Lang::En), "T type");
        assert_eq!(attribute("x1", "_", Lang::En).get(Lang::En), "_");
    }
}
