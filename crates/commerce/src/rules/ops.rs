//! Reading, adding, changing and removing rules.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use souk_base::{Action, Condition, MarketCode, Rule, RuleId};
use sqlx::PgConnection;

use super::check::check;
use super::difference::{changed, differences};
use super::named::{Lost, Named};
use super::sql::{self, RuleRow, Written};
use super::{Difference, Filter, NewRule};
use crate::writes::{Write, expect};
use crate::{Error, Result};

/// The rules that search looks at: the enabled ones that can be read, in id order, whatever their time.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn enabled(connection: &mut PgConnection) -> Result<Vec<Rule>> {
    let rules = sql::enabled(connection).await?.into_iter().map(Rule::try_from);
    let rules = rules.filter(|rule| rule.as_ref().map_or(true, |rule| !rule.actions.is_empty()));
    rules.collect()
}

/// Every rule, in id order.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Rule>> {
    sql::all(connection).await?.into_iter().map(Rule::try_from).collect()
}

/// The first `limit` rules that the filter lets through, in order of priority, of those behind `after` when it is given.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn find(
    connection: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    after: Option<(i32, RuleId)>,
    limit: i64,
) -> Result<Vec<Rule>> {
    let (priority, id) = after.map_or((i32::MAX, i64::MIN), |(priority, id)| (priority, id.get()));
    let rows = sql::find(connection, filter, now, (priority, id), limit).await?;
    rows.into_iter().map(Rule::try_from).collect()
}

/// One rule.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: RuleId) -> Result<Rule> {
    sql::one(connection, id.get()).await?.try_into()
}

/// The rule, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(write: &mut Write, id: RuleId, expected: Option<&str>) -> Result<Rule> {
    sql::lock(write, id.get()).await?;
    let rule = get(write, id).await?;
    expect(expected, &rule)?;
    Ok(rule)
}

/// Adds a rule.
///
/// # Errors
/// [`Error::Invalid`] for what means nothing or names what does not exist; [`Error::Conflict`] when the name is taken.
pub async fn create(write: &mut Write, new: &NewRule) -> Result<RuleId> {
    examine(write, new).await?;
    insert(write, new).await
}

/// Refuses a rule that could not be saved.
///
/// # Errors
/// [`Error::Invalid`] for what means nothing or names what does not exist.
pub async fn examine(connection: &mut PgConnection, new: &NewRule) -> Result<()> {
    check(new)?;
    refer(connection, std::slice::from_ref(new)).await
}

/// Makes a rule what is given.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn update(write: &mut Write, id: RuleId, new: &NewRule) -> Result<()> {
    examine(write, new).await?;
    sql::lock(write, id.get()).await?;
    let rule = get(write, id).await?;
    replace(write, &rule, new).await
}

/// Removes a rule.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(write: &mut Write, id: RuleId) -> Result<()> {
    let rule = get(write, id).await?;
    sql::delete(write, id.get()).await?;
    write.note("rules.remove", &id.to_string(), json!({"name": rule.name})).await
}

/// Makes the shop's rules of these names these, and removes the others where they are to go; says what changed.
///
/// # Errors
/// As [`create`]; [`Error::Invalid`] for a name that comes twice.
pub async fn apply(write: &mut Write, wanted: &[NewRule], prune: bool) -> Result<Vec<Difference>> {
    let mut names = HashSet::new();
    for rule in wanted {
        check(rule).map_err(|error| of_rule(error, &rule.name))?;
        if !names.insert(&*rule.name) {
            return Err(Error::invalid("name", format!("two rules are called \"{}\"", rule.name)));
        }
    }
    refer(write, wanted).await?;
    // Two lists that are applied at once come one after the other.
    sql::lock_all(write).await?;
    let shop = list(write).await?;
    let found = differences(&shop, wanted, prune);
    let rules: HashMap<&str, &Rule> = shop.iter().map(|rule| (&*rule.name, rule)).collect();
    let wanted: HashMap<&str, &NewRule> = wanted.iter().map(|rule| (&*rule.name, rule)).collect();
    for difference in &found {
        match difference {
            Difference::Added { name } => _ = insert(write, wanted[&**name]).await?,
            Difference::Changed { name, .. } => {
                replace(write, rules[&**name], wanted[&**name]).await?;
            }
            Difference::Removed { name } => remove(write, rules[&**name].id).await?,
        }
    }
    Ok(found)
}

/// The same error, saying which of many rules it is about.
fn of_rule(error: Error, name: &str) -> Error {
    match error {
        Error::Invalid { field, reason } => {
            Error::Invalid { field, reason: format!("{reason} (in the rule \"{name}\")") }
        }
        other => other,
    }
}

async fn insert(write: &mut Write, new: &NewRule) -> Result<RuleId> {
    let id = sql::insert(write, &Written::of(new)).await?;
    write.note("rules.create", &id.to_string(), json!({"name": new.name})).await?;
    Ok(id.into())
}

async fn replace(write: &mut Write, rule: &Rule, new: &NewRule) -> Result<()> {
    let fields = changed(rule, new);
    if fields.is_empty() {
        return Ok(());
    }
    sql::update(write, rule.id.get(), &Written::of(new)).await?;
    let detail = json!({"name": new.name, "changed": fields});
    write.note("rules.update", &rule.id.to_string(), detail).await
}

/// Refuses rules that name what does not exist.
async fn refer(connection: &mut PgConnection, rules: &[NewRule]) -> Result<()> {
    let mut named = Named::default();
    for rule in rules {
        named.add(&rule.conditions, &rule.actions);
    }
    match named.lost(connection).await?.first() {
        Some(lost) => Err(Error::invalid(lost.field(), lost.told())),
        None => Ok(()),
    }
}

/// What rules name that has been deleted since, by rule; rules that name nothing of the kind are left out.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn lost(
    connection: &mut PgConnection,
    rules: &[Rule],
) -> Result<HashMap<RuleId, Vec<Lost>>> {
    let mut named = Named::default();
    for rule in rules {
        named.add(&rule.conditions, &rule.actions);
    }
    let gone = named.lost(connection).await?;
    let of_rule = |rule: &Rule| {
        let mut named = Named::default();
        named.add(&rule.conditions, &rule.actions);
        let lost: Vec<Lost> = gone.iter().filter(|lost| named.has(lost)).cloned().collect();
        (rule.id, lost)
    };
    Ok(rules.iter().map(of_rule).filter(|(_, lost)| !lost.is_empty()).collect())
}

impl TryFrom<RuleRow> for Rule {
    type Error = Error;

    /// What cannot be read of conditions and actions leaves both empty, which no rule is that anybody wrote here.
    fn try_from(row: RuleRow) -> Result<Rule> {
        let market = row.market.as_deref().map(str::parse::<MarketCode>).transpose()?;
        let (conditions, actions) = read(row.conditions, row.actions).unwrap_or_default();
        Ok(Rule {
            id: row.id.into(),
            name: row.name,
            enabled: row.enabled,
            priority: row.priority,
            market,
            conditions,
            actions,
            starts_at: row.starts_at.map(jiff_sqlx::Timestamp::to_jiff),
            ends_at: row.ends_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

fn read(conditions: Value, actions: Value) -> serde_json::Result<(Vec<Condition>, Vec<Action>)> {
    Ok((serde_json::from_value(conditions)?, serde_json::from_value(actions)?))
}
