//! `souk evaluate`: how good the answers are, on files of judgments; no shop and no database needed.

mod catalog;
mod file;
mod search;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;
use crate::output::Output;

/// What can be evaluated.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum EvaluateCommand {
    /// Search, by products that people judged for queries
    Search(search::SearchArgs),
}

/// Evaluates, in an index of its own below the data folder that is removed at the end.
///
/// # Errors
/// When a file cannot be read or says nothing that can be evaluated.
pub(crate) fn run(
    config: &Config,
    output: Output,
    command: &EvaluateCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        EvaluateCommand::Search(args) => search::run(config, output, args),
    }
}
