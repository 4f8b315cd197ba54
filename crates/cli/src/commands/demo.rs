//! `souk demo`: a whole shop with real products, ready to be searched.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use souk_commerce::staff::{self, NewStaff, Role};
use souk_commerce::{Conflict, Error};

use crate::commands::demo_data;
use crate::commands::serve::{ServeArgs, Serving, stop_signal};
use crate::context::Context;

/// The demo's one person in the office.
const EMAIL: &str = "demo@souk.example";
/// Printed on start: the demo listens on this machine only.
const PASSWORD: &str = "a-shop-to-look-at";

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

/// Loads what is missing of the demo shop and serves it.
///
/// # Errors
/// When the port is taken or the database refuses.
pub(crate) async fn run(context: &Context, args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    context.output.note("Loading the demo shop: gifts, flowers and a year of sales.");
    demo_data::load_demo_shop(&context.db, context.output).await?;
    add_person(context).await?;
    let bind = Some(SocketAddr::from(([127, 0, 0, 1], args.port)));
    let mut serving = Serving::start(context, &ServeArgs { bind, metrics_bind: None }).await?;
    context.output.note("Filling the search index.");
    serving.following.caught_up(context).await?;
    say_ready(context, serving.address, started)?;
    if !args.exit_when_ready {
        stop_signal().await?;
    }
    serving.stop(context).await;
    Ok(ExitCode::SUCCESS)
}

async fn add_person(context: &Context) -> anyhow::Result<()> {
    let new = NewStaff {
        email: EMAIL.to_owned(),
        name: "Demo".to_owned(),
        password: PASSWORD.to_owned(),
        roles: vec![Role::Admin],
    };
    match staff::add(&context.db, new).await {
        Ok(_) | Err(Error::Conflict(Conflict::StaffEmailTaken)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn say_ready(context: &Context, address: SocketAddr, started: Instant) -> anyhow::Result<()> {
    let seconds = started.elapsed().as_secs_f64();
    let text = format!(
        "\
Ready after {seconds:.1} s.

  Shop in Britain     http://{address}/GB
  Shop in Kuwait      http://{address}/KW?lang=ar
  Shop in Kazakhstan  http://{address}/KZ?lang=ru
  Office              http://{address}/office   {EMAIL} / {PASSWORD}
  API                 http://{address}/docs

Change a price and search again:
  souk psql -c \"update prices set minor = minor + 100 where offer_id = 1\""
    );
    let object = json!({
        "url": format!("http://{address}"), "email": EMAIL, "password": PASSWORD,
        "ready_s": seconds,
    });
    context.output.result(&object, &text)
}
