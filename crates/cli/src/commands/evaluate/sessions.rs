//! `souk evaluate sessions`: which item comes next, asked after every click.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use souk_recommend::evaluate::{self, SessionModel};
use souk_recommend::{Columns, Names};

use super::watched;
use crate::commands::bench::figures::table;
use crate::output::Output;

/// What is evaluated, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct SessionsArgs {
    /// Sessions to learn from: CSV or TSV with a header and the columns `session`, `item`, `time`
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
    /// Sessions to ask about, the same way
    #[arg(long, value_name = "FILE")]
    pub test: PathBuf,
    /// Which model answers
    #[arg(long, default_value = "session")]
    pub model: SessionModel,
    /// What the file calls its columns, like `session=…,item=…,time=…`
    #[arg(long, default_value = "", value_parser = Columns::parse, hide_default_value = true)]
    pub columns: Columns,
    /// Write what was answered: session and click, rank, id, score
    #[arg(long, value_name = "OUT.tsv")]
    pub run: Option<PathBuf>,
}

/// Evaluates and prints the figures.
///
/// # Errors
/// When a file cannot be read or says too little to fit the model on.
pub(super) fn run(output: Output, args: &SessionsArgs) -> anyhow::Result<ExitCode> {
    let train = souk_recommend::read(&args.train, "session", &args.columns, Names::default())?;
    let test = souk_recommend::read(&args.test, "session", &args.columns, train.items.clone())?;
    let evaluation =
        |watch: &mut evaluate::Watch<'_>| evaluate::sessions(&train, &test, args.model, watch);
    let figures = watched::evaluate(args.run.as_deref(), "case", &train.items, evaluation)?;
    output.result(&figures, &table(&figures))?;
    Ok(ExitCode::SUCCESS)
}
