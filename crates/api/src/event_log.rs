//! Events on their way into the database: requests that come while a batch is written are the next batch.
//!
//! A request is answered after the commit that has its events. The first of a batch gathers others for [`GATHER`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use souk_base::Position;
use souk_commerce::events::{self, Event};
use souk_commerce::{Db, Error as ShopError};
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// Time that the first request of a batch waits for others.
const GATHER: Duration = Duration::from_millis(5);

/// Events that are written together; a request's own are never parted.
const BATCH_MAX: usize = 5_000;

/// The requests that wait for the next batch.
#[derive(Clone, Default)]
pub(crate) struct EventLog {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    writing: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    events: Vec<Event>,
    told: oneshot::Sender<Result<Position>>,
}

impl EventLog {
    /// Writes events together with those of other requests; gives the position of the commit.
    pub(crate) async fn write(&self, db: &Db, events: Vec<Event>) -> Result<Position> {
        let (told, answer) = oneshot::channel();
        self.waiting().push(Waiting { events, told });
        let (log, db) = (self.clone(), db.clone());
        // In a task of its own: a client that goes away must not take others' events along.
        tokio::spawn(async move { log.write_next(&db).await });
        let gone = |_| Error::Internal("the writer of events ended early".to_owned());
        answer.await.map_err(gone)?
    }

    /// Writes the next batch, unless another task has written it.
    async fn write_next(&self, db: &Db) {
        let _turn = self.writing.lock().await;
        if self.waiting().is_empty() {
            return;
        }
        tokio::time::sleep(GATHER).await;
        let mut batch = self.next_batch();
        let events: Vec<Event> = batch.iter_mut().flat_map(|one| one.events.drain(..)).collect();
        let written = events::append(db, &events).await;
        for one in batch {
            // Whoever went away is not told.
            let _gone = one.told.send(match &written {
                Ok(position) => Ok(*position),
                Err(error) => Err(again(error)),
            });
        }
    }

    fn next_batch(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        let mut events = 0;
        let fits = waiting.iter().take_while(|one| {
            events += one.events.len();
            events <= BATCH_MAX
        });
        let length = fits.count().max(1);
        waiting.drain(..length).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same error for each request of a batch.
fn again(error: &ShopError) -> Error {
    match error {
        ShopError::Busy => ShopError::Busy.into(),
        other => Error::Internal(format!("events could not be written: {other}")),
    }
}
