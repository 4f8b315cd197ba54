//! Promotions as people type them: decimals, per cents and readable names, to a promotion and back.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use souk_api::Error;
use souk_base::{Currency, Lang, Market, Money, ProductId, Tables};
use souk_commerce::products;
use souk_commerce::promotions::{Effect, NewCoupon, NewPromotion};
use souk_commerce::{PgConnection, Result as ShopResult};

use crate::address::Address;
use crate::format::{read_amount, read_count, read_percent};
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::office::products::filled::{instant, local, zone};
use crate::office::rules::find;
use crate::text::desk::desk as words_of;
use crate::text::promotions::{Promotions as Words, promotions as own_words_of};

/// Kinds of effects, in the order of the choice.
pub(super) const KINDS: [&str; 5] = ["percentage", "amount", "free_delivery", "gift", "buy_get"];
/// Everything off, in basis points.
const WHOLE_BP: i32 = 10_000;

/// What products are called where people type them.
#[derive(Debug, Default)]
pub(super) struct Products {
    /// What was typed, or the address, of each.
    pub(super) ids: HashMap<String, ProductId>,
    pub(super) addresses: HashMap<ProductId, String>,
}

impl Products {
    /// The addresses of what a promotion is for.
    pub(super) async fn of(
        connection: &mut PgConnection,
        terms: &NewPromotion,
    ) -> Result<Products, Error> {
        let listed = products::listed(connection, &terms.products).await?;
        let addresses = listed.into_iter().map(|product| (product.id, product.slug)).collect();
        Ok(Products { ids: HashMap::new(), addresses })
    }

    /// Whatever of what was typed is a product.
    pub(super) async fn typed(connection: &mut PgConnection, typed: &str) -> ShopResult<Products> {
        let mut found = Products::default();
        for name in parts(typed) {
            if let Some(id) = find(connection, name).await? {
                found.ids.insert(name.to_owned(), id);
            }
        }
        Ok(found)
    }
}

/// The names in a field, with commas or on lines of their own.
fn parts(typed: &str) -> impl Iterator<Item = &str> {
    typed.split([',', '،', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// The form of a new promotion.
pub(super) fn blank(address: &Address, tables: &Tables) -> Form {
    let mut form = Form::default();
    let first = tables.markets.first().map(|market| market.code.to_string());
    form.put("market", address.get("market").map(str::to_owned).or(first).unwrap_or_default());
    form.put("kind", "percentage");
    form.put("enabled", "1");
    form
}

/// A promotion as its form has it.
pub(super) fn filled(terms: &NewPromotion, tables: &Tables, products: &Products) -> Form {
    let mut form = Form::default();
    let market = tables.market(terms.market);
    let zone = market.map_or_else(|| zone(tables), |market| market.time_zone.clone());
    let count = |count: Option<i32>| count.map(|count| count.to_string()).unwrap_or_default();
    form.put("name", &terms.name);
    form.put("market", terms.market.to_string());
    for (lang, label) in &terms.label {
        form.put(format!("label_{lang}"), label);
    }
    for (name, is_set) in [
        ("enabled", terms.enabled),
        ("exclusive", terms.exclusive),
        ("first_order", terms.first_order),
    ] {
        if is_set {
            form.put(name, "1");
        }
    }
    form.put("priority", terms.priority.to_string());
    for (name, time) in [("starts", terms.starts_at), ("ends", terms.ends_at)] {
        form.put(name, time.map(|time| local(time, &zone)).unwrap_or_default());
    }
    form.put("uses_max", count(terms.uses_max));
    form.put("uses_per_customer", count(terms.uses_per_customer));
    if let Some(market) = market {
        let decimal = |minor| Money::new(minor, market.currency).to_decimal();
        let least = Some(terms.min_goods_minor).filter(|minor| *minor > 0);
        form.put("min_goods", least.map(decimal).unwrap_or_default());
        form.put("budget", terms.budget_minor.map(decimal).unwrap_or_default());
        fill_effect(&mut form, terms.effect, market.currency);
    }
    let cities = terms.cities.iter().map(|id| {
        let city = market.and_then(|it| it.cities.iter().find(|city| city.id == *id));
        city.map_or_else(|| id.to_string(), |city| city.slug.clone())
    });
    form.put("cities", cities.collect::<Vec<_>>().join(", "));
    let sellers = terms.sellers.iter().map(|id| {
        tables.sellers.get(id).map_or_else(|| id.to_string(), |seller| seller.slug.clone())
    });
    form.put("sellers", sellers.collect::<Vec<_>>().join(", "));
    let named = terms
        .products
        .iter()
        .map(|id| products.addresses.get(id).cloned().unwrap_or_else(|| id.to_string()));
    form.put("products", named.collect::<Vec<_>>().join("\n"));
    let coupon = |coupon: &NewCoupon| match coupon.uses_max {
        Some(max) => format!("{} {max}", coupon.code),
        None => coupon.code.clone(),
    };
    form.put("coupons", terms.coupons.iter().map(coupon).collect::<Vec<_>>().join("\n"));
    form
}

fn fill_effect(form: &mut Form, effect: Effect, currency: Currency) {
    let decimal = |minor| Money::new(minor, currency).to_decimal();
    form.put("kind", kind(effect));
    match effect {
        Effect::Percentage { rate_bp, max_minor } => {
            form.put("rate", percent(rate_bp));
            form.put("max", max_minor.map(decimal).unwrap_or_default());
        }
        Effect::Amount { minor } => form.put("amount", decimal(minor)),
        Effect::FreeDelivery => {}
        Effect::Gift { offer_id, quantity } => {
            form.put("offer", offer_id.to_string());
            form.put("units", quantity.to_string());
        }
        Effect::BuyGet { buy, get, rate_bp } => {
            form.put("buy", buy.to_string());
            form.put("get", get.to_string());
            form.put("rate", percent(rate_bp));
        }
    }
}

/// The kind of an effect as the form has it.
const fn kind(effect: Effect) -> &'static str {
    match effect {
        Effect::Percentage { .. } => "percentage",
        Effect::Amount { .. } => "amount",
        Effect::FreeDelivery => "free_delivery",
        Effect::Gift { .. } => "gift",
        Effect::BuyGet { .. } => "buy_get",
    }
}

/// Basis points as per cents are typed: `7.5`.
pub(super) fn percent(rate_bp: i64) -> String {
    let (whole, part) = (rate_bp / 100, rate_bp % 100);
    let text = format!("{whole}.{part:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The promotion that a form describes, or what is wrong with the form; `before` is what it was filled with.
pub(super) fn read(
    form: &Form,
    tables: &Tables,
    products: &Products,
    before: Option<&NewPromotion>,
    lang: Lang,
) -> Result<NewPromotion, Problems> {
    let code = before.map(|before| before.market).or_else(|| form.get("market").parse().ok());
    let words = own_words_of(lang);
    let Some(market) = code.and_then(|code| tables.market(code)) else {
        return Err(Problems::of("market", "", words.bad_market));
    };
    let mut typed = Typed { form, lang, market, words, problems: Problems::default() };
    let label = Lang::ALL
        .into_iter()
        .map(|lang| (lang, form.get(&format!("label_{lang}")).to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect::<BTreeMap<_, _>>();
    if form.get("name").is_empty() {
        typed.problems.put("name", "", words.bad_name);
    }
    if label.is_empty() {
        typed.problems.put("label_en", "", words.bad_label);
    }
    let new = NewPromotion {
        name: form.get("name").to_owned(),
        label,
        effect: typed.effect(),
        enabled: form.has("enabled"),
        priority: typed.priority(),
        exclusive: form.has("exclusive"),
        market: market.code,
        cities: typed.named("cities", words.bad_city, |name| {
            market.cities.iter().find(|city| city.slug == name).map(|city| city.id)
        }),
        products: typed
            .named("products", words.bad_product, |name| products.ids.get(name).copied()),
        sellers: typed.named("sellers", words.bad_seller, |name| {
            tables.sellers.values().find(|seller| seller.slug == name).map(|seller| seller.id)
        }),
        min_goods_minor: typed.amount("min_goods").unwrap_or_default(),
        first_order: form.has("first_order"),
        starts_at: typed.time("starts", before.and_then(|before| before.starts_at)),
        ends_at: typed.time("ends", before.and_then(|before| before.ends_at)),
        uses_max: typed.limit("uses_max"),
        uses_per_customer: typed.limit("uses_per_customer"),
        budget_minor: typed.amount("budget"),
        coupons: typed.coupons(),
    };
    if typed.problems.is_empty() { Ok(new) } else { Err(typed.problems) }
}

/// A form that is read, and what is wrong with it.
struct Typed<'f> {
    form: &'f Form,
    lang: Lang,
    market: &'f Market,
    words: &'static Words,
    problems: Problems,
}

impl Typed<'_> {
    fn effect(&mut self) -> Effect {
        match self.form.get("kind") {
            "amount" => {
                let minor = self.amount("amount");
                self.needs("amount", minor.is_some(), self.words.bad_amount);
                Effect::Amount { minor: minor.unwrap_or_default() }
            }
            "free_delivery" => Effect::FreeDelivery,
            "gift" => {
                let offer = self.form.get("offer").parse().ok();
                self.needs("offer", offer.is_some(), self.words.bad_offer);
                let quantity = self.units("units");
                Effect::Gift { offer_id: offer.unwrap_or_else(|| 0.into()), quantity }
            }
            "buy_get" => {
                let (buy, get) = (self.units("buy"), self.units("get"));
                Effect::BuyGet { buy, get, rate_bp: self.rate() }
            }
            _ => Effect::Percentage { rate_bp: self.rate(), max_minor: self.amount("max") },
        }
    }

    fn needs(&mut self, field: &str, is_there: bool, text: &'static str) {
        if !is_there {
            self.problems.put(field, "", text);
        }
    }

    fn rate(&mut self) -> i64 {
        let rate = read_percent(self.form.get("rate"));
        let rate = rate.filter(|rate| (1..=WHOLE_BP).contains(rate));
        self.needs("rate", rate.is_some(), self.words.bad_rate);
        rate.unwrap_or_default().into()
    }

    fn units(&mut self, field: &str) -> i32 {
        let units = read_count(self.form.get(field)).filter(|units| *units > 0);
        self.needs(field, units.is_some(), self.words.bad_limit);
        units.unwrap_or_default()
    }

    /// An amount above zero; none for an empty field.
    fn amount(&mut self, field: &str) -> Option<i64> {
        let typed = Some(self.form.get(field)).filter(|typed| !typed.is_empty())?;
        let amount = read_amount(typed, self.market.currency).map(|money| money.minor);
        let amount = amount.filter(|minor| *minor > 0);
        self.needs(field, amount.is_some(), self.words.bad_amount);
        amount
    }

    /// A limit above zero; none for an empty field.
    fn limit(&mut self, field: &str) -> Option<i32> {
        let is_empty = self.form.get(field).is_empty();
        (!is_empty).then(|| self.units(field))
    }

    fn priority(&mut self) -> i32 {
        let typed = self.form.get("priority");
        let priority = if typed.is_empty() { Some(0) } else { typed.parse().ok() };
        self.needs("priority", priority.is_some(), words_of(self.lang).bad_count);
        priority.unwrap_or_default()
    }

    /// A time of the market; one that nobody touched keeps its seconds, which the field has not.
    fn time(&mut self, field: &str, before: Option<Timestamp>) -> Option<Timestamp> {
        let (typed, zone) = (self.form.get(field), &self.market.time_zone);
        if let Some(before) = before.filter(|before| local(*before, zone) == typed) {
            return Some(before);
        }
        let read = instant(typed, zone);
        self.needs(field, read.is_some() || typed.is_empty(), words_of(self.lang).bad_time);
        read
    }

    /// What the names in a field stand for, by their keys as well.
    fn named<T: std::str::FromStr>(
        &mut self,
        field: &str,
        text: &'static str,
        find: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let read = |name: &str| find(name).or_else(|| name.parse().ok());
        let found: Vec<Option<T>> = parts(self.form.get(field)).map(read).collect();
        self.needs(field, found.iter().all(Option::is_some), text);
        found.into_iter().flatten().collect()
    }

    /// A coupon a line: its code, and how often it can be used.
    fn coupons(&mut self) -> Vec<NewCoupon> {
        let read = |line: &str| {
            let (code, max) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let uses_max = match max.trim() {
                "" => None,
                max => Some(read_count(max)?),
            };
            Some(NewCoupon { code: code.to_uppercase(), uses_max })
        };
        let read: Vec<_> = parts(self.form.get("coupons")).map(read).collect();
        self.needs("coupons", read.iter().all(Option::is_some), self.words.bad_coupons);
        read.into_iter().flatten().collect()
    }
}
