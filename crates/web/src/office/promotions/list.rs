//! `GET /office/promotions`: promotions, the newest first, what each does and how much it was used.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, MarketCode, Money, Tables};
use souk_commerce::promotions::{self, Effect, Managed, PromotionId, PromotionState};

use super::PLACE;
use super::editor::{markets, state_name};
use super::typed::percent;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::office::desk::{self, Desk};
use crate::office::fields::{Problems, Select};
use crate::office::form::Form;
use crate::office::products::filled::local;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::promotions::{Promotions as Words, promotions as own_words_of};

/// Promotions on a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "office/promotions.html")]
pub(super) struct PromotionsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    market: Select,
    /// Whether the filter leaves anything out.
    sieved: bool,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

/// A promotion of the list.
struct Row {
    href: String,
    name: String,
    state: &'static str,
    state_name: &'static str,
    what: String,
    market: String,
    coupons: String,
    used: String,
    since: String,
    until: String,
}

/// `GET /office/promotions`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<PromotionsPage, Error> {
    let tables = app.view()?.tables.clone();
    let below = colleague.caller.address.get("below");
    let below = below.and_then(|id| id.parse::<PromotionId>().ok());
    let market = market_of(colleague);
    let mut connection = app.connection().await?;
    let found = promotions::list(&mut connection, market, below, PAGE).await?;
    Ok(PromotionsPage::new(colleague, &tables, &found))
}

/// The market that the address asks for.
fn market_of(colleague: &Colleague) -> Option<MarketCode> {
    colleague.caller.address.get("market").and_then(|market| market.parse().ok())
}

impl PromotionsPage {
    /// The list of these promotions.
    pub(super) fn new(colleague: &Colleague, tables: &Tables, found: &[Managed]) -> PromotionsPage {
        let lang = colleague.caller.lang();
        let (words, address) = (own_words_of(lang), &colleague.caller.address);
        let market = market_of(colleague);
        let more = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
        let last = found.last().filter(|_| more);
        let mut form = Form::default();
        form.put("market", market.map(|market| market.to_string()).unwrap_or_default());
        let every = (String::new(), words_of(lang).every_market.to_owned());
        let options = std::iter::once(every).chain(markets(tables, lang));
        let sieve = market.map(|market| format!("market={market}&")).unwrap_or_default();
        PromotionsPage {
            frame: desk::frame(colleague, words.promotions),
            desk: Desk::new(colleague, PLACE),
            words,
            may_write: desk::may(&colleague.staff, Permission::PromotionsWrite),
            market: Select::new("market", options, &form, &Problems::default()),
            sieved: market.is_some(),
            rows: found.iter().map(|managed| row(managed, tables, lang)).collect(),
            next: last.map(|managed| format!("{PLACE}?{sieve}below={}", managed.id)),
            first: address.has("below").then(|| format!("{PLACE}?{}", sieve.trim_end_matches('&'))),
        }
    }
}

fn row(managed: &Managed, tables: &Tables, lang: Lang) -> Row {
    let (terms, words) = (&managed.terms, own_words_of(lang));
    let market = tables.market(terms.market);
    let time = |at: Option<Timestamp>| {
        at.zip(market).map(|(at, market)| local(at, &market.time_zone).replace('T', " "))
    };
    let state = PromotionState::of(terms, Timestamp::now());
    let numbers = Numbers::of(lang, Some(terms.market));
    let count = |count: i32| numbers.whole(u64::from(count.unsigned_abs()));
    let coupons = u64::try_from(terms.coupons.len()).unwrap_or(u64::MAX);
    let used = |max| format!("{} / {}", count(managed.uses), count(max));
    Row {
        href: format!("{PLACE}/{}", managed.id),
        name: terms.name.clone(),
        state: state.code(),
        state_name: state_name(state, words),
        what: what(managed, tables, lang),
        market: market
            .map_or_else(|| terms.market.to_string(), |market| market.label.get(lang).to_owned()),
        coupons: if coupons > 0 { numbers.whole(coupons) } else { String::new() },
        used: terms.uses_max.map(used).unwrap_or_default(),
        since: time(terms.starts_at).unwrap_or_default(),
        until: time(terms.ends_at).unwrap_or_default(),
    }
}

/// What a promotion does, in words.
fn what(managed: &Managed, tables: &Tables, lang: Lang) -> String {
    let (terms, words) = (&managed.terms, own_words_of(lang));
    let numbers = Numbers::of(lang, Some(terms.market));
    let money = |minor| {
        let currency = tables.market(terms.market).map(|market| market.currency);
        let money = currency.map(|currency| numbers.money(Money::new(minor, currency)).text());
        money.unwrap_or_default()
    };
    let count = |count: i32| numbers.whole(u64::from(count.unsigned_abs()));
    let rate = |rate_bp| numbers.plain(&percent(rate_bp));
    match terms.effect {
        Effect::Percentage { rate_bp, .. } => fill(words.told_percentage, "n", &rate(rate_bp)),
        Effect::Amount { minor } => fill(words.told_amount, "amount", &money(minor)),
        Effect::FreeDelivery => words.kind_free_delivery.to_owned(),
        Effect::Gift { quantity, .. } => fill(words.told_gift, "n", &count(quantity)),
        Effect::BuyGet { buy, get, rate_bp } => {
            let told = fill(words.told_buy_get, "buy", &count(buy));
            fill(&fill(&told, "get", &count(get)), "n", &rate(rate_bp))
        }
    }
}
