//! The page of an order: whom it is for and from, what is in it, how it was paid, what happened.

use askama::Template;
use souk_api::{AppState, Error, Permission, secrets};
use souk_base::Money;
use souk_commerce::orders::{self, Buyer, Deed, Event, GroupState, Order, Purchase, State};
use souk_commerce::payments::{self, Record, RefundRecord, TRANSFER};

use super::board::Move;
use super::{moves, visit};
use crate::cart::contents::{self, Sum, Totals};
use crate::checkout::delivery::in_one;
use crate::format::Price;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Done};
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::text::orders::{Orders as Words, orders as words_of};
use crate::visit::Visit;

/// Refunds that are shown.
const REFUNDS_MAX: i64 = 50;

#[derive(Template)]
#[template(path = "office/order.html")]
pub(super) struct OrderPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    basket: &'static Basket,
    number: String,
    state: &'static str,
    slot: String,
    seller: String,
    /// Orders of the same purchase.
    siblings: Vec<String>,
    may_write: bool,
    may_pay: bool,
    moves: Vec<Move>,
    cancels: Vec<Move>,
    recipient: Vec<String>,
    is_hidden: bool,
    is_wrapped: bool,
    card: String,
    buyer: Vec<String>,
    lines: Vec<LineRow>,
    /// How units can go back from where it stands.
    giving_back: Option<GivingBack>,
    totals: Totals,
    /// Where the buyer pays, while it waits for that.
    pay_link: Option<String>,
    refunded: Option<Price>,
    payments: Vec<PaymentRow>,
    refunds: Vec<RefundRow>,
    history: Vec<DeedRow>,
}

/// The words for units that go back.
struct GivingBack {
    label: &'static str,
    lead: &'static str,
}

/// A line as it was bought.
struct LineRow {
    key: String,
    title: String,
    sku: String,
    quantity: String,
    returned: String,
    left: i32,
    total: Price,
}

/// An attempt to pay.
struct PaymentRow {
    key: String,
    method: String,
    state: String,
    amount: String,
    refunded: String,
    /// Whether staff can say that its money is here.
    is_awaited: bool,
}

/// Money on its way back.
struct RefundRow {
    at: String,
    amount: String,
    state: String,
    reason: String,
    who: String,
}

/// Something that happened.
struct DeedRow {
    at: String,
    what: String,
    who: String,
    why: String,
}

impl OrderPage {
    pub(super) async fn read(
        app: &AppState,
        colleague: &Colleague,
        number: &str,
    ) -> Result<OrderPage, Error> {
        let tables = app.view()?.tables.clone();
        let mut connection = app.connection().await?;
        let purchase = orders::of_number(&mut connection, number).await?;
        let buyer = orders::buyer(&mut connection, purchase.id).await?;
        let tried = payments::of_purchase(&mut connection, purchase.id).await?;
        let back = payments::refunds(&mut connection, Some(purchase.id), None, REFUNDS_MAX).await?;
        let visit = visit(colleague, &tables, purchase.market).ok_or(Error::NotFound)?;
        let order = purchase.orders.iter().find(|order| order.number == number);
        let order = order.ok_or(Error::NotFound)?;
        let mut page = OrderPage::new(colleague, &visit, &purchase, order, &buyer, &tried);
        page.refunds = back.iter().map(|record| refund(&visit, record)).collect();
        let waits = purchase.state == GroupState::PendingPayment && page.may_write;
        page.pay_link = waits.then(|| {
            let (origin, secret) =
                (&colleague.caller.origin, secrets::of_group(&app.keys, purchase.id));
            format!("{origin}/orders/{number}?secret={secret}")
        });
        Ok(page)
    }

    fn new(
        colleague: &Colleague,
        visit: &Visit,
        purchase: &Purchase,
        order: &Order,
        buyer: &Buyer,
        tried: &[Record],
    ) -> OrderPage {
        let words = words_of(visit.lang);
        let slot = order.slot.map(|slot| visit.slot_words(slot.date, slot.starts_at, slot.ends_at));
        let unsaid = if purchase.waits_for_recipient { words.asks } else { words.no_slot };
        let others = purchase.orders.iter().filter(|other| other.number != order.number);
        let back = Money::new(order.refunded_minor, purchase.currency);
        let card = [&purchase.gift_message, &purchase.gift_from].into_iter().flatten();
        let contact = std::iter::once(buyer.phone.clone()).chain(buyer.email.clone());
        let may_write = desk::may(&colleague.staff, Permission::OrdersWrite);
        OrderPage {
            frame: desk::frame(colleague, &order.number),
            desk: Desk::new(colleague, "/office/orders").with_done(done(colleague, words, order)),
            words,
            basket: basket(visit.lang),
            number: order.number.clone(),
            state: words.state(order.state),
            slot: slot.unwrap_or_else(|| unsaid.to_owned()),
            seller: contents::seller(visit, order.seller_id),
            siblings: others.map(|other| other.number.clone()).collect(),
            may_write,
            may_pay: desk::may(&colleague.staff, Permission::PaymentsWrite),
            moves: moves(order.state).map(|(event, to)| button(words, event, to)).collect(),
            cancels: cancels(words, order.state),
            recipient: recipient(visit, purchase),
            is_hidden: purchase.anonymous,
            is_wrapped: order.wrapping.is_some(),
            card: card.cloned().collect::<Vec<_>>().join("\n"),
            buyer: contact.collect(),
            lines: lines(visit, purchase, order),
            giving_back: giving_back(words, order.state).filter(|_| may_write),
            totals: totals(visit, purchase, order),
            pay_link: None,
            refunded: (back.minor > 0).then(|| visit.numbers().money(back)),
            payments: tried.iter().map(|record| payment(visit, record)).collect(),
            refunds: Vec::new(),
            history: history(visit, words, order, buyer),
        }
    }
}

fn done(colleague: &Colleague, words: &Words, order: &Order) -> Option<Done> {
    let text = match colleague.caller.address.get("done")? {
        "placed" => fill(words.placed_now, "number", &order.number),
        "moved" => fill(words.moved, "number", &order.number),
        "taken" => words.taken.to_owned(),
        "bad-return" => words.bad_return.to_owned(),
        _ => words.stale.to_owned(),
    };
    Some(Done { text, link: None })
}

fn button(words: &Words, event: Event, to: State) -> Move {
    Move { event: event.code(), label: fill(words.move_to, "state", words.state(to)) }
}

/// How an order can be given up.
fn cancels(words: &Words, state: State) -> Vec<Move> {
    let ways = [(Event::Cancel, words.cancel), (Event::Reject, words.reject)];
    let ways = ways.into_iter().filter(|(event, _)| state.next(*event).is_ok());
    ways.map(|(event, label)| Move { event: event.code(), label: label.to_owned() }).collect()
}

/// Units come back from what was delivered, and are taken out of what was not.
fn giving_back(words: &Words, state: State) -> Option<GivingBack> {
    if state.next(Event::Return).is_ok() {
        return Some(GivingBack { label: words.take_back, lead: words.take_back_lead });
    }
    let can = state.next(Event::TakeOut).is_ok();
    can.then_some(GivingBack { label: words.take_out, lead: words.take_out_lead })
}

fn recipient(visit: &Visit, purchase: &Purchase) -> Vec<String> {
    let unsaid = purchase.waits_for_recipient.then(|| words_of(visit.lang).asks.to_owned());
    let address = purchase.address.as_ref().map(in_one);
    let lines = [purchase.recipient.clone(), purchase.recipient_phone.clone(), address, unsaid];
    lines.into_iter().flatten().collect()
}

fn lines(visit: &Visit, purchase: &Purchase, order: &Order) -> Vec<LineRow> {
    let numbers = visit.numbers();
    let row = |line: &orders::Line| LineRow {
        key: line.id.to_string(),
        title: contents::title(&line.titles, visit.lang).unwrap_or_else(|| line.sku.clone()),
        sku: line.sku.clone(),
        quantity: numbers.whole(u64::from(line.quantity.unsigned_abs())),
        returned: numbers.whole(u64::from(line.returned_quantity.unsigned_abs())),
        left: line.quantity - line.returned_quantity,
        total: numbers.money(Money::new(line.amounts.total, purchase.currency)),
    };
    order.lines.iter().map(row).collect()
}

fn totals(visit: &Visit, purchase: &Purchase, order: &Order) -> Totals {
    let sum = Sum {
        amounts: &order.amounts,
        currency: purchase.currency,
        tax_inclusive: purchase.tax_inclusive,
        is_delivery_known: true,
        is_wrapped: order.wrapping.is_some(),
    };
    let off = order.amounts.discount;
    let discount = (off > 0).then(|| (basket(visit.lang).coupon.to_owned(), off));
    Totals::new(visit, &sum, discount.as_slice())
}

fn payment(visit: &Visit, record: &Record) -> PaymentRow {
    let numbers = visit.numbers();
    let reason = record.reason.iter().map(|reason| format!(" · {reason}"));
    PaymentRow {
        key: record.id.to_string(),
        method: record.method.clone(),
        state: format!("{}{}", record.phase, reason.collect::<String>()),
        amount: numbers.money(record.amount).text(),
        refunded: numbers.money(record.refunded).text(),
        is_awaited: record.connector == TRANSFER && record.phase == "pending",
    }
}

fn refund(visit: &Visit, record: &RefundRecord) -> RefundRow {
    let failure = record.failure.iter().map(|failure| format!(" · {failure}"));
    RefundRow {
        at: visit.moment_words(record.created_at),
        amount: visit.numbers().money(record.amount).text(),
        state: format!("{}{}", record.state, failure.collect::<String>()),
        reason: record.reason.clone(),
        who: record.actor.clone(),
    }
}

fn history(visit: &Visit, words: &Words, order: &Order, buyer: &Buyer) -> Vec<DeedRow> {
    let is_its = |deed: &&Deed| deed.order_id.is_none_or(|id| id == order.id);
    let row = |deed: &Deed| DeedRow {
        at: visit.moment_words(deed.at),
        what: topic(words, &deed.topic),
        who: deed.staff_name.clone().unwrap_or_else(|| deed.actor.clone()),
        why: deed.detail.get("reason").and_then(|it| it.as_str()).unwrap_or_default().to_owned(),
    };
    buyer.history.iter().filter(is_its).rev().map(row).collect()
}

/// What a topic of the log says.
fn topic(words: &Words, topic: &str) -> String {
    let name = topic.strip_prefix("order.").unwrap_or(topic);
    match (name, State::of_code(name)) {
        ("payment_failed", _) => words.payment_failed.to_owned(),
        ("partly_returned", _) => words.partly_returned.to_owned(),
        ("partly_cancelled", _) => words.partly_cancelled.to_owned(),
        ("addressed", _) => words.addressed.to_owned(),
        (_, Some(state)) => words.state(state).to_owned(),
        _ => topic.to_owned(),
    }
}
