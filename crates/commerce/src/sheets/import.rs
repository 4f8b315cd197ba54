//! From a file to the tables.

use super::Report;
use crate::Result;
use crate::writes::Write;

/// Takes the lines of a file in. For a dry run, [`Write::roll_back`] afterwards: the report is the same.
///
/// # Errors
/// [`crate::Error::Invalid`] for a file without a readable header; [`crate::Error::Database`]. What a line does wrong
/// is in the report.
pub async fn import(write: &mut Write, file: &[u8]) -> Result<Report> {
    unimplemented!()
}
