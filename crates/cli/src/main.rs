//! The one binary, `souk`: reads what was typed, runs one command, maps its end to an exit code.
//!
//! Exit codes: 0 done, 1 failed or not true, 2 wrong usage, 130 stopped by Ctrl-C before it was done.

mod accounts;
mod args;
mod commands;
mod config;
mod context;
mod control;
mod following;
mod lock;
mod messengers;
mod output;
mod retraining;
mod signals;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory, Parser};
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, FIRST_STEPS};
use crate::config::Config;
use crate::context::Context;
use crate::output::Output;
use crate::signals::{Interrupt, stop_token};

/// A search makes some thousands of small strings: with the system's allocator a fifth of its time goes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ended by a signal before it was done, as shells count it.
pub(crate) const STOPPED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.global.json, quiet: cli.global.quiet };
    match run(cli, output) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // The reader gets the whole chain: what failed, and why.
            Output { quiet: false, ..output }.note(&format!("souk: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, output: Output) -> anyhow::Result<ExitCode> {
    let Some(command) = cli.command else {
        return output.result(&FIRST_STEPS, FIRST_STEPS).map(|()| ExitCode::SUCCESS);
    };
    let config = Config::load(&cli.global)?;
    let serves = matches!(command, Command::Serve(_));
    start_log(config.log.as_deref().unwrap_or(if serves { "info" } else { "warn" }))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(dispatch(command, config, output));
    // Not waited for: a thread that reads the terminal would keep a stopped command alive.
    runtime.shutdown_background();
    done
}

/// Writes the log to stderr: a line of JSON each, or plain lines where a person watches.
fn start_log(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log is \"{filter}\""))?;
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if std::io::stderr().is_terminal() {
        log.with_target(false).init();
    } else {
        log.json().flatten_event(true).with_span_list(false).init();
    }
    Ok(())
}

async fn dispatch(command: Command, config: Config, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        Command::Openapi => return commands::openapi::run(output),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "souk", &mut std::io::stdout());
            return Ok(ExitCode::SUCCESS);
        }
        // Reads files only.
        Command::Evaluate(command) => return commands::evaluate::run(&config, output, &command),
        // Before the database is opened, which would bring it up to date.
        Command::Doctor => {
            let stop = stop_token(Interrupt::Stops)?;
            let done = stop.run_until_cancelled(commands::doctor::run(&config, output)).await;
            return done.unwrap_or(Ok(STOPPED.into()));
        }
        Command::Simulate(command) => {
            let stop = stop_token(Interrupt::Stops)?;
            return commands::simulate::run(output, &command, stop).await;
        }
        _ => {}
    }
    let child = matches!(command, Command::Psql { .. });
    let stop = stop_token(if child { Interrupt::IsForTheChild } else { Interrupt::Stops })?;
    let context = Context::open(config, output, stop.clone()).await?;
    // These end by being stopped, and put things in order first.
    let serves = matches!(command, Command::Serve(_) | Command::Demo(_) | Command::Bench(_));
    let done = if serves {
        execute(command, &context).await
    } else {
        let done = stop.run_until_cancelled(execute(command, &context)).await;
        done.unwrap_or(Ok(STOPPED.into()))
    };
    context.close().await;
    done
}

async fn execute(command: Command, context: &Context) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => commands::serve::run(context, &args).await,
        Command::Demo(args) => commands::demo::run(context, &args).await,
        Command::Migrate => commands::migrate::run(context).await,
        Command::Import(args) => commands::import::run(context, args).await,
        Command::Export(args) => commands::export::run(context, args).await,
        Command::Search(args) => commands::search::run(context, args).await,
        Command::Train(args) => commands::train::run(context, &args).await,
        Command::Compare(args) => commands::compare::run(context, &args).await,
        Command::Models(command) => commands::models::run(context, &command).await,
        Command::Rules(command) => commands::rules::run(context, command).await,
        Command::Reindex => commands::reindex::run(context).await,
        Command::Verify => commands::verify::run(context).await,
        Command::Bench(command) => commands::bench::run(context, command).await,
        Command::Psql { arguments } => commands::psql::run(context, &arguments).await,
        Command::User(command) => commands::user::run(context, command).await,
        Command::Openapi
        | Command::Doctor
        | Command::Evaluate(_)
        | Command::Simulate(_)
        | Command::Completions { .. } => Ok(ExitCode::SUCCESS),
    }
}

/// Whether the reader of our stdout went away, as `souk … | head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_and_command_is_consistent() {
        Cli::command().debug_assert();
    }
}
