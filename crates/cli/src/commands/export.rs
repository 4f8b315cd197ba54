//! `souk export`: the catalogue as a file that `souk import` reads.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;
use souk_commerce::imports;

use crate::context::Context;

/// What is exported, and where to.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    /// What to write
    pub what: What,
    /// The file [default: standard output]
    pub file: Option<PathBuf>,
    /// How to write it
    #[arg(long, default_value = "souk-jsonl")]
    pub format: FileFormat,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Listed products with the house's prices and stock
    Catalog,
}

/// How it can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A product a line
    SoukJsonl,
}

/// Writes the catalogue to the file, or to standard output.
///
/// # Errors
/// When the file cannot be written or the database does not answer.
pub(crate) async fn run(context: &Context, args: ExportArgs) -> anyhow::Result<ExitCode> {
    let (What::Catalog, FileFormat::SoukJsonl) = (args.what, args.format);
    match &args.file {
        None => {
            let mut out = BufWriter::new(io::stdout());
            imports::export_catalog(&context.db, &mut out).await?;
            out.flush()?;
        }
        Some(path) => {
            let products = write(context, path)
                .await
                .with_context(|| format!("cannot write {}", path.display()))?;
            let text = format!(
                "{products} products written. Next: souk import catalog {} in another shop",
                path.display()
            );
            context.output.result(&json!({ "products": products, "file": path }), &text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(context: &Context, path: &Path) -> anyhow::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let products = imports::export_catalog(&context.db, &mut file).await?;
    file.flush()?;
    Ok(products)
}
