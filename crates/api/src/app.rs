//! What every handler shares.

use std::ops::DerefMut;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use souk_base::{PopularQueries, Position};
use souk_commerce::checkout::Limits;
use souk_commerce::customers::{self, Door};
use souk_commerce::notifications::{Messengers, Post};
use souk_commerce::payments::Gateways;
use souk_commerce::{Db, PgConnection, media};
use souk_search::{Engine, View};
use tokio::time::{Instant, sleep};

use crate::cursor::Keys;
use crate::error::{Code, Error, Result};
use crate::event_log::EventLog;
use crate::layers::panic_text;
use crate::origins::Origins;
use crate::recommender::Recommender;
use crate::search_log::SearchLog;
use crate::searchers::Searchers;
use crate::secrets;

/// Longest wait for a position that has not been read yet.
const POSITION_WAIT: Duration = Duration::from_millis(500);

/// Pause between two looks at the position; a fraction of what a commit of the index takes.
const POSITION_PAUSE: Duration = Duration::from_millis(5);

/// What every handler shares.
pub struct App {
    /// The shop's database.
    pub db: Db,
    /// What is searched.
    pub engine: Arc<Engine>,
    /// What the server signs with.
    pub keys: Keys,
    /// Whether everything was ready once: from then on only what shoppers need counts.
    pub(crate) was_ready: AtomicBool,
    /// How many unpaid purchases somebody may have at once.
    pub limits: Limits,
    /// Where customers come in.
    pub door: Door,
    /// Which other sites' pages may read the public routes.
    pub origins: Origins,
    /// Searches on their way into the log.
    pub(crate) searches: SearchLog,
    /// Events on their way into the database.
    pub(crate) events: EventLog,
    /// What recommendations are answered from.
    pub(crate) recommender: Recommender,
    /// The shop's accounts at payment providers.
    pub gateways: Gateways,
    /// Who carries messages to customers.
    messengers: Messengers,
    /// Where shoppers reach the shop, without a closing slash.
    site: String,
    popular: RwLock<Arc<PopularQueries>>,
    media: Option<media::Store>,
    searchers: Searchers,
}

/// The shared [`App`].
pub type AppState = Arc<App>;

impl App {
    /// An app. Instances of one shop share the secret, or they refuse each other's cursors.
    #[must_use]
    pub fn new(db: Db, engine: Arc<Engine>, secret: &str) -> Self {
        let keys = Keys::new(secret.as_bytes());
        let door = Door { key: keys.codes(), limits: customers::Limits::default() };
        App {
            db,
            engine,
            keys,
            door,
            was_ready: AtomicBool::new(false),
            limits: Limits::default(),
            origins: Origins::default(),
            searches: SearchLog::default(),
            events: EventLog::default(),
            recommender: Recommender::default(),
            gateways: Gateways::none(),
            messengers: Messengers::none(),
            site: String::new(),
            popular: RwLock::default(),
            media: None,
            searchers: Searchers::new(),
        }
    }

    /// The same app, readable from the pages of these sites.
    #[must_use]
    pub fn with_origins(self, origins: Origins) -> Self {
        App { origins, ..self }
    }

    /// The same app with other limits of unpaid purchases.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        App { limits, ..self }
    }

    /// The same app with other limits of codes and log-ins.
    #[must_use]
    pub fn with_door_limits(self, limits: customers::Limits) -> Self {
        App { door: Door { limits, ..self.door }, ..self }
    }

    /// The same app with somebody who carries messages, in which the shop is at this address.
    #[must_use]
    pub fn with_messengers(self, messengers: Messengers, site: &str) -> Self {
        App { messengers, site: site.trim_end_matches('/').to_owned(), ..self }
    }

    /// What messages are made with and who carries them.
    pub(crate) fn post(&self) -> Post {
        let (keys, site) = (self.keys.clone(), self.site.clone());
        let gift_link = move |group| format!("{site}/gift/{}", secrets::gift_token(&keys, group));
        let (keys, site) = (self.keys.clone(), self.site.clone());
        let link = move |group, number: &str| {
            format!("{site}/orders/{number}?secret={}", secrets::of_group(&keys, group))
        };
        Post {
            db: self.db.clone(),
            messengers: self.messengers.clone(),
            key: self.door.key.clone(),
            link: Arc::new(link),
            gift_link: Arc::new(gift_link),
        }
    }

    /// The same app with accounts at payment providers.
    #[must_use]
    pub fn with_gateways(self, gateways: Gateways) -> Self {
        App { gateways, ..self }
    }

    /// The same app with a place for pictures.
    #[must_use]
    pub fn with_media(self, store: media::Store) -> Self {
        App { media: Some(store), ..self }
    }

    /// Where the files of pictures lie.
    ///
    /// # Errors
    /// [`Error::Internal`] for an app that was made without a place for them.
    pub fn media(&self) -> Result<&media::Store> {
        self.media.as_ref().ok_or_else(|| Error::Internal("no place for pictures".to_owned()))
    }

    /// The queries that several visitors mean; what is suggested by them needs no further look into the database.
    #[must_use]
    pub fn popular(&self) -> Arc<PopularQueries> {
        self.popular.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Suggests by these from now on.
    pub fn set_popular(&self, queries: PopularQueries) {
        *self.popular.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(queries);
    }

    /// Writes what is only in memory yet: the logs of searches and of recommendations. For the end of a process, and for tests.
    ///
    /// # Errors
    /// [`Error::Commerce`] when the database does not take it.
    pub async fn flush(&self) -> Result<()> {
        self.searches.flush(&self.db).await?;
        Ok(self.recommender.lists.flush(&self.db).await?)
    }

    /// What is searched now.
    ///
    /// # Errors
    /// [`Error::NotReady`] before the first fill of the index.
    pub fn view(&self) -> Result<Arc<View>> {
        self.engine.view().ok_or(Error::NotReady)
    }

    /// A connection to the shop's database.
    ///
    /// # Errors
    /// [`Error::Commerce`] when none is free for too long, or the database does not answer.
    pub async fn connection(&self) -> Result<impl DerefMut<Target = PgConnection>> {
        Ok(self.db.acquire().await.map_err(souk_commerce::Error::from)?)
    }

    /// A transaction in which a cart is read: its plans are made once and not each time.
    ///
    /// # Errors
    /// As [`App::connection`].
    pub async fn reading(&self) -> Result<impl DerefMut<Target = PgConnection>> {
        Ok(souk_commerce::read(&self.db).await?)
    }

    /// What is searched once this position is in, or half a second from now, and whether it is behind.
    pub(crate) async fn view_at(&self, position: Option<Position>) -> Result<(Arc<View>, bool)> {
        let wanted = position.unwrap_or_default();
        let deadline = Instant::now() + POSITION_WAIT;
        loop {
            let view = self.view()?;
            let behind = view.position < wanted;
            if !behind || Instant::now() >= deadline {
                return Ok((view, behind));
            }
            sleep(POSITION_PAUSE).await;
        }
    }

    /// Runs a search, synchronous work, on the threads kept for it. A search that fails or panics makes the index
    /// suspect: its files are looked through at once.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = match self.searchers.run(work).await {
            Ok(done) => done,
            Err(error) => Err(Error::SearchBroke(match error.try_into_panic() {
                Ok(payload) => format!("a search panicked: {}", panic_text(&*payload)),
                Err(cancelled) => cancelled.to_string(),
            })),
        };
        if done.as_ref().is_err_and(|error| error.code() == Code::SearchUnavailable) {
            self.engine.suspect();
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;

    use super::*;

    #[tokio::test]
    async fn a_search_that_fails_or_panics_is_unavailable_and_makes_the_index_suspect() {
        let db = TestDb::new().await;
        let app = App::new(db.pool().clone(), Arc::new(Engine::new()), "secret");
        let broken = || Err(souk_search::Error::from(std::io::Error::other("a disk")).into());

        let panicked: Result<()> = app.compute(|| panic!("assertion failed: a path")).await;
        let failed: Result<()> = app.compute(broken).await;
        let refused: Result<()> = app.compute(|| Err(Error::NotFound)).await;

        assert_eq!(panicked.as_ref().unwrap_err().code(), Code::SearchUnavailable);
        assert!(panicked.unwrap_err().to_string().contains("a path"), "the log is told");
        assert_eq!(failed.unwrap_err().code(), Code::SearchUnavailable);
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
        assert_eq!(app.engine.suspicions(), 2);
    }
}
