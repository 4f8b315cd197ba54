//! Which item comes next, asked after every click of every session.

use std::str::FromStr;
use std::time::Instant;

use linfa::DatasetBase;
use linfa::traits::Fit;
use serde_json::{Value, json};

use super::{LIST_MAX, SEED, Watch, figure};
use crate::error::{Error, Result};
use crate::metrics::{bootstrap, hit, reciprocal_rank};
use crate::models::session::{Scratch, Session};
use crate::read::Log;

/// Models that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionModel {
    /// Neighbours and successors, their parameters chosen on the latest training sessions.
    Session,
    /// The same with the parameters as they come.
    Untuned,
}

impl SessionModel {
    /// All of them, by name.
    const NAMES: [(&'static str, SessionModel); 2] =
        [("session", SessionModel::Session), ("session-untuned", SessionModel::Untuned)];
}

impl FromStr for SessionModel {
    type Err = Error;

    fn from_str(name: &str) -> Result<SessionModel> {
        super::named(name, &SessionModel::NAMES)
    }
}

/// Fits on one log and asks about the other, whose items are numbered as those of the first.
///
/// Items that training does not know are left out of the test's sessions.
///
/// # Errors
/// When the model cannot be fitted.
pub fn sessions(
    train: &Log,
    test: &Log,
    model: SessionModel,
    watch: &mut Watch<'_>,
) -> Result<Value> {
    let started_s = (watch.cpu_s)();
    let params = match model {
        SessionModel::Session => Session::params().tuned(&train.events)?,
        SessionModel::Untuned => Session::params(),
    };
    let fitted = params.fit(&DatasetBase::new(train.events.clone(), ()))?;
    let fit_cpu_s = (watch.cpu_s)() - started_s;
    let known = train.events.item_count();
    let mut scratch = Scratch::default();
    let (mut hits, mut ranks, mut times_us) = (Vec::new(), Vec::new(), Vec::new());
    for session in 0..test.events.user_count() {
        let rows = test.events.of(session).iter().filter(|row| (row.item as usize) < known);
        let (clicks, times_ms): (Vec<u32>, Vec<i64>) =
            rows.map(|row| (row.item, row.time_ms)).unzip();
        for next in 1..clicks.len() {
            let asked = Instant::now();
            let list = fitted.next(&clicks[..next], times_ms[next - 1], LIST_MAX, &mut scratch);
            times_us.push(asked.elapsed().as_secs_f64() * 1e6);
            (watch.answered)(
                &format!("{}:{next}", test.users.name(crate::numbers::index(session))),
                &list,
            );
            let list: Vec<u32> = list.iter().map(|it| it.item).collect();
            hits.push(hit(&list, &[clicks[next]], 20));
            ranks.push(reciprocal_rank(&list, &[clicks[next]], 20));
        }
    }
    times_us.sort_by(f64::total_cmp);
    let percentile =
        |percent: usize| times_us.get((times_us.len() * percent).div_ceil(100).max(1) - 1);
    let (hits, ranks) = (bootstrap(&hits, SEED), bootstrap(&ranks, SEED));
    Ok(json!({
        "predictions": times_us.len(),
        "hr_at_20": figure(hits.mean),
        "hr_at_20_low": figure(hits.low),
        "hr_at_20_high": figure(hits.high),
        "mrr_at_20": figure(ranks.mean),
        "mrr_at_20_low": figure(ranks.low),
        "mrr_at_20_high": figure(ranks.high),
        "p50_us": percentile(50).map(|time| figure(*time)),
        "p99_us": percentile(99).map(|time| figure(*time)),
        "fit_cpu_s": figure(fit_cpu_s),
    }))
}
