//! `/v1/admin/rules`: what search does where certain conditions hold.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{Action, Condition, MarketCode, Rule, RuleId};
use souk_commerce::rules::{self, Filter, Lost, NewRule, State as RuleState};
use souk_commerce::writes::{Write, etag};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{given, or_null};
use super::preview::PreviewSearch;
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::{self, Path, Query};
use crate::params::Reader;
use crate::pipeline::preview::{self, Draft, Preview};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, gone, shown, tagged};

/// Rules of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most rules of one answer.
const LIMIT_MAX: usize = 100;
/// Longest text that is looked for, in characters.
const TEXT_LENGTH_MAX: usize = 512;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::SearchRead, Permission::SearchWrite);
    vec![
        route(Policy::Staff(read), routes!(get_rules)),
        route(Policy::Staff(write), routes!(post_rule)),
        route(Policy::Staff(read), routes!(get_rule)),
        route(Policy::Staff(write), routes!(patch_rule, delete_rule)),
        route(Policy::Staff(read), routes!(post_rule_preview)).without_key(),
    ]
}

/// Which rules, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RulesParams {
    /// A part of the name, or of a text in conditions and actions.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Code of a market; those for all of them count.
    market: Option<String>,
    /// `live`, `scheduled`, `ended` or `off`.
    state: Option<String>,
    /// Rules of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The parameters, read.
struct RulesRequest {
    filter: Filter,
    limit: usize,
    cursor: Option<String>,
}

impl RulesParams {
    fn request(self) -> Result<RulesRequest> {
        let mut read = Reader::default();
        let text = self.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        let state = read.optional::<StateName>("state", self.state.as_deref());
        let filter = Filter {
            market: read.optional("market", self.market.as_deref()),
            state: state.map(|StateName(state)| state),
            text,
        };
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        read.length("q", filter.text.as_deref(), TEXT_LENGTH_MAX);
        read.finish()?;
        let cursor = self.cursor.filter(|cursor| !cursor.is_empty());
        Ok(RulesRequest { filter, limit: limit.unwrap_or(LIMIT_DEFAULT), cursor })
    }
}

/// A state by its name in an address.
struct StateName(RuleState);

impl std::str::FromStr for StateName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let states = [RuleState::Live, RuleState::Scheduled, RuleState::Ended, RuleState::Off];
        let state = states.into_iter().find(|state| state.code() == text).map(StateName);
        state.ok_or_else(|| {
            format!("state must be live, scheduled, ended or off, but is \"{text}\"")
        })
    }
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
struct AdminRule {
    /// Key of the rule.
    #[schema(value_type = String)]
    id: RuleId,
    /// What the staff calls it.
    name: String,
    /// Whether it can take part at all.
    enabled: bool,
    /// Whether it takes part now: `live`, `scheduled`, `ended`, `off`; `unreadable` for what a script wrote wrongly.
    state: &'static str,
    /// Where two rules want different things, the higher one has its way, then the older one.
    priority: i32,
    /// The market it is for; null for all.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Where it takes part; those about the same are alternatives. Kinds: `query_is`, `query_begins`,
    /// `query_contains` (words), `"query_empty"`, `category`, `city` (ids), `segment` (the kind of customer who asks, from 1,
    /// the most valuable, as `explain=true` of recommendations tells it; it never holds of somebody whose kind is not known).
    #[schema(value_type = Vec<Object>, example = json!([{"query_is": "roses"}, {"city": "285787"}]))]
    conditions: Vec<Condition>,
    /// What it does. Kinds: `pin` (`product`, `position`), `hide` (a product), `boost` and `bury` (`what`: a
    /// `product`, `brand`, `category` or `value`; `percent`), `filter` (`field:value`), `redirect` (a path or
    /// https address), `banner` (`text` by language, `link`), `replace` (words), `synonym` (the first words
    /// mean the others, too).
    #[schema(value_type = Vec<Object>, example = json!([{"pin": {"product": "7", "position": 1}}]))]
    actions: Vec<Action>,
    /// From when on; null for ever since.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Until right before when; null for ever after.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// What it names and has been deleted since, such as `product:7`; search passes that over. Absent for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<String>,
}

impl From<Rule> for AdminRule {
    fn from(rule: Rule) -> Self {
        let state = RuleState::of(&rule, Timestamp::now()).code();
        let Rule { id, name, enabled, priority, market, conditions, actions, .. } = rule;
        let (starts_at, ends_at) = (rule.starts_at, rule.ends_at);
        AdminRule {
            id,
            name,
            enabled,
            state,
            priority,
            market,
            conditions,
            actions,
            starts_at,
            ends_at,
            lost: Vec::new(),
        }
    }
}

impl AdminRule {
    /// The same with what of it is gone.
    fn with_lost(self, lost: &HashMap<RuleId, Vec<Lost>>) -> Self {
        let lost = lost.get(&self.id).into_iter().flatten().map(Lost::to_string).collect();
        AdminRule { lost, ..self }
    }
}

/// A rule to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRuleBody {
    /// What the staff calls it; no two rules have the same name.
    #[schema(max_length = 200)]
    name: String,
    /// Whether it can take part at all; true when not given.
    enabled: Option<bool>,
    /// From -1,000 to 1,000; 0 when not given.
    #[schema(minimum = -1000, maximum = 1000)]
    priority: Option<i32>,
    /// The market it is for; all when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Where it takes part; everywhere when not given.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, example = json!([{"query_is": "roses"}]))]
    conditions: Vec<Condition>,
    /// What it does; at least one thing.
    #[schema(value_type = Vec<Object>, example = json!([{"pin": {"product": "7", "position": 1}}]))]
    actions: Vec<Action>,
    /// From when on.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Until right before when.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

impl From<NewRuleBody> for NewRule {
    fn from(body: NewRuleBody) -> Self {
        NewRule {
            name: body.name,
            enabled: body.enabled.unwrap_or(true),
            priority: body.priority.unwrap_or(0),
            market: body.market,
            conditions: body.conditions,
            actions: body.actions,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
        }
    }
}

/// What is to change of a rule; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct RulePatch {
    /// What the staff calls it.
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    /// Whether it can take part at all.
    #[serde(default, deserialize_with = "given")]
    enabled: Option<bool>,
    /// From -1,000 to 1,000.
    #[serde(default, deserialize_with = "given")]
    priority: Option<i32>,
    /// The market it is for; null for all.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    market: Option<Option<MarketCode>>,
    /// All of its conditions.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Object>>)]
    conditions: Option<Vec<Condition>>,
    /// All of its actions.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Object>>)]
    actions: Option<Vec<Action>>,
    /// From when on; null for ever since.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Option<Timestamp>>,
    /// Until right before when; null for ever after.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Option<Timestamp>>,
}

impl RulePatch {
    /// The rule as it is to be.
    fn onto(self, rule: Rule) -> NewRule {
        NewRule {
            name: self.name.unwrap_or(rule.name),
            enabled: self.enabled.unwrap_or(rule.enabled),
            priority: self.priority.unwrap_or(rule.priority),
            market: self.market.unwrap_or(rule.market),
            conditions: self.conditions.unwrap_or(rule.conditions),
            actions: self.actions.unwrap_or(rule.actions),
            starts_at: self.starts_at.unwrap_or(rule.starts_at),
            ends_at: self.ends_at.unwrap_or(rule.ends_at),
        }
    }
}

/// Rules in order of priority, the higher first.
#[utoipa::path(
    get,
    path = "/v1/admin/rules",
    tag = "search",
    params(RulesParams),
    responses((status = 200, description = "Rules", body = Listed<AdminRule>))
)]
async fn get_rules(
    State(app): State<AppState>,
    Query(params): Query<RulesParams>,
) -> Result<Json<Listed<AdminRule>>> {
    let RulesRequest { filter, limit, cursor } = params.request()?;
    // What the cursor is bound to.
    let list = ("rules", &filter, filter.state.map(RuleState::code));
    let after = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let now = Timestamp::now();
    let mut found = rules::find(&mut connection, &filter, now, after, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|rule| cursor::write(&app.keys, &list, &(rule.priority, rule.id)));
    let lost = rules::lost(&mut connection, &found).await?;
    let items = found.into_iter().map(|rule| AdminRule::from(rule).with_lost(&lost));
    Ok(Json(Listed { items: items.collect(), next }))
}

/// Add a rule. Search follows it within a second.
#[utoipa::path(
    post,
    path = "/v1/admin/rules",
    tag = "search",
    request_body = NewRuleBody,
    responses((status = 201, description = "The rule", body = AdminRule))
)]
async fn post_rule(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewRuleBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let id = rules::create(write, &body.into()).await?;
        let rule = rules::get(write, id).await?;
        let tag = etag(&rule);
        let location = format!("/v1/admin/rules/{id}");
        Ok(tagged(created(Some(location), &AdminRule::from(rule)), tag))
    })
    .await
}

/// A rule.
#[utoipa::path(
    get,
    path = "/v1/admin/rules/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the rule")),
    responses((status = 200, description = "The rule; its ETag names this version", body = AdminRule))
)]
async fn get_rule(
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
) -> Result<Tagged<AdminRule>> {
    let mut connection = app.connection().await?;
    let rule = rules::get(&mut connection, id).await?;
    let tag = etag(&rule);
    let lost = rules::lost(&mut connection, std::slice::from_ref(&rule)).await?;
    Ok(Tagged { tag, body: AdminRule::from(rule).with_lost(&lost) })
}

/// Change a rule. Needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/rules/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the rule")),
    request_body = RulePatch,
    responses((status = 200, description = "The rule", body = AdminRule))
)]
async fn patch_rule(
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
    Change { asked, body }: Change<RulePatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let before = rules::lock(write, id, Some(&version)).await?;
        rules::update(write, id, &body.onto(before)).await?;
        let rule = rules::get(write, id).await?;
        let tag = etag(&rule);
        Ok(tagged(shown(&AdminRule::from(rule)), tag))
    })
    .await
}

/// Remove a rule. Needs `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/rules/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the rule")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_rule(
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        rules::lock(write, id, Some(&version)).await?;
        rules::remove(write, id).await?;
        Ok(gone())
    })
    .await
}

/// A rule and a search to try it out on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RulePreviewBody {
    /// As it would be saved; it counts as switched on, and its time as come.
    rule: NewRuleBody,
    /// Key of the saved rule in whose place it comes; that one is left out before and after.
    #[schema(value_type = Option<String>)]
    replaces: Option<RuleId>,
    /// The search.
    search: PreviewSearch,
}

/// A search before and after. Saves nothing.
#[utoipa::path(
    post,
    path = "/v1/admin/rules/preview",
    tag = "search",
    request_body = RulePreviewBody,
    responses((status = 200, description = "Both answers", body = Preview))
)]
async fn post_rule_preview(
    State(app): State<AppState>,
    extract::Json(body): extract::Json<RulePreviewBody>,
) -> Result<Json<Preview>> {
    let draft = Draft::Rule { replaces: body.replaces, rule: body.rule.into() };
    preview::examine(&app, &draft).await?;
    preview::run(&app, &draft, &body.search.request()?).await.map(Json)
}
