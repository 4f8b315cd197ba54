//! From the cells of a line to what it says.

use csv::StringRecord;
use souk_base::{CategoryId, Lang, Market, MarketCode, Money, WarehouseId};

use super::LineError;
use super::cells::{Column, LANGS, unguarded};
use crate::products::State;
use crate::stock::{UNITS_MAX, Warehouse};

/// What takes an old price away.
const NONE: &str = "-";
/// Longest title and description, as the tables have them.
const TITLE_LENGTH_MAX: usize = 300;
const DESCRIPTION_LENGTH_MAX: usize = 20_000;

/// What a line says; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) slug: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) state: Option<State>,
    pub(super) category_id: Option<CategoryId>,
    pub(super) titles: Vec<(Lang, String)>,
    pub(super) descriptions: Vec<(Lang, String)>,
    pub(super) sku: Option<String>,
    pub(super) market: Option<MarketCode>,
    pub(super) minor: Option<i64>,
    pub(super) list_minor: Option<Option<i64>>,
    pub(super) stock: Vec<(WarehouseId, i32)>,
}

/// What cells are read against.
pub(super) struct Reader {
    pub(super) columns: Vec<Column>,
    /// Whether prices have a decimal comma, as in files with semicolons.
    pub(super) decimal_comma: bool,
    pub(super) markets: Vec<Market>,
    pub(super) categories: Vec<(String, CategoryId)>,
    /// The house's, with the slug of each one's city.
    pub(super) warehouses: Vec<(String, Warehouse)>,
}

impl Reader {
    /// What a line says, or everything that is wrong with it.
    pub(super) fn read(&self, number: u64, record: &StringRecord) -> Result<Line, Vec<LineError>> {
        let mut line = Line { number, ..Line::default() };
        let mut errors = Vec::new();
        let market = match self.market(record) {
            Ok(market) => market,
            Err(reason) => return Err(vec![error(number, Some(&Column::Market), reason)]),
        };
        line.market = market.map(|market| market.code);
        for (column, cell) in self.columns.iter().zip(record) {
            let cell = unguarded(cell.trim()).trim();
            if cell.is_empty() {
                continue;
            }
            if let Err(reason) = self.take(&mut line, column, cell, market) {
                errors.push(error(number, Some(column), reason));
            }
        }
        if let Err(reason) = check(&line) {
            errors.push(error(number, None, reason));
        }
        if errors.is_empty() { Ok(line) } else { Err(errors) }
    }

    fn market(&self, record: &StringRecord) -> Result<Option<&Market>, String> {
        let place = self.columns.iter().position(|column| *column == Column::Market);
        let cell = place.and_then(|place| record.get(place)).unwrap_or_default().trim();
        if cell.is_empty() {
            return Ok(None);
        }
        let found = self.markets.iter().find(|market| market.code.as_str() == cell);
        found.map(Some).ok_or_else(|| format!("no market \"{}\"", short(cell)))
    }

    fn take(
        &self,
        line: &mut Line,
        column: &Column,
        cell: &str,
        market: Option<&Market>,
    ) -> Result<(), String> {
        match column {
            Column::Slug => line.slug = Some(slug(cell)?),
            Column::ExternalId => line.external_id = Some(within(cell, 200)?),
            Column::State => line.state = Some(state(cell)?),
            Column::Category => line.category_id = Some(self.category(cell)?),
            Column::Title(lang) => line.titles.push((*lang, within(cell, TITLE_LENGTH_MAX)?)),
            Column::Description(lang) => {
                line.descriptions.push((*lang, within(cell, DESCRIPTION_LENGTH_MAX)?));
            }
            Column::Sku => line.sku = Some(within(cell, 100)?),
            Column::Market => {}
            Column::Price => line.minor = Some(self.price(cell, market)?),
            Column::ListPrice if cell == NONE => line.list_minor = Some(None),
            Column::ListPrice => line.list_minor = Some(Some(self.price(cell, market)?)),
            Column::Stock(city) => line.stock.push(self.stock(city, cell, market)?),
        }
        Ok(())
    }

    fn category(&self, cell: &str) -> Result<CategoryId, String> {
        let found = self.categories.iter().find(|(slug, _)| slug == cell);
        found.map(|(_, id)| *id).ok_or_else(|| format!("no category \"{}\"", short(cell)))
    }

    fn price(&self, cell: &str, market: Option<&Market>) -> Result<i64, String> {
        let market = market.ok_or("a price needs a market")?;
        let text = if self.decimal_comma { cell.replace(',', ".") } else { cell.to_owned() };
        let money = Money::parse_decimal(&text, market.currency);
        let minor = money.map_err(|error| error.to_string())?.minor;
        if (1..=1_000_000_000_000).contains(&minor) {
            return Ok(minor);
        }
        Err("a price must be above zero and at most 1,000,000,000,000 minor units".to_owned())
    }

    fn stock(
        &self,
        city: &str,
        cell: &str,
        market: Option<&Market>,
    ) -> Result<(WarehouseId, i32), String> {
        let market = market.ok_or("stock needs a market")?;
        let there =
            |(slug, house): &&(String, Warehouse)| slug == city && house.market == market.code;
        let warehouse = self.warehouses.iter().find(there).map(|(_, warehouse)| warehouse.id);
        let warehouse = warehouse
            .ok_or_else(|| format!("there is no warehouse in {city} of market {}", market.code))?;
        let units: Option<i32> = cell.parse().ok();
        let units = units.filter(|units| (0..=UNITS_MAX).contains(units));
        units
            .map(|units| (warehouse, units))
            .ok_or_else(|| format!("units are a whole number from 0 to {UNITS_MAX}"))
    }
}

/// What no cell alone can say.
fn check(line: &Line) -> Result<(), String> {
    if line.slug.is_none() && line.external_id.is_none() && line.sku.is_none() {
        return Err("a line needs a slug, an external id or a sku".to_owned());
    }
    if line.market.is_some() && line.sku.is_none() {
        return Err("a line with a market needs a sku".to_owned());
    }
    if let (Some(minor), Some(Some(list))) = (line.minor, line.list_minor)
        && list <= minor
    {
        return Err("the old price must be above the price".to_owned());
    }
    Ok(())
}

pub(super) fn error(number: u64, column: Option<&Column>, reason: impl Into<String>) -> LineError {
    let column = column.map(|column| column.name().into_owned());
    LineError { line: number, column, reason: reason.into() }
}

fn slug(cell: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if cell.split('-').all(is_word) {
        return within(cell, 200);
    }
    Err("a slug has lower-case letters from a to z and digits, words joined by hyphens".to_owned())
}

fn state(cell: &str) -> Result<State, String> {
    State::of_code(cell).ok_or_else(|| {
        format!("state must be one of draft, active, archived, but is \"{}\"", short(cell))
    })
}

fn within(cell: &str, length_max: usize) -> Result<String, String> {
    if cell.chars().count() > length_max {
        return Err(format!("at most {length_max} characters"));
    }
    if cell.contains('\0') {
        return Err("a text holds no NUL".to_owned());
    }
    Ok(cell.to_owned())
}

fn short(cell: &str) -> String {
    cell.chars().take(64).collect()
}

impl Line {
    /// The texts it gives, with what a language lacks from what is there.
    pub(super) fn texts<'a>(
        &'a self,
        there: impl Fn(Lang) -> Option<(&'a str, &'a str)> + 'a,
    ) -> impl Iterator<Item = (Lang, &'a str, &'a str)> + 'a {
        LANGS.into_iter().filter_map(move |lang| {
            let of = |cells: &'a [(Lang, String)]| {
                cells.iter().find(|(given, _)| *given == lang).map(|(_, text)| text.as_str())
            };
            let (title, description) = (of(&self.titles), of(&self.descriptions));
            if title.is_none() && description.is_none() {
                return None;
            }
            let (old_title, old_description) = there(lang).unwrap_or_default();
            let description = description.unwrap_or(old_description);
            Some((lang, title.unwrap_or(old_title), description))
        })
    }
}
