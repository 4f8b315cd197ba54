//! Plural forms as Unicode CLDR defines them: six in Arabic, three in Russian, two in English, one after a
//! number in Kazakh.

/// The forms of a text that counts; `{n}` stands for the number.
#[cfg_attr(test, derive(serde::Serialize))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plural {
    /// Arabic.
    Six {
        zero: &'static str,
        one: &'static str,
        two: &'static str,
        few: &'static str,
        many: &'static str,
        other: &'static str,
    },
    /// Russian.
    Three { one: &'static str, few: &'static str, many: &'static str },
    /// English.
    Two { one: &'static str, other: &'static str },
    /// Kazakh nouns stay as they are after a number.
    Same { other: &'static str },
}

impl Plural {
    /// The form for this number, still with its `{n}`.
    pub(crate) fn form(self, n: u64) -> &'static str {
        match self {
            Plural::Six { zero, one, two, few, many, other } => match (n, n % 100) {
                (0, _) => zero,
                (1, _) => one,
                (2, _) => two,
                (_, 3..=10) => few,
                (_, 11..=99) => many,
                _ => other,
            },
            Plural::Three { one, few, many } => match (n % 10, n % 100) {
                (_, 11..=14) => many,
                (1, _) => one,
                (2..=4, _) => few,
                _ => many,
            },
            Plural::Two { one, other } => {
                if n == 1 {
                    one
                } else {
                    other
                }
            }
            Plural::Same { other } => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use souk_base::Lang;

    use super::super::basket::basket;
    use super::super::desk::desk;
    use super::super::texts;
    use super::*;

    #[test]
    fn arabic_has_six_forms() {
        let plural = Plural::Six {
            zero: "zero",
            one: "one",
            two: "two",
            few: "few",
            many: "many",
            other: "other",
        };
        let cases = [
            (0, "zero"),
            (1, "one"),
            (2, "two"),
            (3, "few"),
            (10, "few"),
            (11, "many"),
            (99, "many"),
            (100, "other"),
            (102, "other"),
            (103, "few"),
            (111, "many"),
            (1_000, "other"),
        ];
        for (n, form) in cases {
            assert_eq!(plural.form(n), form, "{n}");
        }
    }

    #[test]
    fn russian_has_three_forms() {
        let plural = Plural::Three { one: "one", few: "few", many: "many" };
        let cases = [
            (0, "many"),
            (1, "one"),
            (2, "few"),
            (4, "few"),
            (5, "many"),
            (11, "many"),
            (12, "many"),
            (21, "one"),
            (22, "few"),
            (111, "many"),
            (112, "many"),
            (1_001, "one"),
        ];
        for (n, form) in cases {
            assert_eq!(plural.form(n), form, "{n}");
        }
    }

    #[test]
    fn english_has_two_forms_and_kazakh_one() {
        assert_eq!(texts(Lang::En).products_count.form(1), "{n} product");
        assert_eq!(texts(Lang::En).products_count.form(21), "{n} products");
        assert_eq!(texts(Lang::Kk).products_count.form(1), texts(Lang::Kk).products_count.form(5));
    }

    #[test]
    fn every_language_uses_its_own_kind_of_forms_everywhere() {
        for lang in Lang::ALL {
            let tables = [
                serde_json::to_value(texts(lang)),
                serde_json::to_value(desk(lang)),
                serde_json::to_value(basket(lang)),
            ];
            let tables = tables.map(|table| table.unwrap().as_object().unwrap().clone());
            let kind = match lang {
                Lang::Ar => "Six",
                Lang::En => "Two",
                Lang::Ru => "Three",
                Lang::Kk => "Same",
            };
            let plurals = tables.iter().flatten().filter(|(_, text)| text.is_object());
            let mut count = 0;
            for (name, forms) in plurals {
                assert!(forms.get(kind).is_some(), "{lang} {name}: {forms}");
                count += 1;
            }
            assert!(count >= 3, "{lang} counts {count} things");
        }
    }
}
