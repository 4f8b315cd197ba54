//! Numbers and money as each language and country writes them (Unicode CLDR 48).

use souk_base::{Currency, Lang, MarketCode, Money};

/// A space that does not break the line.
const NO_BREAK_SPACE: char = '\u{a0}';

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    lang: Lang,
    /// Digits ٠ to ٩ instead of 0 to 9.
    eastern: bool,
    group: char,
    decimal: char,
}

/// An amount in its parts, so that the currency can be set smaller than the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    /// What stands before the number, with its space.
    pub(crate) before: String,
    /// The number.
    pub(crate) number: String,
    /// What stands after the number, with its space.
    pub(crate) after: String,
    /// The same for programs: `12.500 KWD`.
    pub(crate) value: String,
}

impl Price {
    /// Whether the currency is a word, which is set smaller than the number; signs such as £ are not.
    pub(crate) fn has_word(&self) -> bool {
        self.before.chars().chain(self.after.chars()).filter(|c| c.is_alphabetic()).count() > 1
    }

    /// The whole amount as one text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}{}", self.before, self.number, self.after)
    }
}

impl Numbers {
    /// The numbers of a language in a market, or of the language alone.
    pub(crate) fn of(lang: Lang, market: Option<MarketCode>) -> Numbers {
        // The Emirates and Britain write Arabic with western digits; the other markets with eastern ones.
        let western = market.is_some_and(|market| matches!(market.as_str(), "AE" | "GB"));
        match lang {
            Lang::Ar if !western => Numbers { lang, eastern: true, group: '٬', decimal: '٫' },
            Lang::Ar | Lang::En => Numbers { lang, eastern: false, group: ',', decimal: '.' },
            Lang::Ru | Lang::Kk => {
                Numbers { lang, eastern: false, group: NO_BREAK_SPACE, decimal: ',' }
            }
        }
    }

    /// A whole number with its thousands apart.
    pub(crate) fn whole(self, number: u64) -> String {
        let digits = number.to_string();
        let mut written = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                written.push(self.group);
            }
            written.push(digit);
        }
        self.digits(&written)
    }

    /// A text whose numbers are written this way, such as the 1.5 of "1.5 kg".
    pub(crate) fn plain(self, text: &str) -> String {
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let mut written = String::new();
        let mut rest = text.chars().peekable();
        while let Some(next) = rest.next() {
            let between = is_digit(written.chars().next_back()) && is_digit(rest.peek().copied());
            written.push(if next == '.' && between { self.decimal } else { next });
        }
        self.digits(&written)
    }

    /// How large a part is, in whole per cent; all of nothing is nothing.
    pub(crate) fn percent(self, part: u64, whole: u64) -> String {
        let rounded = (200 * part + whole).checked_div(2 * whole).unwrap_or(0);
        let sign = match self.lang {
            Lang::Ar => "٪",
            Lang::En => "%",
            Lang::Ru | Lang::Kk => "\u{a0}%",
        };
        format!("{}{sign}", self.whole(rounded))
    }

    /// An amount of money.
    pub(crate) fn money(self, money: Money) -> Price {
        let decimal = money.to_decimal();
        let (whole, fraction) = decimal.split_once('.').unwrap_or((&decimal, ""));
        let mut number = self.whole(whole.parse().unwrap_or_default());
        // Tiyn are out of use, so whole tenge stand without them.
        let unused = money.currency == Currency::Kzt && fraction == "00";
        if !fraction.is_empty() && !unused {
            number.push(self.decimal);
            number.push_str(&self.digits(fraction));
        }
        let (before, after) = self.signs(money.currency);
        Price { before, number, after, value: money.to_string() }
    }

    fn signs(self, currency: Currency) -> (String, String) {
        let sign = sign(currency, self.lang);
        match (self.lang, currency) {
            (Lang::En, Currency::Gbp | Currency::Kzt) => (sign.to_owned(), String::new()),
            (Lang::En, _) => (format!("{sign}{NO_BREAK_SPACE}"), String::new()),
            _ => (String::new(), format!("{NO_BREAK_SPACE}{sign}")),
        }
    }

    fn digits(self, text: &str) -> String {
        if !self.eastern {
            return text.to_owned();
        }
        let eastern = |digit: u32| char::from_u32(u32::from('٠') + digit);
        let write = |c: char| c.to_digit(10).and_then(eastern).unwrap_or(c);
        text.chars().map(write).collect()
    }
}

/// The short name of a currency in a language.
const fn sign(currency: Currency, lang: Lang) -> &'static str {
    match (currency, lang) {
        (Currency::Gbp, _) => "£",
        (Currency::Kzt, _) => "₸",
        (Currency::Aed, Lang::Ar) => "د.إ.",
        (Currency::Bhd, Lang::Ar) => "د.ب.",
        (Currency::Egp, Lang::Ar) => "ج.م.",
        (Currency::Jod, Lang::Ar) => "د.أ.",
        (Currency::Kwd, Lang::Ar) => "د.ك.",
        (Currency::Omr, Lang::Ar) => "ر.ع.",
        (Currency::Qar, Lang::Ar) => "ر.ق.",
        (Currency::Sar, Lang::Ar) => "ر.س.",
        _ => currency.code(),
    }
}

/// An amount as typed into a form, in eastern or western digits with any decimal sign; none when it is no amount.
pub(crate) fn read_amount(typed: &str, currency: Currency) -> Option<Money> {
    let plain: String = typed.trim().chars().map(western).filter(|c| *c != '٬').collect();
    let money = Money::parse_decimal(&plain, currency).ok()?;
    (money.minor >= 0).then_some(money)
}

/// A whole number from 0 as typed into a form, in eastern or western digits; none when it is none.
pub(crate) fn read_count(typed: &str) -> Option<i32> {
    let plain: String = typed.trim().chars().map(western).collect();
    plain.chars().all(|c| c.is_ascii_digit()).then(|| plain.parse().ok())?
}

/// A percentage as typed into a form, such as -7.5, in hundredths of a per cent; from -90 to 900 and not 0.
pub(crate) fn read_percent(typed: &str) -> Option<i32> {
    let plain: String =
        typed.trim().trim_matches(['%', '٪', '\u{200e}']).trim().chars().map(western).collect();
    let (sign, plain) = match plain.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = format!("{whole}{fraction:0<2}");
    let is_number =
        !whole.is_empty() && fraction.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
    let basis_points = sign * digits.parse::<i32>().ok().filter(|_| is_number)?;
    (basis_points != 0 && (-9_000..=90_000).contains(&basis_points)).then_some(basis_points)
}

fn western(character: char) -> char {
    let digit = match character {
        '٠'..='٩' => u32::from(character) - u32::from('٠'),
        '۰'..='۹' => u32::from(character) - u32::from('۰'),
        '٫' | ',' => return '.',
        other => return other,
    };
    char::from_digit(digit, 10).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(lang: Lang, market: &str, minor: i64, currency: Currency) -> String {
        Numbers::of(lang, market.parse().ok()).money(Money::new(minor, currency)).text()
    }

    #[test]
    fn money_is_written_as_the_country_writes_it() {
        use Currency as C;
        assert_eq!(price(Lang::En, "GB", 123_450, C::Gbp), "£1,234.50");
        assert_eq!(price(Lang::En, "KW", 12_500, C::Kwd), "KWD\u{a0}12.500");
        assert_eq!(price(Lang::Ar, "KW", 12_500, C::Kwd), "١٢٫٥٠٠\u{a0}د.ك.");
        assert_eq!(price(Lang::Ar, "AE", 15_000, C::Aed), "150.00\u{a0}د.إ.");
        assert_eq!(price(Lang::Ru, "KZ", 1_890_000, C::Kzt), "18\u{a0}900\u{a0}₸");
        assert_eq!(price(Lang::Kk, "KZ", 1_890_050, C::Kzt), "18\u{a0}900,50\u{a0}₸");
        assert_eq!(price(Lang::Ru, "GB", 3_995, C::Gbp), "39,95\u{a0}£");
        assert_eq!(price(Lang::En, "BH", 5, C::Bhd), "BHD\u{a0}0.005");
    }

    #[test]
    fn every_currency_has_a_price_in_every_language() {
        for currency in Currency::ALL {
            for lang in Lang::ALL {
                let price = Numbers::of(lang, None).money(Money::new(1_234_567, currency));

                assert!(!price.number.is_empty() && price.text().len() > price.number.len());
                assert!(price.value.ends_with(currency.code()));
            }
        }
    }

    #[test]
    fn only_a_currency_word_is_set_smaller() {
        let has_word =
            |currency| Numbers::of(Lang::En, None).money(Money::new(1, currency)).has_word();

        assert!(has_word(Currency::Kwd) && !has_word(Currency::Gbp) && !has_word(Currency::Kzt));
    }

    #[test]
    fn thousands_stand_apart() {
        let english = Numbers::of(Lang::En, None);
        assert_eq!(english.whole(0), "0");
        assert_eq!(english.whole(999), "999");
        assert_eq!(english.whole(1_000), "1,000");
        assert_eq!(english.whole(4_016_227), "4,016,227");
        assert_eq!(Numbers::of(Lang::Ar, None).whole(4_016), "٤٬٠١٦");
        assert_eq!(Numbers::of(Lang::Ru, None).plain("1.5"), "1,5");
    }

    #[test]
    fn parts_are_said_in_per_cent() {
        let english = Numbers::of(Lang::En, None);
        assert_eq!((english.percent(1, 3), english.percent(2, 3)), ("33%".into(), "67%".into()));
        assert_eq!((english.percent(0, 0), english.percent(7, 7)), ("0%".into(), "100%".into()));
        assert_eq!(Numbers::of(Lang::Ar, None).percent(1, 2), "٥٠٪");
        assert_eq!(Numbers::of(Lang::Ru, None).percent(1, 2), "50\u{a0}%");
    }

    #[test]
    fn counts_and_percentages_are_read_as_people_type_them() {
        assert_eq!(read_count(" ١٢ "), Some(12));
        assert_eq!(read_percent("-10"), Some(-1_000));
        assert_eq!(read_percent("\u{2212}٧٫٥ ٪"), Some(-750));
        assert_eq!(read_percent("+900%"), Some(90_000));
        for bad in ["", "-1", "1.5", "12 pcs", "99999999999"] {
            assert_eq!(read_count(bad), None, "{bad}");
        }
        for bad in ["", "0", "-91", "901", "ten", "1.234", "--5", "."] {
            assert_eq!(read_percent(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_kinds_of_digits_are_understood() {
        let read = |typed| read_amount(typed, Currency::Kwd).map(|money| money.minor);

        assert_eq!(read(" 12.5 "), Some(12_500));
        assert_eq!(read("١٢٫٥"), Some(12_500));
        assert_eq!(read("12,5"), Some(12_500));
        for bad in ["", "-1", "twelve", "1.2345", "1e3"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
