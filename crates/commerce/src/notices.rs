//! What instances tell each other at once: which models serve, and of which shoppers something is new.
//!
//! A notice is sent with the commit that it tells of, and says no more than where to look. Whoever was not listening has
//! missed it, so a listener first hears [`Notice::Unknown`], and again whenever its connection was lost.

use std::sync::LazyLock;

use souk_base::MarketCode;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;

use crate::recommendations::Shopper;
use crate::{Db, Result};

/// Told of promotions, of what placements are for, and of experiments.
const MODELS: &str = "souk_models";
/// Told of events and purchases.
const VISITORS: &str = "souk_visitors";

/// Stands for this process, which knows of its own events without being told.
static OURS: LazyLock<String> = LazyLock::new(|| format!("{:016x}", rand::random::<u64>()));

/// Visitors of one notice: PostgreSQL takes at most 8,000 bytes.
const VISITORS_MAX: usize = 400;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Which models serve, what placements are for, or what is tried on visitors.
    Models,
    /// What these shoppers did, told by another process or by the shop itself, each by [`shopper_key`].
    Shoppers(Vec<u64>),
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
                return Ok(shoppers(notice.payload()));
            }
        }
    }
}

/// The shoppers of a notice; behind the name of the process that tells.
fn shoppers(payload: &str) -> Notice {
    let keys = payload.split(' ').skip(1).map(|key| u64::from_str_radix(key, 16));
    keys.collect::<std::result::Result<_, _>>().map_or(Notice::Unknown, Notice::Shoppers)
}

/// What a shopper is called in notices: 63 bits of a hash, since who it is concerns nobody there. The first bit says
/// whether it is an account, so that no device can be called like one.
#[must_use]
pub fn shopper_key(shopper: Shopper<'_>) -> u64 {
    use sha2::{Digest as _, Sha256};

    let (kind, hash) = match shopper {
        Shopper::Visitor(visitor) => (0, Sha256::digest(visitor.as_bytes())),
        Shopper::Customer(customer) => (1, Sha256::digest(customer.get().to_be_bytes())),
    };
    hash[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte)) >> 1 | kind << 63
}

/// Tells of a promotion or its end, with the commit.
pub(crate) async fn of_models(
    connection: &mut PgConnection,
    model: &str,
    market: MarketCode,
) -> sqlx::Result<()> {
    send(connection, MODELS, &format!("{model} {market}")).await
}

/// Tells whose events came, with the commit; this process is told by who writes them.
pub(crate) async fn of_shoppers(
    connection: &mut PgConnection,
    shoppers: impl IntoIterator<Item = Shopper<'_>>,
) -> sqlx::Result<()> {
    tell(connection, OURS.as_str(), shoppers).await
}

/// Tells every process, this one too, to look again at what shoppers bought, with the commit.
pub(crate) async fn of_buyers(
    connection: &mut PgConnection,
    shoppers: impl IntoIterator<Item = Shopper<'_>>,
) -> sqlx::Result<()> {
    tell(connection, "shop", shoppers).await
}

async fn tell(
    connection: &mut PgConnection,
    teller: &str,
    shoppers: impl IntoIterator<Item = Shopper<'_>>,
) -> sqlx::Result<()> {
    let mut keys: Vec<u64> = shoppers.into_iter().map(shopper_key).collect();
    keys.sort_unstable();
    keys.dedup();
    for keys in keys.chunks(VISITORS_MAX) {
        let keys: Vec<String> = keys.iter().map(|key| format!("{key:x}")).collect();
        send(connection, VISITORS, &format!("{teller} {}", keys.join(" "))).await?;
    }
    Ok(())
}

async fn send(connection: &mut PgConnection, channel: &str, text: &str) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, text).execute(connection).await?;
    Ok(())
}
