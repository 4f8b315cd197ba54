//! `/v1/gifts/{token}`: what a recipient is asked by a link: where exactly in the city, and when.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{CityId, MarketCode, ProductId, SellerId};
use souk_commerce::carts::SlotId;
use souk_commerce::orders::{self, Gift, GiftChoice, GiftPart, OrderGroupId, OrderId};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::carts::answer::time_zone;
use super::carts::{LocationBody, address};
use crate::AppState;
use crate::answer::Written;
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::{JSON, is_json, parse_json};
use crate::pipeline::DeliverySlot;
use crate::policy::{Policy, Route, route};
use crate::secrets;
use crate::writing::{self, Asked, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_gift, put_gift))]
}

/// The gift that the path's token leads to; else there is none.
struct GiftAccess {
    group: OrderGroupId,
}

impl FromRequestParts<AppState> for GiftAccess {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        let path =
            axum::extract::Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let path = path.map_err(|_| Error::NotFound)?.0;
        let token = path.get("token").ok_or(Error::NotFound)?;
        let group = secrets::of_gift_token(&app.keys, token).ok_or(Error::NotFound)?;
        Ok(GiftAccess { group })
    }
}

/// What the recipient says under such a token.
struct GiftChange {
    group: OrderGroupId,
    asked: Asked,
    body: GiftBody,
}

impl FromRequest<AppState> for GiftChange {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let GiftAccess { group } = GiftAccess::from_request_parts(&mut parts, app).await?;
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let (asked, bytes) = Asked::read_guest(&format!("gift:{group}"), &parts, body, app).await?;
        Ok(GiftChange { group, asked, body: parse_json(&bytes)? })
    }
}

/// A gift as its recipient sees it.
#[derive(Debug, Serialize, ToSchema)]
struct GiftAnswer {
    /// Where it was bought.
    #[schema(value_type = String)]
    market: MarketCode,
    /// The city it goes to.
    #[schema(value_type = String)]
    city: CityId,
    /// Whom it is for.
    recipient: Option<String>,
    /// Who sends it; null for a sender who is not to be told.
    from: Option<String>,
    /// What is written on the card.
    message: Option<String>,
    /// Whether it waits for being told where to and when.
    open: bool,
    /// Where it goes, once it was said.
    #[schema(value_type = Object)]
    address: Option<Value>,
    /// How each seller's part gets there.
    deliveries: Vec<GiftDeliveryAnswer>,
}

/// What one seller brings.
#[derive(Debug, Serialize, ToSchema)]
struct GiftDeliveryAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: OrderId,
    /// Whose goods.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// What.
    lines: Vec<GiftLineAnswer>,
    /// Slots that can be chosen.
    options: Vec<GiftSlotAnswer>,
    /// The day, once it was said.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// When the slot begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

/// So many units.
#[derive(Debug, Serialize, ToSchema)]
struct GiftLineAnswer {
    /// The product.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// What it is called, by language.
    #[schema(value_type = Object)]
    titles: Value,
    /// How many.
    quantity: i32,
}

/// A slot; it costs the recipient nothing.
#[derive(Debug, Serialize, ToSchema)]
struct GiftSlotAnswer {
    /// Its key.
    id: String,
    #[serde(flatten)]
    slot: DeliverySlot,
    /// How many more orders it takes; null for as many as come.
    left: Option<i32>,
}

/// Where to and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiftBody {
    /// A text, or an object of the market's `address_fields`.
    #[schema(value_type = Object)]
    address: Value,
    /// Where exactly.
    #[serde(default)]
    location: Option<LocationBody>,
    /// The slot of each delivery.
    deliveries: Vec<GiftSlotBody>,
}

/// The slot of one delivery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiftSlotBody {
    /// Which delivery.
    #[schema(value_type = String)]
    id: OrderId,
    /// Which of its options.
    slot_id: String,
}

impl GiftAnswer {
    fn of(gift: &Gift, app: &AppState) -> Result<GiftAnswer> {
        let zone = time_zone(app, gift.market)?;
        Ok(GiftAnswer {
            market: gift.market,
            city: gift.city,
            recipient: gift.name.clone(),
            from: gift.from.clone(),
            message: gift.message.clone(),
            open: gift.is_open(),
            address: gift.address.as_ref().and_then(|it| serde_json::to_value(it).ok()),
            deliveries: gift
                .parts
                .iter()
                .map(|part| GiftDeliveryAnswer::of(part, &zone, gift.is_open()))
                .collect(),
        })
    }
}

impl GiftDeliveryAnswer {
    fn of(part: &GiftPart, zone: &TimeZone, is_open: bool) -> GiftDeliveryAnswer {
        let lines = part.lines.iter().map(|line| GiftLineAnswer {
            product_id: line.product_id,
            titles: line.titles.clone(),
            quantity: line.quantity,
        });
        let options = part.options.iter().filter(|_| is_open).map(|option| GiftSlotAnswer {
            id: SlotId::of(&option.slot).to_string(),
            slot: DeliverySlot::local(&option.slot, zone),
            left: option.left,
        });
        GiftDeliveryAnswer {
            id: part.order,
            seller_id: part.seller_id,
            lines: lines.collect(),
            options: options.collect(),
            date: part.slot.map(|slot| slot.date),
            starts_at: part.slot.map(|slot| slot.starts_at),
            ends_at: part.slot.map(|slot| slot.ends_at),
        }
    }
}

/// The gift, for who has its link. It says nothing of prices, and nothing of a sender who is not to be told.
#[utoipa::path(
    get,
    path = "/v1/gifts/{token}",
    tag = "shop",
    params(("token" = String, Path, description = "What the link has")),
    responses((status = 200, description = "The gift", body = GiftAnswer))
)]
async fn get_gift(State(app): State<AppState>, access: GiftAccess) -> Result<Json<GiftAnswer>> {
    let mut connection = app.connection().await?;
    let gift = orders::gift(&mut connection, access.group, Timestamp::now()).await?;
    Ok(Json(GiftAnswer::of(&gift, &app)?))
}

/// Say where to and when, once. It costs nothing, whichever slot it is.
#[utoipa::path(
    put,
    path = "/v1/gifts/{token}",
    tag = "shop",
    params(("token" = String, Path, description = "What the link has")),
    request_body = GiftBody,
    responses((status = 200, description = "The gift", body = GiftAnswer))
)]
async fn put_gift(
    State(app): State<AppState>,
    GiftChange { group, asked, body }: GiftChange,
) -> Result<Written<Response>> {
    let choice = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        let now = Timestamp::now();
        orders::choose_place(write, group, &choice, now).await?;
        let gift = orders::gift(write, group, now).await?;
        Ok(shown(&GiftAnswer::of(&gift, &app)?))
    })
    .await
}

impl GiftBody {
    fn read(self) -> Result<GiftChoice> {
        let missing = || FieldError::new("/address", Code::MissingField, "say where it goes");
        let slot = |slot: GiftSlotBody| Ok((slot.id, slot.slot_id.parse::<SlotId>()?));
        Ok(GiftChoice {
            address: address(self.address)?.ok_or_else(missing)?,
            location: self.location.map(|location| location.read()).transpose()?,
            slots: self.deliveries.into_iter().map(slot).collect::<Result<_>>()?,
        })
    }
}
