//! The search within a facet's values.

use serde_json::{Value, json};
use souk_commerce::searches::folded;

use super::answer::named_counts;
use super::asked::Asked;
use super::attributes::Attributes;
use super::refused::Refused;
use crate::AppState;
use crate::pipeline::search::{self, SearchRequest};

/// Values of an answer when the request does not say.
const VALUES_DEFAULT: usize = 10;
/// Most values of an answer.
const VALUES_MAX: usize = 100;

/// A facet's values in which a word begins with what is looked for.
///
/// # Errors
/// An attribute that is none, and as [`search::run`].
pub(super) async fn answer(app: &AppState, asked: &Asked, facet: &str) -> Result<Value, Refused> {
    let tables = app.view()?.tables.clone();
    let attributes = Attributes { tables: &tables, lang: asked.index.lang };
    let attribute = attributes.named(facet, "facet")?;
    let looked_for = asked.params.text("facetQuery")?.unwrap_or_default();
    let values_max = asked.params.whole("maxFacetHits", 0..=VALUES_MAX)?.unwrap_or(VALUES_DEFAULT);
    let field = attribute.field().map(str::to_owned);
    let request =
        SearchRequest { facets: field.into_iter().collect(), limit: 1, ..asked.search.clone() };
    let found = search::run(app, &request).await?;
    let fits =
        named_counts(&attribute, attributes, &found).filter(|(name, _)| begins(name, &looked_for));
    let hits = fits.take(values_max).map(|(name, value)| {
        json!({ "highlighted": asked.tags.found(&name, &looked_for), "count": value.count, "value": name })
    });
    Ok(json!({
        "facetHits": hits.collect::<Vec<_>>(), "exhaustiveFacetsCount": true,
        "processingTimeMS": (found.took_us / 1_000).max(1),
    }))
}

/// Whether the name, or what follows a space in it, begins with what is looked for, however either is written.
fn begins(name: &str, looked_for: &str) -> bool {
    let (name, looked_for) = (folded(name), folded(looked_for));
    name.starts_with(&looked_for) || name.contains(&format!(" {looked_for}"))
}
