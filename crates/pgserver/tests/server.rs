//! The life of a private server, with real clusters in temporary folders.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use souk_pgserver::{Server, Settings};
use tempfile::TempDir;

const FAST: Settings<'static> = &[("fsync", "off")];

/// Names the data directory to a copy of this test program that is to play the other process.
const OTHER_PROCESS: &str = "SOUK_TEST_OTHER_PROCESS";

/// A folder that the server's account can reach when root runs the tests.
fn data_dir() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("we own the folder");
    folder
}

fn query(server: &Server, sql: &str) -> String {
    let psql = server.programs().expect("the server runs").path("psql");
    let url = server.url("souk").expect("the password is readable");
    let output = Command::new(psql)
        .args(["-XAt", "-c", sql, &url])
        .output()
        .expect("psql is installed with the server");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn pid_file(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres/cluster/postmaster.pid")
}

fn pid_of_server(data_dir: &Path) -> Option<Pid> {
    let text = fs::read_to_string(pid_file(data_dir)).ok()?;
    Pid::from_raw(text.lines().next()?.parse().ok()?)
}

fn kill(server: Option<Pid>) {
    kill_process(server.expect("the server runs"), Signal::KILL).expect("it is our server");
}

/// Runs the test `name` once more in a process of its own, with [`OTHER_PROCESS`] set, and waits for its first word.
fn other_process(name: &str, data_dir: &Path) -> Child {
    let mut child = Command::new(env::current_exe().expect("a running program has a path"))
        .args(["--exact", name, "--nocapture"])
        .env(OTHER_PROCESS, data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test program runs");
    let stdout = child.stdout.take().expect("it is piped");
    let joined = BufReader::new(stdout).lines().map_while(Result::ok).any(|line| line == "joined");
    assert!(joined, "the other process joins");
    child
}

/// What the other process does: it joins, says so, and stays until it is killed.
#[expect(clippy::print_stdout, reason = "it is how this process speaks to the one that started it")]
fn join_and_stay(data_dir: &Path) {
    let _server = Server::join_with(data_dir, FAST).expect("the other process can join");
    println!("\njoined");
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn the_first_to_join_makes_a_unicode_database_and_the_last_to_leave_stops_it() {
    let dir = data_dir();

    let first = Server::join(dir.path()).unwrap();
    let second = Server::join(dir.path()).unwrap();

    assert_eq!(first.port(), second.port());
    let facts = "select current_setting('wal_level'), current_setting('fsync'),
                        current_setting('server_encoding'), lower('ЦВЕТЫ'), rolreplication
                 from pg_roles where rolname = current_user";
    assert_eq!(query(&first, facts), "logical|on|UTF8|цветы|t");
    first.leave().unwrap();
    assert!(second.is_alive());
    second.leave().unwrap();
    assert_eq!(pid_of_server(dir.path()), None);
}

#[test]
fn a_server_survives_kill_9_of_its_starter_and_is_taken_over() {
    if let Some(data_dir) = env::var_os(OTHER_PROCESS) {
        return join_and_stay(Path::new(&data_dir));
    }
    let dir = data_dir();
    let test = "a_server_survives_kill_9_of_its_starter_and_is_taken_over";
    let mut starter = other_process(test, dir.path());
    let started = pid_of_server(dir.path());

    // The other process still uses the server, so this leaving does not stop it.
    Server::join_with(dir.path(), FAST).unwrap().leave().unwrap();
    starter.kill().unwrap();
    starter.wait().unwrap();
    let heir = Server::join_with(dir.path(), FAST).unwrap();

    assert_eq!(query(&heir, "select 1"), "1");
    assert_eq!(pid_of_server(dir.path()), started);
    heir.leave().unwrap();
    assert_eq!(pid_of_server(dir.path()), None);
}

#[test]
fn a_server_that_is_left_running_is_stopped_once_it_is_unused() {
    let dir = data_dir();
    let user = Server::join_with(dir.path(), FAST).unwrap();

    Server::join_with(dir.path(), FAST).unwrap().leave_running();
    assert!(!Server::stop_unused(dir.path()).unwrap());
    assert!(user.is_alive());
    user.leave_running();

    assert!(pid_of_server(dir.path()).is_some());
    assert!(Server::stop_unused(dir.path()).unwrap());
    assert_eq!(pid_of_server(dir.path()), None);
}

#[test]
fn a_server_that_died_is_started_again_on_the_same_port_with_its_data() {
    let dir = data_dir();
    let mut server = Server::join_with(dir.path(), FAST).unwrap();
    let port = server.port();
    query(&server, "create table kept (id int)");

    kill(pid_of_server(dir.path()));
    while !server.restart_if_dead().unwrap() {}
    assert_eq!(query(&server, "select count(*) from kept"), "0");

    server.watch();
    let died = pid_of_server(dir.path());
    kill(died);
    // The watcher looks twice a second; without it this loop does not end and the runner's timeout says so.
    while pid_of_server(dir.path()) == died || !server.is_alive() {
        std::thread::yield_now();
    }
    server.restart_if_dead().unwrap();
    assert_eq!(server.port(), port);
}

#[test]
fn a_half_made_cluster_and_a_process_id_that_was_given_away_do_no_harm() {
    let dir = data_dir();
    let unfinished = dir.path().join("postgres/unfinished-1/base");
    fs::create_dir_all(&unfinished).unwrap();
    let server = Server::join_with(dir.path(), FAST).unwrap();
    let socket = dir.path().join(format!("postgres/.s.PGSQL.{}.lock", server.port()));
    server.leave().unwrap();
    assert!(!unfinished.is_dir());
    let cluster = fs::metadata(dir.path().join("postgres/cluster")).unwrap();
    let mut unrelated = Command::new("sleep");
    unrelated.arg("600").uid(cluster.uid()).gid(cluster.gid()).current_dir("/");
    let mut unrelated = unrelated.spawn().unwrap();
    let left_over =
        format!("{}\n{}\n1\n1\n\n127.0.0.1\n\nready\n", unrelated.id(), dir.path().display());
    fs::write(pid_file(dir.path()), &left_over).unwrap();
    fs::write(socket, &left_over).unwrap();

    let server = Server::join_with(dir.path(), FAST);

    unrelated.kill().unwrap();
    unrelated.wait().unwrap();
    assert_eq!(query(&server.unwrap(), "select 1"), "1");
}

#[test]
fn a_dead_server_that_nobody_has_waited_for_does_no_harm() {
    let dir = data_dir();
    Server::join_with(dir.path(), FAST).unwrap().leave().unwrap();
    let cluster = fs::metadata(dir.path().join("postgres/cluster")).unwrap();
    let mut dead = Command::new("true");
    let mut dead = dead.uid(cluster.uid()).gid(cluster.gid()).current_dir("/").spawn().unwrap();
    let stat = format!("/proc/{}/stat", dead.id());
    while !fs::read_to_string(&stat).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    let left_over =
        format!("{}\n{}\n1\n1\n\n127.0.0.1\n\nready\n", dead.id(), dir.path().display());
    fs::write(pid_file(dir.path()), left_over).unwrap();

    let server = Server::join_with(dir.path(), FAST);

    dead.wait().unwrap();
    assert_eq!(query(&server.unwrap(), "select 1"), "1");
}

#[test]
fn a_server_is_reached_by_its_socket_and_in_too_deep_a_folder_by_tcp() {
    let dir = data_dir();
    let deep = dir.path().join("d".repeat(100));
    let over = "select inet_server_addr() is null";

    let near = Server::join_with(dir.path(), FAST).unwrap();
    let far = Server::join_with(&deep, FAST).unwrap();

    assert_eq!((query(&near, over), query(&far, over)), ("t".to_owned(), "f".to_owned()));
}

#[test]
fn the_password_is_in_no_place_but_its_file() {
    let dir = data_dir();
    let server = Server::join_with(dir.path(), FAST).unwrap();
    let file = dir.path().join("postgres/password");
    let password = fs::read_to_string(&file).unwrap().trim_end().to_owned();

    let pid = pid_of_server(dir.path()).unwrap().as_raw_nonzero();
    let arguments = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let log = fs::read_to_string(dir.path().join("postgres/log")).unwrap();

    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert!(server.url("souk").unwrap().contains(&password));
    for text in [arguments, log, format!("{server:?}")] {
        assert!(!text.contains(&password), "{text}");
    }
}
