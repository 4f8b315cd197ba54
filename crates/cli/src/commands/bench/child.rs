//! `souk serve` as a child process: started, waited for, watched, stopped or killed.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::client::Client;
use super::data::Shop;
use super::sql;
use crate::output::Output;

/// Between two looks at the child's memory.
const MEMORY_INTERVAL: Duration = Duration::from_millis(20);
/// Between two questions whether it is ready: a hundredth of the time so far within these, since each costs it two queries.
const READY_INTERVAL: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));
/// Between two looks whether its slot is free.
const SLOT_INTERVAL: Duration = Duration::from_millis(100);
/// How long it may take to end when asked to, and its slot to be let go of.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to be ready: this, and this for each product of an index that is filled.
const READY_PATIENCE: Duration = Duration::from_secs(120);
const FILL_PATIENCE: Duration = Duration::from_millis(20);

/// A serving process; killed when dropped.
pub(super) struct Child {
    /// Where pages and API are.
    pub address: SocketAddr,
    /// Where `/metrics` is.
    pub metrics: SocketAddr,
    process: tokio::process::Child,
    started: Instant,
    patience: Duration,
    log: std::path::PathBuf,
    peak: Arc<AtomicU64>,
    watching: JoinHandle<()>,
}

impl Child {
    /// Starts serving the bench's shop on free ports.
    ///
    /// # Errors
    /// When no process can be started or the data folder cannot be written.
    pub(super) fn start(shop: &Shop) -> anyhow::Result<Child> {
        let (address, metrics) = free_addresses()?;
        let log = shop.folder.join("serve.log");
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        for (name, _) in std::env::vars_os() {
            // The shop's own settings are not the bench's; where PostgreSQL's programs are is.
            if name.as_encoded_bytes().starts_with(b"SOUK_") && name != "SOUK_PG_BIN" {
                command.env_remove(name);
            }
        }
        command
            .arg("--data")
            .arg(&shop.folder)
            .args(["serve", "--bind", &address.to_string()])
            .args(["--metrics-bind", &metrics.to_string()])
            .env("DATABASE_URL", &shop.url)
            // Away from any souk.toml.
            .current_dir(&shop.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).with_context(|| format!("cannot write {}", log.display()))?)
            .kill_on_drop(true);
        let started = Instant::now();
        let process = command.spawn().context("cannot start souk serve")?;
        let peak = Arc::default();
        let watching = tokio::spawn(watch(process.id().unwrap_or_default(), Arc::clone(&peak)));
        let products = u32::try_from(shop.scale.products).unwrap_or(u32::MAX);
        let patience = READY_PATIENCE + FILL_PATIENCE * products;
        Ok(Child { address, metrics, process, started, patience, log, peak, watching })
    }

    /// Waits until `/readyz` says 200; answers how long that took from the start.
    ///
    /// # Errors
    /// When the process ends, or it takes too long.
    pub(super) async fn ready(&mut self, output: Output, what: &str) -> anyhow::Result<Duration> {
        let mut client = Client::new(self.address);
        let bar = output.bar(0, what);
        bar.enable_steady_tick(Duration::from_millis(250));
        let mut said = "nothing".to_owned();
        loop {
            if let Ok(answer) = client.get("/readyz").await {
                if answer.status == 200 {
                    bar.finish_and_clear();
                    return Ok(self.started.elapsed());
                }
                said = String::from_utf8_lossy(&answer.body).into_owned();
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("souk serve ended with {status}; see {}", self.log.display());
            }
            if self.started.elapsed() > self.patience {
                bail!("souk serve is not ready after {:?}; it says {said}", self.patience);
            }
            let (least, most) = READY_INTERVAL;
            sleep((self.started.elapsed() / 100).clamp(least, most)).await;
        }
    }

    /// The most anonymous memory that it has had so far, in bytes.
    pub(super) fn peak_bytes(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// A gauge of `/metrics`; none when it has no such line.
    pub(super) async fn gauge(&self, name: &str) -> Option<f64> {
        let answer = Client::new(self.metrics).get("/metrics").await.ok()?;
        let text = String::from_utf8(answer.body).ok()?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        value.parse().ok()
    }

    /// Asks it to end as an operator would, and waits for it.
    ///
    /// # Errors
    /// When it does not end in time or ends with an error.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        let id =
            id.and_then(Pid::from_raw).context("souk serve has ended before it was asked to")?;
        kill_process(id, Signal::TERM)?;
        let Ok(ended) = timeout(STOP_PATIENCE, self.process.wait()).await else {
            self.process.kill().await?;
            bail!("souk serve did not end within {STOP_PATIENCE:?} of being asked to");
        };
        let status = ended?;
        if !status.success() {
            bail!("souk serve ended with {status}; see {}", self.log.display());
        }
        Ok(())
    }

    /// Kills it as a power cut would.
    ///
    /// # Errors
    /// When it has ended before.
    pub(super) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.process.kill().await?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Two ports of this machine that nobody has.
fn free_addresses() -> anyhow::Result<(SocketAddr, SocketAddr)> {
    let bind = || TcpListener::bind(("127.0.0.1", 0));
    // Both are held before either is let go of, so that they differ.
    let (one, other) = (bind()?, bind()?);
    Ok((one.local_addr()?, other.local_addr()?))
}

/// Notes the most anonymous memory of the process until it ends.
async fn watch(id: u32, peak: Arc<AtomicU64>) {
    let path = format!("/proc/{id}/status");
    let mut ticks = interval(MEMORY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let Ok(status) = std::fs::read_to_string(&path) else { return };
        let anonymous = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = anonymous.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok());
        peak.fetch_max(kilobytes.unwrap_or(0_u64) * 1_024, Ordering::Relaxed);
    }
}

/// Throws the index and the slot away, so that no log is kept for a bench that may never come again.
///
/// # Errors
/// When the database does not answer, or the slot is still in use.
pub(super) async fn forget(shop: &Shop) -> anyhow::Result<()> {
    let index = shop.folder.join("index");
    match std::fs::remove_dir_all(&index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context(format!("cannot remove {}", index.display()));
        }
        _ => {}
    }
    let deadline = Instant::now() + STOP_PATIENCE;
    while sql::drop_slots(&shop.db).await? > 0 {
        if Instant::now() > deadline {
            bail!("a process still follows {}; end it and try again", shop.scale.database());
        }
        sleep(SLOT_INTERVAL).await;
    }
    Ok(())
}

/// The bytes of the files in the index's folder.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn index_bytes(shop: &Shop) -> anyhow::Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![shop.folder.join("index")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            // A file that a merge removes meanwhile is no part of the index.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += metadata.len();
            }
        }
    }
    Ok(bytes)
}
