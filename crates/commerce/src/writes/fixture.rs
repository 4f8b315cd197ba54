//! What tests of the office's verbs share.

use serde_json::Value;
use sqlx::PgPool;

use super::{Answer, Begun, IdempotencyKey, Write, begin};
use crate::Result;

/// An open write of the command line, without a key.
pub(crate) async fn write(pool: &PgPool) -> Write {
    match begin(pool, None, None).await.unwrap() {
        Begun::New(write) => write,
        Begun::Before(answer) => panic!("{answer:?}"),
    }
}

/// Commits what a test wrote.
pub(crate) async fn keep(pool: &PgPool, write: Write) {
    write.commit(pool, &answer("")).await.unwrap();
}

/// An answer with this body.
pub(crate) fn answer(body: &str) -> Answer {
    Answer {
        status: 200,
        headers: vec![("etag".to_owned(), "\"x\"".to_owned())],
        body: body.into(),
    }
}

/// Opens a write with this key for a request with this body.
pub(crate) async fn begin_with(pool: &PgPool, key: &str, body: &str) -> Result<Begun> {
    let key = IdempotencyKey::new("staff:1", key, &[b"POST /v1/admin/products", body.as_bytes()]);
    begin(pool, None, Some(key)).await
}

/// Actions in the audit, the oldest first.
pub(crate) async fn audited(pool: &PgPool) -> Vec<(String, Value)> {
    let mut records =
        crate::audit::recent(&mut pool.acquire().await.unwrap(), None, 100).await.unwrap();
    records.reverse();
    records.into_iter().map(|record| (record.action, record.detail)).collect()
}
