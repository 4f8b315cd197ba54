//! What `/metrics` shows of feed and slots.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use metrics::gauge;
use souk_base::Position;

use super::Slot;

/// What PostgreSQL says of the log that a slot needs.
const WAL_STATUSES: [&str; 4] = ["reserved", "extended", "unreserved", "lost"];

/// How far search has come, and how old the oldest change is that it does not have.
#[expect(clippy::cast_precision_loss, reason = "a gauge of bytes")]
pub(super) fn feed(position: Position, behind: Duration) {
    gauge!("souk_feed_position").set(position.0 as f64);
    gauge!("souk_feed_seconds_behind").set(behind.as_secs_f64());
}

/// How long ago the index in this directory was committed; nothing is shown before its first commit.
pub(super) fn index(dir: &Path) {
    let committed = std::fs::metadata(dir.join("meta.json")).and_then(|file| file.modified());
    if let Some(age) = committed.ok().and_then(|at| at.elapsed().ok()) {
        gauge!("souk_index_commit_age_seconds").set(age.as_secs_f64());
    }
}

/// The slots that have gauges: a gauge cannot be taken back, so one of a slot that is gone is set to zero.
#[derive(Debug, Default)]
pub(super) struct Gauges(BTreeSet<String>);

impl Gauges {
    pub(super) fn slots(&mut self, slots: &[Slot]) {
        let gone: Vec<String> = {
            let is_there = |name: &String| slots.iter().any(|slot| slot.name == *name);
            self.0.iter().filter(|name| !is_there(name)).cloned().collect()
        };
        for name in gone {
            set(&name, None);
        }
        for slot in slots {
            set(&slot.name, Some(slot));
            self.0.insert(slot.name.clone());
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of bytes")]
fn set(name: &str, slot: Option<&Slot>) {
    let named = || [("slot", name.to_owned())];
    let retained = slot.map_or(0, |slot| slot.retained_bytes);
    gauge!("souk_slot_retained_bytes", &named()).set(retained as f64);
    let is_active = slot.is_some_and(|slot| slot.is_active);
    gauge!("souk_slot_active", &named()).set(f64::from(u8::from(is_active)));
    // Without a limit nothing is lost, however much is written.
    let safe = slot.map_or(Some(0), |slot| slot.safe_bytes);
    gauge!("souk_slot_safe_wal_bytes", &named())
        .set(safe.map_or(f64::INFINITY, |bytes| bytes as f64));
    for status in WAL_STATUSES {
        let is_so = slot.is_some_and(|slot| slot.wal_status == status);
        let labels = [("slot", name.to_owned()), ("status", status.to_owned())];
        gauge!("souk_slot_wal_status", &labels).set(f64::from(u8::from(is_so)));
    }
}
