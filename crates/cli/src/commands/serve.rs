//! `souk serve`: storefront, office and API, until Ctrl-C or SIGTERM.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;
use souk_api::{App, AppState, Limits};
use souk_commerce::notifications::Messengers;
use souk_commerce::payments::Gateways;
use souk_commerce::{checkout, customers};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts;
use crate::commands::{search, verify};
use crate::context::Context;
use crate::control::{self, Question};
use crate::following::Following;
use crate::messengers;
use crate::retraining::Retraining;

/// How to serve.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServeArgs {
    /// Address of pages and API [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<SocketAddr>,
    /// Address of /metrics [default: the port after --bind's]
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_bind: Option<SocketAddr>,
}

/// Serves until a signal asks to stop.
///
/// # Errors
/// When an address is taken, or the data folder cannot be written.
pub(crate) async fn run(context: &Context, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let doors = Doors::open(context, args).await?;
    let gateways = accounts::read(context.config.payments.as_deref(), &doors.site(context)?)?;
    let messengers = messengers::read(context.config.notifications.as_deref())?;
    let outside = Outside { gateways, messengers, ..Outside::default() };
    let serving = Serving::start(context, doors, outside).await?;
    context.output.note(&format!("Serving at http://{}. Ctrl-C stops.", serving.address));
    context.stop.cancelled().await;
    serving.stop(context).await;
    Ok(ExitCode::SUCCESS)
}

/// The addresses a server listens on, taken before any long work so that a taken one is noticed at once.
pub(crate) struct Doors {
    pages: TcpListener,
    metrics: TcpListener,
}

impl Doors {
    /// Takes both addresses. Without a wish the metrics get the next port, or any when that is taken.
    ///
    /// # Errors
    /// When a wished address is taken.
    pub(crate) async fn open(context: &Context, args: &ServeArgs) -> anyhow::Result<Doors> {
        let bind = args.bind.unwrap_or(context.config.bind);
        let pages = listen(bind).await?;
        let address = pages.local_addr()?;
        let metrics = match args.metrics_bind.or(context.config.metrics_bind) {
            Some(wished) => listen(wished).await?,
            None => {
                let next = SocketAddr::new(address.ip(), address.port().wrapping_add(1));
                match TcpListener::bind(next).await {
                    Ok(listener) => listener,
                    Err(_) => listen(SocketAddr::new(address.ip(), 0)).await?,
                }
            }
        };
        Ok(Doors { pages, metrics })
    }

    /// Where shoppers and payment providers reach the shop.
    ///
    /// # Errors
    /// When the listener is gone.
    pub(crate) fn site(&self, context: &Context) -> anyhow::Result<String> {
        match &context.config.site {
            Some(site) => Ok(site.clone()),
            None => Ok(format!("http://{}", self.pages.local_addr()?)),
        }
    }
}

/// Others that a shop speaks with, and how much strangers may do.
pub(crate) struct Outside {
    /// Accounts at payment providers.
    pub(crate) gateways: Gateways,
    /// Who carries messages.
    pub(crate) messengers: Messengers,
    /// How many unpaid purchases somebody may have.
    pub(crate) limits: checkout::Limits,
    /// How many codes and log-ins may be tried.
    pub(crate) door_limits: customers::Limits,
}

impl Default for Outside {
    /// Nobody, and what suits a shop.
    fn default() -> Outside {
        Outside {
            gateways: Gateways::none(),
            messengers: Messengers::none(),
            limits: checkout::Limits::default(),
            door_limits: customers::Limits::default(),
        }
    }
}

/// A running server: HTTP, metrics, control door and the engine that follows the database.
pub(crate) struct Serving {
    /// Where pages and API are.
    pub address: SocketAddr,
    /// The engine and how fresh it is.
    pub following: Following,
    app: AppState,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Serving {
    /// Opens for everybody and begins to follow the database; `/readyz` tells when it is filled.
    ///
    /// # Errors
    /// When another process serves this data folder, or it cannot be written.
    pub(crate) async fn start(
        context: &Context,
        doors: Doors,
        outside: Outside,
    ) -> anyhow::Result<Serving> {
        let (address, site) = (doors.pages.local_addr()?, doors.site(context)?);
        let following = Following::start(context)?;
        let secret = context.secret()?;
        let app = App::new(context.db.clone(), following.engine.clone(), &secret)
            .with_gateways(outside.gateways)
            .with_messengers(outside.messengers, &site)
            .with_media(context.media()?)
            .with_limits(outside.limits)
            .with_door_limits(outside.door_limits)
            .with_origins(context.config.cors_origins.clone());
        let app = Arc::new(app);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let pages = souk_api::router(app.clone()).merge(souk_web::router(app.clone()));
        let pages = souk_api::with_layers(pages, &app);
        tasks.spawn(souk_api::serve(doors.pages, pages, Limits::default(), stop.clone()));
        let metrics = souk_api::metrics_router(&app);
        tasks.spawn(souk_api::serve(doors.metrics, metrics, Limits::default(), stop.clone()));
        tasks.spawn(souk_api::background(app.clone(), stop.clone()));
        if let Some(time) = context.config.retrain_at {
            tasks.spawn(Retraining::at(time, context).keep(stop.clone()));
        }
        open_door(context, &app, &following, &stop).await?;
        tasks.close();
        Ok(Serving { address, following, app, tasks, stop })
    }

    /// Lets requests finish, then ends following, so that the index has all they saw.
    pub(crate) async fn stop(self, context: &Context) {
        context.output.note("Stopping: letting requests finish.");
        self.stop.cancel();
        self.tasks.wait().await;
        if let Err(error) = self.app.flush().await {
            tracing::warn!(%error, "the last searches could not be logged");
        }
        self.following.stop().await;
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address or port"))
}

/// Answers the questions of other `souk` processes on the same data folder.
async fn open_door(
    context: &Context,
    app: &AppState,
    following: &Following,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let (app, reindex) = (app.clone(), following.reindex.clone());
    control::listen(&context.config.data, stop.clone(), move |question| {
        answer(app.clone(), reindex.clone(), question)
    })
    .await
}

async fn answer(
    app: AppState,
    reindex: mpsc::Sender<()>,
    question: Question,
) -> anyhow::Result<Value> {
    match question {
        Question::Verify => verify::compare(&app.db, &app.engine).await,
        Question::Reindex => {
            // A full channel means that a new index was asked for already.
            let asked = reindex.try_send(()).is_ok();
            Ok(serde_json::json!({ "asked": asked }))
        }
        Question::Search { market, text, lang, limit, explain } => {
            let request = search::request(&market, text, lang.as_deref(), limit, explain)?;
            search::answer(&app, &request).await
        }
    }
}
