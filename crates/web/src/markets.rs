//! `/`: choosing a country.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::AppState;
use souk_base::{Lang, MarketCode, Tables};

use crate::caller::Caller;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::{fill, texts};

#[derive(Template)]
#[template(path = "markets.html")]
pub(crate) struct MarketsPage {
    frame: Frame,
    markets: Vec<MarketLink>,
}

/// A country with its way in.
struct MarketLink {
    href: String,
    label: String,
    cities: String,
    /// Whether anything is on sale there.
    open: bool,
}

/// `GET /`
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Refusal> {
    let view = app.view();
    let view = view.map_err(|error| Refusal::plain(caller.lang(), &caller.address, error))?;
    let sells = |market: &MarketCode| view.columns.iter(*market).next().is_some();
    let open: Vec<MarketCode> = view.columns.markets().filter(sells).collect();
    Ok(page::for_caller(&caller, &MarketsPage::new(&caller, &view.tables, &open)))
}

impl MarketsPage {
    /// The page that leads into the `open` markets; the others are only named.
    pub(crate) fn new(caller: &Caller, tables: &Tables, open: &[MarketCode]) -> MarketsPage {
        let lang = caller.lang();
        MarketsPage {
            frame: Frame::plain(lang, texts(lang).markets_title, &caller.address),
            markets: links(lang, tables, open),
        }
    }
}

fn links(lang: Lang, tables: &Tables, open: &[MarketCode]) -> Vec<MarketLink> {
    let text = texts(lang);
    let link = |market: &souk_base::Market| {
        let active = market.cities.iter().filter(|city| city.active).count() as u64;
        let written = Numbers::of(lang, Some(market.code)).whole(active);
        MarketLink {
            href: format!("/{}", market.code),
            label: market.label.get(lang).to_owned(),
            open: open.contains(&market.code),
            cities: fill(text.cities_count.form(active), "n", &written),
        }
    };
    tables.markets.iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    use askama::Template as _;

    use super::*;
    use crate::sample;

    fn html(lang: Lang, open: &[&str]) -> String {
        let open: Vec<MarketCode> = open.iter().map(|code| code.parse().unwrap()).collect();
        MarketsPage::new(&sample::caller("/", lang), &sample::tables(), &open).render().unwrap()
    }

    #[test]
    fn every_country_is_offered_in_every_language() {
        for lang in Lang::ALL {
            let html = html(lang, &["KW", "GB"]);

            assert!(html.contains("href=\"/KW\"") && html.contains("href=\"/GB\""));
            assert!(html.contains(texts(lang).markets_title));
            assert!(!html.contains(texts(lang).opening_soon));
        }
    }

    #[test]
    fn a_country_without_products_is_named_but_not_linked() {
        for lang in Lang::ALL {
            let html = html(lang, &["GB"]);

            assert!(html.contains("Kuwait") && html.contains(texts(lang).opening_soon));
            assert!(!html.contains("href=\"/KW\"") && html.contains("href=\"/GB\""));
        }
    }
}
