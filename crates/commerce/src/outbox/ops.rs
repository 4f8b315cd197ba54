//! Telling what happened, and passing it on.

use serde_json::json;
use sqlx::PgConnection;

use super::{Event, Receiver, sql};
use crate::jobs::{self, NewJob};
use crate::{Db, Result, db};

/// Events that are passed on at once.
const BATCH: i64 = 200;

/// Days that events are kept after they were passed on.
const DAYS: i32 = 30;

/// Tells an event in the transaction of what happened; gives the id that names it.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn add(connection: &mut PgConnection, event: &Event) -> Result<i64> {
    Ok(sql::insert(connection, &event.topic, &event.subject, &event.payload).await?)
}

/// Tells several events in one statement, in their order.
///
/// # Errors
/// As [`add`].
pub async fn add_all(connection: &mut PgConnection, events: &[Event]) -> Result<()> {
    let topics: Vec<_> = events.iter().map(|event| event.topic.clone()).collect();
    let subjects: Vec<_> = events.iter().map(|event| event.subject.clone()).collect();
    let payloads: Vec<_> = events.iter().map(|event| event.payload.clone()).collect();
    Ok(sql::insert_all(connection, &topics, &subjects, &payloads).await?)
}

/// Makes the oldest events that nobody was told of into jobs of their receivers; says how many events. Several
/// processes may do so at once: each event is taken by one of them.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer; then nothing was passed on.
pub async fn dispatch(db: &Db, receivers: &[Receiver]) -> Result<usize> {
    let mut transaction = db::begin(db).await?;
    let events = sql::take(&mut transaction, BATCH).await?;
    for event in &events {
        for receiver in receivers.iter().filter(|it| event.topic.starts_with(it.topics)) {
            let payload = json!({
                "event": event.id, "topic": event.topic, "subject": event.subject, "payload": event.payload,
            });
            let job =
                NewJob { key: Some(event.id.to_string()), ..NewJob::new(receiver.job, payload) };
            jobs::enqueue(&mut transaction, &job).await?;
        }
    }
    transaction.commit().await?;
    Ok(events.len())
}

/// Forgets events that were passed on long ago; says how many.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn forget_sent(connection: &mut PgConnection) -> Result<u64> {
    Ok(sql::forget_sent(connection, DAYS).await?)
}
