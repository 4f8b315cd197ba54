//! What an index's name says: `products_gb`, `products_kw_ar`, `products_kw_ar_price_asc`, `products_gb_suggestions`.

use souk_base::{Lang, MarketCode, Tables};
use souk_search::Sort;

/// What every name begins with.
const PREFIX: &str = "products_";

/// What is found in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Products in this order.
    Products(Sort),
    /// How an unfinished query may go on.
    Suggestions,
}

/// The endings of names; without one a name means products in order of relevance.
const ENDINGS: [(&str, Kind); 5] = [
    ("price_asc", Kind::Products(Sort::Price)),
    ("price_desc", Kind::Products(Sort::PriceDescending)),
    ("newest", Kind::Products(Sort::Newest)),
    ("popular", Kind::Products(Sort::Popular)),
    ("suggestions", Kind::Suggestions),
];

/// An index as its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) market: MarketCode,
    /// The named language, else the market's first.
    pub(super) lang: Lang,
    pub(super) kind: Kind,
}

impl Index {
    /// Reads a name; none if nothing is called so.
    pub(super) fn parse(name: &str, tables: &Tables) -> Option<Index> {
        let mut parts = name.strip_prefix(PREFIX)?.splitn(2, '_');
        let code =
            parts.next().filter(|code| code.bytes().all(|byte| byte.is_ascii_lowercase()))?;
        let market = tables.market(code.to_ascii_uppercase().parse().ok()?)?;
        let (named, rest) = lang(parts.next().unwrap_or_default());
        let kind = match rest {
            "" => Kind::Products(Sort::Relevance),
            _ => ENDINGS.into_iter().find(|(ending, _)| *ending == rest)?.1,
        };
        let lang = named.or_else(|| market.languages.first().copied())?;
        Some(Index { name: name.to_owned(), market: market.code, lang, kind })
    }
}

/// The language that a rest begins with, and what follows it.
fn lang(rest: &str) -> (Option<Lang>, &str) {
    let (first, after) = rest.split_once('_').unwrap_or((rest, ""));
    match first.parse() {
        Ok(lang) => (Some(lang), after),
        Err(_) => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use souk_base::{Currency, Market, Translated};

    use super::*;

    fn tables() -> Tables {
        let kuwait = Market {
            code: "KW".parse().unwrap(),
            label: Translated::default(),
            currency: Currency::Kwd,
            payable_step: 10,
            languages: vec![Lang::Ar, Lang::En],
            time_zone: "Asia/Kuwait".to_owned(),
            weekend: vec![5, 6],
            tax_rate_bp: 0,
            tax_inclusive: true,
            address_fields: vec![],
            flags: serde_json::Map::new(),
            cities: vec![],
        };
        Tables { markets: vec![kuwait], ..Tables::default() }
    }

    #[test]
    fn a_name_says_market_language_and_order() {
        let read = |name: &str| Index::parse(name, &tables()).map(|index| (index.lang, index.kind));
        let products = |lang, sort| Some((lang, Kind::Products(sort)));

        assert_eq!(read("products_kw"), products(Lang::Ar, Sort::Relevance));
        assert_eq!(read("products_kw_en"), products(Lang::En, Sort::Relevance));
        assert_eq!(read("products_kw_price_asc"), products(Lang::Ar, Sort::Price));
        assert_eq!(read("products_kw_en_price_desc"), products(Lang::En, Sort::PriceDescending));
        assert_eq!(read("products_kw_newest"), products(Lang::Ar, Sort::Newest));
        assert_eq!(read("products_kw_ar_popular"), products(Lang::Ar, Sort::Popular));
        assert_eq!(read("products_kw_en_suggestions"), Some((Lang::En, Kind::Suggestions)));
    }

    #[test]
    fn other_names_name_nothing() {
        for name in
            ["", "products", "products_", "products_gb", "products_KW", "products_kw_fr", "kw"]
        {
            assert_eq!(Index::parse(name, &tables()), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_name_makes_the_reading_panic(name in any::<String>()) {
            let _ = Index::parse(&name, &tables());
            let _ = Index::parse(&format!("products_{name}"), &tables());
            let _ = Index::parse(&format!("products_kw_{name}"), &tables());
        }
    }
}
