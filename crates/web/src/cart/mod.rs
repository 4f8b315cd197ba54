//! `/{market}/cart` and `/cart/{id}`: what somebody means to buy, as one form that any of its buttons saves.
//!
//! The cart of the address is shown to whose browser knows its secret; to others there is none. Nothing that a form says
//! about a price is read.

pub(crate) mod contents;
pub(crate) mod cookie;
mod held;
mod page;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
pub(crate) use held::Held;
use jiff::Timestamp;
use page::{CartPage, EmptyPage};
use souk_api::{AppState, Error};
use souk_base::OfferId;
use souk_commerce::carts::{self, Cart, CartId, CartLine, Gift, NewCart, QUANTITY_MAX, Recipient};
use souk_commerce::checkout::Refusal as Refused;
use souk_commerce::customers::CustomerId;
use souk_commerce::writes::{self, Answer, Begun, IdempotencyKey, Write};
use souk_commerce::{Conflict, Error as ShopError};

use crate::account::basket::mine;
use crate::events;
use crate::format::read_count;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::page as pages;
use crate::refusal::Refusal;
use crate::text::basket::basket;
use crate::visit::Visit;

/// Longest message on a card, in characters, and longest name.
const MESSAGE_MAX: usize = 1_000;
pub(crate) const NAME_MAX: usize = 200;

/// `GET /{market}/cart`: on to the visitor's cart, or the words for none.
pub(crate) async fn show_own(
    State(app): State<AppState>,
    mut visit: Visit,
) -> Result<Response, Refusal> {
    let (own, _) = mine(&app, &visit).await.map_err(|error| Refusal::of(&visit, error))?;
    visit.basket.clone_from(&own);
    if let Some(own) = own.filter(|own| own.units > 0) {
        let mut connection = app.connection().await.map_err(|error| Refusal::of(&visit, error))?;
        match carts::market_of(&mut connection, own.id).await {
            Ok(market) => {
                own.remember(&mut visit.caller, market);
                return Ok(pages::lead(&visit.caller, &format!("/cart/{}", own.id)));
            }
            Err(ShopError::NotFound) => cookie::forget(&mut visit.caller, visit.market),
            Err(error) => return Err(Refusal::of(&visit, error.into())),
        }
    }
    Ok(pages::for_caller(&visit.caller, &EmptyPage::new(&visit)))
}

/// `POST /{market}/cart`: puts units of an offer into the visitor's cart, into a new one where there is none.
pub(crate) async fn add(
    State(app): State<AppState>,
    mut visit: Visit,
    form: Form,
) -> Result<Response, Refusal> {
    let offer: OfferId =
        form.get("offer").parse().map_err(|_| Refusal::of(&visit, Error::NotFound))?;
    let id = put_in(&app, &visit, offer, &form).await;
    let id = id.map_err(|error| Refusal::of(&visit, error))?;
    let mut connection = app.reading().await.map_err(|error| Refusal::of(&visit, error))?;
    let cart = carts::read(&mut connection, id, Timestamp::now()).await;
    let cart = cart.map_err(|error| Refusal::of(&visit, error.into()))?;
    drop(connection);
    let name = name_of(&form).map_or_else(new_key, str::to_owned);
    events::put_in(&app, &visit, &cart, offer, &name).await;
    cookie::remember(&mut visit.caller, &cart, &app.keys);
    Ok(pages::lead(&visit.caller, &format!("/cart/{id}?done=added")))
}

async fn put_in(
    app: &AppState,
    visit: &Visit,
    offer: OfferId,
    form: &Form,
) -> Result<CartId, Error> {
    let quantity = read_count(form.get("quantity")).unwrap_or(1);
    let (own, customer) = mine(app, visit).await?;
    let customer = customer.map(|customer| customer.id);
    let key = once(&format!("visitor:{}", visit.visitor.as_deref().unwrap_or("")), form);
    let key = key.filter(|_| visit.visitor.is_some());
    if let Some(own) = own {
        let target = Target::Known(own.id);
        match put_into(app, visit, target, key.clone(), (offer, quantity)).await {
            Err(ShopError::NotFound | ShopError::Refused(Refused::CartCompleted)) => {}
            done => return Ok(done?),
        }
    }
    Ok(put_into(app, visit, Target::New(customer), key, (offer, quantity)).await?)
}

/// What units are put into.
enum Target {
    Known(CartId),
    /// A new cart, which is this customer's.
    New(Option<CustomerId>),
}

async fn put_into(
    app: &AppState,
    visit: &Visit,
    target: Target,
    key: Option<IdempotencyKey>,
    (offer, quantity): (OfferId, i32),
) -> souk_commerce::Result<CartId> {
    let mut write = match writes::begin(&app.db, None, key).await? {
        Begun::Before(answer) => return answer.body.parse().map_err(|_| ShopError::NotFound),
        Begun::New(write) => write,
    };
    let now = Timestamp::now();
    let id = match target {
        Target::Known(id) => id,
        Target::New(customer) => begin(&mut write, visit, customer, now).await?,
    };
    carts::add_line(&mut write, id, offer, quantity, now).await?;
    commit(app, write, id.to_string()).await?;
    Ok(id)
}

/// A new cart, for the city and the day that the visitor looks at.
async fn begin(
    write: &mut Write,
    visit: &Visit,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> souk_commerce::Result<CartId> {
    let &Visit { market, lang, city, date, .. } = visit;
    let id = carts::create(write, &NewCart { market, lang, visitor: visit.visitor.clone() }, now)
        .await?;
    if let Some(customer) = customer {
        carts::own(write, id, customer, now).await?;
    }
    if city.is_some() {
        let recipient = Recipient { city, ..Recipient::default() };
        carts::set_recipient(write, id, &recipient, date, None, now).await?;
    }
    Ok(id)
}

/// The name of a form that was sent once; none without its field.
pub(crate) fn once(scope: &str, form: &Form) -> Option<IdempotencyKey> {
    name_of(form).map(|name| IdempotencyKey::new(scope, name, &form.parts()))
}

fn name_of(form: &Form) -> Option<&str> {
    let name = form.get("key");
    let is_ours = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ours.then_some(name)
}

/// A new name for a form.
pub(crate) fn new_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Opens a write of a guest.
pub(crate) async fn open(app: &AppState) -> souk_commerce::Result<Write> {
    match writes::begin(&app.db, None, None).await? {
        Begun::New(write) => Ok(write),
        Begun::Before(_) => Err(ShopError::KeyInUse),
    }
}

/// Commits it; `body` is kept for repetitions.
pub(crate) async fn commit(
    app: &AppState,
    write: Write,
    body: String,
) -> souk_commerce::Result<()> {
    let status = StatusCode::SEE_OTHER.as_u16();
    write.commit(&app.db, &Answer { status, headers: Vec::new(), body }).await.map(drop)
}

/// `GET /cart/{id}`
pub(crate) async fn show(State(app): State<AppState>, held: Held) -> Result<Response, Refusal> {
    let form = filled(&held);
    let page = CartPage::read(&app, &held, &form, &Problems::default()).await;
    let page = page.map_err(|error| Refusal::of(&held.visit, error))?;
    Ok(pages::for_caller(&held.visit.caller, &page))
}

/// A cart as its form has it.
fn filled(held: &Held) -> Form {
    let (cart, mut form) = (&held.cart, Form::default());
    for line in &cart.lines {
        let count = u64::from(line.quantity.unsigned_abs());
        form.put(field(line), held.visit.numbers().plain(&count.to_string()));
    }
    form.put("message", cart.gift.message.clone().unwrap_or_default());
    form.put("from", cart.gift.from.clone().unwrap_or_default());
    if cart.gift.anonymous {
        form.put("anonymous", "yes");
    }
    for seller in &cart.gift.wrapped {
        form.put(contents::wrap_field(*seller), "yes");
    }
    form
}

fn field(line: &CartLine) -> String {
    format!("quantity-{}", line.id.map(|id| id.to_string()).unwrap_or_default())
}

/// `POST /cart/{id}`: takes in what was typed, whichever button was pressed, and does what the button says.
pub(crate) async fn save(
    State(app): State<AppState>,
    mut held: Held,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |visit: &Visit, error| Refusal::of(visit, error);
    let problems = problems(&held, &form);
    let problems = if problems.is_empty() {
        take(&app, &held, &form).await.map_err(|error| fail(&held.visit, error))?
    } else {
        problems
    };
    if !problems.is_empty() {
        let page = CartPage::read(&app, &held, &form, &problems).await;
        let page = page.map_err(|error| fail(&held.visit, error))?;
        return Ok(pages::html(StatusCode::UNPROCESSABLE_ENTITY, &page).into_response());
    }
    held.read_again(&app).await.map_err(|error| fail(&held.visit, error))?;
    cookie::remember(&mut held.visit.caller, &held.cart, &app.keys);
    let id = held.cart.id;
    let goes_on = form.get("act") == "next" && !contents::goods_are_wrong(&held.cart);
    let to = if goes_on { format!("/checkout/{id}") } else { format!("/cart/{id}?done=saved") };
    Ok(pages::lead(&held.visit.caller, &to))
}

/// What cannot be taken of what was typed.
pub(crate) fn problems(held: &Held, form: &Form) -> Problems {
    let words = basket(held.visit.lang);
    let mut problems = Problems::default();
    for line in held.cart.lines.iter().filter(|line| line.id.is_some()) {
        let name = field(line);
        let is_gone = form.get("act") == format!("remove-{}", name.trim_start_matches("quantity-"));
        let typed = read_count(form.get(&name)).filter(|count| (0..=QUANTITY_MAX).contains(count));
        if form.has(&name) && typed.is_none() && !is_gone {
            problems.put(&name, "", words.bad_quantity);
        }
    }
    if form.get("message").chars().count() > MESSAGE_MAX {
        problems.put("message", "", words.bad_message);
    }
    if form.get("from").chars().count() > NAME_MAX {
        problems.put("from", "", words.bad_message);
    }
    problems
}

/// Writes what has changed; gives what of it was refused.
pub(crate) async fn take(app: &AppState, held: &Held, form: &Form) -> Result<Problems, Error> {
    let mut write = open(app).await?;
    let taken = async {
        take_lines(&mut write, &held.cart, form).await?;
        take_gift(&mut write, &held.cart, form).await?;
        take_coupons(&mut write, &held.cart, form).await
    };
    match taken.await {
        Ok(()) => {
            commit(app, write, String::new()).await?;
            Ok(Problems::default())
        }
        Err(ShopError::Invalid { field: "code", .. }) => {
            let words = basket(held.visit.lang);
            let is_full = held.cart.coupons.len() >= carts::COUPONS_MAX;
            let text = if is_full { words.coupons_max } else { words.coupon_not_valid };
            Ok(Problems::of("code", "", text))
        }
        Err(ShopError::Conflict(Conflict::PromotionUsedUp)) => {
            Ok(Problems::of("code", "", basket(held.visit.lang).coupon_not_valid))
        }
        Err(error) => Err(error.into()),
    }
}

async fn take_lines(write: &mut Write, cart: &Cart, form: &Form) -> souk_commerce::Result<()> {
    let now = Timestamp::now();
    for line in &cart.lines {
        let Some(id) = line.id else { continue };
        let quantity = read_count(form.get(&field(line))).unwrap_or(line.quantity);
        let done = if form.get("act") == format!("remove-{id}") || quantity == 0 {
            carts::remove_line(write, cart.id, id, now).await
        } else if quantity == line.quantity {
            Ok(())
        } else {
            carts::set_quantity(write, cart.id, id, quantity, now).await
        };
        match done {
            // Another tab took it out.
            Err(ShopError::NotFound) => {}
            done => done?,
        }
    }
    Ok(())
}

async fn take_gift(write: &mut Write, cart: &Cart, form: &Form) -> souk_commerce::Result<()> {
    if !form.has("message") {
        return Ok(());
    }
    let given = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let gift = Gift {
        message: given("message"),
        from: given("from"),
        anonymous: form.get("anonymous") == "yes",
        wrapped: cart
            .deliveries
            .iter()
            .map(|delivery| delivery.seller_id)
            .filter(|seller| form.get(&contents::wrap_field(*seller)) == "yes")
            .collect(),
    };
    if gift == cart.gift {
        return Ok(());
    }
    carts::set_gift(write, cart.id, &gift, Timestamp::now()).await
}

async fn take_coupons(write: &mut Write, cart: &Cart, form: &Form) -> souk_commerce::Result<()> {
    let now = Timestamp::now();
    if let Some(code) = form.get("act").strip_prefix("drop-") {
        match carts::remove_coupon(write, cart.id, code, now).await {
            Err(ShopError::NotFound) => {}
            done => done?,
        }
    }
    match form.get("code") {
        "" => Ok(()),
        code => carts::add_coupon(write, cart.id, code, now).await,
    }
}
