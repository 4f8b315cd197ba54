//! Jobs against a fresh database, on a clock of the test's own.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use souk_testdb::TestDb;
use tokio::task::JoinSet;

use super::{NewJob, cancel, claim, enqueue, fail, finish, next_due};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

fn now() -> Timestamp {
    "2026-02-14T10:00:00Z".parse().unwrap()
}

fn job(key: &str) -> NewJob {
    NewJob { key: Some(key.to_owned()), run_at: Some(now()), ..NewJob::new("test", json!({})) }
}

#[tokio::test]
async fn each_job_is_claimed_by_one_worker() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    for n in 0..50 {
        assert!(enqueue(&mut connection, &job(&n.to_string())).await.unwrap());
    }
    assert!(!enqueue(&mut connection, &job("7")).await.unwrap());

    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let pool = db.pool().clone();
        workers.spawn(
            async move { claim(&pool, &["test", "other"], now(), LEASE, 10).await.unwrap() },
        );
    }
    let claimed: Vec<_> = workers.join_all().await.into_iter().flatten().collect();

    let ids: HashSet<_> = claimed.iter().map(|job| job.id).collect();
    assert_eq!((ids.len(), claimed.len()), (50, 50));
}

#[tokio::test]
async fn a_job_whose_worker_died_falls_due_again_and_the_dead_one_cannot_end_it() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    enqueue(&mut connection, &job("a")).await.unwrap();

    let first = claim(db.pool(), &["test"], now(), LEASE, 1).await.unwrap().remove(0);
    assert!(claim(db.pool(), &["test"], now(), LEASE, 1).await.unwrap().is_empty());
    assert_eq!(next_due(&mut connection, &["test"]).await.unwrap(), Some(now() + LEASE));
    let second = claim(db.pool(), &["test"], now() + LEASE, LEASE, 1).await.unwrap().remove(0);

    assert!(!finish(&mut connection, &first).await.unwrap());
    assert!(finish(&mut connection, &second).await.unwrap());
    assert_eq!(db.count("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn what_fails_is_tried_later_each_time_and_given_up_at_last() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    enqueue(&mut connection, &NewJob { attempts_max: 3, ..job("a") }).await.unwrap();
    let mut time = now();
    for pause in [15, 30] {
        let job = claim(db.pool(), &["test"], time, LEASE, 1).await.unwrap().remove(0);
        fail(&mut connection, &job, "no line", time).await.unwrap();
        time += SignedDuration::from_secs(pause);
        assert_eq!(next_due(&mut connection, &["test"]).await.unwrap(), Some(time));
    }
    let job = claim(db.pool(), &["test"], time, LEASE, 1).await.unwrap().remove(0);
    fail(&mut connection, &job, "no line", time).await.unwrap();

    let much_later = time + SignedDuration::from_hours(1_000);
    assert!(claim(db.pool(), &["test"], much_later, LEASE, 1).await.unwrap().is_empty());
    assert_eq!(db.count("select count(*) from jobs where dead_at is not null").await, 1);
    assert!(enqueue(&mut connection, &self::job("a")).await.unwrap(), "its key is free again");
    assert!(cancel(&mut connection, "test", "a").await.unwrap());
    assert!(!cancel(&mut connection, "test", "a").await.unwrap());
}
