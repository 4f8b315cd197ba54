//! Cells: what a spreadsheet must not take for a formula, and the columns of a sheet.

use std::borrow::Cow;

use souk_base::Lang;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Slug,
    ExternalId,
    State,
    Category,
    Title(Lang),
    Description(Lang),
    Sku,
    Market,
    Price,
    ListPrice,
    /// Units in the city with this slug.
    Stock(String),
}

/// What the name of a stock column begins with; the slug of its city follows.
const STOCK: &str = "stock_";
/// The order of languages in a file.
pub(super) const LANGS: [Lang; 4] = [Lang::En, Lang::Ar, Lang::Ru, Lang::Kk];

impl Column {
    /// The columns of a file in order, with these cities.
    pub(super) fn all(cities: &[String]) -> Vec<Column> {
        let mut columns = vec![Column::Slug, Column::ExternalId, Column::State, Column::Category];
        columns.extend(LANGS.map(Column::Title));
        columns.extend(LANGS.map(Column::Description));
        columns.extend([Column::Sku, Column::Market, Column::Price, Column::ListPrice]);
        columns.extend(cities.iter().cloned().map(Column::Stock));
        columns
    }

    /// The name in the header.
    pub(super) fn name(&self) -> Cow<'static, str> {
        match self {
            Column::Slug => "slug".into(),
            Column::ExternalId => "external_id".into(),
            Column::State => "state".into(),
            Column::Category => "category".into(),
            Column::Title(lang) => format!("title_{lang}").into(),
            Column::Description(lang) => format!("description_{lang}").into(),
            Column::Sku => "sku".into(),
            Column::Market => "market".into(),
            Column::Price => "price".into(),
            Column::ListPrice => "list_price".into(),
            Column::Stock(city) => format!("{STOCK}{city}").into(),
        }
    }
}

/// The cell for a text: with an apostrophe before it where a spreadsheet would take it for a formula.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) || is_guarded(text) {
        return format!("'{text}").into();
    }
    text.into()
}

/// The text of a cell.
pub(super) fn unguarded(cell: &str) -> &str {
    if is_guarded(cell) { &cell[1..] } else { cell }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

/// Whether an apostrophe at the beginning is one that [`guarded`] writes.
fn is_guarded(text: &str) -> bool {
    text.strip_prefix('\'')
        .is_some_and(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for formula in ["=1+1", "+49", "-x", "@SUM(A1)", "\tx", "\rx", "-", "-1-1", "'=1"] {
            let is_plain = formula == "+49";
            assert_eq!(guarded(formula) == formula, is_plain, "{formula:?}");
        }
        for plain in ["-1.5", "", "'tis", "Rose", "'", "1+1"] {
            assert_eq!(guarded(plain), plain);
        }
    }

    #[test]
    fn no_two_columns_have_one_name() {
        let columns = Column::all(&["kuwait-city".to_owned()]);
        let names: std::collections::HashSet<_> = columns.iter().map(Column::name).collect();

        assert_eq!(names.len(), columns.len());
        assert!(names.contains("stock_kuwait-city") && names.contains("title_ar"));
    }

    proptest! {
        #[test]
        fn every_text_survives_the_way_through_a_cell(text in "['=+@\t\r0-9a-]{0,6}|.*") {
            let cell = guarded(&text);

            assert_eq!(unguarded(&cell), text);
            assert!(!is_formula(&cell));
        }
    }
}
