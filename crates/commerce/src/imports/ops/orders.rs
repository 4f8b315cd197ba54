//! Brings past sales in, batch by batch, and recomputes popularity from them.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::io::BufRead;

use jiff::tz::TimeZone;
use souk_base::MarketCode;
use sqlx::{Connection, PgConnection};

use super::served;
use crate::imports::online_retail::{self, InvoiceLine};
use crate::imports::sql::dictionary as dictionary_sql;
use crate::imports::sql::products as products_sql;
use crate::imports::sql::sales::{self as sales_sql, SaleRow};
use crate::imports::{OrdersImport, Rejects, Report};
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
    let mut connection = db.acquire().await?;
    if !import.dry_run {
        return orders_on(&mut connection, file, import.market, rejects).await;
    }
    let mut all = connection.begin().await?;
    let report = orders_on(&mut all, file, import.market, rejects).await?;
    all.rollback().await?;
    Ok(report)
}

async fn orders_on(
    connection: &mut PgConnection,
    file: impl BufRead,
    market: MarketCode,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let markets = markets::list(connection).await?;
    let market = served(&markets, market)?;
    let time_zone = TimeZone::get(&market.time_zone)
        .map_err(|_| Error::UnknownTimeZone(market.time_zone.clone()))?;
    let mut report = Report::default();
    let mut line_numbers = LineNumbers::default();
    let mut batch = Vec::new();
    for row in online_retail::read(file, market.currency.digits())? {
        report.read += 1;
        match row? {
            Ok(line) => {
                let number = line_numbers.next(&line.invoice);
                match line.skip_rule() {
                    Some(rule) => report.skip(rule),
                    None => batch.push((number, line)),
                }
            }
            Err(rejected) => {
                report.errors += 1;
                rejects(rejected)?;
            }
        }
        if batch.len() == SALES_PER_BATCH {
            write_sales(
                connection,
                market.code,
                &time_zone,
                std::mem::take(&mut batch),
                &mut report,
            )
            .await?;
        }
    }
    write_sales(connection, market.code, &time_zone, batch, &mut report).await?;
    refresh_popularity(connection, market.code).await?;
    Ok(report)
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

async fn write_sales(
    connection: &mut PgConnection,
    market: MarketCode,
    time_zone: &TimeZone,
    lines: Vec<(i32, InvoiceLine)>,
    report: &mut Report,
) -> Result<()> {
    let mut tx = connection.begin().await?;
    dictionary_sql::lock(&mut tx).await?;
    let codes: BTreeSet<&str> = lines.iter().map(|(_, line)| line.code.as_str()).collect();
    let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    let products = products_sql::ids_by_external_id(&mut tx, &codes).await?;
    let mut sales = Vec::new();
    for (number, line) in lines {
        let Some(&product_id) = products.get(&line.code) else {
            report.skip("unknown product");
            continue;
        };
        match time_zone.to_timestamp(line.at) {
            Ok(at) => sales.push(sale(number, product_id, at.as_second(), line)),
            Err(_) => report.skip("no such time"),
        }
    }
    let counts = sales_sql::set(&mut tx, market.as_str(), &sales).await?;
    tx.commit().await?;
    let (added, changed) = (counts.added.unsigned_abs(), counts.changed.unsigned_abs());
    report.imported += added;
    report.changed += changed;
    report.unchanged += sales.len() as u64 - added - changed;
    Ok(())
}

fn sale(number: i32, product_id: i64, sold_at_s: i64, line: InvoiceLine) -> SaleRow {
    SaleRow {
        order_number: line.invoice,
        line: number,
        product_id,
        quantity: line.quantity,
        unit_minor: line.unit_minor,
        sold_at_s,
        customer: line.customer,
    }
}

async fn refresh_popularity(connection: &mut PgConnection, market: MarketCode) -> Result<()> {
    let mut tx = connection.begin().await?;
    dictionary_sql::lock(&mut tx).await?;
    sales_sql::refresh_popularity(&mut tx, market.as_str(), POPULARITY_HALF_LIFE_DAYS).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether past sales of this market have been brought in to their end.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn is_sales_history_loaded(db: &Db, market: MarketCode) -> Result<bool> {
    Ok(sales_sql::has_popularity(&mut *db.acquire().await?, market.as_str()).await?)
}
