//! Staff verbs against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_testdb::TestDb;

use super::{NewStaff, Role, add, by_token, log_in, log_out};
use crate::{Conflict, Error};

fn amal() -> NewStaff {
    NewStaff {
        email: "Amal@Example.com".to_owned(),
        name: "Amal".to_owned(),
        password: "correct horse".to_owned(),
        roles: vec![Role::Merchandiser],
    }
}

#[tokio::test]
async fn whoever_knows_the_password_gets_a_session_that_ends() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let added = add(db.pool(), amal()).await.unwrap();

    let session = log_in(db.pool(), "amal@example.com", "correct horse", now).await.unwrap();

    let later = now + SignedDuration::from_hours(11);
    assert_eq!(by_token(db.pool(), &session.token, later).await.unwrap().unwrap().id, added.id);
    assert_eq!(by_token(db.pool(), &session.token, session.expires_at).await.unwrap(), None);
    log_out(db.pool(), &session.token).await.unwrap();
    assert_eq!(by_token(db.pool(), &session.token, now).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_the_same() {
    let db = TestDb::new().await;
    add(db.pool(), amal()).await.unwrap();

    for (email, password) in [("amal@example.com", "wrong"), ("nobody@example.com", "wrong")] {
        let refused = log_in(db.pool(), email, password, Timestamp::now()).await.err().unwrap();
        assert!(matches!(refused, Error::WrongCredentials), "{refused}");
    }
}

#[tokio::test]
async fn a_deactivated_account_loses_its_session_at_once() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    add(db.pool(), amal()).await.unwrap();
    let session = log_in(db.pool(), "amal@example.com", "correct horse", now).await.unwrap();

    sqlx::query("update staff set active = false").execute(db.pool()).await.unwrap();

    assert_eq!(by_token(db.pool(), &session.token, now).await.unwrap(), None);
}

#[tokio::test]
async fn an_address_is_taken_only_once_whatever_its_case_and_must_be_one() {
    let db = TestDb::new().await;
    add(db.pool(), amal()).await.unwrap();

    let again = add(db.pool(), NewStaff { email: "AMAL@example.com".into(), ..amal() }).await;
    let none = add(db.pool(), NewStaff { email: "amal".into(), ..amal() }).await;
    let short = add(db.pool(), NewStaff { password: "short".into(), ..amal() }).await;

    assert!(matches!(again, Err(Error::Conflict(Conflict::StaffEmailTaken))));
    assert!(matches!(none, Err(Error::Conflict(Conflict::StaffEmailInvalid))));
    assert!(matches!(short, Err(Error::PasswordTooShort(10))));
}

#[tokio::test]
async fn every_staff_action_leaves_an_audit_row() {
    let db = TestDb::new().await;
    add(db.pool(), amal()).await.unwrap();
    let session =
        log_in(db.pool(), "amal@example.com", "correct horse", Timestamp::now()).await.unwrap();
    log_out(db.pool(), &session.token).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let actions: Vec<String> = crate::audit::recent(&mut connection, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.action)
        .collect();

    assert_eq!(actions, ["staff.log_out", "staff.log_in", "staff.add"]);
}
