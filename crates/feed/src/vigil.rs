//! Notices that the database has gone silent.
//!
//! A cut cable closes no connection: whoever waits for an answer waits for as long as the system resends,
//! a quarter of an hour. And a stream on which nothing happens is silent by nature. So a connection of its
//! own, opened with the session, asks a trifle every few seconds; when no answer comes, the session is over,
//! whatever it waits for.

use std::time::Duration;

use souk_commerce::Db;
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::follow::own_connection;

/// Pause between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// A server that takes longer than this to answer a trifle is gone, or no better than gone.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// A busy machine may take long to open a connection, and the session may do well without this one.
const OPEN_MAX: Duration = Duration::from_mins(1);

/// Returns when the database no longer answers. A connection that is refused or closed is none of its
/// business: the session notices that by itself.
pub(crate) async fn silence(db: &Db) -> Error {
    let mut begun = Instant::now();
    while begun.elapsed() < OPEN_MAX {
        if let Ok(Ok(mut connection)) = timeout(OPEN_MAX, own_connection(db)).await {
            loop {
                match timeout(ANSWER_MAX, souk_commerce::position(&mut connection)).await {
                    Ok(Ok(_)) => sleep(PAUSE).await,
                    Ok(Err(_)) => break,
                    Err(_) => return Error::Silent(ANSWER_MAX),
                }
            }
            begun = Instant::now();
        }
        sleep(PAUSE).await;
    }
    Error::Silent(OPEN_MAX)
}
