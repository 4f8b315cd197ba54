//! The one verb.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use souk_base::{Money, Position, SellerId};
use sqlx::PgConnection;

use super::sql::{self, GroupRecord, HeldRecord, LineRecord, OrderRecord, Taken};
use super::{Asked, Completed, Limits, Refusal, Till};
use crate::carts::pricing::Amounts;
use crate::carts::{self, Address, Cart, Delivery, ProblemKind};
use crate::ledger::{self, Transfer};
use crate::orders::{GroupState, OrderGroupId};
use crate::payments::{self, CASH, FREE, Method, Opening};
use crate::writes::{self, Answer, IdempotencyKey, Write, hexadecimal};
use crate::{Error, Result, orders, promotions};

/// What became of a checkout.
#[derive(Debug)]
pub enum Done {
    /// The purchase was made now, and answered like this.
    Now(Box<Completed>, Answer, Position),
    /// This very request was answered before, like this.
    Before(Answer),
}

/// Makes a purchase of a cart; `answer` says how that is answered.
///
/// # Errors
/// [`crate::Error::NotFound`] for the cart; [`crate::Error::Refused`] when it cannot be bought as it was asked for;
/// [`crate::Error::Conflict`] when a promotion has no uses left; [`crate::Error::KeyReused`].
pub async fn complete(
    till: Till<'_>,
    key: IdempotencyKey,
    asked: &Asked,
    now: Timestamp,
    answer: impl FnOnce(&Completed) -> Answer,
) -> Result<Done> {
    let mut write = writes::open(till.db, asked.staff, key).await?;
    // The key is one of the cart's own, so whoever has the cart's lock also has the key.
    let cart = carts::lock(&mut write, asked.cart).await?;
    if let Some(answer) = write.answered().await? {
        return Ok(Done::Before(answer));
    }
    let cart = cart.read(&mut write, asked.phone.as_str(), now).await?;
    check(&cart, asked)?;
    let method = method(&mut write, &cart, &asked.payment_method).await?;
    let completed = completed(&cart, method, now);
    let wanted = wanted(&cart);
    if due_account(&completed.method).is_none() {
        within_limits(&mut write, &cart, asked, till.limits).await?;
    }
    place(&mut write, &cart, asked, &completed, &wanted, now).await?;
    open_payment(&mut write, till, &cart, &completed).await?;
    if asked.staff.is_some() {
        let detail = json!({"order_group": completed.group, "cart": cart.id});
        write.note("orders.place", &completed.numbers.join(", "), detail).await?;
    }
    let answer = answer(&completed);
    write.save(&answer).await?;
    reserve(&mut write, &cart, &wanted, now).await?;
    let position = write.commit(till.db, &answer).await?;
    Ok(Done::Now(Box::new(completed), answer, position))
}

/// Whether the cart can be bought for what was expected.
fn check(cart: &Cart, asked: &Asked) -> Result<()> {
    prevented(cart)?;
    let total = Money::new(cart.amounts.total, cart.currency);
    if total != asked.expected_total {
        let lost = cart.coupons.iter().find(|(_, counts)| !counts);
        return Err(match lost {
            Some((code, _)) => Refusal::CouponNotValid(code.clone()),
            None => Refusal::TotalChanged(total),
        }
        .into());
    }
    Ok(())
}

/// The way to pay with this name, where it is offered for the cart; whatever its name, where nothing is to be paid.
async fn method(connection: &mut PgConnection, cart: &Cart, code: &str) -> Result<Method> {
    if cart.amounts.total == 0 {
        return Ok(Method::free(cart.currency));
    }
    let offered = payments::method(connection, cart.market, cart.recipient.city, code).await;
    match offered {
        Ok(method) if cart.takes_cash || !method.pays_at_door() => Ok(method),
        Ok(_) | Err(Error::NotFound) => Err(Refusal::MethodNotOffered.into()),
        Err(error) => Err(error),
    }
}

/// The account that has the money of a purchase that is placed before it is paid.
fn due_account(method: &Method) -> Option<&'static str> {
    match method.connector.as_str() {
        CASH => Some("cash:due"),
        // Nothing comes to it; what rounding took away is booked beside it.
        FREE => Some(FREE),
        _ => None,
    }
}

async fn open_payment(
    write: &mut Write,
    till: Till<'_>,
    cart: &Cart,
    completed: &Completed,
) -> Result<()> {
    let Completed { group, total, method, .. } = completed;
    let opening =
        Opening { group: *group, market: cart.market, amount: *total, method, return_to: None };
    match payments::open(write, till.gateways, &opening).await {
        Ok(_) => Ok(()),
        // Between offering it and choosing it the cart or the shop's accounts changed.
        Err(Error::Invalid { .. }) => Err(Refusal::MethodNotOffered.into()),
        Err(error) => Err(error),
    }
}

/// Refuses a cart with a problem, by the one that says most.
fn prevented(cart: &Cart) -> Result<()> {
    let kinds: Vec<&ProblemKind> =
        cart.problems.iter().map(|problem| &problem.kind).filter(|kind| kind.prevents()).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let of = |wanted: fn(&ProblemKind) -> bool| {
        cart.problems.iter().filter(move |problem| wanted(&problem.kind))
    };
    let short: Vec<_> = of(|kind| matches!(kind, ProblemKind::OutOfStock { .. }))
        .filter_map(|problem| cart.lines.iter().find(|line| line.id == problem.line))
        .map(|line| line.offer_id)
        .collect();
    let full = kinds.iter().filter_map(|kind| match kind {
        ProblemKind::SlotFull { window } => Some(*window),
        _ => None,
    });
    let full: Vec<_> = full.collect();
    let refusal = if !short.is_empty() {
        Refusal::OutOfStock(short)
    } else if !full.is_empty() {
        Refusal::SlotFull(full)
    } else if kinds.contains(&&ProblemKind::SlotClosed) {
        Refusal::SlotClosed
    } else {
        Refusal::CartIncomplete(kinds.into_iter().cloned().collect())
    };
    Err(refusal.into())
}

fn completed(cart: &Cart, method: Method, now: Timestamp) -> Completed {
    let is_placed = due_account(&method).is_some();
    let until = now + method.hold;
    // A hold never outlives the time at which the slot could still be given to somebody else.
    let expires_at = cart.cut_off_at().map_or(until, |cut_off| until.min(cut_off));
    Completed {
        group: OrderGroupId::new(now),
        numbers: cart.deliveries.iter().map(|_| orders::number(cart.market)).collect(),
        state: if is_placed { GroupState::Placed } else { GroupState::PendingPayment },
        total: Money::new(cart.amounts.total, cart.currency),
        method,
        expires_at,
    }
}

/// What a purchase takes of things there are only so many of: units by offer and warehouse, places by window and day,
/// each with the seller whose order has it.
struct Wanted {
    units: BTreeMap<(i64, i64), (SellerId, i32)>,
    places: BTreeMap<(i64, jiff::civil::Date), Vec<SellerId>>,
}

/// Lines of the same stock are merged, so that each counter is raised once.
fn wanted(cart: &Cart) -> Wanted {
    let mut units: BTreeMap<(i64, i64), (SellerId, i32)> = BTreeMap::new();
    for line in &cart.lines {
        // Without a warehouse there is nothing to take: the reservation will miss it.
        let warehouse = line.warehouse_id.map_or(0, souk_base::Id::get);
        let entry = units.entry((line.offer_id.get(), warehouse)).or_insert((line.seller_id, 0));
        entry.1 += line.quantity;
    }
    let mut places: BTreeMap<_, Vec<SellerId>> = BTreeMap::new();
    for delivery in &cart.deliveries {
        if let Some(option) = delivery.chosen {
            let slot = (option.slot.window_id.get(), option.slot.date);
            places.entry(slot).or_default().push(delivery.seller_id);
        }
    }
    Wanted { units, places }
}

/// Bounds what one person can hold without paying. A limit can be overstepped by requests at the very same time, which
/// does no harm beyond that.
async fn within_limits(
    write: &mut Write,
    cart: &Cart,
    asked: &Asked,
    limits: Limits,
) -> Result<()> {
    let (visitor, network) = (cart.visitor.as_deref(), asked.network.as_deref());
    let address = address_hash(cart);
    let unpaid =
        sql::unpaid(write, asked.phone.as_str(), visitor, network, address.as_deref()).await?;
    let is_within = unpaid.phone < limits.phone
        && unpaid.visitor < limits.visitor
        && unpaid.network < limits.network
        && unpaid.address < limits.address;
    if is_within { Ok(()) } else { Err(Refusal::TooManyUnpaid.into()) }
}

/// What the delivery address amounts to when it is compared: letters and digits only, with the city.
fn address_hash(cart: &Cart) -> Option<String> {
    let text = match cart.recipient.address.as_ref()? {
        Address::Text(text) => text.clone(),
        Address::Fields(fields) => Value::Object(fields.clone()).to_string(),
    };
    let plain: String =
        text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    let city = cart.recipient.city?;
    Some(hexadecimal(&Sha256::digest(format!("{city}:{plain}"))))
}

/// Writes the purchase, the uses of its promotions, and what it is worth in the books where it is placed at once.
async fn place(
    write: &mut Write,
    cart: &Cart,
    asked: &Asked,
    completed: &Completed,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<()> {
    let group = group(cart, asked, completed);
    let orders = orders_of(cart, completed);
    let lines = lines_of(cart);
    let held = held(wanted);
    let records = sql::Records { group: &group, orders: &orders, lines: &lines, held: &held };
    sql::insert(write, &records, now.into()).await?;
    let customer = asked.phone.as_str();
    promotions::redeem(write, completed.group, customer, &cart.redemptions).await?;
    if let Some(account) = due_account(&completed.method) {
        post(write, cart, completed, account, now).await?;
    }
    Ok(())
}

fn group(cart: &Cart, asked: &Asked, completed: &Completed) -> GroupRecord {
    let is_unpaid = completed.state == GroupState::PendingPayment;
    let (recipient, gift) = (&cart.recipient, &cart.gift);
    GroupRecord {
        id: completed.group.to_string(),
        market: cart.market.to_string(),
        cart_id: cart.id.to_string(),
        state: completed.state.code(),
        currency: cart.currency.code(),
        lang: cart.lang.code(),
        email: asked.email.clone(),
        phone: asked.phone.to_string(),
        visitor: cart.visitor.clone(),
        network: asked.network.clone().filter(|_| is_unpaid),
        address_hash: address_hash(cart).filter(|_| is_unpaid),
        payment_method: completed.method.code.clone(),
        account: due_account(&completed.method),
        staff_id: asked.staff,
        actor: asked.staff.map_or_else(|| "shopper".to_owned(), |id| format!("staff:{id}")),
        tax_inclusive: cart.tax_inclusive,
        expires_at: completed.expires_at,
        amounts: cart.amounts,
        name: recipient.name.clone(),
        recipient_phone: recipient.phone.clone(),
        // What was typed before the recipient was to be asked is not what they say.
        address: recipient.address.clone().filter(|_| !recipient.is_asked),
        latitude_e6: recipient.location.map(|location| location.0),
        longitude_e6: recipient.location.map(|location| location.1),
        gift_message: gift.message.clone(),
        gift_from: gift.from.clone(),
        anonymous: gift.anonymous,
        asked: recipient.is_asked,
    }
}

fn orders_of(cart: &Cart, completed: &Completed) -> Vec<OrderRecord> {
    let order = |(delivery, number): (&Delivery, &String)| {
        let seller = delivery.seller_id;
        let slot = delivery.chosen.map(|option| option.slot);
        OrderRecord {
            number: number.clone(),
            seller_id: seller,
            city_id: cart.recipient.city,
            window_id: slot.map(|slot| slot.window_id),
            date: slot.map(|slot| slot.date),
            starts_at: slot.map(|slot| slot.starts_at),
            ends_at: slot.map(|slot| slot.ends_at),
            cut_off_at: slot.map(|slot| slot.cut_off_at),
            amounts: worth(cart, delivery),
            wrapped: delivery.wrapped.is_some(),
            wrapping_part: delivery.wrapped.unwrap_or_default(),
        }
    };
    cart.deliveries.iter().zip(&completed.numbers).map(order).collect()
}

/// What a seller's part comes to.
fn worth(cart: &Cart, delivery: &Delivery) -> Amounts {
    let lines = cart.lines.iter().filter(|line| line.seller_id == delivery.seller_id);
    Amounts::sum(lines.map(|line| line.amounts).chain(delivery.wrapped))
}

fn lines_of(cart: &Cart) -> Vec<LineRecord<'_>> {
    let line = |(position, line)| LineRecord {
        position,
        line,
        tax_inclusive: cart.tax_inclusive,
        tax_rate_bp: cart.tax_rate_bp,
    };
    (1..).zip(&cart.lines).map(line).collect()
}

fn held(wanted: &Wanted) -> Vec<HeldRecord> {
    let units =
        wanted.units.iter().map(|(&(offer, warehouse), &(seller_id, quantity))| HeldRecord {
            seller_id,
            quantity,
            offer_id: Some(offer),
            warehouse_id: Some(warehouse),
            window_id: None,
            date: None,
        });
    let places = wanted.places.iter().flat_map(|(&(window, date), sellers)| {
        sellers.iter().map(move |&seller_id| HeldRecord {
            seller_id,
            quantity: 1,
            offer_id: None,
            warehouse_id: None,
            window_id: Some(window),
            date: Some(date),
        })
    });
    units.chain(places).collect()
}

/// What the sellers have earned of a purchase that is paid at the door.
async fn post(
    write: &mut Write,
    cart: &Cart,
    completed: &Completed,
    account: &str,
    now: Timestamp,
) -> Result<()> {
    let part = |delivery: &Delivery| {
        orders::postings(cart.market, delivery.seller_id, &worth(cart, delivery), account)
    };
    let transfer = Transfer {
        kind: "order.placed",
        group: Some(completed.group),
        order: None,
        currency: cart.currency,
        entries: cart.deliveries.iter().flat_map(part).collect(),
    };
    ledger::post(write, &transfer, now).await
}

/// Takes what the purchase needs, all of it or nothing. The last statement before the commit: everybody who wants the
/// same waits meanwhile.
async fn reserve(
    connection: &mut PgConnection,
    cart: &Cart,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<()> {
    let cut_off = cart.cut_off_at().unwrap_or(now + SignedDuration::from_hours(1));
    let taken =
        sql::take(connection, &wanted.units(), &wanted.places(), cut_off.into(), now.into())
            .await?;
    match wanted.lacking(&taken) {
        None => Ok(()),
        Some(refusal) => Err(refusal.into()),
    }
}

impl Wanted {
    /// Offers, warehouses and quantities.
    fn units(&self) -> (Vec<i64>, Vec<i64>, Vec<i32>) {
        let keys = self.units.keys();
        let quantities = self.units.values().map(|(_, quantity)| *quantity).collect();
        (keys.clone().map(|key| key.0).collect(), keys.map(|key| key.1).collect(), quantities)
    }

    /// Windows, days and orders.
    fn places(&self) -> (Vec<i64>, Vec<String>, Vec<i32>) {
        let keys = self.places.keys();
        let orders =
            self.places.values().map(|sellers| i32::try_from(sellers.len()).unwrap_or(i32::MAX));
        let days = keys.clone().map(|key| key.1.to_string()).collect();
        (keys.map(|key| key.0).collect(), days, orders.collect())
    }

    /// What could not be taken.
    fn lacking(&self, taken: &Taken) -> Option<Refusal> {
        let short = self.units.keys().filter(|key| !taken.offers.contains(&key.0));
        let short: Vec<_> = short.map(|key| key.0.into()).collect();
        if !short.is_empty() {
            return Some(Refusal::OutOfStock(short));
        }
        if taken.is_cut_off {
            return Some(Refusal::SlotClosed);
        }
        if taken.windows.len() == self.places.len() {
            return None;
        }
        let full = self.places.keys().filter(|key| !taken.windows.contains(&key.0));
        Some(Refusal::SlotFull(full.map(|key| key.0.into()).collect()))
    }
}
