//! `online-retail-csv`: the lines of invoices of the UCI Online Retail data sets.

use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};
use jiff::civil::DateTime;

use super::Rejected;
use crate::{Error, Result};

/// Columns that are read, with the names that the published files give them in letters and digits alone.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("invoice", &["invoice", "invoiceno"]),
    ("stock_code", &["stockcode"]),
    ("description", &["description"]),
    ("quantity", &["quantity"]),
    ("invoice_date", &["invoicedate"]),
    ("price", &["price", "unitprice"]),
    ("customer_id", &["customerid"]),
];

/// Codes that are not goods.
const NOT_GOODS: [&str; 14] = [
    "AMAZONFEE",
    "B",
    "BANK CHARGES",
    "C2",
    "C3",
    "CRUK",
    "D",
    "DOT",
    "GIFT",
    "M",
    "PADS",
    "POST",
    "S",
    "TEST",
];
/// Beginnings of codes that are not goods: corrections, tests, vouchers.
const NOT_GOODS_BEGIN: [&str; 3] = ["ADJUST", "TEST", "GIFT_"];

/// Longest invoice number and stock code: both become keys.
const KEY_LENGTH_MAX: usize = 200;

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InvoiceLine {
    /// Where it stands in the file.
    pub(super) number: u64,
    /// Its fields as they stand there.
    pub(super) record: ByteRecord,
    pub(super) invoice: String,
    /// In capitals, as some lines have them and some have not.
    pub(super) code: String,
    pub(super) description: String,
    /// Negative in cancellations and corrections.
    pub(super) quantity: i32,
    /// Local time of the shop.
    pub(super) at: DateTime,
    /// Price of a unit, rounded to the currency's minor units.
    pub(super) unit_minor: i64,
    pub(super) customer: Option<String>,
}

impl InvoiceLine {
    /// Why the line was not imported, for the error file.
    pub(super) fn rejected(&self, reason: String) -> Rejected {
        Rejected { line: self.number, reason, raw: raw(&self.record) }
    }

    /// Whether the code stands for goods and not for postage, fees or corrections.
    pub(super) fn is_goods(&self) -> bool {
        let code = self.code.as_str();
        !NOT_GOODS.contains(&code) && !NOT_GOODS_BEGIN.iter().any(|begin| code.starts_with(begin))
    }

    pub(super) fn is_cancellation(&self) -> bool {
        self.invoice.starts_with(['C', 'c'])
    }

    /// Whether goods were sold here for money.
    pub(super) fn is_sale(&self) -> bool {
        self.quantity > 0 && self.unit_minor > 0 && !self.is_cancellation() && self.is_goods()
    }

    /// Why the line is no sale and no cancellation of one, when it is neither.
    pub(super) fn skip_rule(&self) -> Option<&'static str> {
        if !self.is_goods() {
            return Some("not goods");
        }
        if self.unit_minor < 0 {
            return Some("bad debt");
        }
        let is_correction = self.quantity < 0 || (self.unit_minor == 0 && self.customer.is_none());
        (self.quantity == 0 || (is_correction && !self.is_cancellation()))
            .then_some("stock correction")
    }
}

/// A line that was read, or why it could not be.
pub(super) type Row = std::result::Result<InvoiceLine, Rejected>;

/// The lines of a file with a header, prices rounded to this many digits.
///
/// # Errors
/// [`Error::MissingColumn`]; [`Error::File`] when the header cannot be read.
pub(super) fn read(file: impl Read, digits: u32) -> Result<impl Iterator<Item = io::Result<Row>>> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.byte_headers().map_err(io::Error::from)?.clone();
    let columns = columns(&header)?;
    let width = header.len();
    let records = reader.into_byte_records();
    Ok(records.map(move |record| {
        let record = record.map_err(io::Error::from)?;
        let number = record.position().map_or(0, csv::Position::line);
        Ok(match line(&record, &columns, width, digits) {
            Ok(line) => Ok(InvoiceLine { number, record, ..line }),
            Err(reason) => Err(Rejected { line: number, reason, raw: raw(&record) }),
        })
    }))
}

/// Where each of [`COLUMNS`] stands.
fn columns(header: &ByteRecord) -> Result<[usize; 7]> {
    let plain = |name: &[u8]| -> String {
        let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
        letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
    };
    let names: Vec<String> = header.iter().map(plain).collect();
    let mut places = [0; 7];
    for (place, (column, known)) in places.iter_mut().zip(COLUMNS) {
        *place = names
            .iter()
            .position(|name| known.contains(&name.as_str()))
            .ok_or(Error::MissingColumn(column))?;
    }
    Ok(places)
}

fn line(
    record: &ByteRecord,
    columns: &[usize; 7],
    width: usize,
    digits: u32,
) -> std::result::Result<InvoiceLine, String> {
    if record.len() != width {
        return Err(format!("has {} fields, not {width}", record.len()));
    }
    let field = |place: usize| -> std::result::Result<&str, String> {
        let bytes = &record[columns[place]];
        let text = str::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8", COLUMNS[place].0))?;
        if text.contains('\0') {
            return Err(format!("{}: contains the character NUL", COLUMNS[place].0));
        }
        Ok(text.trim())
    };
    let customer = field(6)?;
    Ok(InvoiceLine {
        number: 0,
        record: ByteRecord::new(),
        invoice: key("invoice", field(0)?.to_owned())?,
        code: key("stock_code", field(1)?.to_uppercase())?,
        description: field(2)?.split_whitespace().collect::<Vec<_>>().join(" "),
        quantity: field(3)?.parse().map_err(|_| not("quantity", "a whole number", field(3)))?,
        at: field(4)?.parse().map_err(|_| not("invoice_date", "a date and time", field(4)))?,
        unit_minor: rounded_minor(field(5)?, digits)
            .ok_or_else(|| not("price", "a decimal number", field(5)))?,
        customer: (!customer.is_empty()).then(|| customer.to_owned()),
    })
}

/// The text, when it is neither blank nor too long.
fn key(column: &str, text: String) -> std::result::Result<String, String> {
    match text.chars().count() {
        0 => Err(format!("{column}: is blank")),
        length if length > KEY_LENGTH_MAX => {
            Err(format!("{column}: is longer than {KEY_LENGTH_MAX} characters"))
        }
        _ => Ok(text),
    }
}

fn not(column: &str, expected: &str, given: std::result::Result<&str, String>) -> String {
    format!("{column}: must be {expected}, but is \"{}\"", given.unwrap_or_default())
}

/// A decimal amount in minor units, half a unit rounded away from zero; none when it is no amount.
fn rounded_minor(text: &str, digits: u32) -> Option<i64> {
    let (sign, amount) = text.strip_prefix('-').map_or((1, text), |amount| (-1, amount));
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let mut minor: i64 = whole.parse().ok()?;
    let mut rest = fraction.bytes().map(|digit| i64::from(digit - b'0'));
    for _ in 0..digits {
        minor = minor.checked_mul(10)?.checked_add(rest.next().unwrap_or(0))?;
    }
    let half = i64::from(rest.next().is_some_and(|digit| digit >= 5));
    minor.checked_add(half)?.checked_mul(sign)
}

/// The record as CSV again, for the error file.
fn raw(record: &ByteRecord) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails only for a record whose length differs from the one before it.
    let _written = writer.write_byte_record(record);
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::*;

    const HEADER: &str =
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n";

    fn rows(lines: &str) -> Vec<Row> {
        let file = format!("{HEADER}{lines}");
        read(file.as_bytes(), 2).unwrap().map(|row| row.unwrap()).collect()
    }

    #[test]
    fn a_line_is_read_whatever_its_columns_are_called() {
        let line = rows("489434,79323p,\" PINK  LIGHTS\",12,2009-12-01 07:45:00,6.75,13085,UK\n")
            .remove(0)
            .unwrap();

        assert_eq!((line.code.as_str(), line.description.as_str()), ("79323P", "PINK LIGHTS"));
        assert_eq!((line.quantity, line.unit_minor, line.number), (12, 675, 2));
        assert_eq!(line.at, "2009-12-01T07:45".parse::<DateTime>().unwrap());
        assert!(line.is_sale());
    }

    #[test]
    fn a_bad_line_says_why_and_is_kept_as_it_was() {
        let rejected: Vec<_> = rows(
            "1,A,b,x,2009-12-01 07:45:00,1,,UK\n2,A,b,1,yesterday,1,,UK\n\
             3,A,\"b,c\",1,2009-12-01 07:45:00,1e5,,UK\n4,A\n",
        )
        .into_iter()
        .map(|row| row.unwrap_err())
        .collect();

        assert_eq!(rejected[0].reason, "quantity: must be a whole number, but is \"x\"");
        assert!(rejected[1].reason.starts_with("invoice_date"));
        assert!(rejected[2].reason.starts_with("price"));
        assert_eq!(rejected[2].raw, "3,A,\"b,c\",1,2009-12-01 07:45:00,1e5,,UK");
        assert_eq!((rejected[3].line, rejected[3].reason.as_str()), (5, "has 2 fields, not 8"));
    }

    #[test]
    fn a_key_of_200_characters_is_read_and_a_longer_one_refused() {
        let (fits, long) = ("é".repeat(200), "é".repeat(201));
        let line = |invoice: &str, code: &str| {
            rows(&format!("{invoice},{code},b,1,2009-12-01 07:45:00,1,,UK\n"))
                .remove(0)
                .map_err(|rejected| rejected.reason)
        };

        assert!(line(&fits, &fits).is_ok());
        assert_eq!(line(&long, "A").unwrap_err(), "invoice: is longer than 200 characters");
        assert_eq!(line("1", &long).unwrap_err(), "stock_code: is longer than 200 characters");
        assert_eq!(line("1", " ").unwrap_err(), "stock_code: is blank");
    }

    #[test]
    fn fees_vouchers_and_corrections_are_not_sales() {
        let rules: Vec<_> = rows(
            "1,POST,x,1,2009-12-01 07:45:00,1,,UK\n1,gift_0001_20,x,1,2009-12-01 07:45:00,1,,UK\n\
             1,22041,lost,-5,2009-12-01 07:45:00,0,,UK\n1,22041,found,5,2009-12-01 07:45:00,0,,UK\n\
             C1,22041,x,-5,2009-12-01 07:45:00,1,7,UK\n1,22041,x,5,2009-12-01 07:45:00,0,7,UK\n",
        )
        .into_iter()
        .map(|row| row.unwrap().skip_rule())
        .collect();

        let correction = Some("stock correction");
        assert_eq!(
            rules,
            [Some("not goods"), Some("not goods"), correction, correction, None, None]
        );
    }

    #[test]
    fn a_file_without_prices_is_refused_as_a_whole() {
        let refused = read("invoice,stock_code\n".as_bytes(), 2).err().unwrap();

        assert!(matches!(refused, Error::MissingColumn("description")), "{refused}");
    }

    #[test]
    fn amounts_are_rounded_half_up_without_floats() {
        let cases =
            [("6.95", 695), ("2.1", 210), ("0.001", 0), ("0.005", 1), ("-44031.79", -4_403_179)];
        for (text, minor) in cases {
            assert_eq!(rounded_minor(text, 2), Some(minor), "{text}");
        }
        for bad in ["", ".", "1e3", "+1", "1,5", "--1", "99999999999999999999"] {
            assert_eq!(rounded_minor(bad, 2), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_the_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
            let file = [HEADER.as_bytes(), &bytes].concat();
            let _rows = read(file.as_slice(), 2).unwrap().take(100).count();
        }

        #[test]
        fn every_amount_of_two_digits_is_read_exactly(minor in any::<i32>()) {
            let amount = i64::from(minor);
            let sign = if amount < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", amount.abs() / 100, amount.abs() % 100);

            assert_eq!(rounded_minor(&text, 2), Some(amount));
        }
    }
}
