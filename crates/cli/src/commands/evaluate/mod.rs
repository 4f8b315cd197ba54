//! `souk evaluate`: how good answers are, on files of judgments or of what people did; no shop and no
//! database needed.

mod baskets;
mod catalog;
mod file;
mod interactions;
mod personal;
mod run_file;
mod search;
mod sessions;
mod watched;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;
use crate::output::Output;

/// What can be evaluated.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum EvaluateCommand {
    /// Search, by products that people judged for queries
    Search(search::SearchArgs),
    /// Recommendations for users, by what they took after a moment
    Interactions(interactions::InteractionsArgs),
    /// Personalised search, by what users bought after a moment and what they had before
    Personal(personal::PersonalArgs),
    /// Completed baskets, by a hidden line of each
    Baskets(baskets::BasketsArgs),
    /// The next item of sessions, asked after every click
    Sessions(sessions::SessionsArgs),
}

/// Evaluates; search in an index of its own below the data folder, removed at the end.
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
        EvaluateCommand::Interactions(args) => interactions::run(output, args),
        EvaluateCommand::Personal(args) => personal::run(config, output, args),
        EvaluateCommand::Baskets(args) => baskets::run(output, args),
        EvaluateCommand::Sessions(args) => sessions::run(output, args),
    }
}
