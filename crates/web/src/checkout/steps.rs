//! The three steps from a cart to a purchase, as every one of their pages shows them.

use souk_commerce::carts::CartId;

use crate::frame::Frame;
use crate::text::basket::basket;
use crate::visit::Visit;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Cart,
    Delivery,
    Payment,
}

/// A step in the line of steps; those that lie ahead lead nowhere.
pub(crate) struct StepLink {
    pub(crate) number: String,
    pub(crate) label: &'static str,
    pub(crate) href: Option<String>,
    pub(crate) is_current: bool,
}

/// The line of steps with this one as the current.
pub(crate) fn links(visit: &Visit, cart: CartId, current: Step) -> Vec<StepLink> {
    let words = basket(visit.lang);
    let steps = [
        (Step::Cart, words.step_cart, format!("/cart/{cart}")),
        (Step::Delivery, words.step_delivery, format!("/checkout/{cart}")),
        (Step::Payment, words.step_payment, format!("/checkout/{cart}/payment")),
    ];
    let link = |(step, label, href)| StepLink {
        number: visit.numbers().whole(step as u64 + 1),
        label,
        href: ((step as u8) < current as u8).then_some(href),
        is_current: step == current,
    };
    steps.into_iter().map(link).collect()
}

/// The frame of such a page. The city is the cart's and changed there, so the top line does not offer others.
pub(crate) fn frame(visit: &Visit, title: &str) -> Frame {
    let mut frame = Frame::of(visit, title);
    if let Some(shop) = &mut frame.shop {
        shop.cities.clear();
    }
    frame
}
