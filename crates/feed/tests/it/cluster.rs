//! A PostgreSQL cluster of one test, which may be stopped, copied, put back and promoted.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use souk_pgserver::{Server, Settings};
use tempfile::TempDir;

/// Nothing here outlives the test.
const SETTINGS: Settings<'static> = &[
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("max_slot_wal_keep_size", "32MB"),
];

pub(crate) struct Cluster {
    // Before its folder.
    server: Option<Server>,
    dir: TempDir,
}

impl Cluster {
    /// A fresh cluster that runs.
    pub(crate) async fn new() -> Cluster {
        let dir = tempfile::tempdir().unwrap();
        // As root the server runs as somebody else.
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let mut cluster = Cluster { server: None, dir };
        cluster.start().await;
        cluster
    }

    pub(crate) async fn start(&mut self) {
        let dir = self.dir.path().to_owned();
        let joined = tokio::task::spawn_blocking(move || Server::join_with(&dir, SETTINGS)).await;
        self.server = Some(joined.unwrap().unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        let server = self.server.take().unwrap();
        tokio::task::spawn_blocking(move || server.leave()).await.unwrap().unwrap();
    }

    pub(crate) fn url(&self) -> String {
        self.server.as_ref().unwrap().url("souk").unwrap()
    }

    /// Copies the folder of the stopped cluster.
    pub(crate) fn copy(&self) {
        copy(&self.files(), &self.dir.path().join("copy"));
    }

    /// Puts the copy in the place of the stopped cluster.
    pub(crate) fn put_copy_back(&self) {
        std::fs::remove_dir_all(self.files()).unwrap();
        copy(&self.dir.path().join("copy"), &self.files());
    }

    /// Runs the stopped cluster as a standby for a moment and promotes it, as a fail-over does.
    pub(crate) async fn promote(&mut self) {
        let programs = souk_pgserver::Programs::find().unwrap();
        let pg_ctl = programs.path("pg_ctl");
        let (files, log) = (self.files(), self.dir.path().join("postgres/standby.log"));
        let owner = std::fs::metadata(&files).unwrap();
        let control = |arguments: &[&str]| {
            let mut command = Command::new(&pg_ctl);
            command.arg("-D").arg(&files).arg("-w").args(arguments).current_dir(&files);
            if owner.uid() != std::fs::metadata("/proc/self").unwrap().uid() {
                command.uid(owner.uid()).gid(owner.gid());
            }
            assert!(command.status().unwrap().success(), "pg_ctl {arguments:?}");
        };
        let signal = files.join("standby.signal");
        std::fs::write(&signal, "").unwrap();
        std::os::unix::fs::chown(&signal, Some(owner.uid()), Some(owner.gid())).unwrap();
        let sockets = self.dir.path().join("postgres");
        let options = format!(
            "-c wal_level=logical -c listen_addresses='' -c fsync=off -k {}",
            sockets.display()
        );
        control(&["-l", log.to_str().unwrap(), "-o", &options, "start"]);
        control(&["promote"]);
        control(&["-m", "fast", "stop"]);
    }

    fn files(&self) -> PathBuf {
        self.dir.path().join("postgres/cluster")
    }
}

/// Copies with owners and rights.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}
