//! `GET /v1/admin/audit`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_commerce::audit::{self, Record};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Listed;
use crate::cursor;
use crate::error::Result;
use crate::extract::Query;
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};

/// Records when the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most records of one answer.
const LIMIT_MAX: usize = 100;

/// What a cursor is bound to.
const LIST: &str = "audit";

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Staff(Permission::AuditRead), routes!(get_audit))]
}

/// How much of the record to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditParams {
    /// Records of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What a staff member did.
#[derive(Debug, Serialize, ToSchema)]
struct AuditRecord {
    /// Key of the record.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who, by name; null for the command line.
    staff: Option<String>,
    /// Slice and verb.
    #[schema(example = "staff.log_in")]
    action: String,
    /// What it was done to.
    subject: String,
    /// What changed.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<Record> for AuditRecord {
    fn from(record: Record) -> Self {
        AuditRecord {
            id: record.id.to_string(),
            at: record.at,
            staff: record.staff_name,
            action: record.action,
            subject: record.subject,
            detail: record.detail,
        }
    }
}

/// What staff did lately, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/audit",
    tag = "staff",
    params(AuditParams),
    responses((status = 200, description = "Records", body = Listed<AuditRecord>))
)]
async fn get_audit(
    State(app): State<AppState>,
    Query(params): Query<AuditParams>,
) -> Result<Json<Listed<AuditRecord>>> {
    let mut read = Reader::default();
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let cursor = params.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &LIST, cursor)).transpose()?;
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let mut connection = app.connection().await?;
    let mut records = audit::recent(&mut connection, below, asked).await?;
    let more = records.len() > limit;
    records.truncate(limit);
    let last = records.last().filter(|_| more);
    let next = last.map(|record| cursor::write(&app.keys, &LIST, &record.id));
    Ok(Json(Listed { items: records.into_iter().map(AuditRecord::from).collect(), next }))
}
