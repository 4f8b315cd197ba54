//! Rows of `copy (…) to stdout (format binary)`: for millions of rows, a fraction of what the rows of a query
//! cost PostgreSQL and us.
//!
//! The format: a signature, flags and an extension; then rows, each with the number of its columns, and each
//! column with its length, -1 for null; then -1 instead of a number of columns. Everything is big endian.
//!
//! Source: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use futures_util::TryStreamExt;
use jiff::civil::Date;
use sqlx::PgConnection;

use crate::{Error, Result};

/// What every such copy begins with.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags and the length of the extension.
const HEADER_LENGTH: usize = 19;
/// Flags that a reader must know to read on; today there are none.
const CRITICAL_FLAGS: u32 = 0xffff_0000;
/// Stands for the number of columns after the last row.
const TRAILER: i16 = -1;
/// Stands for the length of a null.
const NULL: i32 = -1;
/// The day from which PostgreSQL counts.
const DAY_ZERO: Date = jiff::civil::date(2000, 1, 1);

/// A column of a row, as PostgreSQL sends it; none when it is null.
pub(crate) type Column<'a> = Option<&'a [u8]>;

/// Runs a query as a copy and hands out each of its rows, which have `N` columns.
///
/// A copy takes no parameters, so whoever formats the query puts nothing into it but numbers. After a query that PostgreSQL does
/// not even begin, the connection is of no use any more: sqlx leaves the end of the answer unread.
pub(crate) async fn rows<const N: usize>(
    connection: &mut PgConnection,
    query: &str,
    mut each: impl FnMut([Column<'_>; N]) -> Result<()>,
) -> Result<()> {
    let statement = format!("copy ({query}) to stdout (format binary)");
    let mut stream = connection.copy_out_raw(&statement).await?;
    let mut reader = Reader::default();
    let mut read = Ok(());
    // To the end in any case, or the connection could not be used again.
    while let Some(chunk) = stream.try_next().await? {
        if read.is_ok() {
            read = reader.push(&chunk, &mut each);
        }
    }
    read.and_then(|()| reader.finish())
}

/// A `bigint`.
pub(crate) fn int8(column: Column<'_>) -> Result<i64> {
    fixed(column).map(i64::from_be_bytes)
}

/// An `integer`.
pub(crate) fn int4(column: Column<'_>) -> Result<i32> {
    fixed(column).map(i32::from_be_bytes)
}

/// A `real`.
pub(crate) fn float4(column: Column<'_>) -> Result<f32> {
    fixed(column).map(f32::from_be_bytes)
}

/// A `text`.
pub(crate) fn text(column: Column<'_>) -> Result<&str> {
    let bytes = column.ok_or(Error::Copy("a column is null that must not be"))?;
    std::str::from_utf8(bytes).map_err(|_| Error::Copy("a text is not utf-8"))
}

/// A `date`; one that is infinite or before the year 0 is refused.
pub(crate) fn date(column: Column<'_>) -> Result<Date> {
    let days = jiff::SignedDuration::from_hours(24 * i64::from(int4(column)?));
    DAY_ZERO.checked_add(days).map_err(|_| Error::Copy("a date is out of range"))
}

/// What may be null.
pub(crate) fn nullable<'a, T>(
    column: Column<'a>,
    read: impl FnOnce(Column<'a>) -> Result<T>,
) -> Result<Option<T>> {
    column.map(|_| read(column)).transpose()
}

fn fixed<const LENGTH: usize>(column: Column<'_>) -> Result<[u8; LENGTH]> {
    let bytes = column.ok_or(Error::Copy("a column is null that must not be"))?;
    bytes.try_into().map_err(|_| Error::Copy("a column has not the length of its type"))
}

/// A copy while it arrives.
#[derive(Debug, Default)]
struct Reader<const N: usize> {
    state: State,
    /// The beginning of what has not arrived whole.
    rest: Vec<u8>,
}

/// What comes next in a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Header,
    Rows,
    Nothing,
}

/// What stands at the beginning of some bytes, and how long it is.
enum Part<'a, const N: usize> {
    Incomplete,
    Header(usize),
    Row([Column<'a>; N], usize),
    Trailer(usize),
}

impl<const N: usize> Reader<N> {
    /// Hands out the rows that end in this chunk. PostgreSQL sends one row a chunk, but does not promise to.
    fn push(
        &mut self,
        chunk: &[u8],
        each: &mut impl FnMut([Column<'_>; N]) -> Result<()>,
    ) -> Result<()> {
        if self.rest.is_empty() {
            let used = self.read(chunk, each)?;
            self.rest.extend_from_slice(&chunk[used..]);
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(chunk);
        let used = self.read(&bytes, each)?;
        bytes.drain(..used);
        self.rest = bytes;
        Ok(())
    }

    /// Whether it came to its end.
    fn finish(self) -> Result<()> {
        match self.state {
            State::Nothing => Ok(()),
            _ => Err(Error::Copy("it ends too early")),
        }
    }

    /// Reads what is there whole; returns how many bytes that was.
    fn read(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut([Column<'_>; N]) -> Result<()>,
    ) -> Result<usize> {
        let mut used = 0;
        while used < bytes.len() {
            match self.part(&bytes[used..])? {
                Part::Incomplete => break,
                Part::Row(columns, length) => {
                    each(columns)?;
                    used += length;
                }
                Part::Header(length) => {
                    self.state = State::Rows;
                    used += length;
                }
                Part::Trailer(length) => {
                    self.state = State::Nothing;
                    used += length;
                }
            }
        }
        Ok(used)
    }

    fn part<'a>(&self, bytes: &'a [u8]) -> Result<Part<'a, N>> {
        match self.state {
            State::Header => header(bytes),
            State::Rows => row(bytes),
            State::Nothing => Err(Error::Copy("something follows its end")),
        }
    }
}

fn header<const N: usize>(bytes: &[u8]) -> Result<Part<'_, N>> {
    let length = bytes.len().min(SIGNATURE.len());
    if bytes[..length] != SIGNATURE[..length] {
        return Err(Error::Copy("it does not begin as a binary copy does"));
    }
    let Some((header, after)) = bytes.split_at_checked(HEADER_LENGTH) else {
        return Ok(Part::Incomplete);
    };
    let numbers = header[SIGNATURE.len()..].as_chunks::<4>().0;
    let [flags, extension] = numbers else { return Ok(Part::Incomplete) };
    if u32::from_be_bytes(*flags) & CRITICAL_FLAGS != 0 {
        return Err(Error::Copy("it has flags that are not known here"));
    }
    let extension = usize::try_from(i32::from_be_bytes(*extension));
    let extension = extension.map_err(|_| Error::Copy("its extension has a negative length"))?;
    if after.len() < extension {
        return Ok(Part::Incomplete);
    }
    Ok(Part::Header(HEADER_LENGTH + extension))
}

fn row<const N: usize>(bytes: &[u8]) -> Result<Part<'_, N>> {
    let Some((&count, mut after)) = bytes.split_first_chunk() else {
        return Ok(Part::Incomplete);
    };
    let count = i16::from_be_bytes(count);
    if count == TRAILER {
        return Ok(Part::Trailer(bytes.len() - after.len()));
    }
    if usize::try_from(count) != Ok(N) {
        return Err(Error::Copy("a row has not the columns that were asked for"));
    }
    let mut columns = [None; N];
    for column in &mut columns {
        let Some((&length, next)) = after.split_first_chunk() else {
            return Ok(Part::Incomplete);
        };
        after = next;
        let length = i32::from_be_bytes(length);
        if length == NULL {
            continue;
        }
        let length = usize::try_from(length);
        let length = length.map_err(|_| Error::Copy("a column has a negative length"))?;
        let Some((value, next)) = after.split_at_checked(length) else {
            return Ok(Part::Incomplete);
        };
        (*column, after) = (Some(value), next);
    }
    Ok(Part::Row(columns, bytes.len() - after.len()))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};
    use souk_testdb::TestDb;

    use super::*;

    type Columns = Vec<Option<Vec<u8>>>;

    /// A copy with these rows, its extension, flags and trailer.
    fn copy(rows: &[[Option<Vec<u8>>; 2]], extension: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| i32::try_from(bytes.len()).unwrap().to_be_bytes();
        let mut copy = [&SIGNATURE[..], &[0; 4], &length(extension), extension].concat();
        for row in rows {
            copy.extend(2_i16.to_be_bytes());
            for column in row {
                let bytes = column.as_deref();
                copy.extend(bytes.map_or(NULL.to_be_bytes(), length));
                copy.extend(bytes.unwrap_or_default());
            }
        }
        copy.extend(TRAILER.to_be_bytes());
        copy
    }

    /// What is read of a copy that comes in these chunks.
    fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Columns>> {
        let mut reader = Reader::<2>::default();
        let mut read = Vec::new();
        for chunk in chunks {
            let mut each = |row: [Column<'_>; 2]| {
                read.push(row.map(|column| column.map(<[u8]>::to_vec)).to_vec());
                Ok(())
            };
            reader.push(chunk, &mut each)?;
        }
        reader.finish()?;
        Ok(read)
    }

    fn refused(copy: &[u8]) -> String {
        read([copy]).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_copy_is_refused_with_the_reason() {
        let whole = copy(&[[Some(vec![1]), None]], b"");
        let with = |place: usize, bytes: &[u8]| {
            let mut copy = whole.clone();
            copy[place..place + bytes.len()].copy_from_slice(bytes);
            refused(&copy)
        };

        assert!(with(0, b"COPY").ends_with("it does not begin as a binary copy does"));
        assert!(refused(b"P,1\n").ends_with("it does not begin as a binary copy does"));
        assert!(with(11, &[0, 1, 0, 0]).ends_with("it has flags that are not known here"));
        assert!(with(15, &[0xff; 4]).ends_with("its extension has a negative length"));
        assert!(with(19, &[0, 3]).ends_with("a row has not the columns that were asked for"));
        assert!(with(19, &[0xff, 0xfe]).ends_with("a row has not the columns that were asked for"));
        assert!(with(21, &[0xff, 0, 0, 0]).ends_with("a column has a negative length"));
        assert!(refused(&[&whole[..], &[0]].concat()).ends_with("something follows its end"));
        assert!(refused(&whole[..whole.len() - 1]).ends_with("it ends too early"));
        assert!(refused(&[]).ends_with("it ends too early"));
    }

    #[test]
    fn a_column_that_is_not_of_its_type_is_refused() {
        assert!(int8(Some(&[0; 4])).is_err());
        assert!(int4(None).is_err());
        assert!(text(Some(&[0xff])).is_err());
        // Infinity, and a day before the first that there is.
        assert!(date(Some(&i32::MAX.to_be_bytes())).is_err());
        assert!(date(Some(&(-5_000_000_i32).to_be_bytes())).is_err());
        assert_eq!(nullable(None, int8).unwrap(), None);
        assert!(nullable(Some(&[0][..]), int8).is_err());
    }

    #[tokio::test]
    async fn rows_come_as_postgresql_has_them_and_the_connection_can_be_used_on() {
        let db = TestDb::new().await;
        let mut connection = db.pool().acquire().await.unwrap();
        let query =
            "select 9223372036854775807, -7, real '1.5', 'ورد', date '1999-12-31', null::bigint
                     union all select 1, 2, 3, '', '2026-11-22', 4 order by 1";
        let mut read = Vec::new();
        rows(&mut connection, query, |[a, b, c, d, e, f]| {
            let text = text(d)?.to_owned();
            read.push((int8(a)?, int4(b)?, float4(c)?, text, date(e)?, nullable(f, int8)?));
            Ok(())
        })
        .await
        .unwrap();

        let (first, second) = (date_of(2026, 11, 22), date_of(1999, 12, 31));
        assert_eq!(read[0], (1, 2, 3.0, String::new(), first, Some(4)));
        assert_eq!(read[1], (i64::MAX, -7, 1.5, "ورد".to_owned(), second, None));

        let many = "select generate_series(1, 100000)";
        let refused = rows(&mut connection, many, |[one]| int8(one).map(|_| ())).await;
        assert!(matches!(refused, Err(Error::Copy(_))));
        let broken = rows(
            &mut connection,
            "select 1 / (at - 2) from generate_series(1, 3) at",
            |[_]| Ok(()),
        )
        .await;
        assert!(matches!(broken, Err(Error::Database(_))));
        let one: i32 = sqlx::query_scalar("select 1").fetch_one(&mut *connection).await.unwrap();
        assert_eq!(one, 1);
    }

    fn date_of(year: i16, month: i8, day: i8) -> Date {
        jiff::civil::date(year, month, day)
    }

    proptest! {
        #[test]
        fn rows_come_back_however_they_are_cut(
            rows in vec(any::<[Option<Vec<u8>>; 2]>(), 0..8), extension in vec(any::<u8>(), 0..5),
            length in 1..40_usize
        ) {
            let copy = copy(&rows, &extension);

            let expected: Vec<Columns> = rows.into_iter().map(Vec::from).collect();
            assert_eq!(read(copy.chunks(length)).unwrap(), expected);
            assert_eq!(read([&copy[..]]).unwrap(), expected);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200), start in 0..60_usize) {
            let copy = copy(&[[Some(vec![1; 30]), None]], b"");
            let forged = [&copy[..start.min(copy.len())], &bytes].concat();
            _ = read([&forged[..]]);
            _ = read(forged.chunks(3));
        }
    }
}
