//! What instances tell each other at once: which models serve, and whose events came.
//!
//! A notice is sent with the commit that it tells of, and says no more than where to look. Whoever was not listening has
//! missed it, so a listener first hears [`Notice::Unknown`], and again whenever its connection was lost.

use std::sync::LazyLock;

use souk_base::MarketCode;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;

use crate::{Db, Result};

/// Told of promotions.
const MODELS: &str = "souk_models";
/// Told of events.
const VISITORS: &str = "souk_visitors";

/// Stands for this process, which knows of its own events without being told.
static OURS: LazyLock<String> = LazyLock::new(|| format!("{:016x}", rand::random::<u64>()));

/// Visitors of one notice: PostgreSQL takes at most 8,000 bytes.
const VISITORS_MAX: usize = 400;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Which models serve.
    Models,
    /// What these visitors did, told by another process, each by [`visitor_key`].
    Visitors(Vec<u64>),
    /// Anything: nobody was listening until now.
    Unknown,
}

/// Listens, on a connection of its own.
pub struct Notices {
    listener: PgListener,
    begun: bool,
}

impl Notices {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when PostgreSQL does not answer.
    pub async fn listen(db: &Db) -> Result<Notices> {
        let mut listener = PgListener::connect_with(db).await?;
        listener.listen_all([MODELS, VISITORS]).await?;
        Ok(Notices { listener, begun: false })
    }

    /// Waits for the next notice; a lost connection is one, too.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when PostgreSQL cannot be reached again.
    pub async fn next(&mut self) -> Result<Notice> {
        if !std::mem::replace(&mut self.begun, true) {
            return Ok(Notice::Unknown);
        }
        loop {
            let Some(notice) = self.listener.try_recv().await? else { return Ok(Notice::Unknown) };
            if notice.channel() == MODELS {
                return Ok(Notice::Models);
            }
            if !notice.payload().starts_with(OURS.as_str()) {
                return Ok(visitors(notice.payload()));
            }
        }
    }
}

/// The visitors of a notice; behind the name of the process that tells.
fn visitors(payload: &str) -> Notice {
    let keys = payload.split(' ').skip(1).map(|key| u64::from_str_radix(key, 16));
    keys.collect::<std::result::Result<_, _>>().map_or(Notice::Unknown, Notice::Visitors)
}

/// What a visitor is called in notices: 64 bits of a hash, since who it is concerns nobody there.
#[must_use]
pub fn visitor_key(visitor: &str) -> u64 {
    use sha2::{Digest as _, Sha256};

    let hash = Sha256::digest(visitor.as_bytes());
    hash[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// Tells of a promotion or its end, with the commit.
pub(crate) async fn of_models(
    connection: &mut PgConnection,
    model: &str,
    market: MarketCode,
) -> sqlx::Result<()> {
    send(connection, MODELS, &format!("{model} {market}")).await
}

/// Tells whose events came, with the commit.
pub(crate) async fn of_visitors(
    connection: &mut PgConnection,
    visitors: impl IntoIterator<Item = &str>,
) -> sqlx::Result<()> {
    let mut keys: Vec<u64> = visitors.into_iter().map(visitor_key).collect();
    keys.sort_unstable();
    keys.dedup();
    for keys in keys.chunks(VISITORS_MAX) {
        let keys: Vec<String> = keys.iter().map(|key| format!("{key:x}")).collect();
        send(connection, VISITORS, &format!("{} {}", *OURS, keys.join(" "))).await?;
    }
    Ok(())
}

async fn send(connection: &mut PgConnection, channel: &str, text: &str) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, text).execute(connection).await?;
    Ok(())
}
