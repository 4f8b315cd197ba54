//! The search within a facet's values, under a query and its filters.

use serde::Serialize;
use souk_search::{Query, View};
use utoipa::ToSchema;

use super::search::{FacetValue, SearchRequest};
use crate::AppState;
use crate::error::Result;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct FacetValuesRequest {
    /// The search whose facet it is.
    pub search: SearchRequest,
    /// The field.
    pub field: String,
    /// What has been typed of a value's name.
    pub value: String,
    /// Values of the answer.
    pub limit: usize,
}

/// Values of a facet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacetValues {
    /// The best fitting first, then the most frequent; counts are those of the facet in a search.
    pub items: Vec<FacetValue>,
}

/// Looks for values.
///
/// # Errors
/// As [`super::search::run`].
pub async fn run(app: &AppState, request: &FacetValuesRequest) -> Result<FacetValues> {
    let (view, request) = (app.view()?, request.clone());
    app.compute(move || answer(&view, &request)).await
}

fn answer(view: &View, request: &FacetValuesRequest) -> Result<FacetValues> {
    let facets = vec![request.field.clone()];
    let search = SearchRequest { facets, limit: 1, ..request.search.clone() };
    let found = view.candidates(&Query::parse(&search.as_search(None), &view.tables)?)?;
    let fitting = found.facets.iter().flat_map(|facet| facet.matching(&request.value));
    let items = fitting.take(request.limit).cloned().map(FacetValue::from).collect();
    Ok(FacetValues { items })
}
