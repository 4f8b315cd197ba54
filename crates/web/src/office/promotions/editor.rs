//! The page of a promotion: how much it was used, and its form.

use askama::Template;
use jiff::Timestamp;
use souk_api::Permission;
use souk_base::{Lang, Money, Tables};
use souk_commerce::promotions::{Managed, PromotionState};

use super::PLACE;
use super::typed::KINDS;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problem, Problems, Select};
use crate::office::form::Form;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::promotions::{Promotions as Words, promotions};

#[derive(Template)]
#[template(path = "office/promotion.html")]
pub(super) struct EditorPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    heading: String,
    /// Where the form goes.
    action: String,
    state: Option<(&'static str, &'static str)>,
    etag: String,
    problems: Vec<Problem>,
    notice: Option<String>,
    /// Whether it is asked if it is to end.
    asks: bool,
    can_end: bool,
    /// How much of what it was used: of all its limits and coupons.
    used: Vec<Used>,
    name: Input,
    /// What shoppers read: in each language, its words and its field.
    labels: Vec<(String, Input)>,
    kind: Select,
    rate: Input,
    max: Input,
    amount: Input,
    offer: Input,
    units: Input,
    buy: Input,
    get: Input,
    min_goods: Input,
    cities: Input,
    products: Input,
    sellers: Input,
    coupons: Input,
    market: Select,
    /// The market's name, where it can no longer be chosen.
    kept_market: Option<String>,
    currency: String,
    enabled: bool,
    exclusive: bool,
    first_order: bool,
    priority: Input,
    starts: Input,
    ends: Input,
    uses_max: Input,
    uses_per_customer: Input,
    budget: Input,
}

/// How much of something was used.
struct Used {
    what: String,
    /// Whether that is a code.
    is_code: bool,
    much: String,
}

impl EditorPage {
    /// The page of this promotion, or of a new one, as its form was filled.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        known: Option<&Managed>,
        form: &Form,
        problems: &Problems,
    ) -> EditorPage {
        let lang = colleague.caller.lang();
        let (desk_words, words) = (words_of(lang), promotions(lang));
        let state = known.map(|known| PromotionState::of(&known.terms, Timestamp::now()));
        let heading = known.map_or(words.add, |known| known.terms.name.as_str()).to_owned();
        let count = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let notice = fill(desk_words.problems.form(count), "n", &count.to_string());
        let may_write = desk::may(&colleague.staff, Permission::PromotionsWrite);
        let can_end =
            may_write && matches!(state, Some(PromotionState::Live | PromotionState::Scheduled));
        let input = |name: &str| Input::new(name, form, problems);
        let market = known.and_then(|known| tables.market(known.terms.market));
        EditorPage {
            frame: desk::frame(colleague, &heading),
            desk: Desk::new(colleague, PLACE).with_done(done(colleague, words)),
            words,
            may_write,
            heading,
            action: known.map_or(format!("{PLACE}/new"), |known| format!("{PLACE}/{}", known.id)),
            state: state.map(|state| (state.code(), state_name(state, words))),
            etag: known.map(Managed::version).unwrap_or_default(),
            problems: problems.all().to_vec(),
            notice: (count > 0).then_some(notice),
            asks: can_end && colleague.caller.address.get("ask") == Some("end"),
            can_end,
            used: known.map(|known| used(known, tables, lang)).unwrap_or_default(),
            name: input("name"),
            labels: Lang::ALL
                .into_iter()
                .map(|it| (fill(words.label, "lang", it.name()), input(&format!("label_{it}"))))
                .collect(),
            kind: Select::new("kind", kinds(words), form, problems),
            rate: input("rate"),
            max: input("max"),
            amount: input("amount"),
            offer: input("offer"),
            units: input("units"),
            buy: input("buy"),
            get: input("get"),
            min_goods: input("min_goods"),
            cities: input("cities"),
            products: input("products"),
            sellers: input("sellers"),
            coupons: input("coupons"),
            market: Select::new("market", markets(tables, lang), form, problems),
            kept_market: market.map(|market| market.label.get(lang).to_owned()),
            currency: market.map(|market| market.currency.code().to_owned()).unwrap_or_default(),
            enabled: form.has("enabled"),
            exclusive: form.has("exclusive"),
            first_order: form.has("first_order"),
            priority: input("priority"),
            starts: input("starts"),
            ends: input("ends"),
            uses_max: input("uses_max"),
            uses_per_customer: input("uses_per_customer"),
            budget: input("budget"),
        }
    }
}

/// How much of its limits and coupons was used; what has no limit is not counted.
fn used(known: &Managed, tables: &Tables, lang: Lang) -> Vec<Used> {
    let (words, terms) = (promotions(lang), &known.terms);
    let numbers = Numbers::of(lang, Some(terms.market));
    let count = |count: i32| numbers.whole(u64::from(count.unsigned_abs()));
    let mut used = Vec::new();
    if let Some(max) = terms.uses_max {
        let much = format!("{} / {}", count(known.uses), count(max));
        used.push(Used { what: words.used.to_owned(), is_code: false, much });
    }
    if let Some((budget, market)) = terms.budget_minor.zip(tables.market(terms.market)) {
        let money = |minor| numbers.money(Money::new(minor, market.currency)).text();
        let much = format!("{} / {}", money(known.spent_minor), money(budget));
        used.push(Used { what: words.spent.to_owned(), is_code: false, much });
    }
    for (coupon, uses) in terms.coupons.iter().zip(&known.coupon_uses) {
        if let Some(max) = coupon.uses_max {
            let much = format!("{} / {}", count(*uses), count(max));
            used.push(Used { what: coupon.code.clone(), is_code: true, much });
        }
    }
    used
}

/// A state in words.
pub(super) const fn state_name(state: PromotionState, words: &'static Words) -> &'static str {
    match state {
        PromotionState::Live => words.live,
        PromotionState::Scheduled => words.scheduled,
        PromotionState::Ended => words.ended,
        PromotionState::Off => words.off,
    }
}

fn done(colleague: &Colleague, words: &'static Words) -> Option<Done> {
    let text = match colleague.caller.address.get("done")? {
        "saved" => words.saved,
        "ended" => words.ended_now,
        _ => return None,
    };
    Some(Done { text: text.to_owned(), link: None })
}

fn kinds(words: &Words) -> Vec<(String, String)> {
    let labels = [
        words.kind_percentage,
        words.kind_amount,
        words.kind_free_delivery,
        words.kind_gift,
        words.kind_buy_get,
    ];
    let kinds = KINDS.into_iter().zip(labels);
    kinds.map(|(code, label)| (code.to_owned(), label.to_owned())).collect()
}

/// Every market.
pub(super) fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let market = |it: &souk_base::Market| (it.code.to_string(), it.label.get(lang).to_owned());
    tables.markets.iter().map(market).collect()
}
