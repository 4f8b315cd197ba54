//! How far an order is: five steps with their times, or the sentence that says why there are none.

use jiff::Timestamp;
use souk_commerce::orders::{Moment, Order, State};

use crate::text::basket::{Basket, basket};
use crate::visit::Visit;

/// One of the five steps.
pub(crate) struct Step {
    pub(crate) label: &'static str,
    /// When it was reached; empty while it was not.
    pub(crate) at: String,
    pub(crate) is_done: bool,
    pub(crate) is_current: bool,
}

/// The steps of an order; none for one that is not on the way to its recipient.
pub(crate) fn of(visit: &Visit, order: &Order, moments: &[Moment]) -> Vec<Step> {
    let words = basket(visit.lang);
    let Some(reached) = place(order.state) else { return Vec::new() };
    let labels: [(&'static str, &[&str]); 5] = [
        (words.state_placed, &["order.placed"]),
        (words.state_accepted, &["order.accepted"]),
        (words.state_preparing, &["order.preparing", "order.ready"]),
        (words.state_on_way, &["order.out_for_delivery"]),
        (words.state_delivered, &["order.delivered"]),
    ];
    let at = |topics: &[&str]| -> Option<Timestamp> {
        let its = moments.iter().filter(|moment| moment.order_id.is_none_or(|id| id == order.id));
        its.filter(|moment| topics.contains(&moment.topic.as_str())).map(|moment| moment.at).next()
    };
    let step = |(place, (label, topics)): (usize, (&'static str, &[&str]))| Step {
        label,
        at: at(topics).map(|at| visit.moment_words(at)).unwrap_or_default(),
        is_done: place <= reached,
        is_current: place == reached,
    };
    labels.into_iter().enumerate().map(step).collect()
}

/// The step that an order has reached.
const fn place(state: State) -> Option<usize> {
    match state {
        State::Placed => Some(0),
        State::Accepted => Some(1),
        State::Preparing | State::Ready => Some(2),
        State::OutForDelivery | State::DeliveryFailed => Some(3),
        State::Delivered | State::Closed => Some(4),
        State::PendingPayment
        | State::Rejected
        | State::Cancelled
        | State::Expired
        | State::Returned => None,
    }
}

/// What is to be said besides the steps, or instead of them.
pub(crate) const fn sentence(words: &Basket, state: State) -> Option<&'static str> {
    match state {
        State::PendingPayment => Some(words.is_pending),
        State::Rejected => Some(words.is_rejected),
        State::Cancelled => Some(words.is_cancelled),
        State::Expired => Some(words.is_expired),
        State::DeliveryFailed => Some(words.is_failed),
        State::Returned => Some(words.is_returned),
        _ => None,
    }
}
