//! `/checkout/{id}`: for whom the cart is, where it goes and when.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use souk_api::{AppState, Error};
use souk_base::{CityId, SellerId};
use souk_commerce::carts::{self, Address, Cart, ProblemKind, Recipient, SlotId, SlotOption};

use super::phone;
use super::steps::{self, Step, StepLink};
use super::times::Times;
use crate::assets;
use crate::cart::contents::{self, Totals};
use crate::cart::{Held, NAME_MAX, commit, open};
use crate::frame::Frame;
use crate::office::fields::{Input, Problems, Select};
use crate::office::form::Form;
use crate::page;
use crate::promise::DayField;
use crate::refusal::Refusal;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::visit::Visit;

/// Longest address, in characters.
pub(crate) const ADDRESS_MAX: usize = 1_000;

#[derive(Template)]
#[template(path = "delivery.html")]
pub(super) struct DeliveryPage {
    frame: Frame,
    words: &'static Basket,
    style: String,
    action: String,
    steps: Vec<StepLink>,
    notice: Option<String>,
    recipient: Input,
    phone: Input,
    phone_example: &'static str,
    address: Input,
    address_hint: String,
    city: Select,
    day: Option<DayField>,
    deliveries: Vec<Times>,
    /// Whether the recipient is asked where and when.
    is_asked: bool,
    /// What is wrong with the times when the recipient is to choose them.
    ask_error: Option<String>,
    back: String,
    totals: Totals,
}

/// `GET /checkout/{id}`
pub(crate) async fn show(State(app): State<AppState>, held: Held) -> Result<Response, Refusal> {
    if contents::goods_are_wrong(&held.cart) {
        return Ok(page::lead(&held.visit.caller, &format!("/cart/{}", held.cart.id)));
    }
    let form = filled(&held);
    let shown = read(&app, &held, &form, &Problems::default()).await;
    let shown = shown.map_err(|error| Refusal::of(&held.visit, error))?;
    Ok(page::for_caller(&held.visit.caller, &shown))
}

/// A cart's delivery as its form has it.
fn filled(held: &Held) -> Form {
    let (cart, mut form) = (&held.cart, Form::default());
    let recipient = &cart.recipient;
    form.put("recipient", recipient.name.clone().unwrap_or_default());
    form.put("phone", recipient.phone.clone().unwrap_or_default());
    form.put("address", recipient.address.as_ref().map(in_one).unwrap_or_default());
    form.put("city", held.visit.city.map(|city| city.to_string()).unwrap_or_default());
    form.put("who", if recipient.is_asked { "recipient" } else { "me" });
    form.put("date", cart.date.map(|date| date.to_string()).unwrap_or_default());
    for delivery in &cart.deliveries {
        if let Some(chosen) = delivery.chosen {
            form.put(field(delivery.seller_id), SlotId::of(&chosen.slot).to_string());
        }
    }
    form
}

/// An address as one text.
pub(crate) fn in_one(address: &Address) -> String {
    match address {
        Address::Text(text) => text.clone(),
        Address::Fields(fields) => {
            let texts = fields.values().filter_map(|value| value.as_str());
            texts.collect::<Vec<_>>().join(", ")
        }
    }
}

fn field(seller: SellerId) -> String {
    format!("slot-{seller}")
}

/// `POST /checkout/{id}`: keeps what was typed; shows times for another city or day, or goes on when nothing is missing.
pub(crate) async fn save(
    State(app): State<AppState>,
    mut held: Held,
    form: Form,
) -> Result<Response, Refusal> {
    let done = take(&app, &mut held, &form).await;
    done.map_err(|error| Refusal::of(&held.visit, error))?;
    let id = held.cart.id;
    if form.get("act") != "next" {
        return Ok(page::lead(&held.visit.caller, &format!("/checkout/{id}#when")));
    }
    let problems = problems(&held, &form);
    if problems.is_empty() {
        return Ok(page::lead(&held.visit.caller, &format!("/checkout/{id}/payment")));
    }
    let shown = read(&app, &held, &form, &problems).await;
    let shown = shown.map_err(|error| Refusal::of(&held.visit, error))?;
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// Writes it down as far as it can be used; the cart is read again after it.
pub(crate) async fn take(app: &AppState, held: &mut Held, form: &Form) -> Result<(), Error> {
    let visit = &held.visit;
    let given = |name: &str, longest: usize| {
        let text = form.get(name);
        (!text.is_empty() && text.chars().count() <= longest).then(|| text.to_owned())
    };
    let city: Option<CityId> = form.get("city").parse().ok();
    let is_served =
        |city: &CityId| visit.market().cities.iter().any(|it| it.id == *city && it.active);
    let before = &held.cart.recipient;
    let recipient = Recipient {
        name: given("recipient", NAME_MAX),
        phone: phone::read(form.get("phone"), visit.market).map(|phone| phone.to_string()),
        address: given("address", ADDRESS_MAX).map(|text| match &before.address {
            // An address by fields that was left as it was stays one.
            Some(address) if in_one(address) == text => address.clone(),
            _ => Address::Text(text),
        }),
        location: before.location,
        city: city.filter(is_served),
        is_asked: form.get("who") == "recipient",
    };
    let now = Timestamp::now();
    let id = held.cart.id;
    let mut write = open(app).await?;
    let moved = recipient.city != before.city;
    let day: Option<Date> = form.get("date").parse().ok();
    // Times of another city, or of other days than are asked for, are chosen anew.
    let asks = form.get("act") == "times" && day != held.cart.date;
    let slots = chosen(&held.cart, form).filter(|_| !moved && !asks && !recipient.is_asked);
    let date = slots.clone().map(|(_, slot)| slot.date).next().or(day);
    carts::set_recipient(&mut write, id, &recipient, date, None, now).await?;
    for (seller, slot) in slots {
        carts::choose_slot(&mut write, id, seller, slot, now).await?;
    }
    commit(app, write, String::new()).await?;
    held.read_again(app).await
}

/// The times that were chosen.
fn chosen<'a>(
    cart: &'a Cart,
    form: &'a Form,
) -> impl Iterator<Item = (SellerId, SlotId)> + Clone + 'a {
    let sellers = cart.deliveries.iter().map(|delivery| delivery.seller_id);
    sellers.filter_map(|seller| Some((seller, form.get(&field(seller)).parse().ok()?)))
}

/// What is missing or cannot be had, beside its field.
pub(crate) fn problems(held: &Held, form: &Form) -> Problems {
    let (words, visit) = (basket(held.visit.lang), &held.visit);
    let mut problems = Problems::default();
    let bad_phone = phone::complaint(visit);
    for problem in &held.cart.problems {
        let slot = problem.seller_id.map(field).unwrap_or_default();
        match problem.kind {
            ProblemKind::Missing("city") => problems.put("city", "", words.missing_city),
            ProblemKind::Missing("recipient") => {
                problems.put("recipient", "", words.missing_recipient);
            }
            ProblemKind::Missing("phone") => problems.put("phone", "", bad_phone.clone()),
            ProblemKind::Missing("address") => {
                let is_long = !form.get("address").is_empty();
                let text = if is_long { words.bad_address } else { words.missing_address };
                problems.put("address", "", text);
            }
            ProblemKind::NoSlot => problems.put(&slot, "", words.no_slot),
            ProblemKind::SlotClosed => problems.put(&slot, "", words.slot_closed),
            ProblemKind::SlotFull { .. } => problems.put(&slot, "", words.slot_gone),
            _ => {}
        }
    }
    problems
}

async fn read(
    app: &AppState,
    held: &Held,
    form: &Form,
    problems: &Problems,
) -> Result<DeliveryPage, Error> {
    let mut connection = app.connection().await?;
    // A visitor's city is looked at before it is kept.
    let mut cart = held.cart.clone();
    cart.recipient.city = cart.recipient.city.or(held.visit.city);
    let ahead = carts::ahead(&mut connection, &cart, Timestamp::now()).await?;
    Ok(DeliveryPage::new(held, &ahead, form, problems))
}

impl DeliveryPage {
    pub(super) fn new(
        held: &Held,
        ahead: &[(SellerId, Vec<SlotOption>)],
        form: &Form,
        problems: &Problems,
    ) -> DeliveryPage {
        let (visit, cart) = (&held.visit, &held.cart);
        let words = basket(visit.lang);
        let wrong = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let notice = fill(words.problems.form(wrong), "n", &visit.numbers().whole(wrong));
        let slots = |(seller, options): &(SellerId, Vec<SlotOption>)| {
            times(held, *seller, options, form, problems)
        };
        let dated = Visit { date: form.get("date").parse().ok(), ..visit.clone() };
        DeliveryPage {
            frame: steps::frame(visit, words.step_delivery),
            words,
            style: assets::url("cart.css"),
            action: format!("/checkout/{}", cart.id),
            steps: steps::links(visit, cart.id, Step::Delivery),
            notice: (wrong > 0).then_some(notice),
            recipient: Input::new("recipient", form, problems),
            phone: Input::new("phone", form, problems),
            phone_example: phone::example(visit.market),
            address: Input::new("address", form, problems),
            address_hint: fill(words.address_hint, "fields", address_example(visit)),
            city: Select::new("city", cities(visit), form, problems),
            day: DayField::of(&dated),
            deliveries: ahead.iter().map(slots).collect(),
            is_asked: form.get("who") == "recipient",
            ask_error: problems.any("slot-").then(|| words.no_times.to_owned()),
            back: format!("/cart/{}", cart.id),
            totals: Totals::of_cart(visit, cart),
        }
    }
}

/// Every city that is delivered to, behind the request to choose one.
pub(crate) fn cities(visit: &Visit) -> Vec<(String, String)> {
    let mut served: Vec<_> = visit.market().cities.iter().filter(|city| city.active).collect();
    served.sort_by_key(|city| city.position);
    let none = (String::new(), visit.text().choose_city.to_owned());
    let cities =
        served.into_iter().map(|city| (city.id.to_string(), city.label.get(visit.lang).to_owned()));
    std::iter::once(none).chain(cities).collect()
}

/// How addresses are written in the market.
pub(crate) fn address_example(visit: &Visit) -> &'static str {
    match (visit.market.as_str(), visit.lang) {
        ("GB", _) => "12 High Street, SW1A 1AA",
        ("KZ", souk_base::Lang::Kk) => "Абай даңғылы 10, 25-пәтер",
        ("KZ", _) => "проспект Абая 10, кв. 25",
        (_, souk_base::Lang::Ar) => "السالمية، قطعة ٤، شارع ٢، منزل ١٢",
        (_, souk_base::Lang::Ru | souk_base::Lang::Kk) => "Сальмия, квартал 4, улица 2, дом 12",
        _ => "Salmiya, block 4, street 2, house 12",
    }
}

/// The times of a seller's part.
pub(crate) fn times(
    held: &Held,
    seller: SellerId,
    options: &[SlotOption],
    form: &Form,
    problems: &Problems,
) -> Times {
    let (visit, cart) = (&held.visit, &held.cart);
    let words = basket(visit.lang);
    let times = Times::new(visit, field(seller), options, Some(cart.currency), form, problems);
    let heading = fill(words.slots_of, "seller", &contents::seller(visit, seller));
    let delivery = cart.deliveries.iter().find(|it| it.seller_id == seller);
    let later = delivery
        .and_then(|delivery| delivery.earliest)
        .map(|day| fill(words.no_times_until, "day", &visit.day_words(day)));
    Times {
        heading: (cart.deliveries.len() > 1).then_some(heading),
        none: times.none.map(|none| later.unwrap_or(none)),
        ..times
    }
}
