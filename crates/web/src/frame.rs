//! What stands around every page: head, top line, foot.

use souk_base::Lang;

use crate::address::Address;
use crate::assets;
use crate::text::account::account;
use crate::text::basket::basket;
use crate::text::{Text, fill, texts};
use crate::visit::Visit;

/// Head, top line and foot of a page.
pub(crate) struct Frame {
    pub(crate) lang: Lang,
    pub(crate) text: &'static Text,
    pub(crate) title: String,
    /// What makes the links for search engines whole.
    pub(crate) origin: String,
    pub(crate) languages: Vec<LanguageLink>,
    pub(crate) shop: Option<ShopFrame>,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) events: String,
    /// The script of the pages on which somebody buys.
    pub(crate) buying: String,
    pub(crate) icon: String,
}

/// The same page in another language.
pub(crate) struct LanguageLink {
    pub(crate) lang: Lang,
    pub(crate) href: String,
    pub(crate) current: bool,
    /// Whether search engines should know it.
    pub(crate) announced: bool,
}

/// What the pages of a market have besides.
pub(crate) struct ShopFrame {
    pub(crate) home: String,
    pub(crate) country: String,
    pub(crate) search: String,
    pub(crate) suggest: String,
    pub(crate) q: String,
    /// Whether the search field stands in the top line; on the home page it is larger and lower.
    pub(crate) search_on_top: bool,
    pub(crate) deliver_to: String,
    pub(crate) cities: Vec<CityLink>,
    pub(crate) prices_with_tax: bool,
    pub(crate) cart: CartLink,
    /// Where a customer's own pages are, and what that is called.
    pub(crate) account: String,
    pub(crate) account_label: &'static str,
    /// The words for keeping a product among the favourites.
    pub(crate) favourite_label: &'static str,
}

/// The way to the visitor's cart.
pub(crate) struct CartLink {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    /// How many units it had when it was last changed here, as a number and in words; none for an empty one.
    pub(crate) units: Option<(String, String)>,
}

/// The same page for another city, or for the whole country.
pub(crate) struct CityLink {
    pub(crate) label: String,
    pub(crate) href: String,
    /// The city as the parameter names it; empty for the whole country.
    pub(crate) value: String,
    pub(crate) current: bool,
}

impl Frame {
    /// The frame of a page that belongs to no market.
    pub(crate) fn plain(lang: Lang, title: &str, address: &Address) -> Frame {
        let text = texts(lang);
        Frame {
            lang,
            text,
            title: format!("{title} · {}", text.shop_name),
            origin: String::new(),
            languages: languages(lang, &Lang::ALL, address),
            shop: None,
            style: assets::url("site.css"),
            script: assets::url("shop.js"),
            events: assets::url("events.js"),
            buying: assets::url("cart.js"),
            icon: assets::url("icon.svg"),
        }
    }

    /// The frame of a page of a market.
    pub(crate) fn of(visit: &Visit, title: &str) -> Frame {
        let address = visit.caller.address.clone().without("cursor");
        let mut frame = Frame::plain(visit.lang, title, &address);
        frame.origin.clone_from(&visit.caller.origin);
        frame.languages = languages(visit.lang, &visit.market().languages, &address);
        frame.shop = Some(ShopFrame::of(visit, &address));
        frame
    }

    /// The frame of the home page, whose search field is not in the top line.
    pub(crate) fn of_home(visit: &Visit, title: &str) -> Frame {
        let mut frame = Frame::of(visit, title);
        if let Some(shop) = &mut frame.shop {
            shop.search_on_top = false;
        }
        frame
    }
}

impl ShopFrame {
    fn of(visit: &Visit, address: &Address) -> ShopFrame {
        let (text, market) = (visit.text(), visit.market());
        ShopFrame {
            home: visit.path(""),
            country: market.label.get(visit.lang).to_owned(),
            search: visit.path("/search"),
            suggest: visit.path("/suggest"),
            q: address.get("q").unwrap_or_default().to_owned(),
            search_on_top: true,
            deliver_to: match visit.city() {
                Some(city) => fill(text.deliver_to, "city", city.label.get(visit.lang)),
                None => text.choose_city.to_owned(),
            },
            cities: cities(visit, address),
            prices_with_tax: market.tax_inclusive && market.tax_rate_bp > 0,
            cart: CartLink::of(visit),
            account: visit.path("/account"),
            account_label: account(visit.lang).account,
            favourite_label: account(visit.lang).add_favourite,
        }
    }
}

impl CartLink {
    fn of(visit: &Visit) -> CartLink {
        let (words, numbers) = (basket(visit.lang), visit.numbers());
        let units = visit.basket.as_ref().map(|own| own.units);
        let units = units.filter(|units| *units > 0).map(|units| {
            let number = numbers.whole(units);
            let in_words = fill(words.units.form(units), "n", &number);
            (number, in_words)
        });
        CartLink { href: visit.path("/cart"), label: words.cart, units }
    }
}

/// Links to the same page for each city, the whole country first.
fn cities(visit: &Visit, address: &Address) -> Vec<CityLink> {
    let (text, market) = (visit.text(), visit.market());
    let whole = CityLink {
        label: text.whole_country.to_owned(),
        href: address_for_city(address, ""),
        value: String::new(),
        current: visit.city.is_none(),
    };
    let mut served: Vec<_> = market.cities.iter().filter(|city| city.active).collect();
    served.sort_by_key(|city| city.position);
    let links = served.into_iter().map(|city| CityLink {
        label: city.label.get(visit.lang).to_owned(),
        href: address_for_city(address, &city.id.to_string()),
        value: city.id.to_string(),
        current: visit.city == Some(city.id),
    });
    std::iter::once(whole).chain(links).collect()
}

/// An empty city has a meaning, so it is written even though links leave empty parameters out.
fn address_for_city(address: &Address, city: &str) -> String {
    let base = address.to_string();
    let sign = if base.contains('?') { '&' } else { '?' };
    format!("{base}{sign}city={city}")
}

/// Links to the same page in every language, those of the market first.
fn languages(current: Lang, spoken: &[Lang], address: &Address) -> Vec<LanguageLink> {
    let others = Lang::ALL.into_iter().filter(|lang| !spoken.contains(lang));
    let link = |lang: Lang| LanguageLink {
        lang,
        href: address.clone().with("lang", lang.code()).to_string(),
        current: lang == current,
        announced: spoken.contains(&lang),
    };
    spoken.iter().copied().chain(others).map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn changing_language_or_city_keeps_the_page() {
        let visit = sample::visit("/KW/search?q=rose&filter=colour:red&cursor=abc", Lang::En);
        let frame = Frame::of(&visit, "Search");

        let arabic = frame.languages.iter().find(|link| link.lang == Lang::Ar).unwrap();
        assert_eq!(arabic.href, "/KW/search?q=rose&filter=colour:red&lang=ar");
        let shop = frame.shop.unwrap();
        assert_eq!(shop.cities[0].href, "/KW/search?q=rose&filter=colour:red&city=");
        assert_eq!(shop.cities[0].label, "Whole country");
        assert!(shop.cities.iter().any(|city| city.label == "Salmiya"));
    }

    #[test]
    fn the_markets_own_languages_come_first_and_only_they_are_announced() {
        let visit = sample::visit("/KW", Lang::Ru);
        let frame = Frame::of(&visit, "Home");

        let order: Vec<_> = frame.languages.iter().map(|link| link.lang).collect();
        assert_eq!(order, [Lang::Ar, Lang::En, Lang::Ru, Lang::Kk]);
        assert_eq!(frame.languages.iter().filter(|link| link.announced).count(), 2);
        assert!(frame.languages[2].current);
    }
}
