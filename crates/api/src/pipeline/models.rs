//! Promoting a version of a model: only one that whoever serves can read.

use souk_base::MarketCode;
use souk_commerce::models::{self, Version};
use souk_commerce::writes::Write;
use souk_recommend::train::Kind;

use crate::error::{Code, Error, FieldError, Result};
use crate::recommender;

/// Makes a version serve once it was read and found whole.
///
/// # Errors
/// [`Error::NotFound`] for a version that there is none of, [`Error::Invalid`] for one that is damaged.
pub async fn promote(
    write: &mut Write,
    model: &str,
    market: MarketCode,
    version: &str,
) -> Result<Version> {
    let kind: Kind = model.parse().map_err(|_| Error::NotFound)?;
    let found = models::find(write, model, market, version).await?;
    recommender::opened(write, kind, &found).await.map_err(|error| match error {
        Error::Internal(reason) => {
            let detail = format!("{model} {version} cannot be used: {reason}");
            FieldError::new("/version", Code::InvalidValue, detail).into()
        }
        other => other,
    })?;
    Ok(models::promote_by_staff(write, model, market, version).await?)
}
