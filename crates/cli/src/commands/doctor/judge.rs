//! What is fine, what is not, and what to do about it.

use std::time::Duration;

use indicatif::{HumanBytes, HumanDuration};
use souk_feed::{Instance, Server, Slot, Survey};

use super::Check;

/// The oldest PostgreSQL that publishes columns.
const VERSION_MIN: i32 = 150_000;
/// Log that a slot may keep: less is lost in an ordinary night, more fills ordinary disks.
const SLOT_KEEP_MB: std::ops::RangeInclusive<i64> = 8 * 1_024..=20 * 1_024;
/// When a silent follower is given up: sooner cuts off a busy one, later keeps the slot of a dead one.
const SENDER_TIMEOUT_MS: std::ops::RangeInclusive<i64> = 10_000..=300_000;
/// Differences of the clocks that shoppers may notice, and that break sessions and dated prices.
const CLOCK_WARNING: Duration = Duration::from_secs(2);
const CLOCK_BROKEN: Duration = Duration::from_secs(60);
/// Log that a slot without a reader may keep before somebody should know.
const RETAINED_WARNING: i64 = 1 << 30;
/// Heartbeats come every ten seconds.
const UNSEEN_WARNING_S: i64 = 45;
/// A new index is built beside the old one, and the log of the database needs room.
const DISK_WARNING: u64 = 4 << 30;
const DISK_BROKEN: u64 = 512 << 20;

/// Settings of the server and rights of the user.
pub(super) fn server(server: &Server) -> Vec<Check> {
    let version = format!("PostgreSQL {}.{}", server.version / 10_000, server.version % 10_000);
    let mut checks = vec![if server.version >= VERSION_MIN {
        Check::fine("server", version)
    } else {
        Check::broken("server", version, "move to PostgreSQL 15 or newer")
    }];
    checks.push(if server.wal_level == "logical" {
        Check::fine("wal_level", "logical")
    } else {
        let advice = "alter system set wal_level = 'logical'; then restart PostgreSQL";
        Check::broken("wal_level", server.wal_level.clone(), advice)
    });
    checks.push(if server.may_replicate {
        Check::fine("privilege", "this user may replicate")
    } else {
        Check::broken("privilege", "this user may not replicate", "alter role … replication")
    });
    checks.push(room("slots", "max_replication_slots", server.slots_used, server.slots_max));
    checks.push(room("senders", "max_wal_senders", server.senders_used, server.senders_max));
    checks.push(slot_keep(server.slot_keep_mb));
    checks.push(sender_timeout(server.sender_timeout_ms));
    checks.push(durability(server));
    checks
}

fn room(name: &str, setting: &str, used: i64, max: i64) -> Check {
    let detail = format!("{used} of {max} used ({setting})");
    if used < max {
        return Check::fine(name, detail);
    }
    let advice =
        format!("raise {setting} and restart PostgreSQL, or no further instance can follow");
    Check::warning(name, detail, advice)
}

fn slot_keep(keep_mb: Option<i64>) -> Check {
    let name = "slot limit";
    let advice = "alter system set max_slot_wal_keep_size = '8GB' (up to 20GB); then \
                  select pg_reload_conf()";
    match keep_mb {
        None => Check::warning(name, "none: a slot that nobody reads fills the disk", advice),
        Some(mb) if SLOT_KEEP_MB.contains(&mb) => Check::fine(name, format!("{mb} MB")),
        Some(mb) if mb < *SLOT_KEEP_MB.start() => {
            let detail =
                format!("{mb} MB: an instance that rests a while must fill its index anew");
            Check::warning(name, detail, advice)
        }
        Some(mb) => Check::warning(name, format!("{mb} MB: is there a disk for that?"), advice),
    }
}

fn sender_timeout(timeout_ms: i64) -> Check {
    let name = "timeout";
    let detail = format!("wal_sender_timeout is {timeout_ms} ms");
    if SENDER_TIMEOUT_MS.contains(&timeout_ms) {
        return Check::fine(name, detail);
    }
    let advice = "alter system set wal_sender_timeout = '60s'; then select pg_reload_conf()";
    Check::warning(name, detail, advice)
}

fn durability(server: &Server) -> Check {
    let mut lacks = Vec::new();
    if !server.fsync {
        lacks.push("fsync is off: a power cut destroys the database");
    }
    if !server.full_page_writes {
        lacks.push("full_page_writes is off: a power cut tears pages");
    }
    if server.synchronous_commit == "off" {
        lacks.push("synchronous_commit is off: search may not wait for what was just written");
    }
    if lacks.is_empty() {
        return Check::fine("durability", "a commit is on disk when it returns");
    }
    Check::warning("durability", lacks.join("; "), "alter system reset these settings; then reload")
}

/// The server's clock against this machine's, which said `asked_ms` when the question left; the answer
/// `took` a while.
pub(super) fn clocks(server: &Server, asked_ms: i64, took: Duration) -> Check {
    let later = Duration::from_millis(server.now_ms.abs_diff(asked_ms));
    let apart = if server.now_ms >= asked_ms { later.saturating_sub(took) } else { later };
    let detail = format!("database and this machine differ by {} ms", apart.as_millis());
    let advice = "let both keep time with chrony or systemd-timesyncd";
    match apart {
        apart if apart >= CLOCK_BROKEN => Check::broken("clocks", detail, advice),
        apart if apart >= CLOCK_WARNING => Check::warning("clocks", detail, advice),
        _ => Check::fine("clocks", detail),
    }
}

/// Whether the schema is as this program needs it.
pub(super) fn migrations(migrated: bool) -> Check {
    if migrated {
        Check::fine("migrations", "all applied")
    } else {
        let advice = "run souk migrate; souk serve does so at its start, too";
        Check::warning("migrations", "some are not applied yet", advice)
    }
}

/// What the stream carries, and how it names deleted rows.
pub(super) fn publication(survey: &Survey) -> [Check; 2] {
    let repair = "run souk migrate; if that changes nothing, set it back as \
                  migrations/20261121001100_feed_publish.sql has it, then souk reindex";
    let differ = |name: &str, fine: &str, differences: &[String]| {
        if differences.is_empty() {
            Check::fine(name, fine)
        } else if differences.iter().all(|text| text.ends_with("unknown to this program")) {
            Check::warning(name, differences.join("; "), "a newer version may have added it")
        } else {
            Check::broken(name, differences.join("; "), repair)
        }
    };
    [
        differ("publication", "carries what search needs", &survey.publication_differs),
        differ("identities", "every deleted row is named", &survey.identities_differ),
    ]
}

/// A slot of this shop.
pub(super) fn slot(slot: &Slot) -> Check {
    let retained = HumanBytes(u64::try_from(slot.retained_bytes).unwrap_or_default());
    let state = if slot.is_active { "read" } else { "not read" };
    let left = slot.safe_bytes.map(|bytes| u64::try_from(bytes).unwrap_or_default());
    let left = left.map(|bytes| format!(", lost after {} more", HumanBytes(bytes)));
    let detail = format!(
        "{}: {state}, {}, keeps {retained} of the log{}",
        slot.name,
        slot.wal_status,
        left.unwrap_or_default()
    );
    if slot.wal_status == "lost" {
        let advice = "its instance fills its index anew when it runs; if it never will, \
                      select pg_drop_replication_slot('…')";
        return Check::warning("slot", detail, advice);
    }
    if slot.wal_status == "unreserved" {
        let advice = "it is lost with the next checkpoint; start its instance, or raise \
                      max_slot_wal_keep_size";
        return Check::warning("slot", detail, advice);
    }
    if !slot.is_active && slot.retained_bytes > RETAINED_WARNING {
        let advice = "start its instance; a serving instance drops it otherwise";
        return Check::warning("slot", detail, advice);
    }
    Check::fine("slot", detail)
}

/// An instance of this shop.
pub(super) fn instance(instance: &Instance) -> Check {
    let Instance { id, host, version, phase, .. } = instance;
    let behind = HumanBytes(u64::try_from(instance.bytes_behind).unwrap_or_default());
    let unseen = Duration::from_secs(u64::try_from(instance.unseen_s).unwrap_or_default());
    let about = format!("{id} on {host} (version {version})");
    if instance.unseen_s > UNSEEN_WARNING_S {
        let detail =
            format!("{about} was {phase} when last heard of, {} ago", HumanDuration(unseen));
        let advice = "start it, or leave it: its slot is dropped in time, its row in a week";
        return Check::warning("instance", detail, advice);
    }
    let detail = format!("{about} is {phase}, {behind} behind, at {}", instance.position);
    if phase == "reconnecting" {
        return Check::warning("instance", detail, "its log says why the stream broke");
    }
    Check::fine("instance", detail)
}

/// The index of this program's schema.
pub(super) fn index(bytes: u64, committed_ago: Option<Duration>) -> Check {
    let size = HumanBytes(bytes);
    match committed_ago {
        Some(ago) => Check::fine("index", format!("{size}, committed {} ago", HumanDuration(ago))),
        None => {
            let advice = "the next souk serve fills a new one";
            Check::warning("index", format!("{size} without a commit"), advice)
        }
    }
}

/// Room on the disk of the data folder.
pub(super) fn disk(free: u64, size: u64) -> Check {
    let detail = format!("{} of {} free", HumanBytes(free), HumanBytes(size));
    let advice = "make room: a full disk stops the database, and with it every order";
    match free {
        free if free < DISK_BROKEN => Check::broken("disk", detail, advice),
        free if free < DISK_WARNING => Check::warning("disk", detail, advice),
        _ => Check::fine("disk", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn sound() -> Server {
        Server {
            version: 150_018,
            wal_level: "logical".to_owned(),
            slots_max: 20,
            slots_used: 1,
            senders_max: 20,
            senders_used: 1,
            slot_keep_mb: Some(8_192),
            sender_timeout_ms: 60_000,
            fsync: true,
            full_page_writes: true,
            synchronous_commit: "on".to_owned(),
            may_replicate: true,
            has_instances: true,
            now_ms: 1_000_000,
        }
    }

    /// The names of the checks that are not fine, with how bad they are.
    fn complaints(checks: &[Check]) -> Vec<(&str, Level)> {
        let complaints = checks.iter().filter(|check| check.level != Level::Fine);
        complaints.map(|check| (check.name.as_str(), check.level)).collect()
    }

    #[test]
    fn a_sound_server_gets_no_advice() {
        assert_eq!(complaints(&server(&sound())), []);
    }

    #[test]
    fn what_stops_the_stream_is_broken_and_what_will_hurt_one_day_is_a_warning() {
        let unable = Server {
            version: 140_010,
            wal_level: "replica".to_owned(),
            may_replicate: false,
            ..sound()
        };
        let careless = Server {
            slots_used: 20,
            senders_used: 20,
            slot_keep_mb: None,
            sender_timeout_ms: 0,
            synchronous_commit: "off".to_owned(),
            ..sound()
        };

        let broken = ["server", "wal_level", "privilege"].map(|name| (name, Level::Broken));
        assert_eq!(complaints(&server(&unable)), broken);
        let warnings = ["slots", "senders", "slot limit", "timeout", "durability"];
        assert_eq!(complaints(&server(&careless)), warnings.map(|name| (name, Level::Warning)));
    }

    #[test]
    fn a_slow_answer_is_not_taken_for_a_wrong_clock() {
        let level =
            |asked_ms, took_ms| clocks(&sound(), asked_ms, Duration::from_millis(took_ms)).level;

        assert_eq!(level(995_000, 10_000), Level::Fine);
        assert_eq!(level(990_100, 10_000), Level::Fine);
        assert_eq!(level(995_000, 10), Level::Warning);
        assert_eq!(level(1_003_000, 10), Level::Warning);
        assert_eq!(level(900_000, 10), Level::Broken);
    }

    #[test]
    fn drift_is_broken_unless_a_newer_version_made_it() {
        let level = |differences: &[&str]| {
            let survey = Survey {
                server: sound(),
                publication_differs: differences.iter().map(|&text| text.to_owned()).collect(),
                identities_differ: Vec::new(),
                slots: Vec::new(),
                instances: Vec::new(),
            };
            publication(&survey)[0].level
        };

        assert_eq!(level(&[]), Level::Fine);
        assert_eq!(level(&["bundles is unknown to this program"]), Level::Warning);
        assert_eq!(
            level(&["bundles is unknown to this program", "media is missing"]),
            Level::Broken
        );
    }
}
