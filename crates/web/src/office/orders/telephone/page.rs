//! The page on which a call is taken down.

use askama::Template;
use jiff::Timestamp;
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::pipeline::{SearchHit, payments};
use souk_api::{AppState, Error};
use souk_base::{Lang, Money};
use souk_commerce::carts;
use souk_commerce::payments::Method;

use super::{Call, Next};
use crate::assets;
use crate::cards::Card;
use crate::cart::contents::{self, Part, Totals};
use crate::cart::{Held, new_key};
use crate::checkout::delivery::{self, address_example};
use crate::checkout::payment::Methods;
use crate::checkout::phone;
use crate::checkout::times::Times;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk};
use crate::office::fields::{Input, Problem, Select};
use crate::promise::DayField;
use crate::text::basket::{Basket, basket};
use crate::text::fill;
use crate::text::orders::{Orders as Words, orders as words_of};
use crate::visit::Visit;

/// Products that are found at once.
const FOUND: usize = 6;

#[derive(Template)]
#[template(path = "office/telephone.html")]
pub(super) struct TelephonePage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    basket: &'static Basket,
    style: String,
    /// What goes along unseen.
    cart: String,
    market: String,
    key: String,
    expected: i64,
    notice: Option<String>,
    problems: Vec<Problem>,
    markets: Select,
    q: Input,
    is_finding: bool,
    found: Vec<Found>,
    parts: Vec<Part>,
    lang: Select,
    payer_phone: Input,
    payer_email: Input,
    phone_example: &'static str,
    is_callers: bool,
    recipient: Input,
    phone: Input,
    city: Select,
    address: Input,
    address_hint: String,
    is_asked: bool,
    ask_error: Option<String>,
    day: Option<DayField>,
    deliveries: Vec<Times>,
    message: Input,
    from: Input,
    anonymous: bool,
    code: Input,
    coupons: Vec<String>,
    methods: Option<Methods>,
    totals: Option<Totals>,
    place: String,
    /// Where the focus is: `find`, `add`, `times` or nowhere.
    focus: &'static str,
}

/// A product that was found.
struct Found {
    card: Card,
    offer: String,
    /// The words of the button that puts it in.
    add: String,
}

impl TelephonePage {
    pub(super) async fn read(
        app: &AppState,
        colleague: &Colleague,
        call: &Call,
    ) -> Result<TelephonePage, Error> {
        let mut page = TelephonePage::new(colleague, call);
        page.found = found(app, call).await?;
        if page.found.is_empty() && call.next == Next::Add {
            page.focus = "find";
        }
        if let Some(held) = &call.held {
            page.fill(app, call, held).await?;
        }
        Ok(page)
    }

    /// The page of a call in which nothing has been typed.
    fn new(colleague: &Colleague, call: &Call) -> TelephonePage {
        let (visit, form, problems) = (&call.visit, &call.form, &call.problems);
        let words = words_of(visit.lang);
        let input = |name: &str| Input::new(name, form, problems);
        let mut spoken = form.clone();
        spoken.set("lang", call.lang().code());
        let dated = Visit { date: form.get("date").parse().ok(), ..visit.clone() };
        TelephonePage {
            frame: desk::frame(colleague, words.by_telephone),
            desk: Desk::new(colleague, "/office/orders"),
            words,
            basket: basket(visit.lang),
            style: assets::url("cart.css"),
            cart: form.get("cart").to_owned(),
            market: visit.market.to_string(),
            key: new_key(),
            expected: 0,
            notice: call.notice.clone(),
            problems: problems.all().to_vec(),
            markets: Select::new("market", markets(visit), form, problems),
            q: input("q"),
            is_finding: !form.get("q").is_empty(),
            found: Vec::new(),
            parts: Vec::new(),
            lang: Select::new("lang", languages(visit), &spoken, problems),
            payer_phone: input("payer-phone"),
            payer_email: input("payer-email"),
            phone_example: phone::example(visit.market),
            is_callers: form.get("receives") == "caller",
            recipient: input("recipient"),
            phone: input("phone"),
            city: Select::new("city", delivery::cities(visit), form, problems),
            address: input("address"),
            address_hint: fill(basket(visit.lang).address_hint, "fields", address_example(visit)),
            is_asked: form.get("who") == "recipient",
            ask_error: problems.any("slot-").then(|| basket(visit.lang).no_times.to_owned()),
            day: DayField::of(&dated),
            deliveries: Vec::new(),
            message: input("message"),
            from: input("from"),
            anonymous: form.get("anonymous") == "yes",
            code: input("code"),
            coupons: Vec::new(),
            methods: None,
            totals: None,
            place: words.place_order.to_owned(),
            focus: match call.next {
                Next::Find => "find",
                Next::Add => "add",
                Next::Times => "times",
                Next::Nothing => "",
            },
        }
    }

    /// What the cart says: goods, times, ways to pay, and what it costs.
    async fn fill(&mut self, app: &AppState, call: &Call, held: &Held) -> Result<(), Error> {
        let (visit, cart) = (&held.visit, &held.cart);
        let ids = cart.lines.iter().map(|line| line.product_id);
        let looks = contents::looks(app, visit, ids).await?;
        self.parts = contents::parts(visit, cart, &looks);
        for line in self.parts.iter_mut().flat_map(|part| &mut part.lines) {
            let field = format!("quantity-{}", line.key);
            if let Some(wrong) = call.problems.text(&field) {
                line.quantity = call.form.get(&field).to_owned();
                line.wrong.push(wrong.to_owned());
            }
        }
        self.coupons = cart.coupons.iter().map(|(code, _)| code.clone()).collect();
        if cart.lines.is_empty() {
            return Ok(());
        }
        let ahead = {
            let mut connection = app.connection().await?;
            carts::ahead(&mut connection, cart, Timestamp::now()).await?
        };
        let times = ahead.iter().map(|(seller, options)| {
            delivery::times(held, *seller, options, &call.form, &call.problems)
        });
        self.deliveries = times.collect();
        let mut ways = payments::offered(app, cart.market, cart.recipient.city, None).await?;
        ways.retain(|way| cart.takes_cash || !way.pays_at_door());
        let total = Money::new(cart.amounts.total, cart.currency);
        self.methods = (total.minor > 0).then(|| self.methods(visit, call, &ways, total));
        self.totals = Some(Totals::of_cart(visit, cart));
        self.expected = total.minor;
        let amount = visit.numbers().money(total).text();
        self.place = fill(self.words.place_for, "total", &amount);
        Ok(())
    }

    /// The ways to pay, with what the caller does then.
    fn methods(&self, visit: &Visit, call: &Call, ways: &[Method], total: Money) -> Methods {
        let mut methods = Methods::of(visit, ways, total, call.form.get("method"));
        methods.error = call.problems.text("method").map(str::to_owned);
        for choice in &mut methods.ways {
            let way = ways.iter().find(|way| way.code == choice.code);
            if way.is_some_and(|way| !way.pays_at_door()) {
                choice.hint = self.words.by_link;
            }
        }
        methods
    }
}

/// What the shop's own search finds, as far as it can be had in the chosen city.
async fn found(app: &AppState, call: &Call) -> Result<Vec<Found>, Error> {
    let q = call.form.get("q");
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let visit = &call.visit;
    let request = SearchRequest {
        q: q.chars().take(512).collect(),
        lang: Some(visit.lang),
        city: visit.city,
        now: visit.now,
        limit: FOUND,
        ..SearchRequest::of(visit.market)
    };
    let words = words_of(visit.lang);
    let found = |hit: &SearchHit| Found {
        card: Card::new(visit, hit),
        offer: hit.offer_id.to_string(),
        add: fill(words.add_what, "product", &hit.title),
    };
    Ok(search::run(app, &request).await?.hits.iter().map(found).collect())
}

fn markets(visit: &Visit) -> Vec<(String, String)> {
    let markets = visit.tables.markets.iter();
    markets.map(|it| (it.code.to_string(), it.label.get(visit.lang).to_owned())).collect()
}

/// The languages of messages, those of the market first.
fn languages(visit: &Visit) -> Vec<(String, String)> {
    let spoken = &visit.market().languages;
    let others = Lang::ALL.into_iter().filter(|lang| !spoken.contains(lang));
    let all = spoken.iter().copied().chain(others);
    all.map(|lang| (lang.code().to_owned(), lang.name().to_owned())).collect()
}
