//! `souk simulate`: others that a shop speaks with, on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use souk_simulators::{Letters, Simulator};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::accounts;
use crate::output::Output;

/// Whom to simulate.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SimulateCommand {
    /// Payment providers with their wire formats and payment pages, until Ctrl-C
    Payments(PaymentsArgs),
    /// A mail server and Twilio's interface, with a page of what was sent, until Ctrl-C
    Messages(MessagesArgs),
}

/// Where messengers listen.
#[derive(Args, Clone, Debug)]
pub(crate) struct MessagesArgs {
    /// Address of the page and of Twilio's interface
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8091")]
    pub bind: SocketAddr,
    /// Address of the mail server
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2525")]
    pub mail_bind: SocketAddr,
}

/// Where and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct PaymentsArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub bind: SocketAddr,
    /// Seed of every choice
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write a shop's accounts with these providers into this file, for the setting "payments"
    #[arg(long, value_name = "FILE")]
    pub accounts: Option<PathBuf>,
}

/// Simulates until a signal asks to stop.
///
/// # Errors
/// When the address is taken.
pub(crate) async fn run(
    output: Output,
    command: &SimulateCommand,
    stop: CancellationToken,
) -> anyhow::Result<ExitCode> {
    match command {
        SimulateCommand::Payments(args) => payments(output, args, stop).await,
        SimulateCommand::Messages(args) => messages(output, args, stop).await,
    }
}

async fn payments(
    output: Output,
    args: &PaymentsArgs,
    stop: CancellationToken,
) -> anyhow::Result<ExitCode> {
    let (address, serving) = start(args.bind, args.seed, stop).await?;
    if let Some(path) = &args.accounts {
        let text = accounts::simulated_file(address)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let object = json!({ "url": format!("http://{address}") });
    let text = format!(
        "Payment providers at http://{address}/tap, /knet, /checkout_com, /stripe, /tabby and /kaspi. Ctrl-C stops."
    );
    output.result(&object, &text)?;
    serving.await?;
    Ok(ExitCode::SUCCESS)
}

async fn messages(
    output: Output,
    args: &MessagesArgs,
    stop: CancellationToken,
) -> anyhow::Result<ExitCode> {
    let Messages { pages, mail, serving } = start_messages(args.bind, args.mail_bind, stop).await?;
    let object = json!({ "url": format!("http://{pages}"), "smtp": format!("smtp://{mail}") });
    let text = format!(
        "What is sent to smtp://{mail} and, as SMS, to http://{pages} is shown at http://{pages}. Ctrl-C stops."
    );
    output.result(&object, &text)?;
    serving.await?;
    Ok(ExitCode::SUCCESS)
}

/// Messengers that run.
pub(crate) struct Messages {
    /// The page, and Twilio's interface.
    pub(crate) pages: SocketAddr,
    /// The mail server.
    pub(crate) mail: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

/// Takes messages in a task of its own.
///
/// # Errors
/// When an address is taken.
pub(crate) async fn start_messages(
    pages: SocketAddr,
    mail: SocketAddr,
    stop: CancellationToken,
) -> anyhow::Result<Messages> {
    let listen = async |bind: SocketAddr| {
        TcpListener::bind(bind).await.with_context(|| format!("cannot listen on {bind}"))
    };
    let (pages, mail) = (listen(pages).await?, listen(mail).await?);
    let addresses = (pages.local_addr()?, mail.local_addr()?);
    let stopped = async move { stop.cancelled().await };
    let serving =
        tokio::spawn(souk_simulators::serve_letters(pages, mail, Letters::default(), stopped));
    Ok(Messages { pages: addresses.0, mail: addresses.1, serving })
}

/// Listens, and serves in a task of its own.
///
/// # Errors
/// When the address is taken.
pub(crate) async fn start(
    bind: SocketAddr,
    seed: u64,
    stop: CancellationToken,
) -> anyhow::Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    let listener =
        TcpListener::bind(bind).await.with_context(|| format!("cannot listen on {bind}"))?;
    let address = listener.local_addr()?;
    let simulator = Simulator::new(&format!("http://{address}"), seed);
    let now_s = || jiff::Timestamp::now().as_second();
    let stopped = async move { stop.cancelled().await };
    let serving = souk_simulators::serve(listener, simulator, now_s, stopped);
    Ok((address, tokio::spawn(serving)))
}
