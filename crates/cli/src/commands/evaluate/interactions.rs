//! `souk evaluate interactions`: what users take after a moment, by what they had before it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use souk_recommend::evaluate::{self, InteractionModel};
use souk_recommend::{Columns, Names};

use super::watched;
use crate::commands::bench::figures::table;
use crate::output::Output;

/// What is evaluated, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct InteractionsArgs {
    /// CSV or TSV with a header and the columns `user`, `item`, `time` (and `value`), compressed with gzip or not
    pub file: PathBuf,
    /// Fit on what was before this time, ask about what came after: unix seconds or ISO 8601
    #[arg(long, value_name = "TIME")]
    pub cut: String,
    /// Which model answers
    #[arg(long, default_value = "blend")]
    pub model: InteractionModel,
    /// What the file calls its columns, like `user=…,item=…,time=…`
    #[arg(long, default_value = "", value_parser = Columns::parse, hide_default_value = true)]
    pub columns: Columns,
    /// Write what was answered: user, rank, id, score
    #[arg(long, value_name = "OUT.tsv")]
    pub run: Option<PathBuf>,
}

/// Evaluates and prints the figures.
///
/// # Errors
/// When a file cannot be read or says too little to fit the model on.
pub(super) fn run(output: Output, args: &InteractionsArgs) -> anyhow::Result<ExitCode> {
    let cut_ms = watched::time(&args.cut)?;
    let log = souk_recommend::read(&args.file, "user", &args.columns, Names::default())?;
    let evaluation =
        |watch: &mut evaluate::Watch<'_>| evaluate::interactions(&log, cut_ms, args.model, watch);
    let figures = watched::evaluate(args.run.as_deref(), "user", &log.items, evaluation)?;
    output.result(&figures, &table(&figures))?;
    Ok(ExitCode::SUCCESS)
}
