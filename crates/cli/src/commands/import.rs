//! `souk import`: products, past sales or past events from a file, bad rows into a file beside it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;
use serde_json::{Value, json};
use souk_base::MarketCode;
use souk_commerce::Db;
use souk_commerce::imports::{
    self, CatalogImport, EventsFormat, EventsImport, Format, OrdersImport, Rejected, Report,
};

use crate::context::Context;
use crate::output::Output;

/// Exit code of a call that makes no sense, as clap has it.
const WRONG_USAGE: u8 = 2;
/// Where past sales were made unless the caller says otherwise.
const SALES_MARKET: &str = "GB";

/// What is imported, from where, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// What the file holds
    pub what: What,
    /// The file; compressed with gzip or not; - is standard input
    pub file: PathBuf,
    /// How it is written [default: by the ending, .jsonl or .csv]
    #[arg(long)]
    pub format: Option<FileFormat>,
    /// Where plain prices hold, past sales were made and events of google-retail-jsonl happened
    #[arg(long)]
    pub market: Option<MarketCode>,
    /// Report everything and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Invent stock for new offers where the file names none, to try the shop with
    #[arg(long)]
    pub invent_stock: bool,
    /// Where rows go that could not be imported [default: FILE.errors.jsonl]
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

/// What a file can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Products with prices
    Catalog,
    /// Sales of the past, for popularity and models
    Orders,
    /// What shoppers did, for models and reports; what is older than events are kept is left out
    Events,
}

/// How a file can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A product a line, as `souk export` writes it; an event a line, as `POST /v1/events` takes it
    SoukJsonl,
    /// Lines of invoices of the UCI Online Retail data sets
    OnlineRetailCsv,
    /// A user event of Google's retail search a line
    GoogleRetailJsonl,
}

/// Imports the file and says what became of it.
///
/// # Errors
/// When the file cannot be read, does not have its format's columns, or the database does not answer.
pub(crate) async fn run(context: &Context, args: ImportArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let format = match format(&args) {
        Ok(format) => format,
        Err(usage) => {
            Output { quiet: false, ..context.output }.note(&format!("souk: {usage}"));
            return Ok(ExitCode::from(WRONG_USAGE));
        }
    };
    let (report, errors) = import(&context.db, &args, format, context.output).await?;
    let seconds = started.elapsed().as_secs_f64();
    let object = object(&args, &report, errors.as_deref(), seconds)?;
    context.output.result(&object, &text(&args, &report, errors.as_deref(), seconds))?;
    let nothing_went_in = report.errors > 0 && report.present() == 0;
    Ok(if nothing_went_in { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Imports the file; answers what became of it and where its bad rows are, when there are any.
async fn import(
    db: &Db,
    args: &ImportArgs,
    format: Source,
    output: Output,
) -> anyhow::Result<(Report, Option<PathBuf>)> {
    let name = args.file.display();
    let file = open(&args.file, output).with_context(|| format!("cannot read {name}"))?;
    let mut errors = ErrorFile::new(args.errors.clone().unwrap_or_else(|| beside(&args.file)));
    let mut reject = |rejected: Rejected| errors.write(&rejected);
    let report = match format {
        Source::Catalog(format) => {
            let import = CatalogImport {
                format,
                market: args.market,
                invent_stock: args.invent_stock,
                dry_run: args.dry_run,
            };
            imports::catalog(db, file, import, &mut reject).await
        }
        Source::Orders => {
            let market = args.market.map_or_else(|| SALES_MARKET.parse(), Ok)?;
            let import = OrdersImport { market, now: Timestamp::now(), dry_run: args.dry_run };
            imports::orders(db, file, import, &mut reject).await
        }
        Source::Events(format) => {
            let import = EventsImport { format, now: Timestamp::now(), dry_run: args.dry_run };
            imports::events(db, file, import, &mut reject).await
        }
    };
    let report = report.with_context(|| format!("cannot import {name}"))?;
    Ok((report, errors.finish()?))
}

/// What is read, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Catalog(Format),
    /// Written in one way only.
    Orders,
    Events(EventsFormat),
}

/// What is to be read, or what is wrong with the call.
fn format(args: &ImportArgs) -> Result<Source, String> {
    let name = args.file.to_string_lossy();
    let ending = name.trim_end_matches(".gz").rsplit_once('.').map(|(_, ending)| ending);
    let format = match (args.format, ending) {
        (Some(format), _) => format,
        (None, Some("jsonl")) => FileFormat::SoukJsonl,
        (None, Some("csv")) => FileFormat::OnlineRetailCsv,
        (None, _) => return Err(format!("cannot tell how {name} is written; give --format")),
    };
    match (args.what, format) {
        (What::Catalog, FileFormat::SoukJsonl) => Ok(Source::Catalog(Format::SoukJsonl)),
        (What::Catalog, FileFormat::OnlineRetailCsv) => {
            Ok(Source::Catalog(Format::OnlineRetailCsv))
        }
        (What::Catalog, FileFormat::GoogleRetailJsonl) => {
            Err("google-retail-jsonl has events; products are read from souk-jsonl".to_owned())
        }
        (What::Orders, FileFormat::OnlineRetailCsv) => Ok(Source::Orders),
        (What::Orders, FileFormat::SoukJsonl) => {
            Err("orders are read from online-retail-csv, not from souk-jsonl".to_owned())
        }
        (What::Orders, FileFormat::GoogleRetailJsonl) => {
            Err("orders are read from online-retail-csv, not from google-retail-jsonl".to_owned())
        }
        (What::Events, FileFormat::SoukJsonl) => Ok(Source::Events(EventsFormat::SoukJsonl)),
        (What::Events, FileFormat::GoogleRetailJsonl) => match args.market {
            Some(market) => Ok(Source::Events(EventsFormat::GoogleRetailJsonl(market))),
            None => {
                Err("google-retail-jsonl does not say where events happened; give --market"
                    .to_owned())
            }
        },
        (What::Events, FileFormat::OnlineRetailCsv) => {
            Err("online-retail-csv has sales: souk import orders".to_owned())
        }
    }
}

/// Opens a file or standard input, unpacking what is compressed, with a bar for those who watch.
fn open(file: &Path, output: Output) -> io::Result<Box<dyn BufRead + Send>> {
    if file == Path::new("-") {
        return unpacked(io::stdin());
    }
    let opened = File::open(file)?;
    let bar = output.bar(opened.metadata()?.len(), "bytes read");
    unpacked(bar.wrap_read(opened))
}

/// The bytes as they are, or unpacked when they begin as gzip does.
pub(crate) fn unpacked(bytes: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut bytes = BufReader::new(bytes);
    if bytes.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::new(MultiGzDecoder::new(bytes))));
    }
    Ok(Box::new(bytes))
}

/// `FILE.errors.jsonl`.
fn beside(file: &Path) -> PathBuf {
    let mut name = if file == Path::new("-") { OsString::from("stdin") } else { file.into() };
    name.push(".errors.jsonl");
    name.into()
}

/// The file of rows that were not imported, made when the first one comes.
struct ErrorFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl ErrorFile {
    fn new(path: PathBuf) -> Self {
        ErrorFile { path, file: None }
    }

    fn write(&mut self, rejected: &Rejected) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                self.file.insert(BufWriter::new(File::create(&self.path).map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
                })?))
            }
        };
        serde_json::to_writer(&mut *file, rejected)?;
        file.write_all(b"\n")
    }

    /// Where the rows are, when there are any.
    fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(mut file) = self.file else { return Ok(None) };
        file.flush()?;
        Ok(Some(self.path))
    }
}

fn object(
    args: &ImportArgs,
    report: &Report,
    errors: Option<&Path>,
    seconds: f64,
) -> anyhow::Result<Value> {
    let mut object = serde_json::to_value(report)?;
    object["error_file"] = json!(errors);
    object["seconds"] = json!(seconds);
    object["dry_run"] = json!(args.dry_run);
    Ok(object)
}

fn text(args: &ImportArgs, report: &Report, errors: Option<&Path>, seconds: f64) -> String {
    let mut lines = Vec::new();
    for (rule, count) in &report.skipped_because {
        lines.push(format!("{count} left out: {rule}"));
    }
    if !report.ignored_keys.is_empty() {
        let keys: Vec<&str> = report.ignored_keys.keys().map(String::as_str).collect();
        lines.push(format!("Keys without meaning here: {}", keys.join(", ")));
    }
    if let Some(path) = errors {
        lines.push(format!("{} rows could not be imported: {}", report.errors, path.display()));
    }
    let (things, next) = match args.what {
        What::Catalog => ("products", "souk serve"),
        What::Orders => ("sales", "souk serve"),
        What::Events => ("events", "souk train"),
    };
    let next = if args.dry_run { "the same without --dry-run" } else { next };
    lines.push(format!(
        "{} {things} new, {} changed, {} as they were, in {seconds:.1} s. Next: {next}",
        report.imported, report.changed, report.unchanged
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use souk_testdb::TestDb;
    use tempfile::TempDir;

    use super::*;

    const QUIET: Output = Output { json: false, quiet: true };
    const JSONL: Source = Source::Catalog(Format::SoukJsonl);

    fn args(folder: &TempDir, name: &str, bytes: &[u8]) -> ImportArgs {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        ImportArgs {
            what: What::Catalog,
            file,
            format: None,
            market: None,
            dry_run: false,
            invent_stock: true,
            errors: None,
        }
    }

    #[tokio::test]
    async fn a_packed_file_goes_in_and_its_bad_rows_lie_beside_it() {
        let (db, folder) = (TestDb::new().await, TempDir::new().unwrap());
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"{\"id\":\"a\",\"title\":\"A\"}\nnonsense\n").unwrap();
        let args = args(&folder, "shop.jsonl.gz", &packed.finish().unwrap());

        let (report, errors) = import(db.pool(), &args, JSONL, QUIET).await.unwrap();

        assert_eq!((report.imported, report.errors), (1, 1));
        let errors = errors.unwrap();
        assert_eq!(errors, folder.path().join("shop.jsonl.gz.errors.jsonl"));
        let row: Value = serde_json::from_slice(&std::fs::read(errors).unwrap()).unwrap();
        assert_eq!((row["line"].as_u64(), row["raw"].as_str()), (Some(2), Some("nonsense")));
    }

    #[tokio::test]
    async fn a_good_file_leaves_no_error_file() {
        let (db, folder) = (TestDb::new().await, TempDir::new().unwrap());
        let args = args(&folder, "shop.jsonl", b"{\"id\":\"a\",\"title\":\"A\"}\n");

        let (_, errors) = import(db.pool(), &args, JSONL, QUIET).await.unwrap();

        assert_eq!(errors, None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_ending_tells_the_format_and_orders_are_not_jsonl() {
        let folder = TempDir::new().unwrap();
        let of = |name| args(&folder, name, b"");

        let sales = Source::Catalog(Format::OnlineRetailCsv);
        assert_eq!(format(&of("a.jsonl.gz")), Ok(JSONL));
        assert_eq!(format(&of("transactions-2010.csv")), Ok(sales));
        assert!(format(&of("c.xlsx")).unwrap_err().contains("--format"));
        let orders = ImportArgs { what: What::Orders, ..of("a.jsonl") };
        assert!(format(&orders).unwrap_err().contains("not from souk-jsonl"));
    }

    #[test]
    fn events_of_a_file_without_markets_need_one() {
        let folder = TempDir::new().unwrap();
        let google = ImportArgs {
            what: What::Events,
            format: Some(FileFormat::GoogleRetailJsonl),
            ..args(&folder, "a.jsonl", b"")
        };
        let market = "GB".parse().unwrap();

        assert!(format(&google).unwrap_err().contains("--market"));
        let known = format(&ImportArgs { market: Some(market), ..google.clone() });
        assert_eq!(known, Ok(Source::Events(EventsFormat::GoogleRetailJsonl(market))));
        let own = format(&ImportArgs { format: None, ..google });
        assert_eq!(own, Ok(Source::Events(EventsFormat::SoukJsonl)));
    }
}
