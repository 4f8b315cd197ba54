//! The category tree of a market, with counts.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use souk_base::{Category, CategoryId, CityId, Lang, MarketCode, Tables};
use souk_search::View;
use utoipa::ToSchema;

use crate::AppState;
use crate::error::{Error, Result};

/// Which tree.
#[derive(Clone, Copy, Debug)]
pub struct CategoriesRequest {
    /// Where.
    pub market: MarketCode,
    /// Language of the names; the market's first when not given.
    pub lang: Option<Lang>,
    /// Count only what can be bought in this city.
    pub city: Option<CityId>,
    /// Count only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
}

/// A category with what lies below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryNode {
    /// Key of the category.
    #[schema(value_type = String)]
    pub category_id: CategoryId,
    /// Readable name for addresses and filters.
    pub slug: String,
    /// Its name.
    pub label: String,
    /// Products in it and in everything below it.
    pub count: u64,
    /// The categories below that have products, in the shop's order.
    #[schema(no_recursion)]
    pub children: Vec<CategoryNode>,
}

/// The roots that have products here, in the shop's order.
///
/// # Errors
/// [`Error::NotFound`] for an unknown market, [`Error::NotReady`] before the first fill.
pub async fn run(app: &AppState, request: CategoriesRequest) -> Result<Vec<CategoryNode>> {
    let view = app.view()?;
    app.compute(move || tree(&view, request)).await
}

fn tree(view: &View, request: CategoriesRequest) -> Result<Vec<CategoryNode>> {
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    let lang = request.lang.unwrap_or(market.languages[0]);
    let CategoriesRequest { city, date, now, .. } = request;
    let counts = view.category_counts(request.market, city, date, now)?;
    Ok(Tree::new(&view.tables, counts, lang).below(None))
}

/// What is needed to write any part of the tree.
struct Tree<'a> {
    children: HashMap<Option<CategoryId>, Vec<&'a Category>>,
    counts: HashMap<CategoryId, u64>,
    lang: Lang,
}

impl<'a> Tree<'a> {
    fn new(tables: &'a Tables, counts: HashMap<CategoryId, u64>, lang: Lang) -> Self {
        let mut children: HashMap<_, Vec<&Category>> = HashMap::new();
        for category in tables.categories.values() {
            children.entry(category.parent_id).or_default().push(category);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|category| (category.position, category.id));
        }
        Tree { children, counts, lang }
    }

    /// Ends because a loop of categories hangs from no root and so is never entered.
    fn below(&self, parent: Option<CategoryId>) -> Vec<CategoryNode> {
        let siblings = self.children.get(&parent).map(Vec::as_slice).unwrap_or_default();
        siblings.iter().filter_map(|category| self.node(category)).collect()
    }

    fn node(&self, category: &Category) -> Option<CategoryNode> {
        let count = self.counts.get(&category.id).copied().filter(|count| *count > 0)?;
        Some(CategoryNode {
            category_id: category.id,
            slug: category.slug.clone(),
            label: category.label.get(self.lang).to_owned(),
            count,
            children: self.below(Some(category.id)),
        })
    }
}

#[cfg(test)]
mod tests {
    use souk_base::Translated;

    use super::*;

    fn tables(rows: &[(i64, Option<i64>, i32)]) -> Tables {
        let categories = rows.iter().map(|&(id, parent, position)| Category {
            id: CategoryId::new(id),
            parent_id: parent.map(CategoryId::new),
            slug: format!("c{id}"),
            label: Translated::from_iter([(Lang::En, format!("C{id}"))]),
            position,
        });
        Tables { categories: categories.map(|node| (node.id, node)).collect(), ..Tables::default() }
    }

    #[test]
    fn the_tree_keeps_the_shops_order_and_drops_what_is_empty() {
        let tables = tables(&[(1, None, 2), (2, None, 1), (3, Some(1), 0), (4, None, 0)]);
        let counts = [(1, 5), (2, 1), (3, 5), (4, 0)].map(|(id, n)| (CategoryId::new(id), n));

        let roots = Tree::new(&tables, HashMap::from(counts), Lang::En).below(None);

        let slugs: Vec<_> = roots.iter().map(|node| node.slug.as_str()).collect();
        assert_eq!(slugs, ["c2", "c1"]);
        assert_eq!(roots[1].children[0].label, "C3");
    }
}
