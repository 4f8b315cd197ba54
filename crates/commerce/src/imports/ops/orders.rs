//! Brings past sales in, batch by batch, and recomputes popularity from them.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead};
use std::ops::Range;

use jiff::tz::TimeZone;
use souk_base::MarketCode;
use sqlx::{Connection, PgConnection};

use super::{in_parts, run, served};
use crate::imports::online_retail::{self, InvoiceLine};
use crate::imports::sql::products as products_sql;
use crate::imports::sql::sales::{self as sales_sql, Counts, SaleRow};
use crate::imports::{OrdersImport, Rejected, Rejects, Report};
use crate::{Db, Error, Result, markets};

/// Lines of past orders written in one transaction.
const SALES_PER_BATCH: usize = 10_000;
/// After this many days a sale counts half for popularity.
const POPULARITY_HALF_LIFE_DAYS: i32 = 90;

/// Brings past sales in and recomputes the market's popularity.
///
/// The products must be there already; a line of an unknown one is skipped.
///
/// # Errors
/// [`Error::File`] when it cannot be read; [`Error::MissingColumn`]; [`Error::UnknownMarket`];
/// [`Error::Database`] when PostgreSQL fails. What a row does wrong is no error but goes to `rejects`.
pub async fn orders(
    db: &Db,
    file: impl BufRead,
    import: OrdersImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let dry_run = import.dry_run;
    run(db, dry_run, async |connection| orders_on(connection, file, import, rejects).await).await
}

async fn orders_on(
    connection: &mut PgConnection,
    file: impl BufRead,
    import: OrdersImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let markets = markets::list(connection).await?;
    let market = served(&markets, import.market)?;
    let time_zone = TimeZone::get(&market.time_zone)
        .map_err(|_| Error::UnknownTimeZone(market.time_zone.clone()))?;
    let report = Report::default();
    let mut run = Run { connection, rejects, report, import, time_zone };
    run.invoices(file, market.currency.digits()).await?;
    refresh_popularity(run.connection, import.market).await?;
    Ok(run.report)
}

/// An import of past sales while it runs.
struct Run<'a> {
    connection: &'a mut PgConnection,
    rejects: Rejects<'a>,
    report: Report,
    import: OrdersImport,
    time_zone: TimeZone,
}

impl Run<'_> {
    async fn invoices(&mut self, file: impl BufRead, digits: u32) -> Result<()> {
        let mut line_numbers = LineNumbers::default();
        let mut batch = Vec::new();
        for row in online_retail::read(file, digits)? {
            self.report.read += 1;
            match row? {
                Ok(line) => {
                    let number = line_numbers.next(&line.invoice);
                    match line.skip_rule() {
                        Some(rule) => self.report.skip(rule),
                        None => batch.push((number, line)),
                    }
                }
                Err(rejected) => self.reject(rejected)?,
            }
            if batch.len() == SALES_PER_BATCH {
                self.write(std::mem::take(&mut batch)).await?;
            }
        }
        self.write(batch).await
    }

    fn reject(&mut self, rejected: Rejected) -> io::Result<()> {
        self.report.errors += 1;
        (self.rejects)(rejected)
    }

    /// Writes what was sold of known products, at a time that was.
    async fn write(&mut self, lines: Vec<(i32, InvoiceLine)>) -> Result<()> {
        let codes: BTreeSet<&str> = lines.iter().map(|(_, line)| line.code.as_str()).collect();
        let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
        let products = products_sql::ids_by_external_id(self.connection, &codes).await?;
        let mut sold = Vec::new();
        for (number, line) in lines {
            let Some(&product_id) = products.get(&line.code) else {
                self.report.skip("unknown product");
                continue;
            };
            match self.time_zone.to_timestamp(line.at) {
                Ok(at) if at > self.import.now => {
                    let reason = format!("invoice_date: {} is in the future", line.at);
                    self.reject(line.rejected(reason))?;
                }
                Ok(at) => sold.push(Sold { number, product_id, at_s: at.as_second(), line }),
                Err(_) => self.report.skip("no such time"),
            }
        }
        self.write_sales(&sold).await
    }

    /// Writes sales in one transaction, but those that are at fault.
    async fn write_sales(&mut self, sold: &[Sold]) -> Result<()> {
        let rows: Vec<SaleRow<'_>> = sold.iter().map(Sold::row).collect();
        let (market, report) = (self.import.market, &mut self.report);
        let mut tx = self.connection.begin().await?;
        let write = async |tx: &mut PgConnection, part: Range<usize>| {
            Ok(sales_sql::set(tx, market.as_str(), &rows[part]).await?)
        };
        let done = |counts: Counts, sales| count(report, &counts, sales);
        let refused = in_parts(&mut tx, rows.len(), write, done).await?;
        tx.commit().await?;
        for (place, error) in refused {
            self.reject(sold[place].line.rejected(error.to_string()))?;
        }
        Ok(())
    }
}

fn count(report: &mut Report, counts: &Counts, sales: usize) {
    let (added, changed) = (counts.added.unsigned_abs(), counts.changed.unsigned_abs());
    report.imported += added;
    report.changed += changed;
    report.unchanged += sales as u64 - added - changed;
}

/// A line with the key of its product and its time.
struct Sold {
    number: i32,
    product_id: i64,
    /// Unix seconds.
    at_s: i64,
    line: InvoiceLine,
}

impl Sold {
    fn row(&self) -> SaleRow<'_> {
        SaleRow {
            order_number: &self.line.invoice,
            line: self.number,
            product_id: self.product_id,
            quantity: self.line.quantity,
            unit_minor: self.line.unit_minor,
            sold_at_s: self.at_s,
            customer: self.line.customer.as_deref(),
        }
    }
}

/// Which line of its invoice a line is, though the lines of two invoices of one minute may be mixed.
///
/// Twelve bytes an invoice; two invoices that share a hash share their numbers, which leaves gaps and no harm.
#[derive(Default)]
struct LineNumbers {
    lines: HashMap<u64, i32>,
    hasher: RandomState,
}

impl LineNumbers {
    fn next(&mut self, invoice: &str) -> i32 {
        let number = self.lines.entry(self.hasher.hash_one(invoice)).or_default();
        *number += 1;
        *number
    }
}

async fn refresh_popularity(connection: &mut PgConnection, market: MarketCode) -> Result<()> {
    let half_life_days = POPULARITY_HALF_LIFE_DAYS;
    Ok(sales_sql::refresh_popularity(connection, market.as_str(), half_life_days).await?)
}

/// Whether past sales of this market have been brought in to their end.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn is_sales_history_loaded(db: &Db, market: MarketCode) -> Result<bool> {
    Ok(sales_sql::has_popularity(&mut *db.acquire().await?, market.as_str()).await?)
}
