//! Whether a new version may take the place of the one that serves.

use serde::Serialize;
use souk_base::MarketCode;
use souk_commerce::PgConnection;
use souk_commerce::models::{self, Version};
use souk_recommend::artifact::Manifest;
use souk_recommend::train::{self, Data, Kept, Kind, Settings, Trained};

use crate::context::Context;

/// What a new version is beside the one that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Verdict {
    /// None serves.
    #[serde(rename = "first")]
    First,
    /// Beyond chance.
    #[serde(rename = "better")]
    Better,
    /// The difference may be chance.
    #[serde(rename = "as good")]
    AsGood,
    /// Beyond chance.
    #[serde(rename = "worse")]
    Worse,
}

/// Compares a new version with the one that serves: by pairs where that one saw nothing of what is asked, else by what
/// each said of the days that were held back from it.
///
/// # Errors
/// When the database does not answer. A serving version that cannot be read is no reason against a new one.
pub(super) async fn judge(
    context: &Context,
    market: MarketCode,
    kind: Kind,
    trained: &Trained,
    data: &Data,
) -> anyhow::Result<Verdict> {
    let mut connection = context.db.acquire().await?;
    let Some(serving) = serving(&mut connection, market, kind).await? else {
        return Ok(Verdict::First);
    };
    let Some(new) = &trained.judged else { return Ok(Verdict::AsGood) };
    let Ok((manifest, kept, names)) = opened(&mut connection, kind, &serving).await else {
        return Ok(Verdict::First);
    };
    let cut_ms = train::cut(trained.span_ms);
    let seen_ms = souk_recommend::parse_time(&manifest.window.to).unwrap_or(i64::MAX);
    if seen_ms >= cut_ms {
        let worse = train::is_below(new, &manifest.metrics);
        return Ok(if worse { Verdict::Worse } else { Verdict::AsGood });
    }
    let old = train::judge(&kept, Some(&names), data, cut_ms);
    Ok(match train::compare(new, &old) {
        Some(it) if it.is_worse() => Verdict::Worse,
        Some(it) if it.is_better() => Verdict::Better,
        _ => Verdict::AsGood,
    })
}

/// The parameters that a search chose for the version that serves; none where none was made.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn settings(
    context: &Context,
    market: MarketCode,
    kind: Kind,
) -> anyhow::Result<Settings> {
    let mut connection = context.db.acquire().await?;
    let serving = serving(&mut connection, market, kind).await?;
    let manifest = serving.map(|version| serde_json::from_value::<Manifest>(version.manifest));
    Ok(manifest.and_then(Result::ok).map(|manifest| manifest.tuned).unwrap_or_default())
}

/// The version of a model that serves in a market.
async fn serving(
    connection: &mut PgConnection,
    market: MarketCode,
    kind: Kind,
) -> anyhow::Result<Option<Version>> {
    let mut serving = models::serving(connection).await?.into_iter();
    Ok(serving.find(|it| it.model == kind.name() && it.market == market))
}

/// A version, read and found whole.
///
/// # Errors
/// When it is damaged, or the database does not answer.
pub(crate) async fn opened(
    connection: &mut PgConnection,
    kind: Kind,
    version: &Version,
) -> anyhow::Result<(Manifest, Kept, Vec<String>)> {
    let manifest: Manifest = serde_json::from_value(version.manifest.clone())?;
    let file = models::file(connection, version.id).await?;
    let (kept, names) = Kept::from_weights(kind, &manifest.open(&file)?)?;
    Ok((manifest, kept, names))
}
