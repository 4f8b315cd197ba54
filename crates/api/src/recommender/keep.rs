//! Keeps up what recommendations are answered from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use souk_base::MarketCode;
use souk_commerce::PgConnection;
use souk_commerce::experiments::{self, Experiment, Variant};
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

use super::{Catalogue, Running, Stand, Values};
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

/// The versions that variants of experiments name.
type Tried = BTreeMap<(MarketCode, Kind, String), Arc<Served>>;

/// What is known at one moment.
#[derive(Default)]
struct Keeper {
    loaded: Loaded,
    tried: Tried,
    experiments: Vec<Arc<Experiment>>,
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

    /// Reads what placements are for, what is tried, and the promoted versions that are not loaded yet. One that cannot be
    /// used is told of, and the one before it goes on serving.
    async fn load(&mut self, app: &AppState) -> Result<()> {
        let serving = {
            let mut connection = app.connection().await?;
            self.settings = Arc::new(recommendation_settings::newest(&mut connection).await?);
            let running = experiments::running(&mut connection).await?;
            self.experiments = running.into_iter().map(Arc::new).collect();
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
        self.load_tried(app).await?;
        self.publish(app);
        Ok(())
    }

    /// Reads the versions that experiments try and that are not loaded yet, and lets go of those that none tries any more.
    async fn load_tried(&mut self, app: &AppState) -> Result<()> {
        let mut tried = Tried::new();
        for key in self.experiments.iter().flat_map(|it| versions(it)) {
            if let Some(served) = self.tried.get(&key) {
                tried.insert(key, served.clone());
                continue;
            }
            let (market, kind, name) = &key;
            let found = {
                let mut connection = app.connection().await?;
                models::find(&mut connection, kind.name(), *market, name).await
            };
            let Ok(version) = found else { continue };
            if self.refused.contains(&version.id) {
                continue;
            }
            match read(app, *kind, &version).await {
                Ok(served) => _ = tried.insert(key, Arc::new(served)),
                Err(error) => {
                    if matches!(error, Error::Internal(_)) {
                        self.refused.insert(version.id);
                    }
                    tracing::error!(%error, model = version.model, version = version.version, "a model of an experiment cannot be used, so that the experiment does not run");
                }
            }
        }
        self.tried = tried;
        Ok(())
    }

    /// The experiments that run in a market, each variant with what it is answered by. One whose models are not there is
    /// tried on nobody.
    fn running(&self, market: MarketCode, shop: &Arc<Shop>) -> Vec<Running> {
        let here = self.experiments.iter().filter(|it| it.market.is_none_or(|of| of == market));
        let running = here.filter_map(|experiment| {
            let shops = experiment.variants.iter().map(|it| self.shop_of(market, shop, it));
            let shops = shops.collect::<Option<Vec<_>>>()?;
            Some(Running { experiment: experiment.clone(), shops })
        });
        running.collect()
    }

    fn shop_of(
        &self,
        market: MarketCode,
        shop: &Arc<Shop>,
        variant: &Variant,
    ) -> Option<Arc<Shop>> {
        if variant.models.is_empty() {
            return Some(shop.clone());
        }
        let mut models = shop.models.clone();
        for (model, version) in &variant.models {
            let kind = model.parse::<Kind>().ok()?;
            let served = self.tried.get(&(market, kind, version.clone()))?;
            models.insert(kind, served.clone());
        }
        Some(Arc::new(Shop { models, ..Shop::clone(shop) }))
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
            let shop = Arc::new(shop);
            let stand = Stand {
                experiments: Arc::new(self.running(market, &shop)),
                shop,
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

/// The versions that an experiment's variants name.
fn versions(experiment: &Experiment) -> Vec<(MarketCode, Kind, String)> {
    let Some(market) = experiment.market else { return Vec::new() };
    let named = experiment.variants.iter().flat_map(|variant| &variant.models);
    named
        .filter_map(|(model, version)| Some((market, model.parse().ok()?, version.clone())))
        .collect()
}

/// A version, found whole, its items known by the shop's numbers.
async fn read(app: &AppState, kind: Kind, version: &Version) -> Result<Served> {
    let mut connection = app.connection().await?;
    let (kept, names, called) = opened(&mut connection, kind, version).await?;
    let key = match called {
        Called::ProductId => Key::Id,
        Called::ExternalId => Key::ExternalId,
    };
    let ordinals = products::ordinals(&mut connection, key, &names).await?;
    let items = ordinals.into_iter().map(|ordinal| ordinal.map(|it| it.0)).collect();
    Ok(Served::new(kept, format!("{} {}", version.model, version.version), items))
}

/// A version's model with the names of its items, and what kind of names those are.
///
/// # Errors
/// [`Error::Internal`] when it is damaged, [`Error::Commerce`] when the database does not answer.
pub(crate) async fn opened(
    connection: &mut PgConnection,
    kind: Kind,
    version: &Version,
) -> Result<(Kept, Vec<String>, Called)> {
    let unusable = |error: String| Error::Internal(error);
    let manifest: Manifest = serde_json::from_value(version.manifest.clone())
        .map_err(|error| unusable(error.to_string()))?;
    let file = models::file(connection, version.id).await?;
    let called = manifest.items;
    let opened = tokio::task::spawn_blocking(move || {
        manifest.open(&file).and_then(|weights| Kept::from_weights(kind, &weights))
    });
    let opened = opened.await.map_err(|error| unusable(error.to_string()))?;
    let (kept, names) = opened.map_err(|error| unusable(error.to_string()))?;
    Ok((kept, names, called))
}
