//! `/gift/{token}`: what a recipient is asked by a link: where exactly in the city the gift goes, and when. It says nothing of
//! prices, and nothing of a sender who is not to be told.

use askama::Template;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use souk_api::{AppState, Error, secrets};
use souk_commerce::Error as ShopError;
use souk_commerce::carts::Address;
use souk_commerce::checkout::Refusal as Refused;
use souk_commerce::orders::{self, Gift, GiftChoice, GiftPart, OrderGroupId, OrderId};

use crate::assets;
use crate::caller::Caller;
use crate::cart::contents::{self, Looks};
use crate::cart::{commit, open};
use crate::checkout::delivery::{ADDRESS_MAX, address_example, in_one};
use crate::checkout::steps::frame;
use crate::checkout::times::Times;
use crate::frame::Frame;
use crate::office::fields::{Input, Problems};
use crate::office::form::Form;
use crate::options;
use crate::page;
use crate::refusal::Refusal;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "gift.html")]
struct GiftPage {
    frame: Frame,
    words: &'static Basket,
    style: String,
    action: String,
    title: String,
    lead: String,
    picture: String,
    message: String,
    /// What it is, a line each.
    things: Vec<String>,
    notice: Option<String>,
    form: Option<GiftForm>,
    /// Where to and when, once it was said.
    said: Vec<String>,
}

/// What is asked.
struct GiftForm {
    address: Input,
    address_hint: String,
    deliveries: Vec<Times>,
}

/// The gift that the address leads to, with the visit of its market.
pub(crate) struct Received {
    visit: Visit,
    gift: Gift,
    token: String,
}

impl FromRequestParts<AppState> for Received {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let Ok(caller) = Caller::from_request_parts(parts, app).await;
        let (lang, address) = (caller.lang(), caller.address.clone());
        let params = RawPathParams::from_request_parts(parts, app).await.ok();
        let token = params.and_then(|params| {
            params.iter().find(|(name, _)| *name == "token").map(|(_, token)| token.to_owned())
        });
        let found = find(app, caller, token.unwrap_or_default()).await;
        found.map_err(|error| Refusal::plain(lang, &address, error).into_response())
    }
}

async fn find(app: &AppState, caller: Caller, token: String) -> Result<Received, Error> {
    let group = secrets::of_gift_token(&app.keys, &token).ok_or(Error::NotFound)?;
    let gift = read(app, group).await?;
    let tables = app.view()?.tables.clone();
    let visit = Visit::new(caller, tables, gift.market.as_str()).ok_or(Error::NotFound)?;
    Ok(Received { visit: Visit { city: Some(gift.city), ..visit }, gift, token })
}

async fn read(app: &AppState, group: OrderGroupId) -> Result<Gift, Error> {
    let mut connection = app.connection().await?;
    Ok(orders::gift(&mut connection, group, Timestamp::now()).await?)
}

/// `GET /gift/{token}`
pub(crate) async fn show(
    State(app): State<AppState>,
    received: Received,
) -> Result<Response, Refusal> {
    let shown = GiftPage::read(&app, &received, &Form::default(), &Problems::default(), None).await;
    let shown = shown.map_err(|error| Refusal::of(&received.visit, error))?;
    Ok(page::for_caller(&received.visit.caller, &shown))
}

/// `POST /gift/{token}`: takes in where to and when.
pub(crate) async fn say(
    State(app): State<AppState>,
    mut received: Received,
    form: Form,
) -> Result<Response, Refusal> {
    let words = basket(received.visit.lang);
    let problems = problems(&received, &form);
    let mut notice = None;
    if problems.is_empty() {
        match take(&app, &received, &form).await {
            // Said before, here or in another tab: the page says what was said.
            Ok(()) | Err(Error::Commerce(ShopError::Invalid { .. })) => {
                let to = format!("/gift/{}", received.token);
                return Ok(page::lead(&received.visit.caller, &to));
            }
            Err(Error::Commerce(ShopError::Refused(refused))) => {
                let is_full = matches!(refused, Refused::SlotFull(_));
                notice = Some(if is_full { words.slot_gone } else { words.slot_closed });
            }
            Err(error) => return Err(Refusal::of(&received.visit, error)),
        }
    }
    let fail = |error| Refusal::of(&received.visit, error);
    let gift = read(&app, received.gift.group).await.map_err(fail)?;
    received.gift = gift;
    let shown = GiftPage::read(&app, &received, &form, &problems, notice).await;
    let shown = shown.map_err(|error| Refusal::of(&received.visit, error))?;
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

fn field(order: OrderId) -> String {
    format!("slot-{order}")
}

fn problems(received: &Received, form: &Form) -> Problems {
    let (words, mut problems) = (basket(received.visit.lang), Problems::default());
    match form.get("address").chars().count() {
        0 => problems.put("address", "", words.missing_address),
        length if length > ADDRESS_MAX => problems.put("address", "", words.bad_address),
        _ => {}
    }
    for part in waiting(&received.gift) {
        if form.get(&field(part.order)).is_empty() {
            problems.put(&field(part.order), "", words.no_slot);
        }
    }
    problems
}

/// The parts that a time is to be said for.
fn waiting(gift: &Gift) -> impl Iterator<Item = &GiftPart> {
    gift.parts.iter().filter(|part| gift.is_open() && !part.state.is_final())
}

async fn take(app: &AppState, received: &Received, form: &Form) -> Result<(), Error> {
    let slots = waiting(&received.gift);
    let slots = slots.map(|part| Ok((part.order, form.get(&field(part.order)).parse()?)));
    let choice = GiftChoice {
        address: Address::Text(form.get("address").to_owned()),
        location: None,
        slots: slots.collect::<souk_commerce::Result<_>>()?,
    };
    let mut write = open(app).await?;
    orders::choose_place(&mut write, received.gift.group, &choice, Timestamp::now()).await?;
    Ok(commit(app, write, String::new()).await?)
}

impl GiftPage {
    async fn read(
        app: &AppState,
        received: &Received,
        form: &Form,
        problems: &Problems,
        notice: Option<&'static str>,
    ) -> Result<GiftPage, Error> {
        let lines = received.gift.parts.iter().flat_map(|part| &part.lines);
        let looks =
            contents::looks(app, &received.visit, lines.map(|line| line.product_id)).await?;
        let page = GiftPage::new(received, &looks, form, problems);
        Ok(GiftPage { notice: notice.map(str::to_owned), ..page })
    }

    fn new(received: &Received, looks: &Looks, form: &Form, problems: &Problems) -> GiftPage {
        let Received { visit, gift, token } = received;
        let words = basket(visit.lang);
        let title = match &gift.from {
            Some(from) => fill(words.gift_from, "from", from),
            None => words.gift_secret.to_owned(),
        };
        let lead = match (gift.is_open(), &gift.address) {
            (true, _) => fill(words.gift_ask, "city", visit.place()),
            (false, Some(_)) => words.gift_said.to_owned(),
            (false, None) => words.gift_closed.to_owned(),
        };
        let lines = || gift.parts.iter().flat_map(|part| &part.lines);
        let first = lines().next().map(|line| contents::look(looks, line.product_id).image);
        GiftPage {
            frame: frame(visit, &title),
            words,
            style: assets::url("cart.css"),
            action: format!("/gift/{token}"),
            title,
            lead,
            picture: first.unwrap_or_else(|| "/pictures/box/cream/3.svg".to_owned()),
            message: gift.message.clone().unwrap_or_default(),
            things: lines().map(|line| thing(visit, line)).collect(),
            notice: None,
            form: gift.is_open().then(|| GiftForm::new(visit, gift, form, problems)),
            said: said(visit, gift),
        }
    }
}

/// How many of what.
fn thing(visit: &Visit, line: &orders::GiftLine) -> String {
    let title = contents::title(&line.titles, visit.lang).unwrap_or_default();
    let options = options::label(&line.options, visit.lang, visit.numbers());
    let count = visit.numbers().whole(u64::from(line.quantity.unsigned_abs()));
    let parts = [title, options].into_iter().filter(|part| !part.is_empty());
    format!("{} × {count}", parts.collect::<Vec<_>>().join(" · "))
}

/// Where to and when.
fn said(visit: &Visit, gift: &Gift) -> Vec<String> {
    let slots = gift.parts.iter().filter_map(|part| part.slot);
    let slots = slots.map(|slot| visit.slot_words(slot.date, slot.starts_at, slot.ends_at));
    gift.address.iter().map(in_one).chain(slots).collect()
}

impl GiftForm {
    fn new(visit: &Visit, gift: &Gift, form: &Form, problems: &Problems) -> GiftForm {
        let words = basket(visit.lang);
        let several = gift.parts.len() > 1;
        let times = |part: &GiftPart| {
            let name = field(part.order);
            let times = Times::new(visit, name, &part.options, None, form, problems);
            let seller = contents::seller(visit, part.seller_id);
            let heading = several.then(|| fill(words.slots_of, "seller", &seller));
            Times { heading, ..times }
        };
        GiftForm {
            address: Input::new("address", form, problems),
            address_hint: fill(words.address_hint, "fields", address_example(visit)),
            deliveries: waiting(gift).map(times).collect(),
        }
    }
}
