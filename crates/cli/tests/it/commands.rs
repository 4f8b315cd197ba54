//! Commands that end: what they print, and their exit codes.

use souk_testdb::TestDb;

use crate::shop::souk;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_command_explains_itself() {
    let data = tempfile::tempdir().unwrap();
    let help = souk(data.path(), "", &["--help"]);

    insta::assert_snapshot!(text(&help.stdout));
}

#[test]
fn a_wrong_flag_is_wrong_usage_and_a_wrong_setting_names_the_right_one() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("souk.toml"), "bnid = \"127.0.0.1:9000\"").unwrap();

    let flag = souk(data.path(), "", &["serve", "--prot", "1"]);
    let setting = souk(data.path(), "", &["migrate"]);

    assert_eq!(flag.status.code(), Some(2));
    assert_eq!(setting.status.code(), Some(1));
    assert!(text(&setting.stderr).contains("nearest known one is \"bind\""));
}

#[test]
fn without_a_database_url_a_private_postgresql_is_started_and_left() {
    let data = tempfile::tempdir().unwrap();

    let migrated = souk(data.path(), "", &["migrate", "--json"]);
    let asked = souk(data.path(), "", &["psql", "-Atc", "select count(*) from markets"]);

    assert_eq!(text(&migrated.stdout), "{\"migrated\":true}\n", "{}", text(&migrated.stderr));
    assert_eq!(text(&asked.stdout), "10\n", "{}", text(&asked.stderr));
}

#[tokio::test]
async fn a_person_is_added_once() {
    let db = TestDb::new().await;
    let data = tempfile::tempdir().unwrap();
    let add = ["user", "add", "amal@example.com", "--password", "correct horse"];

    let added = souk(data.path(), &db.url(), &add);
    let again = souk(data.path(), &db.url(), &add);

    assert!(added.status.success(), "{}", text(&added.stderr));
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("a staff member with this e-mail address exists"));
}
