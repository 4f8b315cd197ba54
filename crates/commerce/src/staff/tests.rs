//! Staff verbs against a fresh database.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use souk_testdb::TestDb;

use super::throttle::{ATTEMPTS_MAX, WINDOW};
use super::{NewStaff, Role, add, by_token, log_in, log_out};
use crate::{Conflict, Error, audit, password};

const EMAIL: &str = "amal@example.com";
const PASSWORD: &str = "correct horse";

/// Far more than anything here takes; only something that never ends reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

fn amal() -> NewStaff {
    NewStaff {
        email: "Amal@Example.com".to_owned(),
        name: "Amal".to_owned(),
        password: PASSWORD.to_owned(),
        roles: vec![Role::Merchandiser],
    }
}

#[tokio::test]
async fn whoever_knows_the_password_gets_a_session_that_ends() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let added = add(db.pool(), amal(), None).await.unwrap();

    let session = log_in(db.pool(), EMAIL, PASSWORD, now).await.unwrap();

    let later = now + SignedDuration::from_hours(11);
    assert_eq!(by_token(db.pool(), &session.token, later).await.unwrap().unwrap().id, added.id);
    assert_eq!(by_token(db.pool(), &session.token, session.expires_at).await.unwrap(), None);
    log_out(db.pool(), &session.token).await.unwrap();
    assert_eq!(by_token(db.pool(), &session.token, now).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_the_same() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();

    for (email, password) in [(EMAIL, "wrong"), ("nobody@example.com", "wrong")] {
        let refused = log_in(db.pool(), email, password, Timestamp::now()).await.err().unwrap();
        assert!(matches!(refused, Error::WrongCredentials), "{refused}");
    }
}

#[tokio::test]
async fn a_deactivated_account_loses_its_session_at_once() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    add(db.pool(), amal(), None).await.unwrap();
    let session = log_in(db.pool(), EMAIL, PASSWORD, now).await.unwrap();

    sqlx::query("update staff set active = false").execute(db.pool()).await.unwrap();

    assert_eq!(by_token(db.pool(), &session.token, now).await.unwrap(), None);
}

#[tokio::test]
async fn an_address_is_taken_only_once_whatever_its_case_and_must_be_one() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();

    let again = add(db.pool(), NewStaff { email: "AMAL@example.com".into(), ..amal() }, None).await;
    let none = add(db.pool(), NewStaff { email: "amal".into(), ..amal() }, None).await;
    let short = add(db.pool(), NewStaff { password: "short".into(), ..amal() }, None).await;

    assert!(matches!(again, Err(Error::Conflict(Conflict::StaffEmailTaken))));
    assert!(matches!(none, Err(Error::Conflict(Conflict::StaffEmailInvalid))));
    assert!(matches!(short, Err(Error::PasswordTooShort(10))));
}

#[tokio::test]
async fn every_staff_action_says_who_did_what_to_whom() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();
    let session = log_in(db.pool(), EMAIL, PASSWORD, Timestamp::now()).await.unwrap();
    let new = NewStaff { email: "noor@example.com".into(), ..amal() };
    add(db.pool(), new, Some(session.staff.id)).await.unwrap();
    log_out(db.pool(), &session.token).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let records = audit::recent(&mut connection, None, 10).await.unwrap();

    let told: Vec<_> = records
        .iter()
        .map(|record| (record.staff_name.as_deref(), &*record.action, &*record.subject))
        .collect();
    let expected = [
        (Some("Amal"), "staff.log_out", EMAIL),
        (Some("Amal"), "staff.add", "noor@example.com"),
        (Some("Amal"), "staff.log_in", EMAIL),
        (None, "staff.add", EMAIL),
    ];
    assert_eq!(told, expected);
    let older = audit::recent(&mut connection, Some(records[1].id), 1).await.unwrap();
    assert_eq!(older[0].id, records[2].id);
}

#[tokio::test]
async fn what_cannot_be_an_address_or_a_password_is_just_wrong() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();
    let (long_email, long_password) = (format!("{}@b.c", "ي".repeat(251)), "ي".repeat(1_025));
    let cases = [
        ("am\0al@example.com", PASSWORD),
        (EMAIL, "correct\0horse"),
        (&long_email, PASSWORD),
        (EMAIL, &long_password),
        ("", ""),
    ];

    for (email, password) in cases {
        let refused = log_in(db.pool(), email, password, Timestamp::now()).await.err().unwrap();
        assert!(matches!(refused, Error::WrongCredentials), "{refused}");
    }
}

#[tokio::test]
async fn nobody_is_added_who_could_never_log_in() {
    let db = TestDb::new().await;
    let email = |email: String| NewStaff { email, ..amal() };
    let password = |password: String| NewStaff { password, ..amal() };

    for new in [email("am\0al@example.com".into()), email(format!("{}@b.c", "a".repeat(251)))] {
        let refused = add(db.pool(), new, None).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::StaffEmailInvalid))));
    }
    for new in [password("correct\0horse".into()), password("a".repeat(1_025))] {
        let refused = add(db.pool(), new, None).await;
        assert!(matches!(refused, Err(Error::PasswordUnusable(1_024))));
    }
    let longest = password("a".repeat(1_024));
    let (email, password) = (longest.email.clone(), longest.password.clone());
    add(db.pool(), longest, None).await.unwrap();
    log_in(db.pool(), &email, &password, Timestamp::now()).await.unwrap();
}

/// Lets all attempts for an address fail that may.
async fn use_up(db: &TestDb, email: &str, now: Timestamp) {
    for _ in 0..ATTEMPTS_MAX {
        let refused = log_in(db.pool(), email, "wrong", now).await.err().unwrap();
        assert!(matches!(refused, Error::WrongCredentials), "{refused}");
    }
}

#[tokio::test]
async fn after_ten_failures_an_address_is_refused_until_the_window_ends() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();
    add(db.pool(), NewStaff { email: "noor@example.com".into(), ..amal() }, None).await.unwrap();
    let start = Timestamp::now();
    use_up(&db, EMAIL, start).await;
    let attempt = async |email: &str, now| log_in(db.pool(), email, PASSWORD, now).await;

    let minute = start + SignedDuration::from_mins(1);
    let refused = attempt("AMAL@example.com", minute).await.err().unwrap();
    let last = start + WINDOW - SignedDuration::from_secs(1);
    let still = attempt(EMAIL, last).await.err().unwrap();

    assert!(matches!(refused, Error::TooManyAttempts { retry_after_s: 840 }), "{refused}");
    assert!(matches!(still, Error::TooManyAttempts { retry_after_s: 1 }), "{still}");
    attempt("noor@example.com", start).await.unwrap();
    attempt(EMAIL, start + WINDOW).await.unwrap();
}

#[tokio::test]
async fn an_address_that_nobody_has_is_refused_like_any_other() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    use_up(&db, EMAIL, now).await;

    let refused = log_in(db.pool(), EMAIL, PASSWORD, now).await;

    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
}

#[tokio::test]
async fn a_refused_attempt_costs_no_hash() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    use_up(&db, EMAIL, now).await;
    let _all = password::PLACES.acquire_many(2).await.unwrap();

    let refused = tokio::time::timeout(PATIENCE, log_in(db.pool(), EMAIL, PASSWORD, now)).await;

    assert!(matches!(refused.unwrap(), Err(Error::TooManyAttempts { .. })));
}

#[tokio::test]
async fn attempts_at_the_same_time_are_counted_one_by_one() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..2 * ATTEMPTS_MAX {
        let pool = db.pool().clone();
        attempts.spawn(async move { log_in(&pool, EMAIL, "wrong", now).await.err().unwrap() });
    }

    let refusals = attempts.join_all().await;

    let hashed = refusals.iter().filter(|error| matches!(error, Error::WrongCredentials)).count();
    assert_eq!(hashed, 10);
}

#[tokio::test]
async fn logging_in_forgets_the_failures_before() {
    let db = TestDb::new().await;
    add(db.pool(), amal(), None).await.unwrap();
    let now = Timestamp::now();

    for _ in 0..2 {
        for _ in 1..ATTEMPTS_MAX {
            log_in(db.pool(), EMAIL, "wrong", now).await.err().unwrap();
        }
        log_in(db.pool(), EMAIL, PASSWORD, now).await.unwrap();
    }
}

#[tokio::test]
async fn attempts_of_long_ago_leave_no_rows() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    for email in ["a@example.com", "b@example.com"] {
        log_in(db.pool(), email, "wrong", now).await.err().unwrap();
    }

    log_in(db.pool(), EMAIL, "wrong", now + WINDOW).await.err().unwrap();

    let rows: Vec<String> =
        sqlx::query_scalar("select email from staff_attempts").fetch_all(db.pool()).await.unwrap();
    assert_eq!(rows, [EMAIL]);
}
