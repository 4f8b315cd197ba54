//! Who follows the change stream, and which replication slots nobody needs any more.
//!
//! A slot makes PostgreSQL keep its log until somebody reads it, so an instance that never comes back fills
//! the disk of the database. Each instance therefore writes a heartbeat into `instances` (owned here), and
//! whichever gets the lock first drops what the dead left behind. An instance that does come back finds its
//! slot gone and fills its index anew.
//!
//! **Invariants**: only slots of this database named `souk_<instance>_<schema hash>` are ever dropped, never
//! one in use, never one's own; each drop is logged with its reason.

mod gauges;
mod history;
mod lag;
mod sql;

use std::path::PathBuf;
use std::time::Duration;

use souk_commerce::Db;
use sqlx::Connection;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::gauges::Gauges;
pub(crate) use self::history::go_on;
use self::lag::Lag;
use self::sql::Heartbeat;
pub(crate) use self::sql::slots;
use crate::follow::own_connection;
use crate::{Config, Phase, Result, Status};

/// How often the end of the log is measured.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);
/// How often an instance is heard of.
const BEAT_INTERVAL: Duration = Duration::from_secs(10);
/// How often left-over slots are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
/// Longest wait for PostgreSQL; what it did not take is said again soon.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// An instance that was heard of this recently may still be at a fill.
const RECENT_S: i64 = 60;
/// Characters of the schema hash in a slot's name.
const HASH_LENGTH: usize = 8;

/// When a slot that nobody reads may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotLimits {
    /// Its instance was not heard of for this long.
    pub unseen: Duration,
    /// It keeps this much of the log.
    pub retained_bytes: u64,
}

impl Default for SlotLimits {
    fn default() -> Self {
        SlotLimits { unseen: Duration::from_hours(1), retained_bytes: 1 << 30 }
    }
}

/// A replication slot of this database, and its instance where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Whether somebody reads it now.
    pub is_active: bool,
    /// `reserved`, `extended`, `unreserved` or `lost`.
    pub wal_status: String,
    /// Log that PostgreSQL keeps for it.
    pub retained_bytes: i64,
    /// Log that may still be written before it is lost; none without a limit.
    pub safe_bytes: Option<i64>,
    /// The instance it is named after, if that has ever been heard of.
    pub instance: Option<String>,
    /// The slot that instance follows now.
    pub instance_slot: Option<String>,
    /// What the instance was doing when last heard of.
    pub phase: Option<String>,
    /// Seconds since then.
    pub unseen_s: Option<i64>,
}

/// Why a slot was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("this instance follows on another slot now")]
    Superseded,
    #[error("its instance was not heard of for {0} seconds")]
    Unseen(i64),
    #[error("nobody reads it and it keeps {0} bytes of the log")]
    Retains(i64),
}

/// Tells the database every ten seconds that this instance lives, keeps the gauges of feed and slots, and
/// drops slots that nobody needs, until stopped. Failures are logged and tried again.
///
/// # Errors
/// [`crate::Error::Instance`] for a name that cannot be part of a slot's.
pub async fn stay_registered(
    config: Config,
    host: String,
    limits: SlotLimits,
    db: Db,
    status: watch::Receiver<Status>,
    stop: CancellationToken,
) -> Result<()> {
    let slot = config.slot_name()?;
    let (id, index_dir) = (config.instance, config.index_dir);
    let mut registrar = Registrar { id, slot, index_dir, host, limits, db, status };
    let (mut lag, mut gauges) = (Lag::default(), Gauges::default());
    let (mut last_beat, mut last_sweep) = (None::<Instant>, None::<Instant>);
    let is_due = |last: Option<Instant>, every| last.is_none_or(|last| last.elapsed() >= every);
    let mut failing = false;
    let mut ticks = interval(MEASURE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let mut outcome = registrar.measure(&mut lag).await;
        if outcome.is_ok() && is_due(last_beat, BEAT_INTERVAL) {
            outcome = registrar.beat(last_beat.is_none(), &mut gauges).await;
            last_beat = outcome.is_ok().then(Instant::now).or(last_beat);
        }
        if outcome.is_ok() && is_due(last_sweep, SWEEP_INTERVAL) {
            last_sweep = Some(Instant::now());
            outcome = registrar.sweep().await;
        }
        if let (Err(error), false) = (&outcome, failing) {
            warn!(instance = registrar.id, "the instance could not be registered: {error}");
        }
        failing = outcome.is_err();
    }
    Ok(())
}

/// One instance, as it speaks of itself.
struct Registrar {
    id: String,
    slot: String,
    index_dir: PathBuf,
    host: String,
    limits: SlotLimits,
    db: Db,
    status: watch::Receiver<Status>,
}

impl Registrar {
    /// Measures how old the oldest change is that search does not have.
    async fn measure(&mut self, lag: &mut Lag) -> Result<()> {
        let end = self.end().await;
        let now = Instant::now();
        if let Ok(end) = end {
            lag.measured(end, now);
        }
        let position = self.status.borrow().position;
        gauges::feed(position, lag.behind(position, now));
        gauges::index(&self.index_dir);
        end.map(drop)
    }

    async fn end(&self) -> Result<souk_base::Position> {
        let end = timeout(ANSWER_MAX, async {
            souk_commerce::position(&mut *self.db.acquire().await?).await
        });
        Ok(end.await.map_err(|_| sqlx::Error::PoolTimedOut)??)
    }

    async fn beat(&self, is_first: bool, gauges: &mut Gauges) -> Result<()> {
        let status = self.status.borrow().clone();
        let schema_hash = souk_search::schema_hash();
        let heartbeat = Heartbeat {
            id: &self.id,
            slot: &self.slot,
            host: &self.host,
            version: env!("CARGO_PKG_VERSION"),
            schema_hash: &schema_hash,
            phase: phase(&status.phase),
            position: status.position.to_string(),
            bytes_behind: i64::try_from(status.bytes_behind).unwrap_or(i64::MAX),
            is_first,
        };
        let said = timeout(ANSWER_MAX, async {
            let mut connection = self.db.acquire().await?;
            let beats = sql::beat(&mut connection, &heartbeat).await?;
            Ok::<_, sqlx::Error>((beats, slots(&mut connection).await?))
        });
        let (beats, slots) = said.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        gauges.slots(&slots);
        history::remember(&self.index_dir, beats)
    }

    /// Drops the slots that nobody needs, unless another instance is at it.
    async fn sweep(&self) -> Result<()> {
        let swept = timeout(ANSWER_MAX, async {
            let mut connection = own_connection(&self.db).await?;
            let mut transaction = connection.begin().await?;
            if sql::is_mine_to_sweep(&mut transaction).await? {
                for slot in slots(&mut transaction).await? {
                    if let Some(reason) = self.reason_to_drop(&slot) {
                        sql::drop_slot(&mut transaction, &slot.name).await?;
                        report(&slot, reason);
                    }
                }
                sql::forget(&mut transaction).await?;
            }
            Ok(transaction.commit().await?)
        });
        swept.await.map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    fn reason_to_drop(&self, slot: &Slot) -> Option<Reason> {
        if slot.is_active || slot.name == self.slot || !is_an_instances(&slot.name) {
            return None;
        }
        if slot.instance.as_ref() == Some(&self.id) {
            let follows = self.status.borrow().phase == Phase::Following;
            return follows.then_some(Reason::Superseded);
        }
        let unseen_s = slot.unseen_s.unwrap_or_default();
        // A slot is made before the fill that it is for, and is in use only after it.
        let is_filling = slot.phase.as_deref() == Some("filling")
            && slot.instance_slot.as_ref() == Some(&slot.name)
            && unseen_s < RECENT_S;
        if is_filling {
            return None;
        }
        let exceeds =
            |value: i64, limit: u64| u64::try_from(value).is_ok_and(|value| value > limit);
        if exceeds(unseen_s, self.limits.unseen.as_secs()) {
            return Some(Reason::Unseen(unseen_s));
        }
        let retained = slot.retained_bytes;
        exceeds(retained, self.limits.retained_bytes).then_some(Reason::Retains(retained))
    }
}

fn report(slot: &Slot, reason: Reason) {
    info!(
        slot = slot.name,
        instance = slot.instance.as_deref().unwrap_or("unknown"),
        wal_status = slot.wal_status,
        retained_bytes = slot.retained_bytes,
        "dropped a replication slot: {reason}"
    );
}

/// Whether a slot is named as instances name theirs: `souk_<instance>_<schema hash>`.
pub(crate) fn is_an_instances(name: &str) -> bool {
    let inner = name.strip_prefix("souk_").and_then(|rest| rest.rsplit_once('_'));
    inner.is_some_and(|(instance, hash)| {
        let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        !instance.is_empty() && hash.len() == HASH_LENGTH && hash.bytes().all(is_hexadecimal)
    })
}

/// A phase as `instances` names it.
fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waiting",
        Phase::Filling { .. } => "filling",
        Phase::Following => "following",
        Phase::Reconnecting { .. } => "reconnecting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "souk_here_00000001";

    fn registrar(own_phase: Phase) -> Registrar {
        let (_, status) = watch::channel(Status { phase: own_phase, ..Status::default() });
        let db = Db::connect_lazy("postgres://nobody@localhost/nowhere").unwrap();
        let limits = SlotLimits { unseen: Duration::from_secs(100), retained_bytes: 1_000 };
        let (id, slot, index_dir, host) =
            ("here".into(), OWN.into(), PathBuf::new(), String::new());
        Registrar { id, slot, index_dir, host, limits, db, status }
    }

    fn slot(name: &str) -> Slot {
        Slot {
            name: name.to_owned(),
            is_active: false,
            wal_status: "reserved".to_owned(),
            retained_bytes: 0,
            safe_bytes: None,
            instance: Some("there".to_owned()),
            instance_slot: Some(name.to_owned()),
            phase: Some("following".to_owned()),
            unseen_s: Some(1),
        }
    }

    #[tokio::test]
    async fn slots_of_the_dead_and_of_the_greedy_go_and_nothing_else() {
        let there = slot("souk_there_0000000a");
        let unseen = Slot { unseen_s: Some(101), ..there.clone() };
        let greedy = Slot { retained_bytes: 1_001, ..there.clone() };
        let filling = Slot { phase: Some("filling".to_owned()), ..greedy.clone() };
        let unknown = Slot { instance: None, instance_slot: None, phase: None, ..greedy.clone() };
        let cases = [
            (there.clone(), None),
            (unseen.clone(), Some(Reason::Unseen(101))),
            (greedy.clone(), Some(Reason::Retains(1_001))),
            (unknown, Some(Reason::Retains(1_001))),
            (filling.clone(), None),
            (Slot { unseen_s: Some(101), ..filling }, Some(Reason::Unseen(101))),
            (Slot { is_active: true, ..unseen.clone() }, None),
            (Slot { name: "souk_theirs".to_owned(), ..greedy.clone() }, None),
            (Slot { name: "debezium_0000000a".to_owned(), ..greedy.clone() }, None),
            (Slot { name: OWN.to_owned(), ..greedy }, None),
        ];

        for (slot, expected) in cases {
            assert_eq!(registrar(Phase::Following).reason_to_drop(&slot), expected, "{slot:?}");
        }
    }

    #[tokio::test]
    async fn an_older_slot_of_ones_own_goes_once_the_new_one_is_followed() {
        let old = Slot { instance: Some("here".to_owned()), ..slot("souk_here_00000000") };

        assert_eq!(registrar(Phase::Waiting).reason_to_drop(&old), None);
        assert_eq!(registrar(Phase::Following).reason_to_drop(&old), Some(Reason::Superseded));
    }

    #[test]
    fn only_names_of_instances_are_taken_for_theirs() {
        for ours in ["souk_a_0123abcd", "souk_shop_1_00000000"] {
            assert!(is_an_instances(ours), "{ours}");
        }
        for foreign in ["souk_0123abcd", "souk__0123abcd", "souk_a_0123abc", "souk_a_0123abcg", "x"]
        {
            assert!(!is_an_instances(foreign), "{foreign}");
        }
    }
}
