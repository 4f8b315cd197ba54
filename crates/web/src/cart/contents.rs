//! What is in a cart or an order, and what it costs, as pages show it.

use std::collections::HashMap;

use serde_json::Value;
use souk_api::pipeline::products;
use souk_api::{AppState, Error};
use souk_base::{Lang, Money, ProductId, SellerId};
use souk_commerce::carts::pricing::Amounts;
use souk_commerce::carts::{Cart, CartLine, ProblemKind};

use crate::format::Price;
use crate::options;
use crate::text::basket::basket;
use crate::text::fill;
use crate::visit::Visit;

/// The goods of one seller.
pub(crate) struct Part {
    /// Whose they are, in words.
    pub(crate) heading: String,
    pub(crate) lines: Vec<Line>,
    /// Whether it is wrapped, where that can be chosen.
    pub(crate) wrap: Option<Wrap>,
}

/// The choice to have a seller's goods wrapped.
pub(crate) struct Wrap {
    /// The field's name.
    pub(crate) name: String,
    pub(crate) is_chosen: bool,
    /// What it costs; none for nothing.
    pub(crate) price: Option<Price>,
    /// Why it cannot be had any more.
    pub(crate) error: Option<&'static str>,
}

/// Goods to be looked at only.
pub(crate) struct Goods {
    pub(crate) parts: Vec<Part>,
}

/// So many units of something.
pub(crate) struct Line {
    /// The line's key in forms; empty for what a promotion puts in.
    pub(crate) key: String,
    pub(crate) look: Look,
    pub(crate) title: String,
    pub(crate) options: String,
    /// The words of the button that takes it out.
    pub(crate) remove: String,
    /// As it was typed, or as it is.
    pub(crate) quantity: String,
    pub(crate) each: String,
    pub(crate) total: Price,
    /// What the line cost without what promotions take off.
    pub(crate) before: Option<Price>,
    /// What should be known, and what is wrong.
    pub(crate) notes: Vec<String>,
    pub(crate) wrong: Vec<String>,
}

/// Where a product is seen, and its picture.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) href: Option<String>,
    pub(crate) image: String,
}

/// The looks of products.
pub(crate) type Looks = HashMap<ProductId, Look>;

/// What is paid for, line by line, and the sum.
pub(crate) struct Totals {
    pub(crate) rows: Vec<TotalRow>,
    pub(crate) total: Price,
    /// What of it is tax.
    pub(crate) within: Option<Price>,
}

/// One part of a price.
pub(crate) struct TotalRow {
    pub(crate) label: String,
    pub(crate) amount: Option<Price>,
    /// In place of an amount.
    pub(crate) words: &'static str,
    /// Whether it is taken off.
    pub(crate) is_less: bool,
}

/// The looks of these products; of those that are no longer shown, none.
pub(crate) async fn looks(
    app: &AppState,
    visit: &Visit,
    ids: impl Iterator<Item = ProductId>,
) -> Result<Looks, Error> {
    let ids: Vec<ProductId> = ids.collect();
    let mut connection = app.connection().await?;
    let found = souk_commerce::products::listed(&mut connection, &ids).await?;
    let look = |product: &souk_commerce::products::Product| {
        let href = Some(visit.path(&format!("/p/{}", product.slug)));
        (product.id, Look { href, image: products::image(&visit.tables, product) })
    };
    Ok(found.iter().map(look).collect())
}

/// The look of a product; a vase for what is no longer shown.
pub(crate) fn look(looks: &Looks, id: ProductId) -> Look {
    let gone = || Look { href: None, image: "/pictures/vase/cream/3.svg".to_owned() };
    looks.get(&id).cloned().unwrap_or_else(gone)
}

/// A title in the visitor's language, else in English, else in any.
pub(crate) fn title(titles: &Value, lang: Lang) -> Option<String> {
    let of = |lang: Lang| titles.get(lang.code()).and_then(Value::as_str);
    let any = || titles.as_object()?.values().next()?.as_str();
    of(lang).or_else(|| of(Lang::En)).or_else(any).map(str::to_owned)
}

/// The seller's name.
pub(crate) fn seller(visit: &Visit, id: SellerId) -> String {
    visit.tables.sellers.get(&id).map(|seller| seller.name.clone()).unwrap_or_default()
}

/// What is in a cart, by seller in the order in which they came in.
pub(crate) fn parts(visit: &Visit, cart: &Cart, looks: &Looks) -> Vec<Part> {
    let mut sellers: Vec<SellerId> = Vec::new();
    for line in &cart.lines {
        if !sellers.contains(&line.seller_id) {
            sellers.push(line.seller_id);
        }
    }
    let part = |id: SellerId| {
        let its = cart.lines.iter().filter(|line| line.seller_id == id);
        let lines = its.map(|line| Line::of(visit, cart, line, looks)).collect();
        let heading = fill(basket(visit.lang).from_seller, "seller", &seller(visit, id));
        Part { heading, lines, wrap: Wrap::of(visit, cart, id) }
    };
    sellers.into_iter().map(part).collect()
}

impl Wrap {
    fn of(visit: &Visit, cart: &Cart, seller: SellerId) -> Option<Wrap> {
        let delivery = cart.deliveries.iter().find(|it| it.seller_id == seller)?;
        let is_chosen = cart.gift.wrapped.contains(&seller);
        if delivery.wrapping_minor.is_none() && !is_chosen {
            return None;
        }
        let minor = delivery.wrapping_minor.filter(|minor| *minor > 0);
        let is_gone = delivery.wrapping_minor.is_none();
        Some(Wrap {
            name: wrap_field(seller),
            is_chosen,
            price: minor.map(|minor| visit.numbers().money(Money::new(minor, cart.currency))),
            error: is_gone.then_some(basket(visit.lang).not_wrapped),
        })
    }
}

/// The field by which a seller's goods are wrapped.
pub(crate) fn wrap_field(seller: SellerId) -> String {
    format!("wrap-{seller}")
}

impl Line {
    fn of(visit: &Visit, cart: &Cart, line: &CartLine, looks: &Looks) -> Line {
        let words = basket(visit.lang);
        let money = |minor| visit.numbers().money(Money::new(minor, cart.currency));
        let its = cart.problems.iter().filter(|problem| problem.line == line.id);
        let its = its.filter(|problem| problem.line.is_some());
        let (wrong, notes) = its.partition::<Vec<_>, _>(|problem| problem.kind.prevents());
        let in_words = |problem: &&souk_commerce::carts::Problem| {
            of_line(visit, cart, &problem.kind).unwrap_or_default()
        };
        let mut notes: Vec<String> = notes.iter().map(in_words).collect();
        notes.extend(line.id.is_none().then(|| words.gift_line.to_owned()));
        let now = line.amounts.goods - line.amounts.discount;
        let title = title(&line.titles, visit.lang).unwrap_or_else(|| line.sku.clone());
        Line {
            key: line.id.map(|id| id.to_string()).unwrap_or_default(),
            look: look(looks, line.product_id),
            remove: fill(words.remove_what, "product", &title),
            title,
            options: options::label(&line.options, visit.lang, visit.numbers()),
            quantity: visit.numbers().plain(&line.quantity.to_string()),
            each: fill(words.each, "price", &money(line.unit_minor).text()),
            total: money(now),
            before: (line.amounts.discount > 0).then(|| money(line.amounts.goods)),
            notes,
            wrong: wrong.iter().map(in_words).collect(),
        }
    }
}

/// A problem of a line in words.
fn of_line(visit: &Visit, cart: &Cart, kind: &ProblemKind) -> Option<String> {
    let (words, numbers) = (basket(visit.lang), visit.numbers());
    Some(match kind {
        ProblemKind::NotSold => words.not_sold.to_owned(),
        ProblemKind::OutOfStock { left } => match u64::try_from(*left) {
            Ok(left @ 1..) => fill(words.only_left.form(left), "n", &numbers.whole(left)),
            _ => words.out_of_stock.to_owned(),
        },
        ProblemKind::PriceChanged { from, .. } => {
            let before = numbers.money(Money::new(*from, cart.currency));
            fill(words.price_changed, "before", &before.text())
        }
        _ => return None,
    })
}

/// Whether something about the goods stands against buying the cart.
pub(crate) fn goods_are_wrong(cart: &Cart) -> bool {
    let about_goods = |kind: &ProblemKind| {
        matches!(
            kind,
            ProblemKind::Empty
                | ProblemKind::NotSold
                | ProblemKind::OutOfStock { .. }
                | ProblemKind::NotWrapped
        )
    };
    cart.problems.iter().any(|problem| about_goods(&problem.kind))
}

impl Totals {
    /// What a cart costs; delivery has no price before a slot is chosen for every part.
    pub(crate) fn of_cart(visit: &Visit, cart: &Cart) -> Totals {
        let is_chosen = cart.deliveries.iter().all(|delivery| delivery.chosen.is_some());
        let is_asked = cart.recipient.is_asked && cart.recipient.city.is_some();
        let discounts = cart.discounts.iter().map(|discount| {
            let label = discount.label.get(visit.lang).to_owned();
            (label, discount.minor)
        });
        let sum = Sum {
            amounts: &cart.amounts,
            currency: cart.currency,
            tax_inclusive: cart.tax_inclusive,
            is_delivery_known: (is_chosen || is_asked) && !cart.deliveries.is_empty(),
            is_wrapped: cart.deliveries.iter().any(|delivery| delivery.wrapped.is_some()),
        };
        Totals::new(visit, &sum, &discounts.collect::<Vec<_>>())
    }

    /// The parts of a price, those that are nothing left out.
    pub(crate) fn new(visit: &Visit, sum: &Sum<'_>, discounts: &[(String, i64)]) -> Totals {
        let words = basket(visit.lang);
        let money = |minor| visit.numbers().money(Money::new(minor, sum.currency));
        let row = |label: &str, minor: i64| TotalRow {
            label: label.to_owned(),
            amount: Some(money(minor.abs())),
            words: "",
            is_less: minor < 0,
        };
        let amounts = sum.amounts;
        let mut rows = vec![row(words.goods, amounts.goods)];
        rows.extend(discounts.iter().map(|(label, minor)| row(label, -minor)));
        let delivery = row(words.delivery, amounts.delivery);
        rows.push(match (sum.is_delivery_known, amounts.delivery) {
            (false, _) => TotalRow { amount: None, words: words.delivery_later, ..delivery },
            (true, 0) => TotalRow { amount: None, words: words.free, ..delivery },
            (true, _) => delivery,
        });
        rows.extend(sum.is_wrapped.then(|| match row(words.wrapping, amounts.wrapping) {
            wrapping if amounts.wrapping > 0 => wrapping,
            wrapping => TotalRow { amount: None, words: words.free, ..wrapping },
        }));
        let on_top = !sum.tax_inclusive && amounts.tax > 0;
        rows.extend(on_top.then(|| row(words.tax, amounts.tax)));
        rows.extend((amounts.rounding != 0).then(|| row(words.rounding, amounts.rounding)));
        let within = (sum.tax_inclusive && amounts.tax > 0).then(|| money(amounts.tax));
        Totals { rows, total: money(amounts.total), within }
    }
}

/// Amounts with what is to be known about them.
pub(crate) struct Sum<'a> {
    pub(crate) amounts: &'a Amounts,
    pub(crate) currency: souk_base::Currency,
    pub(crate) tax_inclusive: bool,
    pub(crate) is_delivery_known: bool,
    pub(crate) is_wrapped: bool,
}
