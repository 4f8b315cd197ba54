//! From a file to the tables.

use std::collections::{HashMap, HashSet};

use csv::{ReaderBuilder, StringRecord};
use serde_json::json;
use souk_base::{MarketCode, ProductId};

use super::cells::{Column, unguarded};
use super::changes::{Changes, Known, Said};
use super::parse::{Line, Reader, error};
use super::{ERRORS_MAX, LineError, Report, sql};
use crate::writes::Write;
use crate::{Conflict, Error, Result, categories, markets, offers, products, stock};

/// Takes the lines of a file in. For a dry run, [`Write::roll_back`] afterwards: the report is the same.
///
/// # Errors
/// [`Error::Invalid`] for a file without a readable header; [`Error::Database`]. What a line does wrong is in the
/// report.
pub async fn import(write: &mut Write, file: &[u8]) -> Result<Report> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let delimiter = delimiter(file);
    let mut records = ReaderBuilder::new().delimiter(delimiter).from_reader(file);
    let columns = columns(write, records.headers()).await?;
    let house = sql::house(write).await?;
    let reader = reader(write, columns, house, delimiter == b';').await?;
    let mut run = Run {
        write,
        house,
        reader,
        ids: HashMap::new(),
        known: HashMap::new(),
        seen: HashMap::new(),
        said: HashMap::new(),
        changed: HashSet::new(),
        report: Report::default(),
    };
    for record in records.records() {
        run.report.lines += 1;
        match record {
            Ok(record) => run.line(&record).await?,
            Err(damage) => run.refuse(vec![unreadable(&damage)]),
        }
    }
    let report = run.report;
    let detail = json!({
        "lines": report.lines, "lines_refused": report.lines_refused,
        "products_added": report.products_added, "products_changed": report.products_changed,
    });
    write.note("sheets.import", "catalogue", detail).await?;
    Ok(report)
}

/// A semicolon where the header has more of them than commas, as spreadsheets write where the comma is decimal.
fn delimiter(file: &[u8]) -> u8 {
    let header = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

async fn columns(write: &mut Write, headers: csv::Result<&StringRecord>) -> Result<Vec<Column>> {
    let refuse = |reason: String| Error::Invalid { field: "header", reason };
    let headers = headers.map_err(|error| refuse(error.to_string()))?;
    let cities: Vec<String> = markets::list(write)
        .await?
        .into_iter()
        .flat_map(|market| market.cities.into_iter().map(|city| city.slug))
        .collect();
    let by_name: HashMap<String, Column> = Column::all(&cities)
        .into_iter()
        .map(|column| (column.name().into_owned(), column))
        .collect();
    let mut columns = Vec::new();
    for header in headers {
        let name = unguarded(header.trim()).to_lowercase();
        let column =
            by_name.get(&name).ok_or_else(|| refuse(format!("unknown column \"{name}\"")))?;
        if columns.contains(column) {
            return Err(refuse(format!("two columns \"{name}\"")));
        }
        columns.push(column.clone());
    }
    let keys = [Column::Slug, Column::ExternalId, Column::Sku];
    if !keys.iter().any(|key| columns.contains(key)) {
        return Err(refuse("a sheet needs a column slug, external_id or sku".to_owned()));
    }
    Ok(columns)
}

async fn reader(
    write: &mut Write,
    columns: Vec<Column>,
    house: i64,
    decimal_comma: bool,
) -> Result<Reader> {
    let markets = markets::list(write).await?;
    let categories = categories::list(write).await?.into_values();
    let city_of = |id| {
        let cities = markets.iter().flat_map(|market| &market.cities);
        cities.into_iter().find(|city| city.id == id).map(|city| city.slug.clone())
    };
    let warehouses = stock::warehouses(write).await?.into_iter();
    let warehouses = warehouses
        .filter(|warehouse| warehouse.seller_id.get() == house)
        .filter_map(|warehouse| Some((city_of(warehouse.city_id)?, warehouse)))
        .collect();
    Ok(Reader {
        columns,
        decimal_comma,
        warehouses,
        categories: categories.map(|category| (category.slug, category.id)).collect(),
        markets,
    })
}

fn unreadable(damage: &csv::Error) -> LineError {
    let number = damage.position().map_or(0, csv::Position::line);
    let reason = match damage.kind() {
        csv::ErrorKind::Utf8 { .. } => "the line is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} cells, but the header {expected_len}")
        }
        _ => damage.to_string(),
    };
    error(number, None, reason)
}

/// An import under way.
struct Run<'w> {
    write: &'w mut Write,
    /// The seller whose offers a sheet is about.
    house: i64,
    reader: Reader,
    /// Products by what lines call them.
    ids: HashMap<Name, ProductId>,
    /// Products as they were before the import, and their offers as they are.
    known: HashMap<ProductId, Known>,
    /// In which line an offer was met.
    seen: HashMap<(String, Option<MarketCode>), u64>,
    /// What lines said of products that differs from what was there.
    said: HashMap<(ProductId, Column), (u64, String)>,
    changed: HashSet<ProductId>,
    report: Report,
}

/// What a line calls its product: slug, external id, SKU; the first that is there.
type Name = (Option<String>, Option<String>, Option<String>);

impl Run<'_> {
    fn refuse(&mut self, errors: Vec<LineError>) {
        self.report.lines_refused += 1;
        let room = ERRORS_MAX.saturating_sub(self.report.errors.len());
        self.report.errors.extend(errors.into_iter().take(room));
    }

    async fn line(&mut self, record: &StringRecord) -> Result<()> {
        let number = record.position().map_or(0, csv::Position::line);
        let line = match self.reader.read(number, record) {
            Ok(line) => line,
            Err(errors) => {
                self.refuse(errors);
                return Ok(());
            }
        };
        if let Some(sku) = line.sku.clone()
            && let Some(earlier) = self.seen.insert((sku, line.market), number)
        {
            let reason = format!("line {earlier} has this sku and market, too");
            self.refuse(vec![error(number, Some(&Column::Sku), reason)]);
            return Ok(());
        }
        self.change(&line).await
    }

    /// Does what the line says, or nothing and says why.
    async fn change(&mut self, line: &Line) -> Result<()> {
        let name = name(line);
        let id = self.product(&name).await?;
        let known = id.and_then(|id| self.known.get(&id));
        let changes = match Changes::of(line, known) {
            Ok(changes) if changes.is_empty() => return Ok(()),
            Ok(changes) => changes,
            Err(wrong) => {
                self.refuse(vec![wrong]);
                return Ok(());
            }
        };
        if let Some(id) = id
            && let Some(wrong) = self.contradiction(id, line.number, &changes.said)
        {
            self.refuse(vec![wrong]);
            return Ok(());
        }
        sql::begin_line(self.write).await?;
        match changes.make(self.write, line, known).await {
            Ok(id) => {
                sql::end_line(self.write).await?;
                self.made(line, name, id, changes).await
            }
            Err(refusal) => {
                sql::undo_line(self.write).await?;
                sql::end_line(self.write).await?;
                let wrong = error(line.number, None, reason(refusal)?);
                self.refuse(vec![wrong]);
                Ok(())
            }
        }
    }

    /// The product of this name, read once; none when there is none yet.
    async fn product(&mut self, name: &Name) -> Result<Option<ProductId>> {
        if let Some(id) = self.ids.get(name) {
            return Ok(Some(*id));
        }
        let (slug, external_id, sku) = (name.0.as_deref(), name.1.as_deref(), name.2.as_deref());
        let Some(id) = sql::product_of(self.write, slug, external_id, sku).await? else {
            return Ok(None);
        };
        let id = ProductId::new(id);
        self.ids.insert(name.clone(), id);
        if !self.known.contains_key(&id) {
            let known = self.read(id).await?;
            self.known.insert(id, known);
        }
        Ok(Some(id))
    }

    async fn read(&mut self, id: ProductId) -> Result<Known> {
        let product = products::get(self.write, id).await?;
        let skus = product.variants.iter().map(|variant| (variant.sku.clone(), variant.id));
        let mut offers = offers::of_product(self.write, id).await?;
        offers.retain(|offer| offer.seller_id.get() == self.house);
        Ok(Known { skus: skus.collect(), offers, product })
    }

    /// What an earlier line said otherwise of the same product.
    fn contradiction(&self, id: ProductId, number: u64, said: &Said) -> Option<LineError> {
        said.iter().find_map(|(column, value)| {
            let (earlier, other) = self.said.get(&(id, column.clone()))?;
            let reason = format!("line {earlier} says otherwise of this product");
            (other != value).then(|| error(number, Some(column), reason))
        })
    }

    /// Remembers and counts what was done.
    async fn made(
        &mut self,
        line: &Line,
        name: Name,
        id: ProductId,
        changes: Changes,
    ) -> Result<()> {
        self.report.products_added += u64::from(changes.adds_product);
        self.report.variants_added += u64::from(changes.adds_variant);
        self.report.offers_added += u64::from(changes.adds_offer);
        self.report.prices_changed += u64::from(changes.price.is_some() && !changes.adds_offer);
        self.report.stock_changed += changes.stock.len() as u64;
        let is_changed = !changes.said.is_empty() && !changes.adds_product;
        if is_changed && self.changed.insert(id) {
            self.report.products_changed += 1;
        }
        for (column, value) in changes.said {
            self.said.insert((id, column), (line.number, value));
        }
        let now = self.read(id).await?;
        self.ids.insert(name, id);
        match self.known.get_mut(&id) {
            // What was said is compared with what was there before the file.
            Some(known) => (known.skus, known.offers) = (now.skus, now.offers),
            None => drop(self.known.insert(id, now)),
        }
        Ok(())
    }
}

fn name(line: &Line) -> Name {
    match (&line.slug, &line.external_id) {
        (Some(slug), _) => (Some(slug.clone()), None, None),
        (None, Some(external_id)) => (None, Some(external_id.clone()), None),
        (None, None) => (None, None, line.sku.clone()),
    }
}

/// What a refused line did wrong; any other error is the file's or the database's.
fn reason(refusal: Error) -> Result<String> {
    match refusal {
        Error::Conflict(Conflict::SkuTaken) => {
            Ok("another product has a variant with this sku".to_owned())
        }
        Error::Conflict(_) | Error::Invalid { .. } => Ok(refusal.to_string()),
        other => Err(other),
    }
}
