//! Imports: catalogues, past sales and past events from files, and the catalogue back into one.
//!
//! A file is read as a stream and written in batches, each in a transaction of its own. A row that cannot be
//! read or that the database refuses is handed to the caller with its line and the reason; the others go in.
//! Running the same import twice changes nothing: rows are compared before they are written, so that not even
//! a row version is made. What a file does not speak of stays as it is.
//!
//! Labels of categories and attribute values are set by the first row of a file that uses them. Offers are the
//! house seller's. An offer that an import makes gets stock in the house's warehouse of each city of its
//! market: what the file says, else an invented but repeatable amount, so that a demo can be bought from.
//! Stock that is there is never touched.
//!
//! Table owned: `sales`. Writes in bulk to the tables of categories, products and offers.

mod batch;
mod codes;
mod derive;
mod dictionary;
mod export;
mod gifts;
mod google_retail;
mod item;
mod lines;
mod names;
mod online_retail;
mod ops;
mod pricing;
mod read;
mod souk_jsonl;
mod sql;
mod stock;
#[cfg(test)]
mod tests;
mod titles;

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::Serialize;
use souk_base::MarketCode;

pub use item::{Item, ItemAttribute, ItemPrice, ItemVariant};
pub use ops::{catalog, events, export_catalog, is_sales_history_loaded, orders};
pub use read::products;

/// Keys without meaning that are told apart; the rest is counted together.
const IGNORED_KEYS_MAX: usize = 100;

/// How a catalogue file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A product a line, as `souk export` writes it.
    SoukJsonl,
    /// Lines of invoices of the UCI Online Retail data sets; products are derived from them.
    OnlineRetailCsv,
}

/// What an import of a catalogue should do.
#[derive(Clone, Copy, Debug)]
pub struct CatalogImport {
    /// How the file is written.
    pub format: Format,
    /// Where a plain price holds.
    pub market: Option<MarketCode>,
    /// Whether new offers get an invented stock where the file gives none.
    pub invent_stock: bool,
    /// Whether everything is rolled back at the end.
    pub dry_run: bool,
}

/// What an import of past sales should do.
#[derive(Clone, Copy, Debug)]
pub struct OrdersImport {
    /// Where they were sold; gives currency and time zone.
    pub market: MarketCode,
    /// The present; a sale after it is refused.
    pub now: Timestamp,
    /// Whether everything is rolled back at the end.
    pub dry_run: bool,
}

/// How a file of events is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsFormat {
    /// An event a line, as `POST /v1/events` takes them.
    SoukJsonl,
    /// A user event of Google's retail search a line; all happened in this market.
    GoogleRetailJsonl(MarketCode),
}

/// What an import of past events should do.
#[derive(Clone, Copy, Debug)]
pub struct EventsImport {
    /// How the file is written.
    pub format: EventsFormat,
    /// The present; an event after it is refused.
    pub now: Timestamp,
    /// Whether everything is rolled back at the end.
    pub dry_run: bool,
}

/// A row that was not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// The row as it stands in the file.
    pub raw: String,
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Products written.
    pub products: u64,
    /// Listed products that no line can say.
    pub left_out: Vec<LeftOut>,
}

/// A listed product that was not exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The id its line would have.
    pub id: String,
    /// Why.
    pub reason: &'static str,
}

/// Takes the rows that were not imported, one by one.
pub type Rejects<'a> = &'a mut (dyn FnMut(Rejected) -> io::Result<()> + Send);

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows read.
    pub read: u64,
    /// Products, sales or events that were new.
    pub imported: u64,
    /// Those that were there and differed.
    pub changed: u64,
    /// Those that were there already, just so.
    pub unchanged: u64,
    /// Rows, or stock codes where products are derived, that are left out by rule.
    pub skipped: u64,
    /// The same, by rule.
    pub skipped_because: BTreeMap<&'static str, u64>,
    /// Rows that could not be imported.
    pub errors: u64,
    /// Keys that were not understood, and in how many rows.
    pub ignored_keys: BTreeMap<String, u64>,
}

impl Report {
    /// Products, sales or events that are in the shop now because the file has them.
    #[must_use]
    pub const fn present(&self) -> u64 {
        self.imported + self.changed + self.unchanged
    }

    fn skip(&mut self, rule: &'static str) {
        self.skipped += 1;
        *self.skipped_because.entry(rule).or_default() += 1;
    }

    fn ignore(&mut self, keys: Vec<String>) {
        for key in keys {
            let known = &mut self.ignored_keys;
            let is_new = !known.contains_key(&key);
            let key =
                if is_new && known.len() >= IGNORED_KEYS_MAX { "…".to_owned() } else { key };
            *known.entry(key).or_default() += 1;
        }
    }
}
