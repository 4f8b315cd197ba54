//! `/`: choosing a country.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::AppState;
use souk_base::{Lang, Tables};

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
}

/// `GET /`
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Refusal> {
    let view = app.view();
    let view = view.map_err(|error| Refusal::plain(caller.lang(), &caller.address, error))?;
    Ok(page::for_caller(&caller, &MarketsPage::new(&caller, &view.tables)))
}

impl MarketsPage {
    pub(crate) fn new(caller: &Caller, tables: &Tables) -> MarketsPage {
        let lang = caller.lang();
        MarketsPage {
            frame: Frame::plain(lang, texts(lang).markets_title, &caller.address),
            markets: links(lang, tables),
        }
    }
}

fn links(lang: Lang, tables: &Tables) -> Vec<MarketLink> {
    let text = texts(lang);
    let link = |market: &souk_base::Market| {
        let active = market.cities.iter().filter(|city| city.active).count() as u64;
        let written = Numbers::of(lang, Some(market.code)).whole(active);
        MarketLink {
            href: format!("/{}", market.code),
            label: market.label.get(lang).to_owned(),
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

    #[test]
    fn every_country_is_offered_in_every_language() {
        for lang in Lang::ALL {
            let page = MarketsPage::new(&sample::caller("/", lang), &sample::tables());
            let html = page.render().unwrap();

            assert!(html.contains("href=\"/KW\"") && html.contains("href=\"/GB\""));
            assert!(html.contains(texts(lang).markets_title));
        }
    }
}
