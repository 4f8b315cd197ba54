//! The pages of an order.

use askama::Template;
use souk_api::pipeline::payments as ways;
use souk_api::{AppState, Error, secrets};
use souk_base::Money;
use souk_commerce::orders::{Event, GroupState, Order, Purchase, State};
use souk_commerce::payments::{FREE, Started};

use super::bought::Bought;
use super::paying::Paying;
use super::steps::{self, Step};
use crate::assets;
use crate::cart::contents::{self, Goods, Line, Looks, Part, Sum, Totals};
use crate::cart::new_key;
use crate::checkout::delivery::in_one;
use crate::checkout::steps::frame;
use crate::format::Price;
use crate::frame::Frame;
use crate::options;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "order.html")]
pub(super) struct OrderPage {
    frame: Frame,
    words: &'static Basket,
    style: String,
    /// The page's own address.
    here: String,
    title: String,
    /// Where it stands, for the script that waits for a change.
    state: String,
    done: Option<&'static str>,
    notice: Option<String>,
    thanks: bool,
    paying: Option<Paying>,
    /// The recipient's link, while they are asked where and when.
    link: Option<String>,
    orders: Vec<SellerOrder>,
    /// Whom it goes to and where, a line each.
    recipient: Vec<String>,
    card: Option<Card>,
    method: String,
    totals: Totals,
    refunded: Option<Price>,
    cancel: Option<Cancel>,
}

/// The order of one seller.
struct SellerOrder {
    number: String,
    steps: Vec<Step>,
    sentence: Option<&'static str>,
    slot: Option<String>,
    is_wrapped: bool,
    goods: Goods,
}

/// What is written on the card.
struct Card {
    message: String,
    from: String,
}

/// The form that gives the order up.
struct Cancel {
    key: String,
    action: String,
}

/// The page between the shop and the provider's.
#[derive(Template)]
#[template(path = "handover.html")]
pub(super) struct HandoverPage {
    frame: Frame,
    words: &'static Basket,
    lead: String,
    href: String,
    back: String,
}

impl HandoverPage {
    pub(super) fn new(visit: &Visit, number: &str, amount: Money, href: String) -> HandoverPage {
        let words = basket(visit.lang);
        let amount = visit.numbers().money(amount).text();
        HandoverPage {
            frame: frame(visit, words.handover),
            words,
            lead: fill(words.handover_lead, "total", &amount),
            href,
            back: format!("/orders/{number}"),
        }
    }
}

impl OrderPage {
    pub(super) async fn read(
        app: &AppState,
        bought: &Bought,
        purchase: &Purchase,
        payment: &Started,
        notice: Option<&'static str>,
    ) -> Result<OrderPage, Error> {
        let visit = &bought.visit;
        let lines = purchase.orders.iter().flat_map(|order| &order.lines);
        let looks = contents::looks(app, visit, lines.map(|line| line.product_id)).await?;
        let city = None;
        let ways = ways::offered(app, purchase.market, city, None).await?;
        let paying = Paying::of(visit, purchase, payment, &ways);
        let code = payment.method.as_ref().unwrap_or(&purchase.payment_method);
        let way = ways.iter().find(|way| way.code == *code);
        let unknown = || match code.as_str() {
            FREE => basket(visit.lang).free.to_owned(),
            code => code.to_owned(),
        };
        let method = way.map_or_else(unknown, |way| way.label.get(visit.lang).to_owned());
        let page = OrderPage::new(bought, purchase, &looks, paying, method);
        let state = format!("{} {}", page.state, payment.state);
        let asks = purchase.waits_for_recipient && purchase.state == GroupState::Placed;
        let origin = &visit.caller.origin;
        let link = || format!("{origin}/gift/{}", secrets::gift_token(&app.keys, purchase.id));
        let link = asks.then(link);
        Ok(OrderPage { notice: notice.map(str::to_owned), state, link, ..page })
    }

    /// Where purchase and payment stand.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    fn new(
        bought: &Bought,
        purchase: &Purchase,
        looks: &Looks,
        paying: Option<Paying>,
        method: String,
    ) -> OrderPage {
        let (visit, number) = (&bought.visit, &bought.number);
        let words = basket(visit.lang);
        let is_placed = purchase.orders.iter().any(|order| order.state == State::Placed);
        let own = purchase.orders.iter().find(|order| order.number == *number);
        let can_cancel = own.is_some_and(|order| order.state.next(Event::Cancel).is_ok());
        let back: i64 = purchase.orders.iter().map(|order| order.refunded_minor).sum();
        let money = |minor| visit.numbers().money(Money::new(minor, purchase.currency));
        let states = purchase.orders.iter().map(|order| order.state.code());
        let states: Vec<&str> = std::iter::once(purchase.state.code()).chain(states).collect();
        OrderPage {
            frame: frame(visit, &fill(words.order, "number", number)),
            words,
            style: assets::url("cart.css"),
            here: format!("/orders/{number}"),
            title: fill(words.order, "number", number),
            state: states.join(" "),
            done: (visit.caller.address.get("done") == Some("cancelled"))
                .then_some(words.cancelled),
            notice: None,
            thanks: is_placed,
            paying,
            link: None,
            orders: purchase.orders.iter().map(|it| order(visit, purchase, it, looks)).collect(),
            recipient: recipient(purchase),
            card: card(purchase),
            method,
            totals: totals(visit, purchase),
            refunded: (back > 0).then(|| money(back)),
            cancel: can_cancel
                .then(|| Cancel { key: new_key(), action: format!("/orders/{number}/cancel") }),
        }
    }
}

fn order(visit: &Visit, purchase: &Purchase, order: &Order, looks: &Looks) -> SellerOrder {
    let words = basket(visit.lang);
    let money = |minor| visit.numbers().money(Money::new(minor, purchase.currency));
    let line = |line: &souk_commerce::orders::Line| Line {
        key: String::new(),
        look: contents::look(looks, line.product_id),
        title: contents::title(&line.titles, visit.lang).unwrap_or_else(|| line.sku.clone()),
        options: options::label(&line.options, visit.lang, visit.numbers()),
        remove: String::new(),
        quantity: visit.numbers().whole(u64::from(line.quantity.unsigned_abs())),
        each: String::new(),
        total: money(line.amounts.goods - line.amounts.discount),
        before: None,
        notes: gone(visit, line).into_iter().collect(),
        wrong: Vec::new(),
    };
    let heading = fill(words.from_seller, "seller", &contents::seller(visit, order.seller_id));
    let slot = order.slot.map(|slot| visit.slot_words(slot.date, slot.starts_at, slot.ends_at));
    SellerOrder {
        number: order.number.clone(),
        steps: steps::of(visit, order, &purchase.moments),
        sentence: steps::sentence(words, order.state),
        slot,
        is_wrapped: order.wrapping.is_some(),
        goods: Goods {
            parts: vec![Part {
                heading,
                lines: order.lines.iter().map(line).collect(),
                wrap: None,
            }],
        },
    }
}

/// How many units of a line went back, in words.
fn gone(visit: &Visit, line: &souk_commerce::orders::Line) -> Option<String> {
    let count = u64::from(line.returned_quantity.unsigned_abs());
    let count = (count > 0).then(|| visit.numbers().whole(count));
    count.map(|count| fill(basket(visit.lang).gone, "n", &count))
}

fn recipient(purchase: &Purchase) -> Vec<String> {
    let address = purchase.address.as_ref().map(in_one);
    let lines = [purchase.recipient.clone(), purchase.recipient_phone.clone(), address];
    lines.into_iter().flatten().collect()
}

fn card(purchase: &Purchase) -> Option<Card> {
    let message = purchase.gift_message.clone().unwrap_or_default();
    let from = purchase.gift_from.clone().unwrap_or_default();
    (!message.is_empty() || !from.is_empty()).then_some(Card { message, from })
}

fn totals(visit: &Visit, purchase: &Purchase) -> Totals {
    let sum = Sum {
        amounts: &purchase.amounts,
        currency: purchase.currency,
        tax_inclusive: purchase.tax_inclusive,
        is_delivery_known: true,
        is_wrapped: purchase.orders.iter().any(|order| order.wrapping.is_some()),
    };
    let off = purchase.amounts.discount;
    let discount = (off > 0).then(|| (basket(visit.lang).coupon.to_owned(), off));
    Totals::new(visit, &sum, discount.as_slice())
}
