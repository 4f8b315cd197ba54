//! Nightly training: once a day, by one of the instances that share a database, exactly as `souk train` does by hand.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use metrics::counter;
use serde_json::Value;
use souk_commerce::Db;
use souk_commerce::models::nightly::{self, Daily, TRAINING_MAX};
use tokio_util::sync::CancellationToken;

use crate::commands::train::{Whereabouts, in_child};
use crate::context::Context;

/// How often it is looked whether a training waits that another instance gave back.
const LOOK: Duration = Duration::from_secs(15);

/// Trainings by how they ended.
const TRAININGS: &str = "souk_trainings_total";

/// Who trains, and when.
pub(crate) struct Retraining {
    db: Db,
    shop: Whereabouts,
    daily: Daily,
}

impl Retraining {
    /// At this local time of every day.
    pub(crate) fn at(time: Time, context: &Context) -> Retraining {
        let daily = Daily { time, zone: TimeZone::system() };
        Retraining { db: context.db.clone(), shop: Whereabouts::of(context), daily }
    }

    /// Trains night after night until stopped.
    pub(crate) async fn keep(self, stop: CancellationToken) {
        // So that both are seen before the first night.
        counter!(TRAININGS, "ended" => "done").increment(0);
        counter!(TRAININGS, "ended" => "failed").increment(0);
        while !stop.is_cancelled() {
            if let Err(error) = self.tend(&stop).await {
                tracing::warn!(%error, "the nightly training could not be looked after");
            }
            let now = Timestamp::now();
            let until = Duration::try_from(self.daily.next(now).duration_since(now));
            let pause = tokio::time::sleep(until.map_or(LOOK, |until| until.min(LOOK)));
            stop.run_until_cancelled(pause).await;
        }
    }

    /// Trains if it is time and nobody else does.
    async fn tend(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let Some(job) = nightly::due(&self.db, &self.daily, Timestamp::now()).await? else {
            return Ok(());
        };
        tracing::info!(attempt = job.attempts, "the nightly training begins");
        let longest = Duration::try_from(TRAINING_MAX)?;
        let training = tokio::time::timeout(longest, in_child(&self.shop, &[]));
        let failure = match stop.run_until_cancelled(training).await {
            Some(Ok(Ok(report))) => {
                tell(&report);
                counter!(TRAININGS, "ended" => "done").increment(1);
                return Ok(nightly::done(&self.db, &job, &self.daily, Timestamp::now()).await?);
            }
            Some(Ok(Err(error))) => format!("{error:#}"),
            Some(Err(_)) => format!("it took longer than {TRAINING_MAX:#}"),
            // Whoever serves next goes on with it.
            None => "the process was stopped".to_owned(),
        };
        tracing::error!(attempt = job.attempts, failure, "the nightly training failed");
        counter!(TRAININGS, "ended" => "failed").increment(1);
        Ok(nightly::failed(&self.db, &job, &failure, Timestamp::now()).await?)
    }
}

/// Says what became of each model.
fn tell(report: &Value) {
    let models = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    for done in models("trained") {
        let (model, market) = (done["model"].as_str(), done["market"].as_str());
        let (version, verdict) = (done["version"].as_str(), done["verdict"].as_str());
        let promoted = done["promoted"].as_bool();
        tracing::info!(model, market, version, verdict, promoted, "a model was trained");
    }
    for left in models("left") {
        let (model, market) = (left["model"].as_str(), left["market"].as_str());
        tracing::info!(model, market, why = left["why"].as_str(), "a model was left");
    }
}
