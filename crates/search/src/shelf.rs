//! Products that were chosen elsewhere, as a shopper of one market, city and day can have them.
//!
//! **Invariant**: availability, offer and card are those of a search with the same city and day in the same [`View`].

use std::sync::Arc;

use souk_base::{Lang, MarketCode, Offer, Ordinal, ProductId, Target};

use crate::collect::{Overrides, Ranked};
use crate::columns::MarketColumns;
use crate::document::Card;
use crate::highlight::Marker;
use crate::query::{Query, Request};
use crate::ranking::Rank;
use crate::rules::Effects;
use crate::view::{Hit, View};
use crate::{Columns, Result};

/// One market's products for one shopper.
pub struct Shelf<'v> {
    view: &'v View,
    market: Arc<MarketColumns>,
    query: Query,
    effects: Effects,
    hidden: Overrides,
}

impl View {
    /// The products of a request's market, for its city and day; what rules hide from an empty query there is not on it,
    /// and what they raise and lower there is known ([`Shelf::factor`]).
    ///
    /// # Errors
    /// As [`Query::parse`], and when the index cannot be read.
    pub fn shelf(&self, request: &Request<'_>) -> Result<Shelf<'_>> {
        let query = Query::parse(request, &self.tables)?;
        let effects = self.effects(&query, "");
        let hidden = Overrides::of(&effects, &self.searcher)?;
        Ok(Shelf { view: self, market: self.columns.market(query.market), query, effects, hidden })
    }
}

impl View {
    /// A product's place in every column; none before it is indexed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ordinal(&self, product: ProductId) -> Result<Option<Ordinal>> {
        Ok(self.searcher.place(product)?.map(|(ordinal, _)| ordinal))
    }
}

impl Shelf<'_> {
    /// The offer that the shopper is shown; none where nothing of the product can be had.
    #[must_use]
    pub fn offer(&self, ordinal: Ordinal) -> Option<Offer> {
        if self.hidden.hides(ordinal) {
            return None;
        }
        let offer = self.query.availability.best(&self.market, ordinal)?;
        self.query.availability.has(&offer).then_some(offer)
    }

    /// Whether rules raise or lower anything here.
    #[must_use]
    pub fn has_factors(&self) -> bool {
        !self.effects.factors.is_empty()
    }

    /// What rules multiply the score of a product by; `is_meant` says whether a target means it.
    #[must_use]
    pub fn factor(&self, is_meant: impl Fn(Target) -> bool) -> f32 {
        self.effects.factor(is_meant)
    }

    /// How much the product is wanted in this market.
    #[must_use]
    pub fn popularity(&self, ordinal: Ordinal) -> f32 {
        self.market.shown(ordinal).map_or(0.0, |shown| shown.popularity)
    }

    /// The cards of these products, in their order; those that cannot be had or are not indexed yet are left out.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn hits(&self, ordinals: &[Ordinal]) -> Result<Vec<Hit>> {
        let markers = Lang::ALL.map(|lang| {
            let nothing = Marker::new(&[], &[], lang);
            [nothing.clone(), nothing]
        });
        let mut hits = Vec::with_capacity(ordinals.len());
        for &ordinal in ordinals {
            let product = self.view.columns.product(ordinal);
            let Some(product) = product.filter(|_| self.offer(ordinal).is_some()) else { continue };
            let Some((_, address)) = self.view.searcher.place(product)? else { continue };
            let (bucket, key, rank) = (0, 0, Rank::default());
            let ranked = Ranked { bucket, key, ordinal: ordinal.0, rank, address, pinned: false };
            hits.extend(self.view.hit(&ranked, &self.query, &self.market, &markers)?);
        }
        Ok(hits)
    }

    /// The product's title as a shopper of this market reads it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn title(&self, ordinal: Ordinal) -> Result<Option<String>> {
        let Some(product) = self.view.columns.product(ordinal) else { return Ok(None) };
        let Some((_, address)) = self.view.searcher.place(product)? else { return Ok(None) };
        let stored = self.view.searcher.bytes(address)?;
        let card = Card::of(&stored)?;
        let title = card.text(&self.query.languages).map(|text| text.title()).transpose()?;
        Ok(title.map(str::to_owned))
    }
}

impl Columns {
    /// The most wanted products of a market, the first first; ties go to the lower ordinal.
    #[must_use]
    pub fn most_wanted(&self, market: MarketCode, count: usize) -> Vec<Ordinal> {
        let columns = self.market(market);
        let mut wanted: Vec<(f32, Ordinal)> = self
            .products()
            .filter_map(|(ordinal, _)| Some((columns.shown(ordinal)?.popularity, ordinal)))
            .collect();
        let order = |one: &(f32, Ordinal), other: &(f32, Ordinal)| {
            other.0.total_cmp(&one.0).then(one.1.cmp(&other.1))
        };
        if wanted.len() > count && count > 0 {
            wanted.select_nth_unstable_by(count - 1, order);
        }
        wanted.truncate(count);
        wanted.sort_unstable_by(order);
        wanted.into_iter().map(|(_, ordinal)| ordinal).collect()
    }
}
