//! Events as they are told, from clients of the API and from pages.

use souk_base::Position;
use souk_commerce::events::Event;

use crate::AppState;
use crate::error::Result;

/// Writes events, together with those that others tell at this moment, and gives the position of their commit.
///
/// # Errors
/// [`crate::Error::Commerce`] and [`crate::Error::Internal`] when the database does not take them; then none is kept.
pub async fn write(app: &AppState, events: Vec<Event>) -> Result<Position> {
    if events.iter().any(|event| event.query_id.is_some()) {
        // The search that was clicked may be younger than the last batch of the log.
        app.searches.flush(&app.db).await?;
    }
    let told = events.clone();
    let position = app.events.write(&app.db, events).await?;
    // Before it is answered, so that the next request knows.
    if let Ok(view) = app.view() {
        app.recommender.happened(&view, &told);
    }
    Ok(position)
}
