//! SQL of the imports slice: everything in sets, as JSON arrays of rows.
//!
//! An update touches only rows that differ and an insert only adds missing ones, because even an update that
//! `on conflict do update … where false` leaves out locks the row and so writes to the log.

pub(super) mod dictionary;
pub(super) mod export;
pub(super) mod offers;
pub(super) mod products;
pub(super) mod sales;
