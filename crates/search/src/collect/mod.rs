//! The one pass over the matching documents: visibility, filters, total, page and facet counts.
//!
//! A document gets the mask of the filter groups it fails. None failed: it is a hit and counts in
//! every facet. Exactly one failed: it counts only in that group's own facet, so that choosing a
//! value does not remove its siblings' counts. Everything is exact.

mod counts;
mod overrides;
mod rank;

use std::hint::black_box;

use jiff::civil::Date;
use souk_base::{CategoryId, CityId, Ordinal, SellerId};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

pub(crate) use counts::{Counts, merged};
use counts::{SegmentCounts, Wanted};
pub(crate) use overrides::Overrides;
pub(crate) use rank::{Ranked, ordered_f32};
use rank::{Top, ordered_i64};

use crate::Result;
use crate::columns::{MarketColumns, Shown};
use crate::matching::{Match, Matches};
use crate::query::{Availability, Group, PageKey, Query, Sort, Test};
use crate::ranking::{Rank, Ranker};
use crate::searcher::Searcher;
use crate::segment::{Key, SegmentColumns};

/// The category restriction's bit: no facet ever lifts it.
const RESTRICTION: u64 = 1 << 63;

/// Matches whose keys are read together: they lie anywhere in memory, and so the waits for them overlap.
const READ_TOGETHER: usize = 32;

/// What one pass is to find.
pub(crate) struct Pass<'p> {
    searcher: &'p Searcher,
    market: &'p MarketColumns,
    plan: Plan,
    overrides: &'p Overrides,
}

/// The documents that a pass looks at.
#[derive(Clone, Copy)]
pub(crate) enum Among<'p> {
    /// Every one.
    All,
    /// Those of a category and below.
    Category(CategoryId),
    /// Those that have the query's words, and among them those with at least so many.
    Matches { matches: &'p Matches, ranker: &'p Ranker<'p>, words_min: u32 },
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
    after: Option<PageKey>,
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
    /// Hits, whatever the page.
    pub(crate) total: u64,
    /// Where the next page begins; none after the last.
    pub(crate) next: Option<PageKey>,
    /// Hits that rules put in their place.
    pub(crate) pinned: Vec<Ranked>,
    /// The page, best first.
    pub(crate) page: Vec<Ranked>,
    /// Counts of documents that fail nothing.
    pub(crate) counts: Counts,
    /// By group: counts of documents that fail just that one.
    pub(crate) lifted: Vec<Counts>,
    /// Hits in each city, when those were asked for.
    pub(crate) cities: Vec<(CityId, u64)>,
    /// Hits on each of the next days in the chosen city, when those were asked for.
    pub(crate) days: Vec<(Date, u64)>,
}

impl<'p> Pass<'p> {
    /// The pass of a query. Without a text there is no score, and relevance is popularity.
    pub(crate) fn new(
        searcher: &'p Searcher,
        market: &'p MarketColumns,
        query: &Query,
        scored: bool,
        overrides: &'p Overrides,
    ) -> Pass<'p> {
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
            after: query.after,
        };
        Pass { searcher, market, plan, overrides }
    }

    /// How many hits there would be for somebody else: counts nothing and ranks nothing.
    pub(crate) fn total(
        searcher: &'p Searcher,
        market: &'p MarketColumns,
        query: &Query,
        availability: Availability,
        overrides: &'p Overrides,
        among: Among<'_>,
    ) -> Result<u64> {
        let facets = Vec::new();
        let (sort, limit, after) = (Sort::Popular, 1, None);
        let query = Query { availability, facets, sort, limit, after, ..query.clone() };
        Ok(Pass::new(searcher, market, &query, false, overrides).run(among)?.total)
    }

    /// Goes through the documents once.
    pub(crate) fn run(&self, among: Among<'_>) -> Result<Outcome> {
        let mut whole = Outcome::default();
        whole.lifted.resize_with(self.plan.groups.len(), Counts::default);
        let mut top = Top::new(self.plan.limit, self.plan.after);
        for (place, reader, columns) in self.searcher.segments() {
            let mut pass = SegmentPass::new(self, place, columns, &mut top);
            match among {
                Among::All => pass.all(reader),
                Among::Category(category) => pass.category(reader, self.searcher, category)?,
                Among::Matches { matches, ranker, words_min } => {
                    pass.matches(&matches.segments[place as usize], ranker, words_min);
                }
            }
            pass.pinned(reader);
            pass.add_to(&mut whole);
        }
        let (remaining, page) = top.into_sorted();
        let (limit, after) = (self.plan.limit, self.plan.after.unwrap_or(PageKey::START));
        (whole.page, whole.next) = self.overrides.pin(page, remaining, &whole.pinned, limit, after);
        Ok(whole)
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
struct SegmentPass<'p> {
    segment: u32,
    columns: &'p SegmentColumns,
    market: &'p MarketColumns,
    plan: &'p Plan,
    top: &'p mut Top,
    /// Bits a document needs to be a hit.
    required: u64,
    /// Bits that each key code gives.
    satisfied_by: Vec<u64>,
    total: u64,
    counts: SegmentCounts,
    lifted: Vec<SegmentCounts>,
    overrides: &'p Overrides,
    /// By key code; empty when rules change no score.
    factors: Vec<f32>,
    /// Hits that rules put in their place.
    pinned: Vec<Ranked>,
}

/// A document's best offer, as far as a pass is concerned.
#[derive(Clone, Copy)]
struct Best {
    minor: i64,
    seller: SellerId,
    in_stock: bool,
}

impl<'p> SegmentPass<'p> {
    fn new(
        pass: &'p Pass<'_>,
        segment: u32,
        columns: &'p SegmentColumns,
        top: &'p mut Top,
    ) -> SegmentPass<'p> {
        let (required, satisfied_by) = pass.plan.masks(columns);
        let keys = columns.keys().len();
        SegmentPass {
            segment,
            columns,
            market: pass.market,
            plan: &pass.plan,
            top,
            required,
            satisfied_by,
            total: 0,
            overrides: pass.overrides,
            factors: pass.overrides.factors(columns),
            pinned: Vec::new(),
            counts: SegmentCounts::new(keys),
            lifted: pass.plan.groups.iter().map(|_| SegmentCounts::new(keys)).collect(),
        }
    }

    fn all(&mut self, reader: &SegmentReader) {
        for document in reader.doc_ids_alive() {
            self.look_at(document);
        }
    }

    fn category(
        &mut self,
        reader: &SegmentReader,
        searcher: &Searcher,
        category: CategoryId,
    ) -> Result<()> {
        let field = searcher.fields().categories;
        let term = Term::from_field_i64(field, category.get());
        let index = reader.inverted_index(field)?;
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
            return Ok(());
        };
        let mut document = postings.doc();
        while document != TERMINATED {
            if !reader.is_deleted(document) {
                self.look_at(document);
            }
            document = postings.advance();
        }
        Ok(())
    }

    /// Visits the matches that have so many words. Their keys are touched first, so that no wait holds up the next.
    fn matches(&mut self, matches: &[Match], ranker: &Ranker<'_>, words_min: u32) {
        for together in matches.chunks(READ_TOGETHER) {
            let ends = together.iter().map(|found| self.columns.ends(found.document));
            black_box(ends.fold(0, |touched, ends| touched ^ ends));
            for found in together.iter().filter(|found| found.words() >= words_min) {
                self.visit(found.document, &found.shown, Some((found, ranker)));
            }
        }
    }

    /// Visits what rules put in its place and no word of the query led to.
    fn pinned(&mut self, reader: &SegmentReader) {
        for (ordinal, address) in self.overrides.pinned() {
            let met = self.pinned.iter().any(|ranked| ranked.ordinal == ordinal.0);
            if address.segment_ord == self.segment && !met && !reader.is_deleted(address.doc_id) {
                self.look_at(address.doc_id);
            }
        }
    }

    fn add_to(self, whole: &mut Outcome) {
        let keys = self.columns.keys();
        whole.total += self.total;
        whole.pinned.extend(self.pinned);
        whole.counts.add(self.counts.named(keys));
        for (lifted, counts) in whole.lifted.iter_mut().zip(self.lifted) {
            lifted.add(counts.named(keys));
        }
    }

    /// Visits a living document that no word led to, if the market shows it.
    fn look_at(&mut self, document: DocId) {
        if let Some(&shown) = self.market.shown(self.columns.ordinal(document)) {
            self.visit(document, &shown, None);
        }
    }

    /// Sorts one living document into hits and counts.
    fn visit(&mut self, document: DocId, shown: &Shown, found: Option<(&Match, &Ranker<'_>)>) {
        let ordinal = self.columns.ordinal(document);
        if self.overrides.hides(ordinal) {
            return;
        }
        let Some(best) = self.best(ordinal, shown) else {
            return;
        };
        let failed = self.failed(document, best);
        if failed == 0 {
            self.total += 1;
            count(&mut self.counts, self.plan.wanted, self.columns.codes(document), best);
            self.offer(document, ordinal, shown, best, found);
        } else if failed.is_power_of_two() && failed != RESTRICTION {
            let group = failed.trailing_zeros() as usize;
            if let Some(wanted) = self.plan.lifted[group] {
                count(&mut self.lifted[group], wanted, self.columns.codes(document), best);
            }
        }
    }

    /// Offers a hit to the page.
    fn offer(
        &mut self,
        document: DocId,
        ordinal: Ordinal,
        shown: &Shown,
        best: Best,
        found: Option<(&Match, &Ranker<'_>)>,
    ) {
        let address = DocAddress::new(self.segment, document);
        let (rank, pinned) = (Rank::default(), self.overrides.pins(ordinal));
        let mut ranked = Ranked { bucket: 0, key: 0, ordinal: ordinal.0, rank, address, pinned };
        if pinned {
            self.pinned.push(ranked);
            return;
        }
        match found {
            Some((found, ranker)) if self.plan.order == Order::Score => {
                let (bucket, score) = ranker.at_most(found);
                let score = score_key(score * self.overrides.factor_max());
                if self.plan.after.is_none() && self.top.is_above(bucket, score) {
                    self.top.pass_over();
                    return;
                }
                let factor = self.factor(document, ordinal);
                let rank = ranker.rank(found, self.columns, best.in_stock, factor);
                (ranked.bucket, ranked.key) = (rank.bucket(), score_key(rank.score));
                ranked.rank = rank;
            }
            found => {
                // Whatever the order: what has fewer of the words comes behind what has more.
                ranked.bucket = found.map_or(0, |(found, _)| found.words());
                ranked.key = self.key(document, ordinal, shown, best);
            }
        }
        self.top.offer(ranked);
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
        let offer = availability.best(self.market, ordinal);
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

    /// What rules multiply the document's score by.
    fn factor(&self, document: DocId, ordinal: Ordinal) -> f32 {
        if self.factors.is_empty() {
            return 1.0;
        }
        let codes = self.columns.codes(document).iter();
        let by_key: f32 = codes.map(|&code| self.factors[code as usize]).product();
        self.overrides.bounded(by_key * self.overrides.factor(ordinal))
    }

    /// The sort key; larger comes first.
    fn key(&self, document: DocId, ordinal: Ordinal, shown: &Shown, best: Best) -> u64 {
        match self.plan.order {
            // What was never bought can be raised, too.
            Order::Score | Order::Popularity if !self.factors.is_empty() => {
                let factor = self.factor(document, ordinal);
                u64::from(ordered_f32((shown.popularity + 1.0) * factor))
            }
            Order::Score | Order::Popularity => u64::from(ordered_f32(shown.popularity)),
            Order::Price { descending: true } => ordered_i64(best.minor),
            Order::Price { descending: false } => !ordered_i64(best.minor),
            Order::Created => ordered_i64(self.columns.created_at(document)),
        }
    }
}

/// The last bits of a score depend on the order of additions, which segments differ in.
fn score_key(score: f32) -> u64 {
    u64::from(ordered_f32(score) & !0xFF)
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
    if wanted.prices {
        counts.add_price(best.minor);
    }
}
