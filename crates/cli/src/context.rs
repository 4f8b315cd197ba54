//! What most commands stand on: the database in use, reached or started, and its schema up to date.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use souk_commerce::Db;
use souk_commerce::media::Store;
use souk_pgserver::Server;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::output::Output;

/// Connections of one process to the database.
const CONNECTIONS_MAX: u32 = 16;

/// Name of the shop's database in the private cluster.
const DATABASE: &str = "souk";

/// The database in use and how to talk to the person.
pub(crate) struct Context {
    /// All sources merged.
    pub config: Config,
    /// How to print.
    pub output: Output,
    /// Where the database is.
    pub url: String,
    /// Connections to it.
    pub db: Db,
    /// Cancelled when somebody asks this process to stop.
    pub stop: CancellationToken,
    /// The private cluster, when that is the one in use.
    pub server: Option<Server>,
}

impl Context {
    /// Reaches the database in use, starting the private one where needed, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// When there is no PostgreSQL to be had, it does not answer, or a migration fails.
    pub(crate) async fn open(
        config: Config,
        output: Output,
        stop: CancellationToken,
    ) -> anyhow::Result<Context> {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot create {}", config.data.display()))?;
        let (server, url) = match &config.database_url {
            Some(url) => (None, url.clone()),
            None => {
                let data = config.data.clone();
                let server = tokio::task::spawn_blocking(move || join(&data)).await??;
                let url = server.url(DATABASE)?;
                (Some(server), url)
            }
        };
        let db = souk_commerce::connect(&url, CONNECTIONS_MAX)
            .await
            .context("cannot reach PostgreSQL")?;
        souk_commerce::migrate(&db).await?;
        Ok(Context { config, output, url, db, stop, server })
    }

    /// Leaves the database; the last to leave a private one stops it.
    pub(crate) async fn close(self) {
        self.db.close().await;
        if let Some(server) = self.server
            && let Err(error) = tokio::task::spawn_blocking(move || server.leave()).await
        {
            tracing::warn!(%error, "the private database was not left cleanly");
        }
    }

    /// The folder that holds this version's index.
    #[must_use]
    pub(crate) fn index_dir(&self) -> PathBuf {
        self.config.data.join("index").join(souk_search::schema_hash())
    }

    /// The name of this instance among those that share a database.
    ///
    /// # Errors
    /// When the data folder cannot be written.
    pub(crate) fn instance(&self) -> anyhow::Result<String> {
        match &self.config.instance {
            Some(name) => Ok(name.clone()),
            None => self.kept("instance", || format!("{:08x}", rand::random::<u32>())),
        }
    }

    /// The key that cursors are signed with.
    ///
    /// # Errors
    /// When the data folder cannot be written.
    pub(crate) fn secret(&self) -> anyhow::Result<String> {
        match &self.config.secret {
            Some(secret) => Ok(secret.clone()),
            None => self.kept("secret", || format!("{:032x}", rand::random::<u128>())),
        }
    }

    /// Where the files of pictures lie: at the configured address, else in the data folder.
    ///
    /// # Errors
    /// When the address cannot be read or the folder not made.
    pub(crate) fn media(&self) -> anyhow::Result<Store> {
        match &self.config.media_url {
            Some(address) => {
                Store::at(address).with_context(|| format!("media_url is \"{address}\""))
            }
            None => Ok(Store::folder(&self.config.data.join("media"))?),
        }
    }

    /// The text kept under this name in the data folder, made once by `make`.
    ///
    /// # Errors
    /// When the file can be neither read nor written.
    fn kept(&self, name: &str, make: impl FnOnce() -> String) -> anyhow::Result<String> {
        let path = self.config.data.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = make();
                write_private(&path, &text)?;
                Ok(text)
            }
            Err(error) => Err(error).context(format!("cannot read {}", path.display())),
        }
    }
}

/// Joins the private cluster and has it started again should it die.
fn join(data: &Path) -> Result<Server, souk_pgserver::Error> {
    let mut server = Server::join(data)?;
    server.watch();
    Ok(server)
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}
