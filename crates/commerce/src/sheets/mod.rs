//! Sheets: the catalogue as a table (CSV) that a spreadsheet opens, out and in.
//!
//! A line is a variant in one market, with the house's offer there if it has one. Products are known by their
//! slug, variants by their SKU. What a cell leaves empty stays as it is; what a file has no column for, too. A
//! line that cannot be read is left out with its number, column and reason; the others go in, all in the caller's
//! write. Cells that a spreadsheet would take for a formula have an apostrophe before them, which is taken off
//! again.

mod cells;
mod changes;
mod export;
mod import;
mod parse;
mod sql;
#[cfg(test)]
mod tests;

pub use export::export;
pub use import::import;
use serde::Serialize;

/// Largest file, in bytes.
pub const SHEET_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Most errors that are told apart; the rest is counted.
pub const ERRORS_MAX: usize = 1_000;

/// Something wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineError {
    /// Its number in the file, from 1; the header is line 1.
    pub line: u64,
    /// The column; none when it is the line as a whole.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines read, the header aside.
    pub lines: u64,
    /// Products that were new.
    pub products_added: u64,
    /// Products that were there and differed, offers and stock aside.
    pub products_changed: u64,
    /// Variants that were new.
    pub variants_added: u64,
    /// Offers that were new.
    pub offers_added: u64,
    /// Prices that changed.
    pub prices_changed: u64,
    /// Stock rows that are new or changed.
    pub stock_changed: u64,
    /// Lines that cannot be taken.
    pub lines_refused: u64,
    /// Why, for the first of them.
    pub errors: Vec<LineError>,
}
