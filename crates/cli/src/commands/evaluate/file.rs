//! Files that people bring: compressed or not, tables with a header.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context as _;
use flate2::bufread::MultiGzDecoder;

/// The file's bytes, unpacked when its name ends in `.gz`.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    let file = File::open(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    let file = BufReader::new(file);
    if path.extension().is_some_and(|ending| ending == "gz") {
        return Ok(Box::new(BufReader::new(MultiGzDecoder::new(file))));
    }
    Ok(Box::new(file))
}

/// The rows of a table with these columns, in that order; separated by tabs when the name says so, else by
/// commas.
///
/// # Errors
/// When it cannot be read or lacks a column, which is named.
pub(super) fn rows<const N: usize>(
    path: &Path,
    columns: [&str; N],
) -> anyhow::Result<Vec<[String; N]>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let tabs = name.trim_end_matches(".gz").ends_with(".tsv");
    let delimiter = if tabs { b'\t' } else { b',' };
    let mut table = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(open(path)?);
    let header = table.headers()?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = header.iter().position(|name| name.trim() == column).with_context(|| {
            let given = header.iter().collect::<Vec<_>>().join(", ");
            format!("{}: has no column \"{column}\"; its columns are {given}", path.display())
        })?;
    }
    let mut rows = Vec::new();
    for record in table.records() {
        let record = record.with_context(|| path.display().to_string())?;
        rows.push(places.map(|place| record.get(place).unwrap_or_default().to_owned()));
    }
    Ok(rows)
}
