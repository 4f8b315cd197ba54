//! What a form changes of offers: prices, stock, dated prices.

use souk_base::{Currency, Lang, MarketCode, Money, OfferId};
use souk_commerce::offers::{EditableOffer, NewDatedPrice, OfferChange, OfferState};

use super::changes::Reader;
use super::filled;
use super::line::{Current, Line, house, place};
use super::step::{AddedOffer, Change, CountedStock, Terms};
use crate::format::{read_amount, read_count};
use crate::text::fill;

/// Longest preparation, in minutes: thirty days.
const PREPARATION_MAX: i32 = 43_200;

/// What changes of a line.
pub(super) fn change(reader: &mut Reader<'_>, line: &Line<'_>) {
    match line.offer {
        Some(offer) => change_offer(reader, line, offer),
        None => add_offer(reader, line),
    }
}

fn change_offer(reader: &mut Reader<'_>, line: &Line<'_>, offer: &EditableOffer) {
    let (key, place) = (&line.key, line.market.label.get(reader.lang).to_owned());
    let field = |name: &str| format!("{name}.{key}");
    let (price, old, preparation) = (field("price"), field("old"), field("preparation"));
    let mut change = OfferChange::default();
    if reader.answers.any_changed(&[&price, &old]) {
        let (minor, list_minor) = prices(reader, &price, &old, line.currency(), &place);
        change.minor = minor;
        change.list_minor = Some(list_minor);
    }
    if reader.answers.changed(&preparation) {
        change.preparation_minutes = count(reader, &preparation, PREPARATION_MAX, &place);
    }
    if reader.answers.changed(&field("offered")) {
        change.state = Some(offered(reader, key));
    }
    let fields = [price, old, preparation, field("offered")];
    if let Some(field) = fields.iter().find(|field| reader.answers.changed(field)) {
        reader.step(field, &place, Change::Offer(offer.id, change));
    }
    for city in &line.market.cities {
        let field = format!("stock.{key}.{}", city.id);
        let counted = reader.answers.get(&field) != reader.answers.was(&field);
        if !counted || !reader.answers.changed(&field) || reader.answers.get(&field).is_empty() {
            continue;
        }
        let place = city.label.get(reader.lang);
        let was = read_count(reader.answers.was(&field)).unwrap_or_default();
        if let Some(count) = count(reader, &field, i32::MAX, place) {
            let (offer, seller) = (offer.id, offer.seller_id);
            let counted = CountedStock { offer, seller, city: city.id, more: count - was };
            // Not held against others: what was sold meanwhile is no other opinion.
            let (field, place) = (field, place.to_owned());
            reader.steps.push(super::step::Step { field, place, change: Change::Stock(counted) });
        }
    }
}

/// The offer that a line without one asks for, if a price was typed.
fn add_offer(reader: &mut Reader<'_>, line: &Line<'_>) {
    let (key, place) = (&line.key, line.market.label.get(reader.lang).to_owned());
    let field = |name: &str| format!("{name}.{key}");
    let stock = stock(reader, line);
    let price = field("price");
    if reader.answers.get(&price).is_empty() {
        if !stock.is_empty() || !reader.answers.get(&field("old")).is_empty() {
            reader.problems.put(&price, &place, reader.words.bad_no_price);
        }
        return;
    }
    let (minor, list_minor) = prices(reader, &price, &field("old"), line.currency(), &place);
    let preparation = field("preparation");
    let preparation_minutes = if reader.answers.get(&preparation).is_empty() {
        None
    } else {
        count(reader, &preparation, PREPARATION_MAX, &place)
    };
    let Some(minor) = minor else { return };
    let terms = Terms {
        seller: line.seller,
        market: line.market.code,
        minor,
        list_minor,
        preparation_minutes,
    };
    let state = offered(reader, key);
    let offer = AddedOffer { variant: line.variant, terms, state, stock };
    reader.step(&price, &place, Change::AddOffer(offer));
}

/// Units by city: what was typed for the city, else for each.
fn stock(reader: &mut Reader<'_>, line: &Line<'_>) -> Vec<(souk_base::CityId, i32)> {
    let each = format!("units.{}", line.key);
    let mut stock = Vec::new();
    for city in line.market.cities.iter().filter(|city| city.active) {
        let own = format!("stock.{}.{}", line.key, city.id);
        let field = if reader.answers.get(&own).is_empty() { &each } else { &own };
        if !reader.answers.get(field).is_empty()
            && let Some(units) = count(reader, field, i32::MAX, city.label.get(reader.lang))
            && units > 0
        {
            stock.push((city.id, units));
        }
    }
    stock
}

fn offered(reader: &Reader<'_>, key: &str) -> OfferState {
    match reader.answers.get(&format!("offered.{key}")) {
        "" => OfferState::Paused,
        _ => OfferState::Active,
    }
}

/// Price and old price as they were typed, in minor units.
fn prices(
    reader: &mut Reader<'_>,
    price: &str,
    old: &str,
    currency: Currency,
    place: &str,
) -> (Option<i64>, Option<i64>) {
    let minor = if reader.answers.get(price).is_empty() {
        reader.problems.put(price, place, reader.words.bad_no_price);
        None
    } else {
        amount(reader, price, currency, place)
    };
    if reader.answers.get(old).is_empty() {
        return (minor, None);
    }
    let list_minor = amount(reader, old, currency, place);
    if let (Some(minor), Some(list_minor)) = (minor, list_minor)
        && list_minor <= minor
    {
        reader.problems.put(old, place, reader.words.bad_old_price);
    }
    (minor, list_minor)
}

fn amount(reader: &mut Reader<'_>, field: &str, currency: Currency, place: &str) -> Option<i64> {
    let money = read_amount(reader.answers.get(field), currency);
    let minor = money.map(|money| money.minor).filter(|minor| *minor > 0);
    if minor.is_none() {
        let example = Money::new(12_500, currency).to_decimal();
        reader.problems.put(field, place, fill(reader.words.bad_price, "example", &example));
    }
    minor
}

fn count(reader: &mut Reader<'_>, field: &str, max: i32, place: &str) -> Option<i32> {
    let count = read_count(reader.answers.get(field)).filter(|count| *count <= max);
    if count.is_none() {
        reader.problems.put(field, place, reader.words.bad_count);
    }
    count
}

/// The offer of another seller that is to be added, if one is.
pub(super) fn add_of_seller(reader: &mut Reader<'_>, current: &Current) {
    let asked = reader.answers.get("act") == "offer-add";
    if !asked && reader.answers.get("price.add").is_empty() {
        return;
    }
    let seller = reader.answers.get("seller.add").parse().ok();
    let known = seller.filter(|id| reader.tables.sellers.contains_key(id));
    let variants = &current.product.variants;
    let variant = reader.answers.get("variant.add").parse().ok();
    let variant = variant.filter(|id| variants.iter().any(|known| known.id == *id));
    let market = reader.answers.get("market.add").parse::<MarketCode>().ok();
    let market = market.and_then(|code| reader.tables.market(code));
    let title = reader.words.offer_new;
    for (field, missing) in [
        ("seller.add", known.is_none()),
        ("variant.add", variant.is_none()),
        ("market.add", market.is_none()),
    ] {
        if missing {
            reader.problems.put(field, title, reader.words.bad_needed);
        }
    }
    let (Some(seller), Some(variant), Some(market)) = (known, variant, market) else { return };
    let Some(minor) = prices(reader, "price.add", "old.add", market.currency, title).0 else {
        return;
    };
    let terms = Terms {
        seller: Some(seller),
        market: market.code,
        minor,
        list_minor: None,
        preparation_minutes: None,
    };
    let state = OfferState::Active;
    let offer = AddedOffer { variant: Some(variant), terms, state, stock: Vec::new() };
    reader.step("price.add", title, Change::AddOffer(offer));
}

/// The dated price that is to be added, if one is.
pub(super) fn add_dated_price(reader: &mut Reader<'_>, current: &Current) {
    let asked = reader.answers.get("act") == "dated-add";
    if !asked && reader.answers.get("dated.price").is_empty() {
        return;
    }
    let title = reader.words.dated_new;
    let id = reader.answers.get("dated.offer").parse::<OfferId>().ok();
    let offer = current.offers.iter().find(|offer| Some(offer.id) == id);
    let market = offer.and_then(|offer| reader.tables.market(offer.market));
    let (Some(offer), Some(market)) = (offer, market) else {
        reader.problems.put("dated.offer", title, reader.words.bad_needed);
        return;
    };
    let (minor, list_minor) = prices(reader, "dated.price", "dated.old", market.currency, title);
    let time = |field| filled::instant(reader.answers.get(field), &market.time_zone);
    let (from, until) = (time("dated.from"), time("dated.until"));
    if from.is_none() {
        reader.problems.put("dated.from", title, reader.words.bad_time);
    }
    if until.is_none() && !reader.answers.get("dated.until").is_empty() {
        reader.problems.put("dated.until", title, reader.words.bad_time);
    }
    if until.is_some_and(|until| from.is_some_and(|from| until <= from)) {
        reader.problems.put("dated.until", title, reader.words.bad_period);
    }
    if let (Some(minor), Some(from)) = (minor, from) {
        let new = NewDatedPrice { minor, list_minor, from, until };
        reader.step("dated.from", title, Change::AddDatedPrice(offer.id, new));
    }
}

/// An offer in words: country, variant, and the seller when it is not the house.
pub(super) fn named(
    offer: &EditableOffer,
    tables: &souk_base::Tables,
    lang: Lang,
    variant: &str,
) -> String {
    let mut name = place(tables, offer.market, lang);
    if !variant.is_empty() {
        name = format!("{name} · {variant}");
    }
    match tables.sellers.get(&offer.seller_id) {
        Some(seller) if Some(offer.seller_id) != house(tables) => {
            format!("{name} · {}", seller.name)
        }
        _ => name,
    }
}
