//! What can be typed: one enum, a variant a command.

use clap::{Parser, Subcommand};

use crate::commands::{
    bench, compare, demo, evaluate, export, import, models, rules, search, serve, simulate, train,
    user,
};
use crate::config::GlobalArgs;

/// Shown by `souk` alone: the commands one needs first.
pub(crate) const FIRST_STEPS: &str = "\
Souk: a shop with search at its heart.

  souk demo               a whole shop with real products, in minutes
  souk serve              serve storefront, office and API
  souk import catalog F   bring your products in
  souk user add           let somebody into the office
  souk psql               a prompt on the shop's database

`souk --help` lists every command.";

/// A commerce engine with search and recommendation at its heart.
#[derive(Parser, Debug)]
#[command(name = "souk", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Every command.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Serve storefront, office and API until Ctrl-C
    Serve(serve::ServeArgs),
    /// Load the demo shop and serve it
    Demo(demo::DemoArgs),
    /// Bring the database's schema up to date
    Migrate,
    /// Bring products, past sales or past events in from a file
    Import(import::ImportArgs),
    /// Write the catalogue to a file
    Export(export::ExportArgs),
    /// Search from the command line
    Search(search::SearchArgs),
    /// Train recommendation models on what the shop remembers, or on a file
    Train(train::TrainArgs),
    /// Ask two models the same, and say whether one is better beyond chance
    Compare(compare::CompareArgs),
    /// List trained models, show, promote and roll back
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// List merchandising rules, or make them what a file says
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Throw the search index away and build it again
    Reindex,
    /// Check that index and columns equal the database, row by row
    Verify,
    /// Look for what stands in the way of a fast and safe shop, with advice
    Doctor,
    /// Say how good the answers are, by files of judgments
    #[command(subcommand)]
    Evaluate(evaluate::EvaluateCommand),
    /// Measure how fast and how fresh search is, on a shop of its own
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Simulate those that a shop speaks with, on this machine
    #[command(subcommand)]
    Simulate(simulate::SimulateCommand),
    /// Open psql on the database in use; arguments are passed on
    #[command(disable_help_flag = true)]
    Psql {
        /// Passed on to psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Manage the people who work in the shop
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}
