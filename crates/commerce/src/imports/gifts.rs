//! A catalogue from invoices: one product a stock code, with the description and the price most lines agree on.

use std::collections::{BTreeMap, HashMap};

use souk_base::{Lang, MarketCode};

use super::derive::derive;
use super::online_retail::InvoiceLine;
use super::titles::{is_plausible, title};
use super::{Item, ItemAttribute, ItemPrice, ItemVariant, Report};
use crate::products::ProductText;

/// A price is read from the newest months that hold at least this many lines together.
const RECENT_LINES: u32 = 20;

/// What the lines of one stock code said.
#[derive(Default)]
struct Seen {
    /// Where its first line stands in the file.
    line: u64,
    is_goods: bool,
    /// Descriptions of its sales, by number of lines.
    descriptions: HashMap<String, u32>,
    /// Prices of its sales in minor units, by number of lines, by year and month.
    prices: BTreeMap<(i16, i8), HashMap<i64, u32>>,
}

/// Stock codes as they are gathered from lines.
#[derive(Default)]
pub(super) struct Gifts {
    codes: BTreeMap<String, Seen>,
}

impl Gifts {
    /// Takes a line in.
    pub(super) fn add(&mut self, line: InvoiceLine) {
        let (is_goods, is_sale) = (line.is_goods(), line.is_sale());
        let seen = self
            .codes
            .entry(line.code)
            .or_insert_with(|| Seen { line: line.number, ..Seen::default() });
        seen.is_goods |= is_goods;
        if !is_sale {
            return;
        }
        let prices = seen.prices.entry((line.at.year(), line.at.month())).or_default();
        *prices.entry(line.unit_minor).or_default() += 1;
        if is_plausible(&line.description) {
            *seen.descriptions.entry(line.description).or_default() += 1;
        }
    }

    /// The products, each with the number of its first line, in the order of their codes; what becomes none is counted in the report.
    pub(super) fn into_items(self, market: MarketCode, report: &mut Report) -> Vec<(u64, Item)> {
        let mut items = Vec::new();
        for (code, seen) in self.codes {
            match (best(&seen.descriptions), price(&seen.prices)) {
                _ if !seen.is_goods => report.skip("not goods"),
                (_, None) => report.skip("never sold"),
                (None, _) => report.skip("no description"),
                (Some(description), Some(minor)) => {
                    items.push((seen.line, item(code, &title(description), market, minor)));
                }
            }
        }
        items
    }
}

/// The description of most lines; among equals the longest, then the first by letters.
fn best(descriptions: &HashMap<String, u32>) -> Option<&str> {
    let best = descriptions
        .iter()
        .max_by_key(|(text, lines)| (**lines, text.len(), std::cmp::Reverse(text.as_str())));
    best.map(|(text, _)| text.as_str())
}

/// The price of most lines among the newest [`RECENT_LINES`] or more; among equals the lowest.
fn price(prices: &BTreeMap<(i16, i8), HashMap<i64, u32>>) -> Option<i64> {
    let mut recent: BTreeMap<i64, u32> = BTreeMap::new();
    for month in prices.values().rev() {
        for (minor, lines) in month {
            *recent.entry(*minor).or_default() += lines;
        }
        if recent.values().sum::<u32>() >= RECENT_LINES {
            break;
        }
    }
    let most = recent.iter().max_by_key(|(minor, lines)| (**lines, std::cmp::Reverse(**minor)));
    most.map(|(minor, _)| *minor)
}

fn item(code: String, title: &str, market: MarketCode, minor: i64) -> Item {
    let derived = derive(title);
    let colour = ItemAttribute {
        code: "colour".to_owned(),
        name: "colour".to_owned(),
        values: derived.colours,
    };
    let price = ItemPrice { market, minor, list_minor: None, preparation_minutes: None };
    let text = ProductText { lang: Lang::En, title: title.to_owned(), description: String::new() };
    Item {
        lang: Lang::En,
        texts: vec![text],
        brand: None,
        category: derived.category,
        attributes: Some(
            Some(colour).filter(|colour| !colour.values.is_empty()).into_iter().collect(),
        ),
        picture: Some(derived.picture.to_owned()),
        images: Vec::new(),
        variants: vec![ItemVariant {
            sku: code.clone(),
            prices: vec![price],
            ..Default::default()
        }],
        external_id: code,
    }
}

#[cfg(test)]
mod tests {
    use csv::ByteRecord;
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::*;

    fn line(code: &str, description: &str, day: &str, minor: i64) -> InvoiceLine {
        InvoiceLine {
            number: 1,
            record: ByteRecord::new(),
            invoice: "1".to_owned(),
            code: code.to_owned(),
            description: description.to_owned(),
            quantity: 1,
            at: day.parse().unwrap(),
            unit_minor: minor,
            customer: None,
        }
    }

    fn items(lines: Vec<InvoiceLine>) -> (Vec<Item>, Report) {
        let mut gifts = Gifts::default();
        lines.into_iter().for_each(|line| gifts.add(line));
        let mut report = Report::default();
        let items = gifts.into_items("GB".parse().unwrap(), &mut report);
        (items.into_iter().map(|(_, item)| item).collect(), report)
    }

    #[test]
    fn the_description_of_most_sales_becomes_the_title() {
        let day = "2010-01-01";
        let (items, _) = items(vec![
            line("1A", "RED MUG", day, 100),
            line("1A", "RED SPOTTY MUG", day, 100),
            line("1A", "RED SPOTTY MUG", day, 100),
            line("1A", "wrong code", day, 100),
            line("1A", "wrong code", day, 100),
            line("1A", "wrong code", day, 100),
        ]);

        assert_eq!(items[0].title(), "Red Spotty Mug");
        assert_eq!(items[0].category[1].get(Lang::En), "Mugs & Cups");
    }

    #[test]
    fn the_price_follows_the_newest_lines() {
        let old = (0..50).map(|_| line("1", "MUG", "2010-01-01", 100));
        let new = (0..20).map(|_| line("1", "MUG", "2010-06-01", 125));

        let (items, _) = items(old.chain(new).collect());

        assert_eq!(items[0].variants[0].prices[0].minor, 125);
    }

    #[test]
    fn what_is_no_product_is_counted_by_reason() {
        let day = "2010-01-01";
        let (items, report) = items(vec![
            line("POST", "POSTAGE", day, 1800),
            line("1", "MUG", day, 0),
            line("2", "?", day, 100),
        ]);

        assert!(items.is_empty());
        let reasons: Vec<_> = report.skipped_because.into_iter().collect();
        assert_eq!(reasons, [("never sold", 1), ("no description", 1), ("not goods", 1)]);
    }

    proptest! {
        #[test]
        fn the_price_is_one_that_was_asked(months in vec(vec(1..500i64, 1..9), 1..6)) {
            let mut prices: BTreeMap<(i16, i8), HashMap<i64, u32>> = BTreeMap::new();
            for (month, asked) in (1..).zip(&months) {
                for minor in asked {
                    *prices.entry((2010, month)).or_default().entry(*minor).or_default() += 1;
                }
            }

            let price = price(&prices).unwrap();

            assert!(months.iter().flatten().any(|asked| *asked == price));
        }
    }
}
