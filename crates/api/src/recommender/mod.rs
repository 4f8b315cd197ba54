//! What recommendations are answered from, in memory: the promoted models of each market, what products say of themselves,
//! and what visitors did lately.
//!
//! All of it is derived. Models are read again when a promotion is heard of, products when the index has changed, visitors
//! by key when they first come; the old goes on answering until the new is whole.

mod catalogue;
mod experiments;
mod keep;
mod lists;
mod values;
mod visitors;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use souk_base::MarketCode;
use souk_commerce::events::Event;
use souk_commerce::recommendation_settings::Settings;
use souk_recommend::serve::Shop;
use souk_search::View;

pub(crate) use catalogue::Catalogue;
pub(crate) use experiments::{Running, Treatment, Way};
pub(crate) use keep::{keep, opened};
pub(crate) use lists::ListLog;
pub(crate) use values::Values;
pub(crate) use visitors::{Visitors, Who};

use crate::App;

/// What one market's recommendations are answered from at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stand {
    /// Models and lists.
    pub(crate) shop: Arc<Shop>,
    /// What is known of the products.
    pub(crate) catalogue: Arc<Catalogue>,
    /// What products bring.
    pub(crate) values: Arc<Values>,
    /// What placements are for.
    pub(crate) settings: Arc<Settings>,
    /// What is tried on its visitors.
    pub(crate) experiments: Arc<Vec<Running>>,
}

/// What recommendations are answered from.
#[derive(Default)]
pub(crate) struct Recommender {
    stands: RwLock<HashMap<MarketCode, Stand>>,
    /// What visitors did lately.
    pub(crate) visitors: Visitors,
    /// Served lists, and who saw which experiment, on their way into the database.
    pub(crate) lists: ListLog,
}

impl Recommender {
    /// What a market's answers come from now; nothing before the first models and products are read.
    pub(crate) fn stand(&self, market: MarketCode) -> Stand {
        let stands = self.stands.read().unwrap_or_else(PoisonError::into_inner);
        stands.get(&market).cloned().unwrap_or_default()
    }

    /// The kind of customer that somebody is by what they bought; none while that is not known of them, and where no model
    /// tells kinds apart.
    pub(crate) async fn segment(
        &self,
        app: &App,
        view: &View,
        who: Who<'_>,
        market: MarketCode,
        now: Timestamp,
    ) -> Option<u16> {
        let history = self.visitors.history(app, view, who, market).await.ok()?;
        let segment = self.stand(market).shop.segment(&history, now.as_millisecond())?;
        u16::try_from(segment).ok()
    }

    /// Answers from these from now on.
    fn set(&self, stands: HashMap<MarketCode, Stand>) {
        *self.stands.write().unwrap_or_else(PoisonError::into_inner) = stands;
    }

    /// Takes notice of events that are written, so that the next answer knows.
    pub(crate) fn happened(&self, view: &View, events: &[Event]) {
        events.iter().for_each(|event| self.visitors.happened(view, event));
    }
}
