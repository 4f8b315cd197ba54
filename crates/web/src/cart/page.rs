//! The page of a cart.

use askama::Template;
use souk_api::{AppState, Error};
use souk_commerce::carts::Cart;

use super::Held;
use super::contents::{self, Part, Totals};
use crate::assets;
use crate::checkout::steps::{self, Step, StepLink};
use crate::frame::Frame;
use crate::home::Row;
use crate::office::fields::{Input, Problems};
use crate::office::form::Form;
use crate::recommended;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "cart.html")]
pub(super) struct CartPage {
    frame: Frame,
    words: &'static Basket,
    style: String,
    action: String,
    steps: Vec<StepLink>,
    done: Option<&'static str>,
    /// How much is to be put right, in words.
    notice: Option<String>,
    units: String,
    parts: Vec<Part>,
    message: Input,
    from: Input,
    anonymous: bool,
    coupons: Vec<Coupon>,
    code: Input,
    totals: Totals,
    /// What goes with it.
    row: Option<Row>,
}

/// A coupon that was added.
struct Coupon {
    code: String,
    /// Whether it takes something off.
    counts: bool,
    drop: String,
}

/// The page of a visitor without a cart.
#[derive(Template)]
#[template(path = "cart_empty.html")]
pub(super) struct EmptyPage {
    frame: Frame,
    words: &'static Basket,
    home: String,
}

impl EmptyPage {
    pub(super) fn new(visit: &Visit) -> EmptyPage {
        let words = basket(visit.lang);
        EmptyPage { frame: Frame::of(visit, words.cart), words, home: visit.path("") }
    }
}

impl CartPage {
    /// The page with the form as it was filled.
    pub(super) async fn read(
        app: &AppState,
        held: &Held,
        form: &Form,
        problems: &Problems,
    ) -> Result<CartPage, Error> {
        let ids = held.cart.lines.iter().map(|line| line.product_id);
        let looks = contents::looks(app, &held.visit, ids).await?;
        let mut parts = contents::parts(&held.visit, &held.cart, &looks);
        for line in parts.iter_mut().flat_map(|part| &mut part.lines) {
            let field = format!("quantity-{}", line.key);
            if form.has(&field) {
                line.quantity = form.get(&field).to_owned();
            }
            line.wrong.extend(problems.text(&field).map(str::to_owned));
        }
        for wrap in parts.iter_mut().filter_map(|part| part.wrap.as_mut()) {
            wrap.is_chosen = form.get(&wrap.name) == "yes";
        }
        let row = match held.cart.lines.is_empty() {
            true => None,
            false => recommended::of_cart(app, &held.visit, held.cart.id).await?,
        };
        Ok(CartPage { row, ..CartPage::new(&held.visit, &held.cart, parts, form, problems) })
    }

    fn new(
        visit: &Visit,
        cart: &Cart,
        parts: Vec<Part>,
        form: &Form,
        problems: &Problems,
    ) -> CartPage {
        let (words, numbers) = (basket(visit.lang), visit.numbers());
        let count: i64 = cart.lines.iter().map(|line| i64::from(line.quantity)).sum();
        let count = count.unsigned_abs();
        let wrong = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let coupon = |(code, counts): &(String, bool)| Coupon {
            code: code.clone(),
            counts: *counts,
            drop: fill(words.coupon_drop, "code", code),
        };
        CartPage {
            frame: steps::frame(visit, words.cart),
            words,
            style: assets::url("cart.css"),
            action: format!("/cart/{}", cart.id),
            steps: steps::links(visit, cart.id, Step::Cart),
            done: match visit.caller.address.get("done") {
                Some("added") => Some(words.added),
                Some("saved") => Some(words.saved),
                _ => None,
            },
            notice: (wrong > 0)
                .then(|| fill(words.problems.form(wrong), "n", &numbers.whole(wrong))),
            units: fill(words.units.form(count), "n", &numbers.whole(count)),
            parts,
            message: Input::new("message", form, problems),
            from: Input::new("from", form, problems),
            anonymous: form.get("anonymous") == "yes",
            coupons: cart.coupons.iter().map(coupon).collect(),
            code: Input::new("code", form, problems),
            totals: Totals::of_cart(visit, cart),
            row: None,
        }
    }
}
