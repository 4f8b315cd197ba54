//! The throw-away cluster that all test processes of a checkout share.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use souk_pgserver::{Server, Settings};

/// Nothing here outlives a power cut, and the tests of the feed make many slots at once.
const SETTINGS: Settings<'static> = &[
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("max_connections", "300"),
    ("max_wal_senders", "80"),
    ("max_replication_slots", "80"),
    ("max_slot_wal_keep_size", "1GB"),
];

/// One use of the cluster; the last one in all processes stops it, unless [`start`] asked to let it run.
#[derive(Debug)]
pub(crate) struct Cluster(Option<Server>);

impl Cluster {
    /// The use that the tests of this process share as long as one of them runs.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Server::join_with(&data_dir(), SETTINGS)
                .unwrap_or_else(|error| panic!("the tests need a PostgreSQL server: {error}"));
            let cluster = Arc::new(Cluster(Some(server)));
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// How to connect to `database`.
    pub(crate) fn url(&self, database: &str) -> String {
        let server = self.0.as_ref().expect("the server leaves with this value");
        server.url(database).expect("the password file of the cluster is readable")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if keep_file().is_file() {
            self.0.take().into_iter().for_each(Server::leave_running);
        }
    }
}

/// Starts the cluster and lets it run, with or without tests, until [`stop`]; returns how to connect to it.
///
/// # Panics
/// If there is no server.
pub fn start() -> String {
    let cluster = Cluster::shared();
    fs::write(keep_file(), "").expect("the folder of the cluster is writable");
    cluster.url("postgres")
}

/// Stops the cluster, or leaves that to the tests that still run.
///
/// # Panics
/// If the server does not stop.
pub fn stop() {
    // Without the file, nobody asked to let it run.
    let _ = fs::remove_file(keep_file());
    Server::stop_unused(&data_dir()).expect("the server of the tests stops");
}

fn keep_file() -> PathBuf {
    data_dir().join("keep")
}

fn data_dir() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| workspace().join("target")).join("testdb")
}

/// The folder of the workspace: this crate is never used outside its checkout.
pub(crate) fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
