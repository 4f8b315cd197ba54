//! Reads tables of interactions, baskets and sessions: CSV or TSV with a header, compressed with gzip or not.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv::StringRecord;
use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::event::{Event, Events, Names, parse_time};

/// What the columns of a file are called, where that is not their own name: `user=customer_id,item=sku`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Vec<(String, String)>);

impl Columns {
    /// Columns that a file can be asked for.
    const KNOWN: [&'static str; 8] =
        ["user", "basket", "session", "item", "time", "value", "title", "price"];

    /// Reads a mapping.
    ///
    /// # Errors
    /// When a pair has no `=` or maps a column that no table has.
    pub fn parse(text: &str) -> Result<Columns> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (column, name) = pair.split_once('=').unwrap_or((pair, ""));
            let (column, name) = (column.trim(), name.trim());
            if name.is_empty() || !Columns::KNOWN.contains(&column) {
                let known = Columns::KNOWN.join(", ");
                return Err(Error::Columns { given: pair.to_owned(), known });
            }
            Ok((column.to_owned(), name.to_owned()))
        });
        pairs.collect::<Result<_>>().map(Columns)
    }

    fn name<'c>(&'c self, column: &'c str) -> &'c str {
        let mapped = self.0.iter().find(|(known, _)| known == column);
        mapped.map_or(column, |(_, name)| name)
    }

    fn is_mapped(&self, column: &str) -> bool {
        self.0.iter().any(|(known, _)| known == column)
    }
}

/// A table as events, and what its numbers stand for.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The rows.
    pub events: Events,
    /// Users, baskets or sessions.
    pub users: Names,
    /// Items.
    pub items: Names,
    /// The first title that the file gives each item; empty without such a column.
    pub titles: Vec<String>,
    /// Rows without a user or an item, or with a value ≤ 0.
    pub skipped: usize,
}

/// Reads a table whose rows belong to a `user`, `basket` or `session`; items are numbered on from `items`.
///
/// # Errors
/// When the file cannot be read, lacks a column, or a time or value in it is none.
pub fn read(path: &Path, group: &'static str, columns: &Columns, items: Names) -> Result<Log> {
    let failed = |source: csv::Error| Error::File { path: path.to_owned(), source: source.into() };
    let input = open(path)?;
    let mut table = csv::ReaderBuilder::new().delimiter(input.delimiter).from_reader(input.reader);
    let header = table.headers().map_err(failed)?.clone();
    let places = Places::find(path, &header, group, columns)?;
    let mut log = Log { items, ..Log::default() };
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while table.read_record(&mut record).map_err(failed)? {
        let line = record.position().map_or(0, csv::Position::line);
        let in_line =
            |error: Error| Error::Line { path: path.to_owned(), line, source: error.into() };
        match places.event(&record, &mut log).map_err(in_line)? {
            Some(row) => rows.push(row),
            None => log.skipped += 1,
        }
    }
    log.events = Events::new(rows, log.users.len(), log.items.len());
    Ok(log)
}

struct Input {
    reader: Box<dyn BufRead>,
    delimiter: u8,
}

/// The file's bytes; its header says whether tabs or commas separate.
fn open(path: &Path) -> Result<Input> {
    let failed = |source: std::io::Error| Error::File { path: path.to_owned(), source };
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let mut reader: Box<dyn BufRead> = if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    let start = reader.fill_buf().map_err(failed)?;
    let tabs = start.iter().take_while(|&&byte| byte != b'\n').any(|&byte| byte == b'\t');
    Ok(Input { reader, delimiter: if tabs { b'\t' } else { b',' } })
}

/// Where each column is.
struct Places {
    group: usize,
    item: usize,
    time: usize,
    value: Option<usize>,
    title: Option<usize>,
}

impl Places {
    fn find(
        path: &Path,
        header: &StringRecord,
        group: &'static str,
        columns: &Columns,
    ) -> Result<Places> {
        let position = |column: &str| {
            let name = columns.name(column);
            header.iter().position(|given| given.trim().trim_start_matches('\u{feff}') == name)
        };
        let needed = |column: &'static str| {
            position(column).ok_or_else(|| Error::MissingColumn {
                path: path.to_owned(),
                column: columns.name(column).to_owned(),
                given: header.iter().collect::<Vec<_>>().join(", "),
            })
        };
        let optional = |column: &'static str| match position(column) {
            None if columns.is_mapped(column) => needed(column).map(Some),
            found => Ok(found),
        };
        Ok(Places {
            group: needed(group)?,
            item: needed("item")?,
            time: needed("time")?,
            value: optional("value")?,
            title: optional("title")?,
        })
    }

    /// The event of a row; `None` when the row is to be left out.
    fn event(&self, record: &StringRecord, log: &mut Log) -> Result<Option<Event>> {
        let field = |place: usize| record.get(place).unwrap_or_default().trim();
        let (user, item) = (field(self.group), field(self.item));
        let value = self.value.map_or(Ok(1.0), |place| {
            // A row without a value says as little as one with 0.
            let text = if field(place).is_empty() { "0" } else { field(place) };
            text.parse::<f64>().map_err(|_| Error::Value(text.to_owned()))
        });
        if user.is_empty() || item.is_empty() || value? <= 0.0 {
            return Ok(None);
        }
        let time_ms = parse_time(field(self.time))?;
        let item = log.items.number(item);
        if let Some(title) = self.title {
            let titles = &mut log.titles;
            titles.resize(titles.len().max(item as usize + 1), String::new());
            if titles[item as usize].is_empty() {
                field(title).clone_into(&mut titles[item as usize]);
            }
        }
        Ok(Some(Event { user: log.users.number(user), item, time_ms }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn table(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        let file = File::create(&path).unwrap();
        if name.ends_with(".gz") {
            let mut file = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            file.write_all(text.as_bytes()).unwrap();
            file.finish().unwrap();
        } else {
            std::fs::write(&path, text).unwrap();
        }
        (dir, path)
    }

    #[test]
    fn columns_are_mapped_and_rows_that_say_nothing_are_left_out_and_counted() {
        let text = "who,sku,at,quantity\nann,A,2010-01-02 08:00:00,1\n,A,2010-01-02,1\nann,B,2010-01-01,-1\nbob,A,1262304000,2\n";
        let columns = Columns::parse("user=who, item=sku,time=at,value=quantity").unwrap();

        for name in ["rows.csv", "rows.csv.gz"] {
            let (_dir, path) = table(name, text);
            let log = read(&path, "user", &columns, Names::default()).unwrap();
            assert_eq!((log.events.rows().len(), log.skipped), (2, 2));
            assert_eq!(log.users.known("bob"), Some(1));
        }
    }

    #[test]
    fn tabs_are_known_by_the_header() {
        let (_dir, path) = table("clicks.txt", "session\titem\ttime\n1\ta,b\t5.25\n");

        let log = read(&path, "session", &Columns::default(), Names::default()).unwrap();
        assert_eq!(log.items.name(0), "a,b");
        assert_eq!(log.events.rows()[0].time_ms, 5_250);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let (_dir, path) = table("rows.csv", "user,item,time\na,b,1\na,b,soon\n");
        let error = read(&path, "user", &Columns::default(), Names::default()).unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");

        let error = read(&path, "basket", &Columns::default(), Names::default()).unwrap_err();
        assert!(
            error.to_string().contains("no column \"basket\"; its columns are user, item, time")
        );
        let error = Columns::parse("usr=who").unwrap_err();
        assert!(error.to_string().contains("usr=who"), "{error}");
    }
}
