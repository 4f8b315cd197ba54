//! An engine that follows the database inside this process.

use std::fs::File;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use souk_commerce::Db;
use souk_feed::Status;
use souk_search::Engine;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::lock;

/// How long text changes are gathered before they are committed to the index.
const COMMIT_INTERVAL: Duration = Duration::from_millis(100);
/// How often the live columns are saved, so that a start after a crash has little to catch up with.
const SAVE_INTERVAL: Duration = Duration::from_secs(60);

/// How often all files of the index are looked through for damage.
const SCRUB_INTERVAL: Duration = Duration::from_secs(20);

/// An engine kept fresh by a task of its own.
pub(crate) struct Following {
    /// What searches read.
    pub engine: Arc<Engine>,
    /// How far the task is.
    pub status: watch::Receiver<Status>,
    /// Asks for a new index; the old one serves until it is filled.
    pub reindex: mpsc::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
    registration: JoinHandle<souk_feed::Result<()>>,
    stop: CancellationToken,
    /// Nobody else may touch the index while this is open.
    _lock: File,
}

impl Following {
    /// Starts following; the first fill goes on behind.
    ///
    /// # Errors
    /// When another process uses the index, or the data folder cannot be written.
    pub(crate) fn start(context: &Context) -> anyhow::Result<Following> {
        let lock = lock::hold(&context.config.data)?;
        Following::start_locked(context, lock)
    }

    /// Throws the index away and starts with an empty one.
    ///
    /// # Errors
    /// As [`Following::start`].
    pub(crate) fn start_anew(context: &Context) -> anyhow::Result<Following> {
        let lock = lock::hold(&context.config.data)?;
        remove_index(&context.index_dir())?;
        Following::start_locked(context, lock)
    }

    fn start_locked(context: &Context, lock: File) -> anyhow::Result<Following> {
        let engine = Arc::new(Engine::new());
        let (sender, status) = watch::channel(Status::default());
        let (reindex, asked) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let config = souk_feed::Config {
            database_url: context.url.clone(),
            index_dir: context.index_dir(),
            instance: context.instance()?,
            commit_interval: COMMIT_INTERVAL,
            save_interval: SAVE_INTERVAL,
            scrub_interval: SCRUB_INTERVAL,
        };
        let registration = tokio::spawn(souk_feed::stay_registered(
            config.clone(),
            host(),
            context.config.slot_limits,
            context.db.clone(),
            status.clone(),
            stop.clone(),
        ));
        let follower = Follower { config, db: context.db.clone(), engine: engine.clone(), sender };
        let task = tokio::spawn(follower.run(asked, stop.clone()));
        Ok(Following { engine, status, reindex, task, registration, stop, _lock: lock })
    }

    /// Waits until the engine has everything that was committed before this call.
    ///
    /// # Errors
    /// When following ends before that.
    pub(crate) async fn caught_up(&mut self, context: &Context) -> anyhow::Result<()> {
        let wanted = souk_commerce::position(&mut *context.db.acquire().await?).await?;
        let engine = self.engine.clone();
        let reached = move |_: &Status| engine.view().is_some_and(|view| view.position >= wanted);
        if self.status.wait_for(reached).await.is_err() {
            bail!("following the database ended early; the log says why");
        }
        Ok(())
    }

    /// Ends following and waits for the last commit.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "following the database ended with an error"),
            Err(error) => tracing::error!(%error, "following the database broke off"),
        }
        // It says its own failures.
        let _ended = self.registration.await;
    }
}

/// Name of this machine, for people who look for an instance.
fn host() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}

/// What the task needs each time it begins to follow.
struct Follower {
    config: souk_feed::Config,
    db: Db,
    engine: Arc<Engine>,
    sender: watch::Sender<Status>,
}

impl Follower {
    /// Follows until stopped; asked for a new index, throws the old files away and begins again.
    async fn run(
        self,
        mut asked: mpsc::Receiver<()>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        loop {
            let session = stop.child_token();
            let mut follow = pin!(souk_feed::follow(
                self.config.clone(),
                self.db.clone(),
                self.engine.clone(),
                self.sender.clone(),
                session.clone(),
            ));
            tokio::select! {
                ended = &mut follow => return Ok(ended?),
                Some(()) = asked.recv() => {
                    session.cancel();
                    follow.await?;
                    remove_index(&self.config.index_dir)?;
                }
            }
        }
    }
}

/// Removes an index, if there is one; views that are in use keep their open files.
///
/// # Errors
/// When the folder cannot be removed.
fn remove_index(index: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", index.display()))
        }
        _ => Ok(()),
    }
}
