//! Reading, writing and moving experiments, and noting who saw them.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::json;
use souk_base::MarketCode;
use sqlx::PgConnection;

use super::sql::{self, ExperimentRow};
use super::{
    DAYS, Experiment, ExperimentId, Exposure, Kind, Move, NewExperiment, SEARCH, State,
    VARIANT_NAME_MAX, VARIANTS_MAX, Variant, WEIGHT_MAX,
};
use crate::recommendation_settings::{Goals, PLACEMENTS, check_goals};
use crate::writes::{Write, expect};
use crate::{Db, Error, Result, db, searches};

/// Every experiment that runs.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn running(connection: &mut PgConnection) -> Result<Vec<Experiment>> {
    let rows = sql::running(connection).await?;
    // One that a script wrote and nobody can read does not keep the others from running.
    Ok(rows.into_iter().filter_map(|row| read_valid(row).ok()).collect())
}

/// The newest `limit` experiments of a market (those for all count), of those with an id below `below` when it is given.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn find(
    connection: &mut PgConnection,
    market: Option<MarketCode>,
    below: Option<ExperimentId>,
    limit: i64,
) -> Result<Vec<Experiment>> {
    let market = market.as_ref().map(MarketCode::as_str);
    let below = below.map_or(i64::MAX, ExperimentId::get);
    let rows = sql::find(connection, market, below, limit).await?;
    rows.into_iter().map(Experiment::try_from).collect()
}

/// One experiment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: ExperimentId) -> Result<Experiment> {
    sql::one(connection, id.get()).await?.try_into()
}

/// The experiment, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(
    write: &mut Write,
    id: ExperimentId,
    expected: Option<&str>,
) -> Result<Experiment> {
    sql::lock(write, id.get()).await?;
    let experiment = get(write, id).await?;
    expect(expected, &experiment)?;
    Ok(experiment)
}

/// Adds an experiment; it does not run yet.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be tried; [`Error::Conflict`] for a name that is taken or empty.
pub async fn create(write: &mut Write, new: &NewExperiment) -> Result<ExperimentId> {
    check(new)?;
    let id = sql::insert(write, new).await?;
    write.note("experiments.create", &id.to_string(), json!({"name": new.name})).await?;
    Ok(id.into())
}

/// Makes an experiment what is given. Of one that has begun only its name and note can change.
///
/// # Errors
/// As [`create`]; [`Error::Invalid`] for a change of what visitors already have; [`Error::NotFound`].
pub async fn update(write: &mut Write, id: ExperimentId, new: &NewExperiment) -> Result<()> {
    check(new)?;
    let before = lock(write, id, None).await?;
    if before.state != State::Draft {
        let (name, note) = (new.name.clone(), new.note.clone());
        if (NewExperiment { name, note, ..before.into() }) != *new {
            let reason = "what visitors have seen cannot be changed; make another experiment";
            return Err(Error::invalid("variants", reason));
        }
    }
    sql::update(write, id.get(), new).await?;
    write.note("experiments.update", &id.to_string(), json!({"name": new.name})).await
}

/// Starts or ends an experiment, live within a second wherever the shop runs.
///
/// # Errors
/// [`Error::IllegalExperimentMove`] from where it stands; [`Error::Conflict`] when another one runs at the same place, in the
/// same market or in all of them; [`Error::Invalid`] when a model's version is not there; [`Error::NotFound`].
pub async fn shift(
    write: &mut Write,
    id: ExperimentId,
    wanted: Move,
    now: Timestamp,
) -> Result<Experiment> {
    let experiment = lock(write, id, None).await?;
    let state = experiment.state.next(wanted)?;
    if wanted == Move::Start {
        check_models(write, &experiment).await?;
        sql::lock_table(write).await?;
        if sql::runs_beside(write, id.get()).await? {
            return Err(crate::Conflict::ExperimentRunning.into());
        }
    }
    sql::set_state(write, id.get(), state.code(), now.into()).await?;
    let detail = json!({"name": experiment.name, "state": state});
    write.note("experiments.move", &id.to_string(), detail).await?;
    get(write, id).await
}

/// Removes an experiment that never began.
///
/// # Errors
/// [`Error::Conflict`] when it has; [`Error::NotFound`].
pub async fn remove(write: &mut Write, id: ExperimentId) -> Result<()> {
    let experiment = lock(write, id, None).await?;
    if experiment.state != State::Draft {
        return Err(crate::Conflict::ExperimentBegun.into());
    }
    sql::delete(write, id.get()).await?;
    write.note("experiments.remove", &id.to_string(), json!({"name": experiment.name})).await
}

/// Writes down who saw what, of each visitor the first time only.
///
/// # Errors
/// [`Error::Busy`] when no connection is free, [`Error::Database`] when PostgreSQL does not answer.
pub async fn expose(db: &Db, exposures: &[Exposure]) -> Result<()> {
    let mut first: Vec<&Exposure> = exposures.iter().collect();
    first.sort_by_key(|it| it.time);
    let mut known = HashSet::new();
    first.retain(|it| known.insert((it.experiment, &it.visitor)));
    let rows: Vec<_> = first.into_iter().map(sql::exposure_row).collect();
    let mut transaction = db::begin(db).await?;
    searches::do_not_wait_for_the_disk(&mut transaction).await?;
    sql::insert_exposures(&mut transaction, &rows).await?;
    Ok(transaction.commit().await?)
}

/// Forgets who saw what ended long ago; says how many.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection) -> Result<u64> {
    Ok(sql::forget_old(connection, DAYS).await?)
}

/// Refuses what cannot be tried.
///
/// # Errors
/// [`Error::Invalid`] with the first of what is wrong.
pub fn check(new: &NewExperiment) -> Result<()> {
    let is_search = new.place == SEARCH;
    if !is_search && !PLACEMENTS.contains(&new.place.as_str()) {
        let known = PLACEMENTS.join(", ");
        let reason = format!("there is no place {}; those there are: {SEARCH}, {known}", new.place);
        return Err(Error::invalid("place", reason));
    }
    let mixes = new.kind == Kind::Interleaving;
    if mixes && is_search {
        return Err(Error::invalid("kind", "only lists of recommendations are interleaved"));
    }
    let count = new.variants.len();
    let most = if mixes { 2 } else { VARIANTS_MAX };
    if !(2..=most).contains(&count) {
        let reason =
            format!("an experiment of this kind has from 2 to {most} variants, not {count}");
        return Err(Error::invalid("variants", reason));
    }
    for (place, variant) in new.variants.iter().enumerate() {
        check_variant(variant, is_search)?;
        if new.variants[..place].iter().any(|it| it.name == variant.name) {
            let reason = format!("two variants are called \"{}\"", variant.name);
            return Err(Error::invalid("variants", reason));
        }
    }
    if new.market.is_none() && new.variants.iter().any(|it| !it.models.is_empty()) {
        let reason = "a model's version is of one market, so this needs one";
        return Err(Error::invalid("market", reason));
    }
    Ok(())
}

fn check_variant(variant: &Variant, is_search: bool) -> Result<()> {
    let refuse = |reason: String| Err(Error::invalid("variants", reason));
    let name = variant.name.as_str();
    if name.trim().is_empty() || name.chars().count() > VARIANT_NAME_MAX {
        return refuse(format!("a variant has a name of at most {VARIANT_NAME_MAX} characters"));
    }
    if !(1..=WEIGHT_MAX).contains(&variant.weight) {
        return refuse(format!("\"{name}\" must weigh from 1 to {WEIGHT_MAX}"));
    }
    let is_about_lists = variant.goals != Goals::default() || !variant.models.is_empty();
    if is_search && is_about_lists {
        return refuse(format!("\"{name}\": in search only personalise can be tried"));
    }
    check_goals(name, &variant.goals).map_err(|error| match error {
        Error::Invalid { reason, .. } => Error::invalid("variants", reason),
        other => other,
    })
}

/// Refuses versions of models that are not kept.
async fn check_models(connection: &mut PgConnection, experiment: &Experiment) -> Result<()> {
    let Some(market) = experiment.market else { return Ok(()) };
    for (model, version) in experiment.variants.iter().flat_map(|variant| &variant.models) {
        match crate::models::find(connection, model, market, version).await {
            Err(Error::NotFound) => {
                let reason = format!("{model} has no version {version} in {market}");
                return Err(Error::invalid("variants", reason));
            }
            found => found?,
        };
    }
    Ok(())
}

/// A row that whoever serves can rely on.
fn read_valid(row: ExperimentRow) -> Result<Experiment> {
    let experiment = Experiment::try_from(row)?;
    check(&experiment.clone().into())?;
    Ok(experiment)
}

impl TryFrom<ExperimentRow> for Experiment {
    type Error = Error;

    fn try_from(row: ExperimentRow) -> Result<Experiment> {
        let kind = match row.kind.as_str() {
            "split" => Kind::Split,
            "interleaving" => Kind::Interleaving,
            _ => return Err(Error::UnknownState(row.kind)),
        };
        let state = State::ALL.into_iter().find(|state| state.code() == row.state);
        Ok(Experiment {
            id: row.id.into(),
            name: row.name,
            market: row.market.as_deref().map(str::parse::<MarketCode>).transpose()?,
            kind,
            place: row.place,
            variants: serde_json::from_value(row.variants).unwrap_or_default(),
            state: state.ok_or(Error::UnknownState(row.state))?,
            note: row.note,
            created_at: row.created_at.to_jiff(),
            started_at: row.started_at.map(|at| at.to_jiff()),
            stopped_at: row.stopped_at.map(|at| at.to_jiff()),
        })
    }
}

/// A kind as it is stored.
pub(super) const fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Split => "split",
        Kind::Interleaving => "interleaving",
    }
}
