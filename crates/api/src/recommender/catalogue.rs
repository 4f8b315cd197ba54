//! What is known of products without anybody having done anything: terms, categories, age. Made anew from the index when
//! that has changed.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use souk_base::{AttributeValueId, CategoryId, MarketCode, Ordinal, ProductId, Target};
use souk_recommend::serve::Neighbours;
use souk_recommend::{Content, Texts};
use souk_search::View;

use crate::error::{Error, Result};

/// What tells kinds of terms apart; stems of titles have no such bit.
const CATEGORY: u64 = 1 << 60;
/// See [`CATEGORY`].
const BRAND: u64 = 2 << 60;
/// See [`CATEGORY`].
const VALUE: u64 = 3 << 60;
/// The attribute that says for which days something is given.
const OCCASION: &str = "occasion";
/// Newest products that are remembered, of all markets together.
const NEWEST_MAX: usize = 2_000;
/// Newest products of one market.
const NEWEST: usize = 60;
/// Most wanted products of one market.
const WANTED: usize = 300;

/// What is known of products.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    /// Who is like whom.
    pub(crate) content: Arc<Neighbours>,
    /// The category of each product and those above, the leaf first.
    categories: HashMap<u32, Arc<[CategoryId]>>,
    /// The products of each brand and attribute value, as rules name them, ascending.
    marks: HashMap<Target, Vec<u32>>,
    /// The products that say for which occasion they are; none where the shop does not say so of any.
    occasions: Option<HashSet<u32>>,
    /// The products that came last, the newest first.
    newest: Vec<Ordinal>,
}

impl Catalogue {
    /// What this state of the index says.
    ///
    /// # Errors
    /// [`Error::Internal`] when the products cannot be compared.
    pub(super) fn of(view: &View) -> Result<Catalogue> {
        let mut texts = Texts::default();
        let (mut categories, mut paths) = (HashMap::new(), HashMap::new());
        let mut marks: HashMap<Target, Vec<u32>> = HashMap::new();
        let occasions = view.tables.attribute(OCCASION).map(|it| it.id);
        let is_occasion = |id: &AttributeValueId| {
            view.tables.values.get(id).is_some_and(|it| Some(it.attribute_id) == occasions)
        };
        let mut of_occasions = HashSet::new();
        let mut ages = Vec::new();
        view.searcher.describe(|it| {
            let taxonomy = it.categories.iter().map(|id| CATEGORY | number(id.get()));
            let brand = it.brand.iter().map(|id| BRAND | number(id.get()));
            let values = it.values.iter().map(|id| VALUE | number(id.get()));
            let stems = it.stems.iter().copied();
            texts.push(it.ordinal.0, stems.chain(taxonomy).chain(brand).chain(values));
            let path = it.categories.iter().map(|&id| {
                paths
                    .entry(id)
                    .or_insert_with(|| Arc::<[_]>::from(view.tables.ancestry(id)))
                    .clone()
            });
            if let Some(path) = path.max_by_key(|path| path.len()) {
                categories.insert(it.ordinal.0, path);
            }
            let named = it.values.iter().copied().map(Target::Value);
            for target in it.brand.map(Target::Brand).into_iter().chain(named) {
                marks.entry(target).or_default().push(it.ordinal.0);
            }
            if occasions.is_some() && it.values.iter().any(is_occasion) {
                of_occasions.insert(it.ordinal.0);
            }
            ages.push((Reverse(it.created_at_s), Reverse(it.ordinal)));
        });
        ages.sort_unstable();
        ages.truncate(NEWEST_MAX);
        let content = Content::of(texts).map_err(|error| Error::Internal(error.to_string()))?;
        let newest = ages.into_iter().map(|(_, Reverse(ordinal))| ordinal).collect();
        let occasions = Some(of_occasions).filter(|of| !of.is_empty());
        for items in marks.values_mut() {
            items.sort_unstable();
            items.shrink_to_fit();
        }
        let content = Arc::new(Neighbours::of(content));
        Ok(Catalogue { content, categories, marks, occasions, newest })
    }

    /// The category of a product and those above, the leaf first.
    pub(crate) fn path(&self, item: u32) -> &[CategoryId] {
        self.categories.get(&item).map_or(&[], |path| path)
    }

    /// Whether a rule that names this means the product.
    pub(crate) fn is_meant(&self, item: u32, product: Option<ProductId>, target: Target) -> bool {
        match target {
            Target::Product(id) => product == Some(id),
            Target::Category(id) => self.path(item).contains(&id),
            Target::Brand(_) | Target::Value(_) => {
                self.marks.get(&target).is_some_and(|items| items.binary_search(&item).is_ok())
            }
        }
    }

    /// Whether a product is for a day to celebrate.
    pub(crate) fn is_for_occasions(&self, item: u32) -> bool {
        self.occasions.as_ref().is_none_or(|of| of.contains(&item))
    }

    /// The products that came last to a market, the newest first.
    pub(super) fn newest(&self, view: &View, market: MarketCode) -> Vec<u32> {
        let shown = self.newest.iter().filter(|&&it| view.columns.is_shown(market, it));
        shown.take(NEWEST).map(|ordinal| ordinal.0).collect()
    }

    /// What is wanted most in a market, the most first.
    pub(super) fn wanted(view: &View, market: MarketCode) -> Vec<u32> {
        view.columns.most_wanted(market, WANTED).into_iter().map(|ordinal| ordinal.0).collect()
    }
}

/// An id as a number; ids are positive.
const fn number(id: i64) -> u64 {
    id.unsigned_abs()
}
