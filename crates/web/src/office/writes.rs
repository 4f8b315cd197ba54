//! A change by somebody of the staff: one transaction with its audit row, without an answer to keep.

use axum::http::StatusCode;
use souk_api::{AppState, Error};
use souk_commerce::writes::{self, Answer, Begun, Write};

use super::Colleague;

/// Opens the write of a colleague.
pub(crate) async fn open(app: &AppState, colleague: &Colleague) -> Result<Write, Error> {
    match writes::begin(&app.db, Some(colleague.staff.id), None).await? {
        Begun::New(write) => Ok(write),
        Begun::Before(_) => {
            Err(Error::Internal("a write without a key was answered before".to_owned()))
        }
    }
}

/// Commits it.
pub(crate) async fn commit(app: &AppState, write: Write) -> Result<(), Error> {
    let (status, headers, body) = (StatusCode::SEE_OTHER.as_u16(), Vec::new(), String::new());
    write.commit(&app.db, &Answer { status, headers, body }).await?;
    Ok(())
}
