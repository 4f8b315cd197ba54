//! What a serving process does besides answering: it writes the logs of searches and recommendations, keeps the popular
//! queries up, frees what unpaid purchases held too long, tells customers what happened, and lets old days go.

use std::time::Duration;

use jiff::Timestamp;
use souk_commerce::{
    carts, customers, events, experiments, notifications, outbox, payments, recommendations,
    searches, writes,
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{AppState, recommender};

/// How often the popular queries are read. With the twelve seconds that typing takes to settle, a newly popular query is
/// suggested some twenty seconds after it was searched.
const POPULAR: Duration = Duration::from_secs(10);

/// How often days that are over their time are looked for.
const FORGET: Duration = Duration::from_secs(3_600);

/// How often payments are looked after, and unpaid purchases whose time is over: what is due then waits at most so long.
const PAYMENTS: Duration = Duration::from_secs(2);

/// How often messages are looked for: a one-time code waits at most so long.
const MESSAGES: Duration = Duration::from_millis(500);

/// Does all of it until stopped.
pub async fn background(app: AppState, stop: CancellationToken) {
    let searches = app.searches.write(&app.db, stop.clone());
    let lists = app.recommender.lists.write(&app.db, stop.clone());
    let others = async {
        let recommender = recommender::keep(&app);
        let (payments, messages) = (tend_payments(&app), send_messages(&app));
        tokio::join!(keep_popular(&app), forget(&app), payments, messages, recommender);
    };
    tokio::join!(searches, lists, stop.run_until_cancelled(others));
}

async fn keep_popular(app: &AppState) {
    let mut popular = searches::Popular::default();
    let mut ticks = interval(POPULAR);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let read = async {
            let mut connection = app.db.acquire().await.map_err(souk_commerce::Error::from)?;
            popular.refresh(&mut connection, Timestamp::now()).await
        };
        match read.await {
            Ok(queries) => app.set_popular(queries),
            Err(error) => tracing::warn!(%error, "the popular queries could not be read"),
        }
    }
}

async fn tend_payments(app: &AppState) {
    let mut ticks = interval(PAYMENTS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = payments::tend(&app.db, &app.gateways, Timestamp::now()).await {
            tracing::warn!(%error, "payments could not be looked after");
        }
    }
}

/// Tells customers what happened, round after round while there is something.
async fn send_messages(app: &AppState) {
    let post = app.post();
    let mut ticks = interval(MESSAGES);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        loop {
            match notifications::tend(&post, Timestamp::now()).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "messages could not be looked after");
                    break;
                }
            }
        }
    }
}

async fn forget(app: &AppState) {
    let mut ticks = interval(FORGET);
    loop {
        ticks.tick().await;
        let drop_days = async {
            let mut connection = app.db.acquire().await.map_err(souk_commerce::Error::from)?;
            let days = searches::forget_old(&mut connection).await?;
            let days = days + events::forget_old(&mut connection).await?;
            let days = days + recommendations::forget_old(&mut connection).await?;
            experiments::forget_old(&mut connection).await?;
            writes::forget_expired(&mut connection).await?;
            outbox::forget_sent(&mut connection).await?;
            carts::forget_old(&mut connection, Timestamp::now()).await?;
            customers::forget_expired(&mut connection, Timestamp::now()).await?;
            notifications::forget_old(&mut connection, Timestamp::now()).await?;
            Ok::<_, souk_commerce::Error>(days)
        };
        match drop_days.await {
            Ok(0) => {}
            Ok(days) => tracing::info!(days, "old days of searches and events are dropped"),
            Err(error) => tracing::warn!(%error, "old searches and events could not be dropped"),
        }
    }
}
