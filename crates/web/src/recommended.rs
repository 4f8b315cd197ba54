//! Rows of recommendations, looking like the other rows.

use souk_api::pipeline::SearchHit;
use souk_api::pipeline::recommendations::{self, RecommendationsRequest, RecommendedItem};
use souk_api::{AppState, Error, Placement};
use souk_base::ProductId;

use crate::cards::Card;
use crate::home::{ROW, Row};
use crate::visit::Visit;

/// Products of a row on a product's page.
const BESIDES: usize = 5;

/// What is shown for what this visitor did; none for who did nothing yet.
///
/// # Errors
/// Before the first fill of the index.
pub(crate) async fn for_you(app: &AppState, visit: &Visit) -> Result<Option<Row>, Error> {
    if visit.visitor.is_none() {
        return Ok(None);
    }
    let items = items(app, visit, Placement::Home, None, ROW).await?;
    let personal = ["bought_before", "because_bought", "because_viewed", "similar_to"];
    let is_personal = items.iter().any(|item| personal.contains(&item.reason.code));
    let hits: Vec<SearchHit> = items.into_iter().map(|item| item.hit).collect();
    Ok(row(visit, visit.text().for_you, &hits).filter(|_| is_personal))
}

/// What more people buy than lately; none where nobody knows.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn trending(app: &AppState, visit: &Visit) -> Result<Option<Row>, Error> {
    of_reason(app, visit, Placement::Trending, None, ("trending", ROW))
        .await
        .map(|hits| row(visit, visit.text().trending, &hits))
}

/// What is bought with a product, and what is like it.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn of_product(
    app: &AppState,
    visit: &Visit,
    product: ProductId,
) -> Result<Vec<Row>, Error> {
    let id = Some(product);
    let together =
        of_reason(app, visit, Placement::Together, id, ("bought_together", BESIDES)).await?;
    let mut similar = items(app, visit, Placement::Similar, id, BESIDES).await?;
    similar.retain(|item| item.reason.because.is_some());
    let similar: Vec<SearchHit> = similar.into_iter().map(|item| item.hit).collect();
    let text = visit.text();
    Ok(row(visit, text.together, &together)
        .into_iter()
        .chain(row(visit, text.similar, &similar))
        .collect())
}

/// The products of a placement that are there for one reason; the rest fill it up elsewhere.
async fn of_reason(
    app: &AppState,
    visit: &Visit,
    placement: Placement,
    product: Option<ProductId>,
    (code, limit): (&str, usize),
) -> Result<Vec<SearchHit>, Error> {
    let items = items(app, visit, placement, product, limit).await?;
    Ok(items.into_iter().filter(|item| item.reason.code == code).map(|item| item.hit).collect())
}

async fn items(
    app: &AppState,
    visit: &Visit,
    placement: Placement,
    product: Option<ProductId>,
    limit: usize,
) -> Result<Vec<RecommendedItem>, Error> {
    let request = RecommendationsRequest {
        visitor: visit.visitor.clone(),
        product,
        lang: Some(visit.lang),
        city: visit.city,
        date: visit.date,
        now: visit.now,
        limit,
        ..RecommendationsRequest::of(visit.market, placement)
    };
    match recommendations::run(app, &request).await {
        Ok(answer) => Ok(answer.items),
        // A product that the index does not have yet has nothing beside it.
        Err(Error::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A row; none without products.
fn row(visit: &Visit, title: &str, hits: &[SearchHit]) -> Option<Row> {
    (!hits.is_empty()).then(|| Row {
        title: title.to_owned(),
        href: visit.path("/search?sort=popular"),
        cards: Card::all(visit, hits),
    })
}
