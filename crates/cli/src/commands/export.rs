//! `souk export`: the catalogue as a file that `souk import` reads.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;
use souk_commerce::imports::{self, Exported};

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
            let exported = imports::export_catalog(&context.db, &mut out).await?;
            out.flush()?;
            note_left_out(context, &exported);
        }
        Some(path) => {
            let exported = write(context, path)
                .await
                .with_context(|| format!("cannot write {}", path.display()))?;
            note_left_out(context, &exported);
            let products = exported.products;
            let text = format!(
                "{products} products written. Next: souk import catalog {} in another shop",
                path.display()
            );
            let result = json!({
                "products": products, "left_out": exported.left_out, "file": path
            });
            context.output.result(&result, &text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(context: &Context, path: &Path) -> anyhow::Result<Exported> {
    let mut file = BufWriter::new(File::create(path)?);
    let exported = imports::export_catalog(&context.db, &mut file).await?;
    file.flush()?;
    Ok(exported)
}

fn note_left_out(context: &Context, exported: &Exported) {
    for left_out in &exported.left_out {
        context.output.note(&format!("{} is left out: {}", left_out.id, left_out.reason));
    }
}
