//! Keeps up what recommendations are answered from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use souk_base::MarketCode;
use souk_commerce::models::{self, Version};
use souk_commerce::notices::{Notice, Notices};
use souk_commerce::products::{self, Key};
use souk_commerce::recommendation_settings::{self, Settings};
use souk_commerce::recommendations;
use souk_recommend::artifact::{Called, Manifest};
use souk_recommend::serve::{Served, Shop};
use souk_recommend::train::{Kept, Kind};
use souk_search::Searcher;
use tokio::time::{MissedTickBehavior, interval};

use super::{Catalogue, Stand, Values};
use crate::AppState;
use crate::error::{Error, Result};

/// How often it is looked whether something has changed.
const LOOK: Duration = Duration::from_millis(250);
/// Of the time between two looks through all products at most this part is spent on one.
const SHARE: u32 = 20;
/// How often is looked again what is wanted most.
const WANTED: Duration = Duration::from_secs(20);
/// How often is counted what products bring.
const VALUES: Duration = Duration::from_secs(1_800);
/// Pause before listening again.
const RETRY: Duration = Duration::from_secs(1);

/// The promoted versions that are loaded, by market and model.
type Loaded = BTreeMap<(MarketCode, Kind), (i64, Arc<Served>)>;

/// What is known at one moment.
#[derive(Default)]
struct Keeper {
    loaded: Loaded,
    /// Versions that cannot be used; told of once.
    refused: HashSet<i64>,
    catalogue: Arc<Catalogue>,
    /// The index that the catalogue is of, when it was made, and how long that took.
    made: Option<(Searcher, Instant, Duration)>,
    published: Option<Instant>,
    settings: Arc<Settings>,
    values: HashMap<MarketCode, Arc<Values>>,
    /// When those were counted.
    counted: Option<Instant>,
}

/// Keeps up models, products and visitors until cancelled.
pub(crate) async fn keep(app: &AppState) {
    let mut keeper = Keeper::default();
    loop {
        if let Err(error) = keeper.listen(app).await {
            tracing::warn!(%error, "nobody tells of promoted models and visitors for now");
        }
        app.recommender.visitors.forget_all();
        tokio::time::sleep(RETRY).await;
    }
}

impl Keeper {
    /// Follows notices and the index until the connection is lost.
    async fn listen(&mut self, app: &AppState) -> Result<()> {
        let mut notices = Notices::listen(&app.db).await?;
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                notice = notices.next() => match notice? {
                    Notice::Shoppers(shoppers) => app.recommender.visitors.forget(&shoppers),
                    Notice::Models => self.load(app).await?,
                    Notice::Unknown => {
                        app.recommender.visitors.forget_all();
                        self.load(app).await?;
                    }
                },
                _ = ticks.tick() => self.look(app).await?,
            }
        }
    }

    /// Reads what placements are for, and the promoted versions that are not loaded yet. One that cannot be used is told of, and the one before it
    /// goes on serving.
    async fn load(&mut self, app: &AppState) -> Result<()> {
        let serving = {
            let mut connection = app.connection().await?;
            self.settings = Arc::new(recommendation_settings::newest(&mut connection).await?);
            models::serving(&mut connection).await?
        };
        for version in &serving {
            let Ok(kind) = version.model.parse::<Kind>() else { continue };
            let key = (version.market, kind);
            let is_loaded = self.loaded.get(&key).is_some_and(|(id, _)| *id == version.id);
            if is_loaded || self.refused.contains(&version.id) {
                continue;
            }
            match read(app, kind, version).await {
                Ok(served) => {
                    tracing::info!(model = version.model, version = version.version, market = %version.market, known = served.known(), "a model serves");
                    self.loaded.insert(key, (version.id, Arc::new(served)));
                }
                Err(error) => {
                    // What the database could not say is asked again.
                    if matches!(error, Error::Internal(_)) {
                        self.refused.insert(version.id);
                    }
                    tracing::error!(%error, model = version.model, version = version.version, "a promoted model cannot be used; what served before goes on");
                }
            }
        }
        self.publish(app);
        Ok(())
    }

    /// Looks through the products when the index has changed, not more often than that is worth.
    async fn look(&mut self, app: &AppState) -> Result<()> {
        let Ok(view) = app.view() else { return Ok(()) };
        let is_due = match &self.made {
            Some((searcher, at, took)) => {
                !searcher.is_same(&view.searcher) && at.elapsed() > *took * SHARE
            }
            None => true,
        };
        if is_due {
            let (searcher, began) = (view.searcher.clone(), Instant::now());
            let made = tokio::task::spawn_blocking(move || Catalogue::of(&view)).await;
            let made = made.map_err(|error| Error::Internal(error.to_string()))??;
            self.catalogue = Arc::new(made);
            self.made = Some((searcher, Instant::now(), began.elapsed()));
        }
        if self.counted.is_none_or(|at| at.elapsed() > VALUES) {
            self.count(app).await?;
        }
        if self.published.is_none_or(|at| at.elapsed() > WANTED) {
            // Should a notice ever be missed, this makes up for it.
            self.load(app).await?;
        } else if is_due {
            self.publish(app);
        }
        Ok(())
    }

    /// Counts what products bring.
    async fn count(&mut self, app: &AppState) -> Result<()> {
        let view = app.view()?;
        for market in view.columns.markets() {
            let mut connection = app.connection().await?;
            let now = jiff::Timestamp::now();
            let worths = recommendations::worths(&mut connection, market, now).await?;
            self.values.insert(market, Arc::new(Values::of(&worths)));
        }
        self.counted = Some(Instant::now());
        Ok(())
    }

    /// Answers from what is known now.
    fn publish(&mut self, app: &AppState) {
        let Ok(view) = app.view() else { return };
        let mut stands = HashMap::new();
        for market in view.columns.markets() {
            let of_market = self.loaded.iter().filter(|((of, _), _)| *of == market);
            let shop = Shop {
                models: of_market.map(|((_, kind), (_, served))| (*kind, served.clone())).collect(),
                content: self.catalogue.content.clone(),
                wanted: Catalogue::wanted(&view, market),
                newest: self.catalogue.newest(&view, market),
            };
            let stand = Stand {
                shop: Arc::new(shop),
                catalogue: self.catalogue.clone(),
                values: self.values.get(&market).cloned().unwrap_or_default(),
                settings: self.settings.clone(),
            };
            stands.insert(market, stand);
        }
        app.recommender.set(stands);
        self.published = Some(Instant::now());
    }
}

/// A promoted version, found whole, its items known by the shop's numbers.
async fn read(app: &AppState, kind: Kind, version: &Version) -> Result<Served> {
    let unusable = |error: String| Error::Internal(error);
    let manifest: Manifest = serde_json::from_value(version.manifest.clone())
        .map_err(|error| unusable(error.to_string()))?;
    let mut connection = app.connection().await?;
    let file = models::file(&mut connection, version.id).await?;
    let called = manifest.items;
    let opened = tokio::task::spawn_blocking(move || {
        manifest.open(&file).and_then(|weights| Kept::from_weights(kind, &weights))
    });
    let opened = opened.await.map_err(|error| unusable(error.to_string()))?;
    let (kept, names) = opened.map_err(|error| unusable(error.to_string()))?;
    let key = match called {
        Called::ProductId => Key::Id,
        Called::ExternalId => Key::ExternalId,
    };
    let ordinals = products::ordinals(&mut connection, key, &names).await?;
    let items = ordinals.into_iter().map(|ordinal| ordinal.map(|it| it.0)).collect();
    Ok(Served::new(kept, format!("{} {}", version.model, version.version), items))
}
