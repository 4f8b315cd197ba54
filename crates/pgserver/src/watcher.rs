//! Starting a server again that died under its users.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Shared;

const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A thread that looks after the server until this value is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    pub(crate) fn new(server: Arc<Shared>) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || watch(&server, &stopped));
        Watcher { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the watcher has been printed and must not become ours.
            let _ = thread.join();
        }
    }
}

/// Looks twice a second; a server that dies again and again, or does not start, is given ever longer pauses.
fn watch(server: &Shared, stopped: &mpsc::Receiver<()>) {
    let mut pause = PAUSE_MIN;
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        pause = match server.restart_if_dead() {
            Ok(false) => PAUSE_MIN,
            Ok(true) => (pause * 2).min(PAUSE_MAX),
            Err(error) => {
                tracing::error!("cannot start the private PostgreSQL again: {error}");
                (pause * 2).min(PAUSE_MAX)
            }
        };
    }
}
