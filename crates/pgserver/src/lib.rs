//! The private PostgreSQL of a data directory: found, made, started, joined, stopped.
//!
//! **Invariant**: whoever holds a [`Server`] has a running server, and the last process to let go of it stops it. This
//! survives `kill -9` of any process at any moment, since all bookkeeping is in locks that the kernel frees (see `place`).
//! A server that outlives all its users is taken over by the next one.
//!
//! The server listens on a socket in its folder and on 127.0.0.1 only; its password is random and stays in a file that
//! only its owner can read. No SQL is spoken here and nothing is asynchronous: call it from a blocking thread.

mod account;
mod cluster;
mod error;
mod place;
mod postmaster;
mod programs;
mod watcher;

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

pub use error::{Error, Result};
pub use programs::Programs;

use crate::cluster::SOUK;
use crate::error::cannot;
use crate::place::Place;
use crate::watcher::Watcher;

/// Settings of `postgresql.conf` as name and value; they win over the file and hold for the start that they are given to.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// One use of the private server. Dropping it is leaving it.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    use_lock: Option<File>,
    watcher: Option<Watcher>,
}

/// What the watcher needs as well.
#[derive(Debug)]
struct Shared {
    place: Place,
    settings: Vec<(String, String)>,
    port: AtomicU16,
}

impl Server {
    /// Joins the server of `data_dir`: makes its cluster, with the role and the database `souk`, and starts it if need be.
    ///
    /// # Errors
    /// Every [`Error`]; each says what its reader can do.
    pub fn join(data_dir: &Path) -> Result<Self> {
        Self::join_with(data_dir, &[])
    }

    /// Joins the server as [`Server::join`] does, and gives it `settings` if this call starts it. With `fsync` off the
    /// cluster is made without waiting for the disk, too.
    ///
    /// # Errors
    /// As [`Server::join`].
    pub fn join_with(data_dir: &Path, settings: Settings<'_>) -> Result<Self> {
        let place = Place::settle(data_dir)?;
        let _changing = place.lock_changes()?;
        let use_lock = Some(place.lock_as_user()?);
        let port = AtomicU16::new(ensure_running(&place, settings)?);
        let settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let shared = Arc::new(Shared { place, settings: settings.collect(), port });
        Ok(Server { shared, use_lock, watcher: None })
    }

    /// Stops the server of `data_dir` if it runs though no process uses it; says whether it is stopped now.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if it does not stop, or an I/O error.
    pub fn stop_unused(data_dir: &Path) -> Result<bool> {
        let Some(place) = Place::existing(data_dir)? else { return Ok(true) };
        let _changing = place.lock_changes()?;
        stop_if_unused(&place)
    }

    /// How to connect to `database` (the one made with the cluster is `souk`). The text contains the password: hand it
    /// to the driver, never to a log.
    ///
    /// # Errors
    /// An I/O error if the password file cannot be read or the socket not be looked for.
    pub fn url(&self, database: &str) -> Result<String> {
        let (place, port) = (&self.shared.place, self.port());
        let path = place.password_file();
        let password = fs::read_to_string(&path).map_err(cannot("read", &path))?;
        let socket = place.socket_of(port)?.map(|folder| folder.replace('/', "%2F"));
        let host = socket.as_deref().unwrap_or("127.0.0.1");
        Ok(format!("postgres://{SOUK}:{}@{host}:{port}/{database}", password.trim_end()))
    }

    /// The port on 127.0.0.1. It stays the same from start to start unless another program has taken it meanwhile.
    pub fn port(&self) -> u16 {
        self.shared.port.load(Ordering::Relaxed)
    }

    /// The folder of the cluster, its log and its password.
    pub fn folder(&self) -> &Path {
        self.shared.place.folder()
    }

    /// The installed programs that fit this cluster: `pg_dump`, `psql`, …
    ///
    /// # Errors
    /// As [`Programs::find`].
    pub fn programs(&self) -> Result<Programs> {
        programs_for(&self.shared.place)
    }

    /// Whether the server process lives at this moment.
    pub fn is_alive(&self) -> bool {
        postmaster::alive(&self.shared.place).is_ok_and(|postmaster| postmaster.is_some())
    }

    /// Starts the server again if it has died; says whether it had.
    ///
    /// # Errors
    /// As [`Server::join`].
    pub fn restart_if_dead(&self) -> Result<bool> {
        self.shared.restart_if_dead()
    }

    /// Looks after the server from a thread of its own until this use ends: a dead server is started again, with growing
    /// pauses if it keeps dying.
    pub fn watch(&mut self) {
        let server = || Watcher::new(Arc::clone(&self.shared));
        self.watcher.get_or_insert_with(server);
    }

    /// Ends this use; the last one stops the server and waits for its end.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if the server does not stop, or an I/O error.
    pub fn leave(mut self) -> Result<()> {
        self.end()
    }

    /// Ends this use but leaves the server running for whoever comes next; [`Server::stop_unused`] stops it.
    pub fn leave_running(mut self) {
        self.watcher = None;
        self.use_lock = None;
    }

    fn end(&mut self) -> Result<()> {
        self.watcher = None;
        if self.use_lock.is_none() {
            return Ok(());
        }
        let _changing = self.shared.place.lock_changes()?;
        self.use_lock = None;
        stop_if_unused(&self.shared.place).map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!("the private PostgreSQL may still run: {error}");
        }
    }
}

impl Shared {
    fn restart_if_dead(&self) -> Result<bool> {
        let living = postmaster::alive(&self.place)?;
        let port = if let Some(postmaster) = living.filter(|living| living.port != 0) {
            postmaster.port
        } else {
            let settings: Vec<_> =
                self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let _changing = self.place.lock_changes()?;
            ensure_running(&self.place, &settings)?
        };
        self.port.store(port, Ordering::Relaxed);
        Ok(living.is_none())
    }
}

/// Brings the server up, whatever state it is in, and returns its port; the change lock must be held.
fn ensure_running(place: &Place, settings: Settings<'_>) -> Result<u16> {
    if let Some(postmaster) = postmaster::running(place)? {
        return postmaster::wait_until_answering(place, postmaster).map(|ready| ready.port);
    }
    let programs = programs_for(place)?;
    if cluster::made_by(place)?.is_none() {
        cluster::make(place, &programs, settings)?;
        tracing::info!("made a PostgreSQL cluster in {}", place.folder().display());
    }
    let port = postmaster::start(place, &programs, settings)?.port;
    tracing::info!(port, "started the private PostgreSQL {}", programs.major());
    Ok(port)
}

fn programs_for(place: &Place) -> Result<Programs> {
    match cluster::made_by(place)? {
        Some(major) => Programs::find_for(&place.cluster(), major),
        None => Programs::find(),
    }
}

fn stop_if_unused(place: &Place) -> Result<bool> {
    let unused = place.is_unused()?;
    if unused {
        postmaster::stop(place)?;
    }
    Ok(unused)
}
