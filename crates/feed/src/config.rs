//! What a feed is told when it starts, and where its stream connects to.

use std::path::PathBuf;
use std::time::Duration;

use pgwire_replication::{Lsn, ReplicationConfig};
use souk_base::Position;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{Error, Result};

/// The publication of the followed tables (`migrations/*_feed_publish.sql`).
pub(crate) const PUBLICATION: &str = "souk_feed";
/// Longest instance name: the slot name around it stays below PostgreSQL's 63 bytes.
const INSTANCE_LENGTH_MAX: usize = 40;
/// Characters of the schema hash in the slot name.
const HASH_LENGTH: usize = 8;
/// How soon a confirmed position is told to PostgreSQL.
const STATUS_INTERVAL: Duration = Duration::from_secs(1);
/// Rows that may wait to be taken note of, some 10 MB: what comes behind a price list is heard while a slice of it is
/// being read.
const EVENTS_MAX: usize = 65_536;
/// Largest message of the stream: as large as PostgreSQL's own. Rows carry keys only, but the session also
/// hears what anybody says with `pg_logical_emit_message`, and a smaller limit would end it there for good.
const MESSAGE_BYTES_MAX: usize = 1 << 30;

/// What a feed needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// URL of the database whose changes are followed; its user may replicate.
    pub database_url: String,
    /// Where the index lives: `<data directory>/index/<schema hash>`.
    pub index_dir: PathBuf,
    /// Name of this instance: lower-case letters, digits and underscores, at most 40.
    pub instance: String,
    /// Shortest time between two commits of the index.
    pub commit_interval: Duration,
    /// Time between two savings of the live columns, while they change.
    pub save_interval: Duration,
    /// Time between two looks through all files of the index; each reads 50 MB a second at most.
    pub scrub_interval: Duration,
}

impl Config {
    /// Name of the replication slot: `souk_<instance>_<schema hash>`, so that a program with another
    /// index schema follows on a slot of its own.
    ///
    /// # Errors
    /// [`Error::Instance`] for a name that cannot be part of a slot's.
    pub fn slot_name(&self) -> Result<String> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let length_fits = (1..=INSTANCE_LENGTH_MAX).contains(&self.instance.len());
        if !length_fits || !self.instance.bytes().all(known) {
            return Err(Error::Instance(self.instance.clone()));
        }
        let hash: String = souk_search::schema_hash().chars().take(HASH_LENGTH).collect();
        Ok(format!("souk_{}_{hash}", self.instance))
    }

    /// Where and how the stream connects, to start behind this position.
    pub(crate) fn replication(&self, start: Position) -> Result<ReplicationConfig> {
        let options: PgConnectOptions = self.database_url.parse()?;
        if matches!(
            options.get_ssl_mode(),
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
        ) {
            return Err(Error::StreamTls);
        }
        let host = options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |socket| socket.to_string_lossy().into_owned(),
        );
        let slot = self.slot_name()?;
        let user = options.get_username();
        let database = options.get_database().unwrap_or(user);
        Ok(ReplicationConfig::new(host, user, password(&options), database, &*slot, PUBLICATION)
            .with_port(options.get_port())
            .with_start_lsn(Lsn(start.0))
            .with_status_interval(STATUS_INTERVAL)
            .with_buffer_size(EVENTS_MAX)
            .with_max_message_size(MESSAGE_BYTES_MAX)
            .with_application_name(slot))
    }
}

/// The password, wherever sqlx found it (URL, environment, password file); its options tell it only as
/// part of a URL, percent-encoded.
fn password(options: &PgConnectOptions) -> String {
    let url = options.clone().username("user").host("localhost").database("name").to_url_lossy();
    percent_decoded(url.password().unwrap_or_default())
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after.first_chunk::<2>().and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                rest = &after[2..];
            }
            _ => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(instance: &str, database_url: &str) -> Config {
        Config {
            database_url: database_url.to_owned(),
            index_dir: PathBuf::new(),
            instance: instance.to_owned(),
            commit_interval: Duration::from_millis(100),
            save_interval: Duration::from_secs(60),
            scrub_interval: Duration::from_secs(20),
        }
    }

    #[test]
    fn the_slot_is_named_after_instance_and_schema() {
        let name = config("shop_1", "postgres://localhost").slot_name().unwrap();

        assert!(name.starts_with("souk_shop_1_"), "{name}");
        assert_eq!(name.len(), "souk_shop_1_".len() + 8);
    }

    #[test]
    fn an_instance_name_that_no_slot_can_have_is_refused() {
        for bad in ["", "Shop", "shop-1", "магазин", &"a".repeat(41)] {
            let refused = config(bad, "postgres://localhost").slot_name();

            assert!(matches!(refused, Err(Error::Instance(_))), "{bad}");
        }
    }

    #[test]
    fn the_stream_connects_where_the_url_says() {
        let url = "postgres://u%40x:p%3Aä%2F%25@db.example.com:6432/shop";
        let target = config("a", url).replication(Position(16)).unwrap();

        assert_eq!((target.host.as_str(), target.port), ("db.example.com", 6432));
        assert_eq!((target.user.as_str(), target.password.as_str()), ("u@x", "p:ä/%"));
        assert_eq!(target.database, "shop");
        assert_eq!(target.start_lsn, Lsn(16));
    }

    #[test]
    fn a_url_that_demands_tls_is_refused_rather_than_followed_in_the_clear() {
        let refused =
            config("a", "postgres://u@h/shop?sslmode=require").replication(Position::default());

        assert!(matches!(refused, Err(Error::StreamTls)));
    }
}
