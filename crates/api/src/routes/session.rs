//! `/v1/auth/staff/session`: staff log in, see who they are, and log out.

use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::StaffId;
use souk_commerce::staff::{self, Role, Staff};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Written, WrittenJson};
use crate::error::Result;
use crate::extract;
use crate::policy::{Policy, Route, Session, route};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(log_in)).without_key(),
        route(Policy::SignedIn, routes!(who_am_i, log_out)).without_key(),
    ]
}

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// Address of the staff member.
    #[schema(max_length = 254)]
    email: String,
    /// Their password.
    #[schema(max_length = 1024)]
    password: String,
}

/// A fresh session.
#[derive(Serialize, ToSchema)]
struct SessionAnswer {
    /// To be sent as `Authorization: Bearer …`. It is not shown again.
    token: String,
    /// When the session ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whose it is.
    staff: StaffAnswer,
}

/// A staff member.
#[derive(Serialize, ToSchema)]
struct StaffAnswer {
    /// Key of the staff member.
    #[schema(value_type = String)]
    id: StaffId,
    /// Their address.
    email: String,
    /// Their name.
    name: String,
    /// What they may do.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
}

impl From<Staff> for StaffAnswer {
    fn from(staff: Staff) -> Self {
        StaffAnswer { id: staff.id, email: staff.email, name: staff.name, roles: staff.roles }
    }
}

/// Log in as a staff member. After ten attempts for an address have failed within 15 minutes, further
/// ones are answered `too_many_requests` for the rest of that time.
#[utoipa::path(
    post,
    path = "/v1/auth/staff/session",
    tag = "staff",
    request_body = Credentials,
    responses((status = 200, description = "A fresh session", body = SessionAnswer))
)]
async fn log_in(
    State(app): State<AppState>,
    extract::Json(credentials): extract::Json<Credentials>,
) -> Result<WrittenJson<SessionAnswer>> {
    let Credentials { email, password } = &credentials;
    let session = staff::log_in(&app.db, email, password, Timestamp::now()).await?;
    let body = SessionAnswer {
        token: session.token,
        expires_at: session.expires_at,
        staff: session.staff.into(),
    };
    Written::now(&app, Json(body)).await
}

/// Who the session belongs to.
#[utoipa::path(
    get,
    path = "/v1/auth/staff/session",
    tag = "staff",
    responses((status = 200, description = "The staff member", body = StaffAnswer))
)]
async fn who_am_i(Session { staff, .. }: Session) -> Json<StaffAnswer> {
    Json(staff.into())
}

/// Log out: the session ends at once.
#[utoipa::path(
    delete,
    path = "/v1/auth/staff/session",
    tag = "staff",
    responses((status = 204, description = "The session has ended"))
)]
async fn log_out(
    State(app): State<AppState>,
    Session { token, .. }: Session,
) -> Result<Written<NoContent>> {
    staff::log_out(&app.db, &token).await?;
    Written::now(&app, NoContent).await
}
