//! A visit to the shop of one market: who asks, in which language, for which city.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use souk_api::{AppState, Error};
use souk_base::{City, CityId, Lang, Market, MarketCode, Tables};
use souk_commerce::customers::CustomerId;

use crate::account::{self, basket};
use crate::caller::Caller;
use crate::cart::cookie::Basket;
use crate::format::Numbers;
use crate::refusal::Refusal;
use crate::text::{Text, fill, texts};

/// Remembers the city.
const CITY: &str = "souk_city";
/// Remembers the day of delivery.
const DATE: &str = "souk_date";
/// Names the device, by chance.
const VISITOR: &str = "souk_visitor";
/// The parameter by which a recommended product's link names the list that it stood on.
pub(crate) const LIST: &str = "list";

/// A request for a page of one market.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Who asks.
    pub(crate) caller: Caller,
    /// The small tables of the view.
    pub(crate) tables: Arc<Tables>,
    /// Where.
    pub(crate) market: MarketCode,
    /// Language of the page.
    pub(crate) lang: Lang,
    /// The device, once its browser has come back with the name it was given: what keeps no cookies, as most robots,
    /// is nobody, so that it does not count as many.
    pub(crate) visitor: Option<String>,
    /// Who is logged in.
    pub(crate) customer: Option<CustomerId>,
    /// The token of the recommendations that a link of theirs led here from.
    pub(crate) list: Option<String>,
    /// The visitor's cart, whose secret may still be wrong.
    pub(crate) basket: Option<Basket>,
    /// City that is delivered to.
    pub(crate) city: Option<CityId>,
    /// Day of delivery to that city; none for any day.
    pub(crate) date: Option<Date>,
    /// The instant of the request, by which every promise on the page is judged.
    pub(crate) now: Timestamp,
}

impl Visit {
    /// A visit to a market; none when there is no such market.
    pub(crate) fn new(mut caller: Caller, tables: Arc<Tables>, market: &str) -> Option<Visit> {
        let code = market.parse().ok()?;
        let market = tables.market(code)?;
        let lang = caller.lang_among(&market.languages, market.languages[0]);
        let city = city(&mut caller, market);
        let date = date(&mut caller).filter(|_| city.is_some());
        let list = caller.address.get(LIST).map(str::to_owned);
        caller.address = caller.address.without(LIST);
        let (visitor, now) = (visitor(&caller), Timestamp::now());
        let (customer, basket) = (None, Basket::of(&caller, code));
        let market = code;
        let visit = Visit {
            caller,
            market,
            lang,
            visitor,
            customer,
            list,
            basket,
            city,
            date,
            now,
            tables,
        };
        let is_over = |date| visit.today().is_some_and(|today| date < today);
        Some(Visit { date: visit.date.filter(|&date| !is_over(date)), ..visit })
    }

    /// The market.
    pub(crate) fn market(&self) -> &Market {
        self.tables.market(self.market).expect("a visit is made only to a market of its tables")
    }

    /// The city that is delivered to, with its name.
    pub(crate) fn city(&self) -> Option<&City> {
        let market = self.market();
        market.city_place(self.city?).map(|place| &market.cities[place])
    }

    /// The day it is in the city; none without a city that is delivered to.
    pub(crate) fn today(&self) -> Option<Date> {
        Some(self.tables.deliveries.get(&self.city?)?.day_of(self.now))
    }

    /// The texts of the page.
    pub(crate) fn text(&self) -> &'static Text {
        texts(self.lang)
    }

    /// How numbers are written here.
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers::of(self.lang, Some(self.market))
    }

    /// The name of the city, else of the country.
    pub(crate) fn place(&self) -> &str {
        self.city().map_or_else(|| self.market().label.get(self.lang), |c| c.label.get(self.lang))
    }

    /// The path of a page of this market.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/{}{rest}", self.market)
    }

    /// Whether there is something to buy, in words.
    pub(crate) fn stock_words(&self, in_stock: bool) -> String {
        let text = self.text();
        match (self.city(), in_stock) {
            (None, true) => text.in_stock.to_owned(),
            (None, false) => text.sold_out.to_owned(),
            (Some(city), true) => fill(text.in_stock_in, "city", city.label.get(self.lang)),
            (Some(city), false) => fill(text.sold_out_in, "city", city.label.get(self.lang)),
        }
    }
}

/// The city asked for, else the remembered one; remembers a change.
fn city(caller: &mut Caller, market: &Market) -> Option<CityId> {
    let served = |text: &str| market.cities.iter().find(|city| city.active && is(city, text));
    let asked = caller.address.has("city");
    let name = caller.address.get("city").map(str::to_owned);
    caller.address = caller.address.clone().without("city");
    if !asked {
        let remembered = caller.cookies.get(CITY)?.value().to_owned();
        return served(&remembered).map(|city| city.id);
    }
    let city = name.as_deref().and_then(served).map(|city| city.id);
    caller.remember(CITY, &city.map(|id| id.to_string()).unwrap_or_default());
    city
}

/// The day asked for, else the remembered one; remembers a change.
fn date(caller: &mut Caller) -> Option<Date> {
    let read = |text: &str| text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    let asked = caller.address.get("date").map(str::to_owned);
    let is_asked = caller.address.has("date");
    caller.address = caller.address.clone().without("date");
    if !is_asked {
        return read(caller.cookies.get(DATE)?.value());
    }
    let date = asked.as_deref().and_then(read);
    caller.remember(DATE, &date.map(|date| date.to_string()).unwrap_or_default());
    date
}

/// The name that the browser was given.
fn visitor(caller: &Caller) -> Option<String> {
    let name = caller.cookies.get(VISITOR)?.value();
    let is_ours = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then(|| name.to_owned())
}

fn is(city: &City, text: &str) -> bool {
    city.slug == text || text.parse() == Ok(city.id)
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Refusal> {
        let Ok(caller) = Caller::from_request_parts(parts, app).await;
        let (lang, address) = (caller.lang(), caller.address.clone());
        let refuse = |error| Refusal::plain(lang, &address, error);
        let Some(market) = market(parts, app).await else { return Err(refuse(Error::NotFound)) };
        let view = match app.view() {
            Ok(view) => view,
            Err(error) => return Err(refuse(error)),
        };
        let visit = Visit::new(caller, view.tables.clone(), &market);
        let mut visit = visit.ok_or_else(|| refuse(Error::NotFound))?;
        if visit.visitor.is_none() {
            visit.caller.remember(VISITOR, &format!("{:032x}", rand::random::<u128>()));
        }
        visit.customer = account::customer(app, &visit.caller).await;
        visit.basket = basket::shown(app, &visit).await;
        Ok(visit)
    }
}

/// The market in a path. None when any part of the path is not a text that something could be named by:
/// PostgreSQL stores no NUL, so nothing is.
async fn market(parts: &mut Parts, app: &AppState) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    if params.iter().any(|(_, value)| value.contains('\0')) {
        return None;
    }
    params.iter().find(|(name, _)| *name == "market").map(|(_, code)| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_city_is_taken_by_number_or_name_and_remembered() {
        for asked in ["285704", "salmiya"] {
            let visit = sample::visit(&format!("/KW?city={asked}&q=x"), Lang::En);

            assert_eq!(visit.place(), "Salmiya");
            assert!(visit.caller.remember[0].to_str().unwrap().starts_with("souk_city=285704"));
            assert_eq!(visit.caller.address.to_string(), "/KW?q=x");
        }
    }

    #[test]
    fn the_whole_country_is_chosen_by_an_empty_city_and_foreign_cities_are_none() {
        for asked in ["", "2643743", "atlantis"] {
            let visit = sample::visit(&format!("/KW?city={asked}"), Lang::En);

            assert_eq!(visit.place(), "Kuwait");
            assert!(visit.caller.remember[0].to_str().unwrap().contains("Max-Age=0"));
        }
    }

    #[test]
    fn an_unknown_market_is_no_visit() {
        let caller = sample::visit("/KW", Lang::En).caller;

        for code in ["XX", "kw", "", "../"] {
            assert!(Visit::new(caller.clone(), sample::tables(), code).is_none());
        }
    }
}
