//! `/v1/me/occasions`: days on which a customer thinks of somebody.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use souk_commerce::customers::{self, NewOccasion, Occasion, OccasionId, RecipientId};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::{Code, FieldError, Result};
use crate::extract::Path;
use crate::params::Reader;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::secrets::{CustomerAsked, CustomerChange};
use crate::writing::{self, created, gone, shown};

/// Days before an occasion that a reminder comes when nobody says otherwise.
const REMIND_DAYS_DEFAULT: i32 = 7;

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Customer, routes!(get_occasions, post_occasion)),
        route(Policy::Customer, routes!(put_occasion, delete_occasion)),
    ]
}

/// A day, as a customer says it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OccasionBody {
    /// What is celebrated.
    #[schema(max_length = 200)]
    title: String,
    /// The first time, or the only one: YYYY-MM-DD.
    date: String,
    /// Whether it comes again every year; true when not given.
    #[serde(default)]
    yearly: Option<bool>,
    /// Whose day it is, one of my recipients.
    #[serde(default)]
    recipient_id: Option<String>,
    /// Days before it that a reminder comes; 0 for none, 7 when not given.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 60)]
    remind_days: Option<i32>,
}

/// A day to think of somebody.
#[derive(Serialize, ToSchema)]
struct OccasionAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: OccasionId,
    /// What is celebrated.
    title: String,
    /// The first time, or the only one.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Whether it comes again every year.
    yearly: bool,
    /// When it is next; null for one that is over.
    #[schema(value_type = Option<String>, format = Date)]
    next: Option<Date>,
    /// Whose day it is, one of my recipients.
    #[schema(value_type = Option<String>)]
    recipient_id: Option<RecipientId>,
    /// Days before it that a reminder comes; 0 for none.
    remind_days: i32,
}

impl From<Occasion> for OccasionAnswer {
    /// What is next is counted from the day it is in UTC.
    fn from(Occasion { id, day }: Occasion) -> Self {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        OccasionAnswer {
            id,
            next: day.next(today),
            title: day.title,
            date: day.date,
            yearly: day.yearly,
            recipient_id: day.recipient,
            remind_days: day.remind_days,
        }
    }
}

impl OccasionBody {
    fn read(self) -> Result<NewOccasion> {
        let mut read = Reader::default();
        let date = read.date("date", Some(&self.date));
        let recipient = read.optional("recipient_id", self.recipient_id.as_deref());
        read.finish()?;
        let missing = || FieldError::new("/date", Code::MissingField, "date must be given");
        Ok(NewOccasion {
            title: self.title,
            date: date.ok_or_else(missing)?,
            yearly: self.yearly.unwrap_or(true),
            recipient,
            remind_days: self.remind_days.unwrap_or(REMIND_DAYS_DEFAULT),
        })
    }
}

fn shaped(id: OccasionId, new: &NewOccasion) -> OccasionAnswer {
    let day = NewOccasion { title: new.title.trim().to_owned(), ..new.clone() };
    OccasionAnswer::from(Occasion { id, day })
}

/// My occasions, by the day of the year.
#[utoipa::path(
    get,
    path = "/v1/me/occasions",
    tag = "account",
    responses((status = 200, description = "The occasions", body = Listed<OccasionAnswer>))
)]
async fn get_occasions(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Json<Listed<OccasionAnswer>>> {
    let occasions = customers::occasions(&mut *app.connection().await?, customer.id).await?;
    Ok(Json(Listed::whole(occasions.into_iter().map(OccasionAnswer::from).collect())))
}

/// Add an occasion.
#[utoipa::path(
    post,
    path = "/v1/me/occasions",
    tag = "account",
    request_body = OccasionBody,
    responses((status = 201, description = "The occasion", body = OccasionAnswer))
)]
async fn post_occasion(
    State(app): State<AppState>,
    CustomerChange { customer, asked, body }: CustomerChange<OccasionBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        let id = customers::add_occasion(write, customer.id, &new).await?;
        Ok(created(None, &shaped(id, &new)))
    })
    .await
}

/// Change an occasion; what is left out is as if never said.
#[utoipa::path(
    put,
    path = "/v1/me/occasions/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the occasion")),
    request_body = OccasionBody,
    responses((status = 200, description = "The occasion", body = OccasionAnswer))
)]
async fn put_occasion(
    State(app): State<AppState>,
    Path(id): Path<OccasionId>,
    CustomerChange { customer, asked, body }: CustomerChange<OccasionBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        customers::change_occasion(write, customer.id, id, &new).await?;
        Ok(shown(&shaped(id, &new)))
    })
    .await
}

/// Take an occasion out.
#[utoipa::path(
    delete,
    path = "/v1/me/occasions/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the occasion")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_occasion(
    State(app): State<AppState>,
    Path(id): Path<OccasionId>,
    CustomerAsked { customer, asked }: CustomerAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        customers::remove_occasion(write, customer.id, id).await?;
        Ok(gone())
    })
    .await
}
