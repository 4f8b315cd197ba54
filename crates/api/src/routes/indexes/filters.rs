//! `facetFilters`, `numericFilters` and `filters` as filters of search.
//!
//! Search joins the values of one field as alternatives and its fields as conditions. What Algolia can say beyond that
//! (a value that must be missing, alternatives of several attributes, two values of one attribute at once) is refused,
//! never read as something else. Amounts are in the currency's main unit, as hits have them, and never pass through a float.

use std::collections::BTreeSet;

use souk_base::{Currency, Money};

use super::attributes::Attributes;
use super::expression;
use super::params::{Alternatives, Params};
use crate::error::{Code, FieldError, Result};

/// A range of prices that holds none.
const NO_PRICE: (i64, i64) = (1, 0);

/// What narrows a search besides its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Narrowing {
    /// Slug of a category to stay within.
    pub(super) category: Option<String>,
    /// Values of fields, any of which a product must have.
    pub(super) fields: Vec<(String, BTreeSet<String>)>,
    /// Ranges of prices in minor units, both ends in; none for any price.
    pub(super) prices: Option<Vec<(i64, i64)>>,
}

impl Narrowing {
    /// Reads the three parameters; all that they say must hold.
    ///
    /// # Errors
    /// What search cannot do, and what makes no sense.
    pub(super) fn read(
        params: &Params,
        attributes: Attributes<'_>,
        currency: Currency,
    ) -> Result<Narrowing> {
        if params.conditions("tagFilters")?.iter().flatten().any(|text| !text.trim().is_empty()) {
            let detail = "tagFilters is not supported, use facetFilters";
            return Err(FieldError::new("/tagFilters", Code::InvalidValue, detail).into());
        }
        let mut narrowing = Narrowing::default();
        for alternatives in params.conditions("facetFilters")? {
            narrowing.add_values(&alternatives, attributes)?;
        }
        for alternatives in params.conditions("numericFilters")? {
            // A single text with commas is a list of conditions.
            for part in split_conditions(alternatives) {
                narrowing.add_prices(&part, currency)?;
            }
        }
        for alternatives in expression::read(&params.text("filters")?.unwrap_or_default())? {
            if alternatives.iter().any(|filter| is_of_price(filter)) {
                narrowing.add_prices(&alternatives, currency)?;
            } else {
                narrowing.add_values(&alternatives, attributes)?;
            }
        }
        Ok(narrowing)
    }

    /// The filters as search takes them.
    pub(super) fn filters(&self) -> Vec<String> {
        let values = self
            .fields
            .iter()
            .flat_map(|(field, values)| values.iter().map(move |value| format!("{field}:{value}")));
        let end =
            |minor: i64, open: i64| if minor == open { String::new() } else { minor.to_string() };
        let prices = self
            .prices
            .iter()
            .flatten()
            .map(|&(from, to)| format!("price:{}..{}", end(from, i64::MIN), end(to, i64::MAX)));
        values.chain(prices).collect()
    }

    /// Adds one condition of `facetFilters`. A single category is stayed within, so that its siblings are not
    /// counted; several are alternatives like the values of any field.
    fn add_values(
        &mut self,
        alternatives: &Alternatives,
        attributes: Attributes<'_>,
    ) -> Result<()> {
        let mut condition: Option<(String, BTreeSet<String>)> = None;
        for filter in alternatives {
            let (field, value) = value(filter, attributes)?;
            let (known, values) = condition.get_or_insert_with(|| (field.clone(), BTreeSet::new()));
            if *known != field {
                return Err(refuse(
                    "facetFilters",
                    "alternatives must be of one attribute",
                    filter,
                ));
            }
            values.insert(value);
        }
        let Some((field, values)) = condition else { return Ok(()) };
        let single = values.first().filter(|_| field == "category" && values.len() == 1);
        let known = single.filter(|&slug| attributes.tables.category_by_slug(slug).is_some());
        if let (Some(slug), None) = (known, &self.category) {
            self.category = Some(slug.clone());
            return Ok(());
        }
        match self.fields.iter().find(|(other, _)| *other == field) {
            None => self.fields.push((field, values)),
            Some((_, same)) if *same == values => {}
            Some(_) => {
                let detail =
                    "several values of one attribute can only be alternatives, in one list";
                return Err(refuse("facetFilters", detail, &alternatives.join(", ")));
            }
        }
        Ok(())
    }

    /// Adds one condition of `numericFilters`.
    fn add_prices(&mut self, alternatives: &Alternatives, currency: Currency) -> Result<()> {
        let expected = "only price is numeric, as price>=10, price<=20.5 or price:10 TO 20";
        let range = |filter: &String| {
            range(filter, currency).ok_or_else(|| refuse("numericFilters", expected, filter))
        };
        let ranges: Vec<_> = alternatives.iter().map(range).collect::<Result<_>>()?;
        self.within(&ranges);
        Ok(())
    }

    /// Lets only prices pass that lie within one of these ranges, too.
    pub(super) fn within(&mut self, ranges: &[(i64, i64)]) {
        let any = [(i64::MIN, i64::MAX)];
        let before = self.prices.as_deref().unwrap_or(&any);
        let pairs = before.iter().flat_map(|one| ranges.iter().map(move |other| (one, other)));
        let both = pairs.map(|(one, other)| (one.0.max(other.0), one.1.min(other.1)));
        let both: Vec<_> = both.filter(|(from, to)| from <= to).collect();
        self.prices = Some(if both.is_empty() { vec![NO_PRICE] } else { both });
    }
}

/// The field and the code of the value that a filter such as `brand:Lumen` names. A value that does not exist stays as it
/// is and is found nowhere.
fn value(filter: &str, attributes: Attributes<'_>) -> Result<(String, String)> {
    let expected = "a filter must be of the form attribute:value";
    let (name, value) =
        filter.split_once(':').ok_or_else(|| refuse("facetFilters", expected, filter))?;
    if name.starts_with('-') || value.starts_with('-') {
        let detail = "values that must be missing are not supported";
        return Err(refuse("facetFilters", detail, filter));
    }
    // A value that itself begins with a minus comes escaped.
    let value = value.strip_prefix('\\').filter(|rest| rest.starts_with('-')).unwrap_or(value);
    let attribute = attributes.named(name.trim(), "facetFilters")?;
    let Some(field) = attribute.field() else {
        return Err(refuse("facetFilters", "a price is filtered by numericFilters", filter));
    };
    let names = attributes.names(&attribute);
    let code = names.iter().find(|(_, name)| *name == value).map_or(value, |(code, _)| code);
    Ok((field.to_owned(), code.to_owned()))
}

/// Whether a filter of an expression is about the price.
fn is_of_price(filter: &str) -> bool {
    filter.split([':', '<', '>', '=', '!', ' ']).next() == Some("price")
}

/// One condition as it is, or several where a single text lists them with commas.
fn split_conditions(alternatives: Alternatives) -> Vec<Alternatives> {
    match alternatives.as_slice() {
        [one] => one.split(',').map(|part| vec![part.to_owned()]).collect(),
        _ => vec![alternatives],
    }
}

/// The prices that a filter such as `price>=12.5` lets pass.
fn range(filter: &str, currency: Currency) -> Option<(i64, i64)> {
    let rest = filter.trim().strip_prefix("price")?.trim_start();
    if let Some(ends) = rest.strip_prefix(':') {
        let (from, to) = ends.split_once(" TO ")?;
        return Some((at_least(from, currency)?, floor(to, currency)?.0));
    }
    let (operator, amount) = rest.split_at(rest.find(|it: char| !"<>=!".contains(it))?);
    let (minor, exact) = floor(amount, currency)?;
    Some(match operator {
        ">=" => (at_least(amount, currency)?, i64::MAX),
        ">" => (minor.checked_add(1)?, i64::MAX),
        "<=" => (i64::MIN, minor),
        "<" => (i64::MIN, if exact { minor.checked_sub(1)? } else { minor }),
        "=" if exact => (minor, minor),
        "=" => NO_PRICE,
        _ => return None,
    })
}

/// The least price that is not below an amount.
fn at_least(amount: &str, currency: Currency) -> Option<i64> {
    let (minor, exact) = floor(amount, currency)?;
    if exact { Some(minor) } else { minor.checked_add(1) }
}

/// The largest price that is not above an amount, in minor units, and whether it is the amount.
fn floor(amount: &str, currency: Currency) -> Option<(i64, bool)> {
    let amount = amount.trim();
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = usize::try_from(currency.digits()).ok()?;
    let (kept, cut) = fraction.split_at_checked(digits).unwrap_or((fraction, ""));
    if !cut.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minor = Money::parse_decimal(&format!("{whole}.{kept}"), currency).ok()?.minor;
    let exact = cut.bytes().all(|byte| byte == b'0');
    // Cutting digits off brings an amount below zero nearer to it, and so above itself.
    let above = !exact && amount.starts_with('-');
    Some((if above { minor.checked_sub(1)? } else { minor }, exact))
}

fn refuse(parameter: &str, detail: &str, given: &str) -> crate::error::Error {
    let given: String = given.chars().take(64).collect();
    let detail = format!("{detail}, but is \"{given}\"");
    FieldError::new(format!("/{parameter}"), Code::BadFilter, detail).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::{Value, json};
    use souk_base::{Lang, Tables};

    use super::super::attributes::tests::tables;
    use super::*;

    fn read(given: Value, tables: &Tables) -> Result<Narrowing> {
        let Value::Object(given) = given else { panic!("an object was expected") };
        let attributes = Attributes { tables, lang: Lang::En };
        Narrowing::read(&Params::of(given).unwrap(), attributes, Currency::Kwd)
    }

    fn filters(given: Value) -> Vec<String> {
        read(given, &tables()).unwrap().filters()
    }

    #[test]
    fn labels_and_paths_become_codes_and_a_single_category_is_stayed_within() {
        let tables = tables();
        let facets =
            json!([["category:Roses", "category:gifts"], ["categories.lvl1:Flowers > Gifts"]]);

        let narrowing = read(json!({ "facetFilters": facets }), &tables).unwrap();

        assert_eq!(narrowing.category.as_deref(), Some("flower-gifts"));
        assert_eq!(narrowing.filters(), ["category:gifts", "category:roses"]);
    }

    #[test]
    fn unknown_values_stay_and_escaped_ones_are_read() {
        let given = json!({ "facetFilters": ["category:Boats", "in_stock:true", "brand:\\-x:y"] });

        assert_eq!(filters(given), ["category:Boats", "in_stock:true", "brand:-x:y"]);
    }

    #[test]
    fn what_search_cannot_do_is_refused() {
        for facets in [
            json!("brand:-x"),
            json!("-brand:x"),
            json!("brand"),
            json!("mood:good"),
            json!("price:1"),
            json!([["brand:x", "seller:y"]]),
            json!(["brand:x", "brand:y"]),
            json!({}),
            json!([[["brand:x"]]]),
        ] {
            assert!(read(json!({ "facetFilters": facets }), &tables()).is_err(), "{facets}");
        }
        for filters in ["brand:x OR price>1", "NOT brand:x", "brand:-x", "stock>1"] {
            assert!(read(json!({ "filters": filters }), &tables()).is_err(), "{filters}");
        }
        assert!(read(json!({ "tagFilters": ["a"] }), &tables()).is_err());
        assert!(read(json!({ "filters": "", "tagFilters": "" }), &tables()).is_ok());
    }

    #[test]
    fn an_expression_says_the_same_as_lists() {
        let given = json!({
            "filters": "(category:Roses OR category:'Gifts (gifts)') AND brand:\"Dar Al Ward\" AND price >= 2 AND price<5",
            "numericFilters": ["price>=3"],
        });

        let expected =
            ["category:gifts", "category:roses", "brand:Dar Al Ward", "price:3000..4999"];
        assert_eq!(filters(given), expected);
        assert_eq!(
            filters(json!({ "filters": "price:1 TO 2 AND in_stock:true" })),
            ["in_stock:true", "price:1000..2000"]
        );
    }

    #[test]
    fn amounts_are_in_the_main_unit_to_the_last_digit() {
        let prices = |numeric: Value| filters(json!({ "numericFilters": numeric }));

        assert_eq!(prices(json!(["price>=12.5", "price<=20"])), ["price:12500..20000"]);
        assert_eq!(prices(json!("price>12.5,price<20")), ["price:12501..19999"]);
        assert_eq!(prices(json!(["price:1 TO 2.0015"])), ["price:1000..2001"]);
        assert_eq!(prices(json!(["price>=1.0001"])), ["price:1001.."]);
        assert_eq!(prices(json!(["price<1.0001"])), ["price:..1000"]);
        assert_eq!(prices(json!(["price=3"])), ["price:3000..3000"]);
        assert_eq!(prices(json!(["price=3.0001"])), ["price:1..0"]);
        assert_eq!(prices(json!([["price=1", "price=2"], "price>=2"])), ["price:2000..2000"]);
        assert_eq!(prices(json!(["price>3", "price<2"])), ["price:1..0"]);
        for bad in ["price", "price>", "price>a", "price!=1", "stock>1", "price:1", "price>1e3"] {
            assert!(read(json!({ "numericFilters": [bad] }), &tables()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_filter_makes_the_reading_panic(text in any::<String>(), amount in "[-<>=!: TO0-9.]*") {
            let tables = tables();
            for text in [text, format!("price{amount}"), format!("brand:{amount}")] {
                for parameter in ["facetFilters", "numericFilters", "filters"] {
                    let _ = read(json!({ parameter: [[text]] }), &tables);
                    let _ = read(json!({ parameter: text }), &tables);
                }
            }
        }
    }
}
