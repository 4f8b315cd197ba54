//! `souk demo`: a whole shop with real products, ready to be searched.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use serde_json::json;
use souk_commerce::checkout::Limits;
use souk_commerce::models;
use souk_commerce::staff::{self, NewStaff, Role};
use souk_commerce::{Conflict, Error, customers};

use crate::STOPPED;
use crate::commands::serve::{Doors, Outside, ServeArgs, Serving};
use crate::commands::train::{Whereabouts, in_child};
use crate::commands::{demo_data, simulate};
use crate::context::Context;
use crate::{accounts, messengers};

/// The demo's one person in the office.
const EMAIL: &str = "demo@souk.example";
/// Printed on start: the demo listens on this machine only.
const PASSWORD: &str = "a-shop-to-look-at";

/// Something to try: it is among the first hits for "christmas lights".
const CHANGE_A_PRICE: &str = "update prices set minor = 99, list_minor = null where offer_id in \
    (select offers.id from offers join products on products.id = product_id \
    where slug = 'christmas-lights-10-reindeer')";

/// How to show the demo.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArgs {
    /// Port of pages and API on this machine
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// End with 0 as soon as the shop answers
    #[arg(long)]
    pub exit_when_ready: bool,
}

/// Wide, so that whoever tries the demo out can go on trying.
const LIMITS: Limits = Limits { phone: 20, visitor: 1_000, address: 20, network: 1_000 };

/// As wide.
const DOOR_LIMITS: customers::Limits =
    customers::Limits { codes_contact: 60, codes_network: 10_000, log_ins_network: 10_000 };

/// Loads what is missing of the demo shop and serves it.
///
/// # Errors
/// When the port is taken or the database refuses.
pub(crate) async fn run(context: &Context, args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let bind = Some(SocketAddr::from(([127, 0, 0, 1], args.port)));
    let doors = Doors::open(context, &ServeArgs { bind, metrics_bind: None }).await?;
    context.output.note("Loading the demo shop: gifts, flowers and a year of sales.");
    let Some(loaded) = context.stop.run_until_cancelled(load(context)).await else {
        return Ok(STOPPED.into());
    };
    loaded?;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    // Another seed at every start: the database remembers the payments of the one before by their numbers.
    let seed = u64::from(rand::random::<u32>());
    let (simulators, _) = simulate::start(anywhere, seed, context.stop.clone()).await?;
    let gateways = accounts::simulated(simulators, &doors.site(context)?)?;
    let messages = simulate::start_messages(anywhere, anywhere, context.stop.clone()).await?;
    let messengers = messengers::simulated(messages.pages, messages.mail)?;
    let outside = Outside { gateways, messengers, limits: LIMITS, door_limits: DOOR_LIMITS };
    let mut serving = Serving::start(context, doors, outside).await?;
    context.output.note("Filling the search index.");
    let filled = context.stop.run_until_cancelled(serving.following.caught_up(context)).await;
    if let Some(filled) = filled {
        filled?;
        say_ready(context, serving.address, messages.pages, started)?;
        if !args.exit_when_ready {
            context.stop.run_until_cancelled(train(context)).await;
            context.stop.cancelled().await;
        }
    }
    serving.stop(context).await;
    Ok(ExitCode::SUCCESS)
}

async fn load(context: &Context) -> anyhow::Result<()> {
    demo_data::load_demo_shop(&context.db, context.output).await?;
    add_person(context).await
}

/// Has recommendations learn from the past sales while the shop is looked at already; until then the most popular are shown.
async fn train(context: &Context) {
    match try_train(context).await {
        Ok(false) => {}
        Ok(true) => context.output.note("Recommendations have learnt from the past sales."),
        Err(error) => {
            context.output.note(&format!("Recommendations go without trained models: {error:#}"));
        }
    }
}

/// Trains small models in a child process, unless some serve already.
async fn try_train(context: &Context) -> anyhow::Result<bool> {
    if !models::serving(&mut *context.db.acquire().await?).await?.is_empty() {
        return Ok(false);
    }
    let report = in_child(&Whereabouts::of(context), &["--small"]).await?;
    let trained = report["trained"].as_array().is_some_and(|models| !models.is_empty());
    ensure!(trained, "nothing could be trained");
    Ok(true)
}

async fn add_person(context: &Context) -> anyhow::Result<()> {
    let new = NewStaff {
        email: EMAIL.to_owned(),
        name: "Demo".to_owned(),
        password: PASSWORD.to_owned(),
        roles: vec![Role::Admin],
    };
    match staff::add(&context.db, new, None).await {
        Ok(_) | Err(Error::Conflict(Conflict::StaffEmailTaken)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn say_ready(
    context: &Context,
    address: SocketAddr,
    messages: SocketAddr,
    started: Instant,
) -> anyhow::Result<()> {
    let seconds = started.elapsed().as_secs_f64();
    let text = format!(
        "\
Ready after {seconds:.1} s.

  Shop in Britain     http://{address}/GB
  Shop in Kuwait      http://{address}/KW?lang=ar
  Shop in Kazakhstan  http://{address}/KZ?lang=ru
  Office              http://{address}/office   {EMAIL} / {PASSWORD}
  Messages            http://{messages}   where codes and mail end that the shop sends
  API                 http://{address}/docs

Change a price, then search for \"christmas lights\" in Britain again:
  {souk} psql --data {data} -c \"{CHANGE_A_PRICE}\"",
        souk = std::env::current_exe()?.display(),
        data = context.config.data.display(),
    );
    let object = json!({
        "url": format!("http://{address}"), "email": EMAIL, "password": PASSWORD,
        "messages": format!("http://{messages}"), "ready_s": seconds,
    });
    context.output.result(&object, &text)
}
