//! `/orders/{number}`: what was bought, how it is paid and how far it is, for who has the secret of its purchase: in a cookie
//! since the checkout, or from the address of a message (`?secret=`).
//!
//! While the payment is open the page's script asks how it stands (header `souk-fragment: state`); without scripts there is a
//! link that does.

mod bought;
pub(crate) mod cookie;
mod page;
mod paying;
mod steps;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bought::Bought;
use jiff::Timestamp;
use page::{HandoverPage, OrderPage};
use souk_api::pipeline::payments as ways;
use souk_api::{AppState, Error};
use souk_commerce::orders;
use souk_commerce::payments::{self, NextAction, Started};
use souk_commerce::writes::{self, Begun};
use souk_commerce::{Error as ShopError, checkout::Refusal as Refused};

use crate::cart::{commit, once};
use crate::office::form::Form;
use crate::page as pages;
use crate::refusal::Refusal;
use crate::text::basket::basket;

/// How often and how long the answer of a form that was sent twice is waited for.
const WAIT: Duration = Duration::from_millis(250);
const WAITS_MAX: usize = 60;

/// `GET /orders/{number}`
pub(crate) async fn show(
    State(app): State<AppState>,
    headers: HeaderMap,
    bought: Bought,
) -> Result<Response, Refusal> {
    let asks = headers.get("souk-fragment").is_some_and(|value| value == "state");
    let looks = asks || bought.visit.caller.address.has("look");
    let shown = read(&app, &bought, looks, None).await;
    let shown = shown.map_err(|error| Refusal::of(&bought.visit, error))?;
    if asks {
        return Ok(shown.state().to_owned().into_response());
    }
    Ok(pages::for_caller(&bought.visit.caller, &shown))
}

async fn read(
    app: &AppState,
    bought: &Bought,
    looks: bool,
    notice: Option<&'static str>,
) -> Result<OrderPage, Error> {
    let group = bought.purchase.id;
    if !looks {
        let payment = payments::status(&app.db, group).await?;
        return OrderPage::read(app, bought, &bought.purchase, &payment, notice).await;
    }
    let payment = payments::watch(&app.db, &app.gateways, group, Timestamp::now()).await?;
    let purchase = {
        let mut connection = app.connection().await?;
        orders::of_number(&mut connection, &bought.number).await?
    };
    OrderPage::read(app, bought, &purchase, &payment, notice).await
}

/// `GET /orders/{number}/pay`: hands the shopper over to the provider's page; what is paid otherwise is told on the order's.
///
/// A page and no redirect: the policy of forms would not let the answer of one lead to another site.
pub(crate) async fn hand_over(
    State(app): State<AppState>,
    bought: Bought,
) -> Result<Response, Refusal> {
    let visit = &bought.visit;
    let payment = payments::status(&app.db, bought.purchase.id).await;
    let payment = payment.map_err(|error| Refusal::of(visit, error.into()))?;
    match payment.next_action {
        NextAction::Redirect { url } => {
            let page = HandoverPage::new(visit, &bought.number, payment.amount, url);
            Ok(pages::for_caller(&visit.caller, &page))
        }
        _ => Ok(pages::lead(&visit.caller, &format!("/orders/{}", bought.number))),
    }
}

/// `POST /orders/{number}/payments`: tries to pay again, by the same way or another.
pub(crate) async fn pay(
    State(app): State<AppState>,
    bought: Bought,
    form: Form,
) -> Result<Response, Refusal> {
    let to = match try_again(&app, &bought, &form).await {
        Ok(_) => "/pay",
        // What was said is no longer so: the page says what is.
        Err(Error::Commerce(
            ShopError::Refused(Refused::MethodNotOffered) | ShopError::Invalid { .. },
        )) => "",
        Err(error) => return Err(Refusal::of(&bought.visit, error)),
    };
    Ok(pages::lead(&bought.visit.caller, &format!("/orders/{}{to}", bought.number)))
}

async fn try_again(app: &AppState, bought: &Bought, form: &Form) -> Result<Started, Error> {
    let purchase = &bought.purchase;
    let key = once(&format!("order:{}", bought.number), form).ok_or(Error::NotFound)?;
    for _ in 0..WAITS_MAX {
        let way = form.get("method");
        match ways::again(app, key.clone(), purchase.id, purchase.market, way).await {
            Err(Error::Commerce(ShopError::KeyInUse)) => tokio::time::sleep(WAIT).await,
            done => return done,
        }
    }
    Err(Error::TimedOut)
}

/// `POST /orders/{number}/cancel`
pub(crate) async fn cancel(
    State(app): State<AppState>,
    bought: Bought,
    form: Form,
) -> Result<Response, Refusal> {
    match give_up(&app, &bought, &form).await {
        Ok(()) => {
            let to = format!("/orders/{}?done=cancelled", bought.number);
            Ok(pages::lead(&bought.visit.caller, &to))
        }
        Err(ShopError::IllegalMove(_)) => {
            let notice = basket(bought.visit.lang).too_late;
            let shown = read(&app, &bought, false, Some(notice)).await;
            let shown = shown.map_err(|error| Refusal::of(&bought.visit, error))?;
            Ok(pages::html(StatusCode::CONFLICT, &shown))
        }
        Err(error) => Err(Refusal::of(&bought.visit, error.into())),
    }
}

async fn give_up(app: &AppState, bought: &Bought, form: &Form) -> souk_commerce::Result<()> {
    let order = bought.order().ok_or(ShopError::NotFound)?.id;
    let key = once(&format!("order:{}", bought.number), form);
    match writes::begin(&app.db, None, key).await? {
        Begun::Before(_) => Ok(()),
        Begun::New(mut write) => {
            orders::cancel(&mut write, order, "shopper", Timestamp::now()).await?;
            commit(app, write, String::new()).await
        }
    }
}
