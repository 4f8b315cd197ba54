//! `/office/orders/new`: an order that a member of the staff takes down for somebody on the telephone, on one page.
//!
//! It is the shop's own way to an order: the same cart, the same checks, the same checkout. Only who fills the cart is
//! another, and the order's log says who. Whatever button is pressed saves what was typed; Enter does what comes next.

mod page;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use page::TelephonePage;
use souk_api::pipeline::checkout::Purchased;
use souk_api::{AppState, Error};
use souk_base::{CityId, Lang, OfferId};
use souk_commerce::carts::{self, Cart, CartId, NewCart};
use souk_commerce::checkout::Refusal as Refused;
use souk_commerce::{Conflict, Error as ShopError, orders};

use super::super::form::Form;
use super::super::{Colleague, refuse};
use super::visit;
use crate::cart::{self as basket, Held};
use crate::checkout::{delivery, payment};
use crate::office::fields::Problems;
use crate::page as pages;
use crate::refusal::Refusal;
use crate::text::orders::orders as words_of;
use crate::visit::Visit;

/// Who pays is asked beside who receives, so their fields have names of their own.
const PAYER: [(&str, &str); 2] = [("payer-phone", "phone"), ("payer-email", "email")];

/// What is to be typed next, as the page puts the focus there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Find,
    Add,
    Times,
    Nothing,
}

/// A call as far as it has come.
struct Call {
    visit: Visit,
    /// The cart; none before anything was typed.
    held: Option<Held>,
    form: Form,
    problems: Problems,
    /// Why nothing was ordered.
    notice: Option<String>,
    next: Next,
}

/// `GET /office/orders/new`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let shown = async {
        let mut form = Form::default();
        form.put("market", colleague.caller.address.get("market").unwrap_or_default());
        let call = Call::begin(&app, &colleague, form)?;
        TelephonePage::read(&app, &colleague, &call).await
    };
    let shown = shown.await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(pages::for_caller(&colleague.caller, &shown))
}

/// `POST /office/orders/new`: takes in what was typed and does what the button says.
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let done = answer(&app, &colleague, form).await;
    done.map_err(|error| refuse(&colleague.caller, error))
}

async fn answer(app: &AppState, colleague: &Colleague, form: Form) -> Result<Response, Error> {
    let mut call = Call::begin(app, colleague, form)?;
    let Some(cart) = open(app, colleague, &call).await? else {
        return Err(Error::NotFound);
    };
    if cart.is_completed {
        return placed_before(app, cart.id).await;
    }
    call.take(app, cart).await?;
    if call.form.get("act") == "place" {
        call.check();
        if call.problems.is_empty() {
            match call.place(app, colleague).await {
                Ok(bought) => return Ok(to_order(&bought.number)),
                Err(error) => {
                    if let Some(placed) = call.refused(app, error).await? {
                        return Ok(placed);
                    }
                }
            }
        }
    }
    let status = match call.problems.is_empty() && call.notice.is_none() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shown = TelephonePage::read(app, colleague, &call).await?;
    Ok(pages::html(status, &shown))
}

/// The cart of the form, or a new one; none for what is no cart of this colleague's.
async fn open(app: &AppState, colleague: &Colleague, call: &Call) -> Result<Option<Cart>, Error> {
    let now = Timestamp::now();
    let id = match call.form.get("cart") {
        "" => begin(app, colleague, call, now).await?,
        id => id.parse().map_err(|_| Error::NotFound)?,
    };
    let mut connection = app.reading().await?;
    let cart = carts::read(&mut connection, id, now).await?;
    Ok(Some(cart).filter(|cart| cart.staff == Some(colleague.staff.id)))
}

async fn begin(
    app: &AppState,
    colleague: &Colleague,
    call: &Call,
    now: Timestamp,
) -> Result<CartId, Error> {
    let market = call.visit.market;
    let mut write = basket::open(app).await?;
    let new = NewCart { market, lang: call.lang(), visitor: None };
    let id = carts::create(&mut write, &new, now).await?;
    carts::filled_by(&mut write, id, colleague.staff.id).await?;
    basket::commit(app, write, String::new()).await?;
    Ok(id)
}

/// The order that a cart was bought with.
async fn placed_before(app: &AppState, cart: CartId) -> Result<Response, Error> {
    let mut connection = app.connection().await?;
    let (_, number) = orders::of_cart(&mut connection, cart).await?;
    Ok(to_order(&number))
}

fn to_order(number: &str) -> Response {
    Redirect::to(&format!("/office/orders/{number}?done=placed")).into_response()
}

impl Call {
    fn begin(app: &AppState, colleague: &Colleague, mut form: Form) -> Result<Call, Error> {
        let tables = app.view()?.tables.clone();
        let first = tables.markets.first().ok_or(Error::NotFound)?.code;
        let market = form.get("market").parse().unwrap_or(first);
        form.set("market", market.to_string());
        let visit = visit(colleague, &tables, market).ok_or(Error::NotFound)?;
        let city: Option<CityId> = form.get("city").parse().ok();
        let served = &visit.market().cities;
        let city = city.filter(|city| served.iter().any(|it| it.id == *city && it.active));
        if form.get("receives") == "caller" {
            let phone = form.get("payer-phone").to_owned();
            form.set("phone", phone);
        }
        Ok(Call {
            visit: Visit { city, date: None, ..visit },
            held: None,
            form,
            problems: Problems::default(),
            notice: None,
            next: Next::Find,
        })
    }

    /// The language in which the caller is written to: the chosen one, else the market's first.
    fn lang(&self) -> Lang {
        let first = self.visit.market().languages[0];
        self.form.get("lang").parse().unwrap_or(first)
    }

    /// Takes in what was typed as the shop's own pages do, and what is to be put in.
    async fn take(&mut self, app: &AppState, cart: Cart) -> Result<(), Error> {
        self.understand_enter();
        let mut held = Held { visit: self.visit.clone(), cart, network: None };
        self.problems = basket::problems(&held, &self.form);
        if self.problems.is_empty() {
            self.problems = basket::take(app, &held, &self.form).await?;
        }
        if self.problems.is_empty() {
            self.form.set("code", "");
            self.add(app, &held).await?;
        }
        let lang = self.lang();
        if lang != held.cart.lang {
            let mut write = basket::open(app).await?;
            carts::set_lang(&mut write, held.cart.id, lang, Timestamp::now()).await?;
            basket::commit(app, write, String::new()).await?;
        }
        held.read_again(app).await?;
        delivery::take(app, &mut held, &self.form).await?;
        held.visit.city = held.cart.recipient.city;
        self.form.set("cart", held.cart.id.to_string());
        self.held = Some(held);
        Ok(())
    }

    /// Enter finds what was typed into the search, and else shows what is new: times, and what it costs.
    fn understand_enter(&mut self) {
        if self.form.get("act") == "enter" {
            let is_new = self.form.get("q") != self.form.get("found");
            self.form.set("act", if is_new { "find" } else { "times" });
        }
        self.next = match self.form.get("act") {
            "find" => Next::Add,
            "times" => Next::Times,
            "place" => Next::Nothing,
            _ => Next::Find,
        };
    }

    /// Puts one unit in of what was found.
    async fn add(&mut self, app: &AppState, held: &Held) -> Result<(), Error> {
        let Some(offer) = self.form.get("act").strip_prefix("add-") else { return Ok(()) };
        let offer: OfferId = offer.parse().map_err(|_| Error::NotFound)?;
        let mut write = basket::open(app).await?;
        match carts::add_line(&mut write, held.cart.id, offer, 1, Timestamp::now()).await {
            Ok(_) => {
                basket::commit(app, write, String::new()).await?;
                self.form.set("q", "");
            }
            Err(ShopError::Invalid { .. }) => {
                self.problems.put("q", "", words_of(self.visit.lang).not_added);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// What is missing, or cannot be used or had.
    fn check(&mut self) {
        let Some(held) = &self.held else { return };
        if crate::cart::contents::goods_are_wrong(&held.cart) {
            self.problems.put("q", "", words_of(self.visit.lang).goods_first);
        }
        let delivery = delivery::problems(held, &self.form);
        let payment = payment::problems(held, &self.paying());
        for problem in delivery.all() {
            self.problems.put(&problem.field, "", problem.text.clone());
        }
        for problem in payment.all() {
            let field = PAYER.iter().find(|(_, its)| *its == problem.field);
            let field = field.map_or(problem.field.as_str(), |(ours, _)| ours);
            self.problems.put(field, "", problem.text.clone());
        }
    }

    /// The form as the page of payment has it.
    fn paying(&self) -> Form {
        let mut form = self.form.clone();
        for (ours, its) in PAYER {
            let typed = form.get(ours).to_owned();
            form.set(its, typed);
        }
        form
    }

    async fn place(&self, app: &AppState, colleague: &Colleague) -> Result<Purchased, Error> {
        let held = self.held.as_ref().ok_or(Error::NotFound)?;
        payment::purchase(app, held, &self.paying(), Some(colleague.staff.id)).await
    }

    /// Says why nothing was ordered; or leads to the order that there is already.
    async fn refused(&mut self, app: &AppState, error: Error) -> Result<Option<Response>, Error> {
        let Some(held) = &mut self.held else { return Err(error) };
        match &error {
            Error::Commerce(
                ShopError::Refused(Refused::CartCompleted)
                | ShopError::Conflict(Conflict::CartBought)
                | ShopError::KeyReused,
            ) => return placed_before(app, held.cart.id).await.map(Some),
            Error::Commerce(ShopError::Refused(Refused::MethodNotOffered)) => {
                let words = crate::text::basket::basket(held.visit.lang);
                self.problems.put("method", "", words.method_gone);
            }
            _ => {
                let Some(notice) = payment::notice(&held.visit, &error) else { return Err(error) };
                self.notice = Some(notice);
            }
        }
        held.read_again(app).await?;
        Ok(None)
    }
}
