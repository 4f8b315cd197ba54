//! Commands that end: what they print, and their exit codes.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use souk_testdb::TestDb;

use crate::shop::{command, open_folder, souk};

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
    let data = open_folder();

    let migrated = souk(data.path(), "", &["migrate", "--json"]);
    let asked = souk(data.path(), "", &["psql", "-Atc", "select count(*) from markets"]);

    assert_eq!(text(&migrated.stdout), "{\"migrated\":true}\n", "{}", text(&migrated.stderr));
    assert_eq!(text(&asked.stdout), "10\n", "{}", text(&asked.stderr));
}

#[test]
fn a_command_that_is_interrupted_leaves_no_postgresql_behind() {
    let data = open_folder();
    let mut waiting = command(data.path(), "", &["user", "add", "amal@example.com"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Kept open: waiting for a child closes what it still has of its input.
    let _input = waiting.stdin.take();
    let mut said = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Password") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it asked");
    }
    let port = std::fs::read_to_string(data.path().join("postgres/port")).unwrap();
    let port: u16 = port.trim().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());

    let pid = waiting.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());

    assert_eq!(waiting.wait().unwrap().code(), Some(130));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
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
