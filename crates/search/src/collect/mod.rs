//! The one pass over the matching documents: visibility, filters, total, page and facet counts.
//!
//! A document gets the mask of the filter groups it fails. None failed: it is a hit and counts in
//! every facet. Exactly one failed: it counts only in that group's own facet, so that choosing a
//! value does not remove its siblings' counts. Everything is exact.

mod counts;
mod rank;

use std::sync::Arc;

use souk_base::{CategoryId, Ordinal, SellerId};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::Weight;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TERMINATED};

pub(crate) use counts::{Counts, merged};
use counts::{SegmentCounts, Wanted};
pub(crate) use rank::{Ranked, ordered_f32};
use rank::{Top, ordered_i64};

use crate::columns::{MarketColumns, Shown};
use crate::query::{Availability, Group, Query, Sort, Test};
use crate::searcher::Searcher;
use crate::segment::{Key, SegmentColumns};

/// The category restriction's bit: no facet ever lifts it.
const RESTRICTION: u64 = 1 << 63;

/// What one pass is to find.
#[derive(Clone)]
pub(crate) struct Pass {
    searcher: Searcher,
    market: Arc<MarketColumns>,
    plan: Arc<Plan>,
}

/// A query as the pass needs it.
struct Plan {
    availability: Availability,
    category: Option<CategoryId>,
    groups: Vec<Group>,
    /// By group: whether its own facet was asked for, and what that counts.
    lifted: Vec<Option<Wanted>>,
    /// What documents that fail nothing count in.
    wanted: Wanted,
    order: Order,
    limit: usize,
    after: Option<(u64, u32)>,
}

/// Where the sort key comes from.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Score,
    Popularity,
    Price { descending: bool },
    Created,
}

/// What a pass found.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Matching products that the market shows at all, whatever city, category and filters say.
    pub(crate) visible: u64,
    /// Hits, whatever the page.
    pub(crate) total: u64,
    /// Hits from this page on.
    pub(crate) remaining: u64,
    /// The page, best first.
    pub(crate) page: Vec<Ranked>,
    /// Counts of documents that fail nothing.
    pub(crate) counts: Counts,
    /// By group: counts of documents that fail just that one.
    pub(crate) lifted: Vec<Counts>,
}

impl Pass {
    /// The pass of a query. Without a text there is no score, and relevance is popularity.
    pub(crate) fn new(
        searcher: &Searcher,
        market: Arc<MarketColumns>,
        query: &Query,
        scored: bool,
    ) -> Pass {
        let lifted =
            |group: &Group| query.facets.contains(&group.field).then(|| Wanted::of([group.field]));
        let plan = Plan {
            availability: query.availability.clone(),
            category: query.category,
            lifted: query.groups.iter().map(lifted).collect(),
            groups: query.groups.clone(),
            wanted: Wanted::of(query.facets.iter().copied()),
            order: Order::of(query.sort, scored),
            limit: query.limit,
            after: query.after.map(|key| (key.key, key.ordinal)),
        };
        Pass { searcher: searcher.clone(), market, plan: Arc::new(plan) }
    }
}

impl Order {
    const fn of(sort: Sort, scored: bool) -> Order {
        match sort {
            Sort::Relevance if scored => Order::Score,
            Sort::Relevance | Sort::Popular => Order::Popularity,
            Sort::Price => Order::Price { descending: false },
            Sort::PriceDescending => Order::Price { descending: true },
            Sort::Newest => Order::Created,
        }
    }
}

impl Collector for Pass {
    type Fruit = Outcome;
    type Child = SegmentPass;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<SegmentPass> {
        let columns = self.searcher.columns(segment);
        let (required, satisfied_by) = self.plan.masks(&columns);
        let keys = columns.keys().len();
        Ok(SegmentPass {
            segment,
            market: Arc::clone(&self.market),
            plan: Arc::clone(&self.plan),
            required,
            satisfied_by,
            visible: 0,
            total: 0,
            top: Top::new(self.plan.limit, self.plan.after),
            counts: SegmentCounts::new(keys),
            lifted: self.plan.groups.iter().map(|_| SegmentCounts::new(keys)).collect(),
            columns,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.plan.order == Order::Score
    }

    /// As tantivy does it, but a document is scored only when it is a hit.
    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<Outcome> {
        let mut pass = self.for_segment(segment, reader)?;
        let is_alive = |document| !reader.is_deleted(document);
        if self.requires_scoring() {
            let mut matching = weight.scorer(reader, 1.0)?;
            while matching.doc() != TERMINATED {
                let document = matching.doc();
                if is_alive(document) {
                    pass.visit(document, || matching.score());
                }
                matching.advance();
            }
        } else {
            weight.for_each_no_score(reader, &mut |documents| {
                let documents = documents.iter().filter(|&&document| is_alive(document));
                documents.for_each(|&document| pass.visit(document, || 0.0));
            })?;
        }
        Ok(pass.harvest())
    }

    fn merge_fruits(&self, parts: Vec<Outcome>) -> tantivy::Result<Outcome> {
        let mut whole = Outcome::default();
        whole.lifted.resize_with(self.plan.groups.len(), Counts::default);
        for part in parts {
            whole.visible += part.visible;
            whole.total += part.total;
            whole.remaining += part.remaining;
            whole.page.extend(part.page);
            whole.counts.add(part.counts);
            for (lifted, counts) in whole.lifted.iter_mut().zip(part.lifted) {
                lifted.add(counts);
            }
        }
        whole.page.sort_unstable();
        whole.page.truncate(self.plan.limit);
        Ok(whole)
    }
}

impl Plan {
    /// The bits a document must have, and the bits each of the segment's keys gives.
    fn masks(&self, columns: &SegmentColumns) -> (u64, Vec<u64>) {
        let mut required = 0;
        let mut satisfied_by = vec![0; columns.keys().len()];
        let mut give = |key: Key, bit: u64| {
            if let Some(code) = columns.code(key) {
                satisfied_by[code] |= bit;
            }
        };
        for (place, group) in self.groups.iter().enumerate() {
            required |= 1 << place;
            if let Test::Taxonomy(keys) = &group.test {
                keys.iter().for_each(|&key| give(key, 1 << place));
            }
        }
        if let Some(category) = self.category {
            required |= RESTRICTION;
            give(Key::Category(category), RESTRICTION);
        }
        (required, satisfied_by)
    }

    /// The groups on price, seller and stock that a product satisfies.
    fn satisfied_by_offer(&self, minor: i64, seller: SellerId, in_stock: bool) -> u64 {
        let mut satisfied = 0;
        for (place, group) in self.groups.iter().enumerate() {
            let passes = match &group.test {
                Test::Taxonomy(_) => false,
                Test::Sellers(sellers) => sellers.contains(&seller),
                Test::Prices(ranges) => {
                    ranges.iter().any(|&(from, to)| (from..=to).contains(&minor))
                }
                Test::InStock(accepted) => accepted.contains(&in_stock),
            };
            satisfied |= u64::from(passes) << place;
        }
        satisfied
    }
}

/// The pass over one segment.
pub(crate) struct SegmentPass {
    segment: SegmentOrdinal,
    columns: Arc<SegmentColumns>,
    market: Arc<MarketColumns>,
    plan: Arc<Plan>,
    /// Bits a document needs to be a hit.
    required: u64,
    /// Bits that each key code gives.
    satisfied_by: Vec<u64>,
    visible: u64,
    total: u64,
    top: Top,
    counts: SegmentCounts,
    lifted: Vec<SegmentCounts>,
}

/// A document's best offer, as far as a pass is concerned.
#[derive(Clone, Copy)]
struct Best {
    minor: i64,
    seller: SellerId,
    in_stock: bool,
}

impl SegmentCollector for SegmentPass {
    type Fruit = Outcome;

    fn collect(&mut self, document: DocId, score: Score) {
        self.visit(document, || score);
    }

    fn harvest(self) -> Outcome {
        let keys = self.columns.keys();
        let (remaining, page) = self.top.into_sorted();
        Outcome {
            visible: self.visible,
            total: self.total,
            remaining,
            page,
            counts: self.counts.named(keys),
            lifted: self.lifted.into_iter().map(|counts| counts.named(keys)).collect(),
        }
    }
}

impl SegmentPass {
    /// Sorts one document into hits and counts.
    fn visit(&mut self, document: DocId, score: impl FnOnce() -> Score) {
        let ordinal = self.columns.ordinal(document);
        let Some(&shown) = self.market.shown(ordinal) else {
            return;
        };
        self.visible += 1;
        let Some(best) = self.best(ordinal, &shown) else {
            return;
        };
        let failed = self.failed(document, best);
        if failed == 0 {
            self.total += 1;
            count(&mut self.counts, self.plan.wanted, self.columns.codes(document), best);
            let score = if self.plan.order == Order::Score { score() } else { shown.popularity };
            let key = self.key(document, score, &shown, best);
            let address = DocAddress::new(self.segment, document);
            self.top.offer(Ranked { key, ordinal: ordinal.0, score, address });
        } else if failed.is_power_of_two() && failed != RESTRICTION {
            let group = failed.trailing_zeros() as usize;
            if let Some(wanted) = self.plan.lifted[group] {
                count(&mut self.lifted[group], wanted, self.columns.codes(document), best);
            }
        }
    }

    /// The best offer; none when a city, or a day there, is chosen and no offer can be had so. Only a day, and
    /// several offers in a city, need a look beyond the summary.
    fn best(&self, ordinal: Ordinal, shown: &Shown) -> Option<Best> {
        let availability = &self.plan.availability;
        let summary = Best { minor: shown.minor, seller: shown.seller, in_stock: shown.in_stock };
        let Some(place) = availability.place() else { return Some(summary) };
        if !shown.cities.contains(place) {
            return None;
        }
        if shown.offers == 1 && !availability.has_day() {
            return Some(Best { in_stock: true, ..summary });
        }
        let offer = availability.best(&self.market, ordinal);
        let offer = offer.filter(|offer| availability.has(offer))?;
        Some(Best { minor: offer.minor, seller: offer.seller_id, in_stock: true })
    }

    /// The bits a document lacks.
    fn failed(&self, document: DocId, best: Best) -> u64 {
        if self.required == 0 {
            return 0;
        }
        let codes = self.columns.codes(document);
        let satisfied = codes.iter().fold(0, |bits, &code| bits | self.satisfied_by[code as usize]);
        let by_offer = self.plan.satisfied_by_offer(best.minor, best.seller, best.in_stock);
        self.required & !(satisfied | by_offer)
    }

    /// The sort key; larger comes first.
    fn key(&self, document: DocId, score: Score, shown: &Shown, best: Best) -> u64 {
        match self.plan.order {
            // The last bits of a score depend on the order of additions, which segments differ in.
            Order::Score => u64::from(ordered_f32(score) & !0xFF),
            Order::Popularity => u64::from(ordered_f32(shown.popularity)),
            Order::Price { descending: true } => ordered_i64(best.minor),
            Order::Price { descending: false } => !ordered_i64(best.minor),
            Order::Created => ordered_i64(self.columns.created_at(document)),
        }
    }
}

fn count(counts: &mut SegmentCounts, wanted: Wanted, codes: &[u32], best: Best) {
    if wanted.keys {
        counts.add_codes(codes);
    }
    if wanted.sellers {
        counts.add_seller(best.seller);
    }
    if wanted.in_stock {
        counts.add_in_stock(best.in_stock);
    }
}
