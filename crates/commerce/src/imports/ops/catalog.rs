//! Brings a catalogue in, batch by batch.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead};
use std::ops::Range;

use souk_base::{Market, MarketCode};
use sqlx::{Connection, PgConnection};

use super::{in_parts, run, served};
use crate::imports::batch::{Batch, Written};
use crate::imports::derive;
use crate::imports::dictionary::{Dictionary, Resolved};
use crate::imports::gifts::Gifts;
use crate::imports::lines::Lines;
use crate::imports::online_retail;
use crate::imports::pricing::Pricing;
use crate::imports::souk_jsonl;
use crate::imports::sql::offers::{self as offers_sql, WarehouseRow};
use crate::imports::stock::Assortment;
use crate::imports::{CatalogImport, Format, Item, Rejected, Rejects, Report};
use crate::{Db, Result, tables};

/// Products written in one transaction.
const PRODUCTS_PER_BATCH: usize = 1_000;
/// Where derived products are sold unless the caller says otherwise.
const GIFT_MARKET: &str = "GB";

/// Brings the products of a file in.
///
/// # Errors
/// [`crate::Error::File`] when it cannot be read; [`crate::Error::MissingColumn`]; [`crate::Error::UnknownMarket`];
/// [`crate::Error::Database`] when PostgreSQL fails. What a row does wrong is no error but goes to `rejects`.
pub async fn catalog(
    db: &Db,
    file: impl BufRead,
    import: CatalogImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let dry_run = import.dry_run;
    run(db, dry_run, async |connection| catalog_on(connection, file, import, rejects).await).await
}

/// Brings the products in over this connection; inside a transaction each batch is a savepoint.
async fn catalog_on(
    connection: &mut PgConnection,
    file: impl BufRead,
    import: CatalogImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let tables = tables(connection).await?;
    let mut run = Run {
        connection,
        rejects,
        report: Report::default(),
        dictionary: Dictionary::of(&tables),
        warehouses: Vec::new(),
        stocked_markets: BTreeSet::new(),
        assortment: import.invent_stock.then_some(match import.format {
            Format::SoukJsonl => Assortment::Fresh,
            Format::OnlineRetailCsv => Assortment::Lasting,
        }),
    };
    match import.format {
        Format::SoukJsonl => {
            run.products(file, &Pricing::new(&tables.markets, import.market)?).await?;
        }
        Format::OnlineRetailCsv => run.invoices(file, &tables.markets, import.market).await?,
    }
    Ok(run.report)
}

/// An item with its row, for the case that the database refuses it.
struct Candidate {
    line: u64,
    raw: String,
    item: Item,
}

/// An import of a catalogue while it runs.
struct Run<'a> {
    connection: &'a mut PgConnection,
    rejects: Rejects<'a>,
    report: Report,
    dictionary: Dictionary,
    warehouses: Vec<WarehouseRow>,
    /// Markets whose warehouses have been looked after.
    stocked_markets: BTreeSet<String>,
    assortment: Option<Assortment>,
}

impl Run<'_> {
    /// Products as they stand in a file of `souk-jsonl`.
    async fn products(&mut self, file: impl BufRead, pricing: &Pricing) -> Result<()> {
        let mut first_lines: HashMap<String, u64> = HashMap::new();
        let mut batch = Vec::new();
        for line in Lines::new(file) {
            let line = line?;
            self.report.read += 1;
            let (raw, parsed) = match line.text {
                Ok(raw) => {
                    let parsed = souk_jsonl::parse(&raw, pricing);
                    (raw, parsed)
                }
                Err((reason, raw)) => (raw, Err(reason)),
            };
            let parsed = parsed.and_then(|parsed| {
                let id = &parsed.item.external_id;
                match first_lines.insert(id.clone(), line.number) {
                    Some(first) => Err(format!("id \"{id}\" stands on line {first} already")),
                    None => Ok(parsed),
                }
            });
            match parsed {
                Ok(parsed) => {
                    self.report.ignore(parsed.ignored);
                    batch.push(Candidate { line: line.number, raw, item: parsed.item });
                }
                Err(reason) => self.reject(Rejected { line: line.number, reason, raw })?,
            }
            if batch.len() == PRODUCTS_PER_BATCH {
                self.write(std::mem::take(&mut batch)).await?;
            }
        }
        self.write(batch).await
    }

    /// Products derived from the lines of invoices.
    async fn invoices(
        &mut self,
        file: impl BufRead,
        markets: &[Market],
        market: Option<MarketCode>,
    ) -> Result<()> {
        let market = served(markets, market.map_or_else(|| GIFT_MARKET.parse(), Ok)?)?;
        let mut gifts = Gifts::default();
        for row in online_retail::read(file, market.currency.digits())? {
            self.report.read += 1;
            match row? {
                Ok(line) => gifts.add(line),
                Err(rejected) => self.reject(rejected)?,
            }
        }
        for path in derive::categories() {
            self.dictionary.category(self.connection, &path).await?;
        }
        let mut items = gifts.into_items(market.code, &mut self.report).into_iter().peekable();
        while items.peek().is_some() {
            let batch = items.by_ref().take(PRODUCTS_PER_BATCH);
            let batch =
                batch.map(|(line, item)| Candidate { line, raw: item.external_id.clone(), item });
            let batch = batch.collect();
            self.write(batch).await?;
        }
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> io::Result<()> {
        self.report.errors += 1;
        (self.rejects)(rejected)
    }

    /// Writes a batch in one transaction, but those rows that are at fault.
    async fn write(&mut self, batch: Vec<Candidate>) -> Result<()> {
        let (rows, items): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|Candidate { line, raw, item }| ((line, raw), item)).unzip();
        let mut tx = self.connection.begin().await?;
        let resolved: Vec<Resolved> = self.dictionary.resolve(&mut tx, &items).await?;
        look_after_warehouses(&mut tx, &items, &mut self.stocked_markets, &mut self.warehouses)
            .await?;
        let whole = Batch {
            items: &items,
            resolved: &resolved,
            other_category_id: self.dictionary.other_category(&mut tx, &resolved).await?,
            warehouses: &self.warehouses,
            assortment: self.assortment,
        };
        let report = &mut self.report;
        let write =
            async |tx: &mut PgConnection, part: Range<usize>| whole.part(part).write(tx).await;
        let done = |written: Written, products| count(report, written, products);
        let refused = in_parts(&mut tx, items.len(), write, done).await?;
        tx.commit().await?;
        for (place, error) in refused {
            let (line, raw) = rows[place].clone();
            self.reject(Rejected { line, reason: error.to_string(), raw })?;
        }
        Ok(())
    }
}

fn count(report: &mut Report, written: Written, products: usize) {
    report.imported += written.imported;
    report.changed += written.changed;
    report.unchanged += products as u64 - written.imported - written.changed;
}

/// Makes missing warehouses in the markets that these items are the first to be sold in.
async fn look_after_warehouses(
    connection: &mut PgConnection,
    items: &[Item],
    stocked_markets: &mut BTreeSet<String>,
    warehouses: &mut Vec<WarehouseRow>,
) -> Result<()> {
    let prices = items.iter().flat_map(|item| &item.variants).flat_map(|variant| &variant.prices);
    let sold_in: BTreeSet<String> = prices.map(|price| price.market.to_string()).collect();
    let new: Vec<String> = sold_in.difference(stocked_markets).cloned().collect();
    if !new.is_empty() {
        offers_sql::add_warehouses(connection, &new).await?;
        *warehouses = offers_sql::warehouses(connection).await?;
        stocked_markets.extend(new);
    }
    Ok(())
}
