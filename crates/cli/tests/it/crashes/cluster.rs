//! The private PostgreSQL, seen from outside.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

/// The cluster of a data folder.
#[derive(Clone)]
pub(super) struct Cluster {
    data: PathBuf,
}

impl Cluster {
    pub(super) fn of(data: &Path) -> Cluster {
        Cluster { data: data.to_owned() }
    }

    /// Its first process, if it says so.
    pub(super) fn postmaster(&self) -> Option<Pid> {
        let text = self.read("cluster/postmaster.pid")?;
        Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
    }

    /// Sends a signal to its first process, and names it.
    pub(super) fn signal(&self, signal: Signal) -> Option<Pid> {
        let postmaster = self.postmaster()?;
        // One that has ended by now is as dead as it is to be.
        let _ended = kill_process(postmaster, signal);
        Some(postmaster)
    }

    /// Whether somebody listens where it is expected.
    pub(super) fn answers(&self) -> bool {
        let port = self.read("port").and_then(|port| port.trim().parse().ok());
        port.is_some_and(|port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
    }

    /// A connection to the shop's database, wherever it listens now.
    pub(super) async fn connect(&self) -> sqlx::Result<PgConnection> {
        let text = |name| self.read(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let (password, port) = (text("password"), text("port"));
        let options = PgConnectOptions::new().host("127.0.0.1").port(port.parse().unwrap_or(0));
        let options = options.username("souk").password(&password).database("souk");
        // Writers run into each other all the time, and need not stand there for a second.
        options.options([("deadlock_timeout", "50ms")]).connect().await
    }

    /// Where the log ends.
    pub(super) async fn position(&self) -> String {
        let deadline = tokio::time::Instant::now() + super::PATIENCE;
        loop {
            match self.connect().await {
                Ok(mut connection) => {
                    return souk_commerce::position(&mut connection).await.unwrap().to_string();
                }
                // It may still be recovering.
                Err(error) => assert!(tokio::time::Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(super::POLL).await;
        }
    }

    /// Stops it when nobody uses it.
    pub(super) fn stop(&self) {
        if let Err(error) = souk_pgserver::Server::stop_unused(&self.data) {
            super::write(&format!("PostgreSQL may still run: {error}"));
        }
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.data.join("postgres").join(name)).ok()
    }
}
