//! Questions to a serving child: one at a time, then many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::child::Child;
use super::client::Client;
use super::figures::Times;
use crate::output::Output;

/// Questions before the clock, so that files are mapped and caches are as in a running shop.
const WARM_UP: u64 = 200;
/// Questions that are timed one at a time, at most.
const ALONE_MAX: u64 = 2_000;

/// What is asked, and by whom.
pub(super) struct Question {
    pub path: String,
    pub visitor: String,
}

/// How long and by how many.
#[derive(Clone, Copy)]
pub(super) struct Pressure {
    pub seconds: u64,
    pub clients: u64,
}

/// What was answered under load.
pub(super) struct Load {
    pub times: Times,
    pub errors: u64,
    pub time: Duration,
}

/// What the answers themselves say they took, one question at a time.
///
/// # Errors
/// When one is not answered.
pub(super) async fn alone(
    child: &Child,
    question: &impl Fn(u64) -> Question,
    numbers: &AtomicU64,
    seconds: u64,
) -> anyhow::Result<Times> {
    let mut client = Client::new(child.address);
    let mut times = Times::default();
    let mut deadline = None;
    for place in 0..WARM_UP + ALONE_MAX {
        let (took, _) = one(&mut client, question, numbers).await?;
        if place < WARM_UP {
            continue;
        }
        times.push(took);
        let end = *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(seconds));
        if Instant::now() > end {
            break;
        }
    }
    Ok(times)
}

/// The next question: what its answer says it took, and the answer.
///
/// # Errors
/// When it is not answered.
pub(super) async fn one(
    client: &mut Client,
    question: &impl Fn(u64) -> Question,
    numbers: &AtomicU64,
) -> anyhow::Result<(Duration, Value)> {
    let Question { path, visitor } = question(numbers.fetch_add(1, Ordering::Relaxed));
    let answer = client.get_as(&path, &visitor).await?;
    let body = answer.json();
    let Some(took) = body["took_us"].as_u64().filter(|_| answer.status == 200) else {
        bail!("a question was answered with {}: {body}", answer.status);
    };
    Ok((Duration::from_micros(took), body))
}

/// Asks with all clients until the time is up.
///
/// # Errors
/// When nothing was answered.
pub(super) async fn run<Q>(
    output: Output,
    child: &Child,
    question: &Arc<Q>,
    numbers: &Arc<AtomicU64>,
    pressure: Pressure,
) -> anyhow::Result<Load>
where
    Q: Fn(u64) -> Question + Send + Sync + 'static,
{
    let started = Instant::now();
    let deadline = started + Duration::from_secs(pressure.seconds);
    let bar = output.bar(pressure.seconds, "Asking, seconds");
    let mut clients = JoinSet::new();
    for _ in 0..pressure.clients {
        let client = Client::new(child.address);
        clients.spawn(ask_until(deadline, client, Arc::clone(question), Arc::clone(numbers)));
    }
    let mut load = Load { times: Times::default(), errors: 0, time: Duration::ZERO };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.tick().await;
    loop {
        tokio::select! {
            _ = seconds.tick() => bar.inc(1),
            ended = clients.join_next() => {
                let Some(ended) = ended else { break };
                let (times, errors) = ended?;
                load.times.extend(times);
                load.errors += errors;
            }
        }
    }
    load.time = started.elapsed();
    bar.finish_and_clear();
    if load.times.len() == 0 {
        bail!("nothing was answered under load");
    }
    Ok(load)
}

/// One client: the next question as soon as the one before is answered. Answers times and failures.
async fn ask_until<Q: Fn(u64) -> Question>(
    deadline: Instant,
    mut client: Client,
    question: Arc<Q>,
    numbers: Arc<AtomicU64>,
) -> (Times, u64) {
    let (mut times, mut errors) = (Times::default(), 0);
    while Instant::now() < deadline {
        let Question { path, visitor } = question(numbers.fetch_add(1, Ordering::Relaxed));
        let asked = Instant::now();
        match client.get_as(&path, &visitor).await {
            Ok(answer) if answer.status == 200 => times.push(asked.elapsed()),
            _ => errors += 1,
        }
    }
    (times, errors)
}
