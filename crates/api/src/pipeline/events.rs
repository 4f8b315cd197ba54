//! Events as they are told, from clients of the API and from pages.

use axum::response::Response;
use souk_base::Position;
use souk_commerce::events::{self, Event};
use souk_commerce::writes::{Answer, Write};

use crate::AppState;
use crate::answer::Written;
use crate::attribution::Attribution;
use crate::cursor::Keys;
use crate::error::Result;
use crate::writing::{self, Asked};

/// Writes events, together with those that others tell at this moment, and gives the position of their commit.
///
/// # Errors
/// [`crate::Error::Commerce`] and [`crate::Error::Internal`] when the database does not take them; then none is kept.
pub async fn write(app: &AppState, mut events: Vec<Event>) -> Result<Position> {
    know_searches(app, &events).await?;
    events.iter_mut().for_each(|event| attribute(&app.keys, event));
    let told = events.clone();
    let position = app.events.write(&app.db, events).await?;
    remember(app, &told);
    Ok(position)
}

/// The same by itself, for a request that has a name: it is answered once.
pub(crate) async fn write_once(
    app: &AppState,
    asked: Asked,
    mut events: Vec<Event>,
    answer: Answer,
) -> Result<Written<Response>> {
    know_searches(app, &events).await?;
    events.iter_mut().for_each(|event| attribute(&app.keys, event));
    let mut is_new = false;
    let written = writing::run(app, asked, async |write: &mut Write| {
        events::add(write, &events).await?;
        is_new = true;
        Ok(answer)
    })
    .await?;
    if is_new {
        remember(app, &events);
    }
    Ok(written)
}

/// The search that was clicked may be younger than the last batch of the log.
async fn know_searches(app: &AppState, events: &[Event]) -> Result<()> {
    if events.iter().any(|event| event.query_id.is_some()) {
        app.searches.flush(&app.db).await?;
    }
    Ok(())
}

/// Before it is answered, so that the next request knows.
fn remember(app: &AppState, events: &[Event]) {
    if let Ok(view) = app.view() {
        app.recommender.happened(&view, events);
    }
}

/// Ties an event to the list whose token it shows; what the shop has not signed is kept as it was told and counts for no list.
fn attribute(keys: &Keys, event: &mut Event) {
    let shown = event.token.as_deref().and_then(|token| Attribution::read(keys, token));
    if let Some(shown) = shown.filter(|shown| shown.market == event.market) {
        event.list = Some(shown.list);
        event.placement = Some(shown.placement);
    }
}
