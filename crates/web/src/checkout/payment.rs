//! `/checkout/{id}/payment`: who buys, how it is paid, and the button that says the amount.
//!
//! The form has a name of its own, so that pressing twice, or again after a lost answer, makes one purchase.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use souk_api::pipeline::{checkout, payments};
use souk_api::{AppState, Error, secrets};
use souk_base::{Money, StaffId};
use souk_commerce::checkout::{Asked, Refusal as Refused};
use souk_commerce::payments::Method;
use souk_commerce::{Conflict, Error as ShopError};

use super::phone;
use super::steps::{self, Step, StepLink};
use crate::assets;
use crate::cart::contents::{self, Goods, Totals};
use crate::cart::{Held, cookie, new_key, once};
use crate::checkout::delivery::in_one;
use crate::frame::Frame;
use crate::office::fields::{Input, Problems};
use crate::office::form::Form;
use crate::orders;
use crate::page;
use crate::refusal::Refusal;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::visit::Visit;

/// Longest e-mail address, in characters (RFC 5321).
const EMAIL_MAX: usize = 254;

/// How often and how long the answer of a form that was sent twice is waited for.
const WAIT: Duration = Duration::from_millis(250);
const WAITS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "payment.html")]
pub(super) struct PaymentPage {
    frame: Frame,
    words: &'static Basket,
    style: String,
    action: String,
    steps: Vec<StepLink>,
    notice: Option<String>,
    key: String,
    expected: i64,
    phone: Input,
    phone_example: &'static str,
    email: Input,
    /// None where nothing is to be paid.
    methods: Option<Methods>,
    goods: Goods,
    /// Whom it goes to, where and when.
    delivery: Vec<String>,
    back: String,
    totals: Totals,
    pay: String,
}

/// The ways to pay.
pub(crate) struct Methods {
    pub(crate) ways: Vec<MethodChoice>,
    pub(crate) error: Option<String>,
    pub(crate) name: &'static str,
}

/// A way to pay.
pub(crate) struct MethodChoice {
    pub(crate) code: String,
    pub(crate) label: String,
    pub(crate) hint: &'static str,
    pub(crate) is_chosen: bool,
}

impl Methods {
    /// The ways by which this amount can be paid; the first of them is chosen unless another was.
    pub(crate) fn of(visit: &Visit, ways: &[Method], amount: Money, chosen: &str) -> Methods {
        let fits = |way: &&Method| (way.min.minor..=way.max.minor).contains(&amount.minor);
        let choice = |way: &Method| MethodChoice {
            code: way.code.clone(),
            label: way.label.get(visit.lang).to_owned(),
            hint: hint(basket(visit.lang), &way.kind),
            is_chosen: way.code == chosen,
        };
        let mut ways: Vec<MethodChoice> = ways.iter().filter(fits).map(choice).collect();
        if ways.iter().all(|way| !way.is_chosen)
            && let Some(first) = ways.first_mut()
        {
            first.is_chosen = true;
        }
        Methods { ways, error: None, name: "method" }
    }
}

/// What the shopper does when paying so.
fn hint(words: &'static Basket, kind: &str) -> &'static str {
    match kind {
        "cash" => words.kind_cash,
        "card" => words.kind_card,
        "qr" => words.kind_qr,
        "instalments" => words.kind_instalments,
        "transfer" => words.kind_transfer,
        "code" => words.kind_code,
        _ => words.kind_redirect,
    }
}

/// `GET /checkout/{id}/payment`
pub(crate) async fn show(State(app): State<AppState>, held: Held) -> Result<Response, Refusal> {
    if let Some(to) = unready(&held) {
        return Ok(page::lead(&held.visit.caller, &to));
    }
    let mut form = Form::default();
    form.put("key", new_key());
    let shown = PaymentPage::read(&app, &held, &form, &Problems::default(), None).await;
    let shown = shown.map_err(|error| Refusal::of(&held.visit, error))?;
    Ok(page::for_caller(&held.visit.caller, &shown))
}

/// The step that comes first while something is missing.
fn unready(held: &Held) -> Option<String> {
    let id = held.cart.id;
    if contents::goods_are_wrong(&held.cart) {
        return Some(format!("/cart/{id}"));
    }
    let prevents = held.cart.problems.iter().any(|problem| problem.kind.prevents());
    prevents.then(|| format!("/checkout/{id}"))
}

/// `POST /checkout/{id}/payment`: buys the cart, and leads to where it is paid.
pub(crate) async fn buy(
    State(app): State<AppState>,
    mut held: Held,
    form: Form,
) -> Result<Response, Refusal> {
    let problems = problems(&held, &form);
    if !problems.is_empty() {
        return again(&app, &held, &form, &problems, None).await;
    }
    match purchase(&app, &held, &form, None).await {
        Ok(bought) => {
            let caller = &mut held.visit.caller;
            let secret = secrets::of_group(&app.keys, bought.group);
            orders::cookie::remember(caller, &secret);
            held.cart.is_completed = true;
            cookie::remember(caller, &held.cart, &app.keys);
            Ok(page::lead(caller, &format!("/orders/{}/pay", bought.number)))
        }
        Err(error) => refused(&app, held, &form, error).await,
    }
}

/// Buys the cart, once for each name of a form; `staff` takes it down for somebody else.
pub(crate) async fn purchase(
    app: &AppState,
    held: &Held,
    form: &Form,
    staff: Option<StaffId>,
) -> Result<checkout::Purchased, Error> {
    let visit = &held.visit;
    let key = once(&format!("cart:{}", held.cart.id), form).ok_or(Error::NotFound)?;
    let asked = Asked {
        cart: held.cart.id,
        email: Some(form.get("email").to_owned()).filter(|email| !email.is_empty()),
        phone: phone::read(form.get("phone"), visit.market).ok_or(Error::NotFound)?,
        payment_method: form.get("method").to_owned(),
        // What the shopper saw; what it costs is what the cart costs now, and both must agree.
        expected_total: Money::new(form.get("expected").parse().unwrap_or(-1), held.cart.currency),
        network: held.network.clone(),
        staff,
    };
    for _ in 0..WAITS_MAX {
        match checkout::run(app, key.clone(), asked.clone()).await {
            // Pressed twice: the first press is still at it, and its answer is this one's, too.
            Err(Error::Commerce(ShopError::KeyInUse)) => tokio::time::sleep(WAIT).await,
            done => return done,
        }
    }
    Err(Error::TimedOut)
}

/// What cannot be used of what was typed.
pub(crate) fn problems(held: &Held, form: &Form) -> Problems {
    let (words, mut problems) = (basket(held.visit.lang), Problems::default());
    let market = held.visit.market;
    if phone::read(form.get("phone"), market).is_none() {
        problems.put("phone", "", phone::complaint(&held.visit));
    }
    if !is_email(form.get("email")) {
        problems.put("email", "", words.bad_email);
    }
    if form.get("method").is_empty() && held.cart.amounts.total > 0 {
        problems.put("method", "", words.choose_method);
    }
    problems
}

/// Nothing, or something with one @ between two parts, as far as can be seen without writing to it.
fn is_email(typed: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    let parts = typed.split_once('@');
    typed.is_empty()
        || typed.chars().count() <= EMAIL_MAX
            && parts
                .is_some_and(|(name, host)| is_part(name) && is_part(host) && host.contains('.'))
}

/// Says why nothing was ordered: on this page, or where it can be put right.
async fn refused(
    app: &AppState,
    mut held: Held,
    form: &Form,
    error: Error,
) -> Result<Response, Refusal> {
    held.read_again(app).await.map_err(|error| Refusal::of(&held.visit, error))?;
    let id = held.cart.id;
    match &error {
        // Bought in another tab: the page of the cart leads on to the order.
        Error::Commerce(
            ShopError::Refused(Refused::CartCompleted)
            | ShopError::Conflict(Conflict::CartBought)
            | ShopError::KeyReused,
        ) => return Ok(page::lead(&held.visit.caller, &format!("/cart/{id}"))),
        Error::Commerce(ShopError::Refused(Refused::MethodNotOffered)) => {
            let words = basket(held.visit.lang);
            let problems = Problems::of("method", "", words.method_gone);
            return again(app, &held, form, &problems, None).await;
        }
        _ => {}
    }
    match notice(&held.visit, &error) {
        Some(notice) => again(app, &held, form, &Problems::default(), Some(notice)).await,
        None => Err(Refusal::of(&held.visit, error)),
    }
}

/// Why nothing was ordered, in words; none where the shop is at fault.
pub(crate) fn notice(visit: &Visit, error: &Error) -> Option<String> {
    let words = basket(visit.lang);
    let text = match error {
        Error::Commerce(ShopError::Conflict(Conflict::PromotionUsedUp)) => words.coupon_used_up,
        Error::Commerce(ShopError::Refused(refused)) => match refused {
            Refused::TotalChanged(total) => {
                let total = visit.numbers().money(*total).text();
                return Some(fill(words.total_changed, "total", &total));
            }
            Refused::CouponNotValid(_) => words.coupon_used_up,
            Refused::TooManyUnpaid => words.too_many_unpaid,
            Refused::SlotFull(_) => words.slot_gone,
            Refused::SlotClosed => words.slot_closed,
            _ => words.cart_changed,
        },
        _ => return None,
    };
    Some(text.to_owned())
}

/// The page again with what is wrong; what was typed is kept.
async fn again(
    app: &AppState,
    held: &Held,
    form: &Form,
    problems: &Problems,
    notice: Option<String>,
) -> Result<Response, Refusal> {
    let shown = PaymentPage::read(app, held, form, problems, notice).await;
    let shown = shown.map_err(|error| Refusal::of(&held.visit, error))?;
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

impl PaymentPage {
    async fn read(
        app: &AppState,
        held: &Held,
        form: &Form,
        problems: &Problems,
        notice: Option<String>,
    ) -> Result<PaymentPage, Error> {
        let (visit, cart) = (&held.visit, &held.cart);
        let ids = cart.lines.iter().map(|line| line.product_id);
        let looks = contents::looks(app, visit, ids).await?;
        let goods = Goods { parts: contents::parts(visit, cart, &looks) };
        let mut ways = payments::offered(app, cart.market, cart.recipient.city, None).await?;
        ways.retain(|way| cart.takes_cash || !way.pays_at_door());
        Ok(PaymentPage::new(held, goods, &ways, form, problems, notice))
    }

    pub(super) fn new(
        held: &Held,
        goods: Goods,
        ways: &[Method],
        form: &Form,
        problems: &Problems,
        notice: Option<String>,
    ) -> PaymentPage {
        let (visit, cart) = (&held.visit, &held.cart);
        let (words, numbers) = (basket(visit.lang), visit.numbers());
        let total = Money::new(cart.amounts.total, cart.currency);
        let methods = Methods::of(visit, ways, total, form.get("method"));
        let methods = Methods { error: problems.text("method").map(str::to_owned), ..methods };
        let wrong = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let counted = fill(words.problems.form(wrong), "n", &numbers.whole(wrong));
        PaymentPage {
            frame: steps::frame(visit, words.step_payment),
            words,
            style: assets::url("cart.css"),
            action: format!("/checkout/{}/payment", cart.id),
            steps: steps::links(visit, cart.id, Step::Payment),
            notice: notice.or_else(|| (wrong > 0).then_some(counted)),
            key: form.get("key").to_owned(),
            expected: total.minor,
            phone: Input::new("phone", form, problems),
            phone_example: phone::example(visit.market),
            email: Input::new("email", form, problems),
            methods: (total.minor > 0).then_some(methods),
            goods,
            delivery: delivery(held),
            back: format!("/checkout/{}", cart.id),
            pay: fill(words.order_now, "total", &numbers.money(total).text()),
            totals: Totals::of_cart(visit, cart),
        }
    }
}

/// Whom it goes to, where and when, a line each.
fn delivery(held: &Held) -> Vec<String> {
    let (visit, recipient) = (&held.visit, &held.cart.recipient);
    let place = visit.city().map(|city| city.label.get(visit.lang).to_owned());
    let address = recipient.address.as_ref().filter(|_| !recipient.is_asked).map(in_one);
    let place: Vec<String> = address.into_iter().chain(place).collect();
    let several = held.cart.deliveries.len() > 1;
    let slots = held.cart.deliveries.iter().filter_map(|delivery| {
        let slot = delivery.chosen?.slot;
        let when = visit.slot_words(slot.date, slot.starts_at, slot.ends_at);
        let seller = contents::seller(visit, delivery.seller_id);
        Some(if several { format!("{seller}: {when}") } else { when })
    });
    let asked = recipient.is_asked.then(|| basket(visit.lang).by_recipient.to_owned());
    recipient.name.iter().cloned().chain([place.join(", ")]).chain(slots).chain(asked).collect()
}
