//! Notices that the database has gone silent.
//!
//! A cut cable closes no connection: whoever waits for an answer waits for as long as the system resends,
//! a quarter of an hour. And a stream on which nothing happens is silent by nature. So a connection of its
//! own, opened with the session, asks a trifle every few seconds; when no answer comes, the session is over,
//! whatever it waits for.

use std::time::Duration;

use souk_commerce::Db;
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::follow::own_connection;

/// Pause between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// A server that takes longer than this is gone, or no better than gone.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Returns when the database no longer answers, and why.
pub(crate) async fn silence(db: &Db) -> Error {
    let mut connection = match timeout(ANSWER_MAX, own_connection(db)).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return error,
        Err(_) => return Error::Silent(ANSWER_MAX),
    };
    loop {
        match timeout(ANSWER_MAX, souk_commerce::position(&mut connection)).await {
            Ok(Ok(_)) => sleep(PAUSE).await,
            Ok(Err(error)) => return error.into(),
            Err(_) => return Error::Silent(ANSWER_MAX),
        }
    }
}
