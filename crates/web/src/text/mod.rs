//! Every text of the pages, in one typed table: a language that lacks a text does not compile.
//!
//! `{name}` stands for what [`fill`] puts in. The same text has the same names in every language (tested).

pub(crate) mod account;
pub(crate) mod analytics;
mod ar;
pub(crate) mod basket;
pub(crate) mod desk;
mod en;
pub(crate) mod experiments;
mod kk;
pub(crate) mod models;
pub(crate) mod orders;
pub(crate) mod plural;
pub(crate) mod promotions;
mod ru;
pub(crate) mod rules;
pub(crate) mod tuning;

pub(crate) use plural::Plural;
use souk_base::Lang;

/// The texts of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Text {
    // The frame of every page.
    pub(crate) shop_name: &'static str,
    pub(crate) tagline: &'static str,
    pub(crate) skip_to_content: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_placeholder: &'static str,
    pub(crate) deliver_to: &'static str,
    pub(crate) choose_city: &'static str,
    pub(crate) whole_country: &'static str,
    pub(crate) city: &'static str,
    pub(crate) show: &'static str,
    pub(crate) language: &'static str,
    pub(crate) country: &'static str,
    pub(crate) other_country: &'static str,
    pub(crate) prices_with_tax: &'static str,
    pub(crate) drawings_note: &'static str,
    pub(crate) for_developers: &'static str,
    pub(crate) office: &'static str,
    pub(crate) home: &'static str,
    // Choosing a country.
    pub(crate) markets_title: &'static str,
    pub(crate) markets_lead: &'static str,
    pub(crate) cities_count: Plural,
    pub(crate) opening_soon: &'static str,
    // Home.
    pub(crate) home_title: &'static str,
    pub(crate) home_lead: &'static str,
    pub(crate) categories: &'static str,
    pub(crate) popular: &'static str,
    pub(crate) popular_in: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) for_you: &'static str,
    pub(crate) trending: &'static str,
    pub(crate) see_all: &'static str,
    pub(crate) empty_shop: &'static str,
    // Results.
    pub(crate) everything: &'static str,
    pub(crate) results_for: &'static str,
    pub(crate) products_count: Plural,
    pub(crate) sort: &'static str,
    pub(crate) sort_relevance: &'static str,
    pub(crate) sort_popular: &'static str,
    pub(crate) sort_newest: &'static str,
    pub(crate) sort_price: &'static str,
    pub(crate) sort_price_descending: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) filters_chosen: &'static str,
    pub(crate) remove_filter: &'static str,
    pub(crate) clear_filters: &'static str,
    pub(crate) category: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) seller: &'static str,
    pub(crate) price: &'static str,
    pub(crate) price_from: &'static str,
    pub(crate) price_to: &'static str,
    pub(crate) price_range: &'static str,
    pub(crate) price_at_least: &'static str,
    pub(crate) price_at_most: &'static str,
    pub(crate) availability: &'static str,
    pub(crate) more_values: &'static str,
    pub(crate) next_page: &'static str,
    pub(crate) first_page: &'static str,
    pub(crate) corrected: &'static str,
    pub(crate) relaxed: &'static str,
    pub(crate) relaxed_several: &'static str,
    pub(crate) not_sold: &'static str,
    pub(crate) whole_shop: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) nothing_with_filters: &'static str,
    pub(crate) nothing_hint: &'static str,
    // A product in a list and on its page.
    pub(crate) price_before: &'static str,
    pub(crate) price_now: &'static str,
    pub(crate) price_lower: &'static str,
    pub(crate) in_stock: &'static str,
    pub(crate) in_stock_in: &'static str,
    pub(crate) sold_out: &'static str,
    pub(crate) sold_out_in: &'static str,
    pub(crate) few_left: Plural,
    pub(crate) promise: &'static str,
    pub(crate) promise_today: &'static str,
    pub(crate) promise_tomorrow: &'static str,
    pub(crate) order_within_hours: &'static str,
    pub(crate) order_within_minutes: &'static str,
    pub(crate) no_delivery: &'static str,
    pub(crate) no_delivery_on: &'static str,
    pub(crate) delivery_day: &'static str,
    pub(crate) delivered_on: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) size: &'static str,
    pub(crate) sold_by: &'static str,
    pub(crate) description: &'static str,
    pub(crate) details: &'static str,
    pub(crate) article: &'static str,
    pub(crate) more_of: &'static str,
    pub(crate) together: &'static str,
    pub(crate) similar: &'static str,
    pub(crate) with_cart: &'static str,
    pub(crate) buy_again: &'static str,
    // As-you-type suggestions.
    pub(crate) suggestions: &'static str,
    pub(crate) recent_searches: &'static str,
    pub(crate) searches: &'static str,
    pub(crate) in_category: &'static str,
    pub(crate) products: &'static str,
    pub(crate) all_results: &'static str,
    // When something is not as asked.
    pub(crate) not_found: &'static str,
    pub(crate) not_found_lead: &'static str,
    pub(crate) bad_request: &'static str,
    pub(crate) bad_request_lead: &'static str,
    pub(crate) too_many: &'static str,
    pub(crate) too_many_lead: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) forbidden_lead: &'static str,
    pub(crate) not_ready: &'static str,
    pub(crate) not_ready_lead: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) busy_lead: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) broken_lead: &'static str,
    pub(crate) try_again: &'static str,
    // The office.
    pub(crate) office_login: &'static str,
    pub(crate) office_login_lead: &'static str,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
    pub(crate) log_in: &'static str,
    pub(crate) log_in_failed: &'static str,
    pub(crate) log_out: &'static str,
    pub(crate) today: &'static str,
    pub(crate) logged_in_as: &'static str,
    pub(crate) catalogue: &'static str,
    pub(crate) sellers: &'static str,
    pub(crate) brands: &'static str,
    pub(crate) by_country: &'static str,
    pub(crate) on_sale: &'static str,
    pub(crate) recent_actions: &'static str,
    pub(crate) no_actions: &'static str,
    pub(crate) when: &'static str,
    pub(crate) who: &'static str,
    pub(crate) action: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) command_line: &'static str,
    pub(crate) to_the_shop: &'static str,
    pub(crate) role_admin: &'static str,
    pub(crate) role_merchandiser: &'static str,
    pub(crate) role_order_manager: &'static str,
    pub(crate) role_buyer: &'static str,
    pub(crate) role_warehouse: &'static str,
    pub(crate) role_dispatcher: &'static str,
    pub(crate) role_support: &'static str,
    pub(crate) role_accountant: &'static str,
    pub(crate) did_staff_add: &'static str,
    pub(crate) did_staff_log_in: &'static str,
    pub(crate) did_staff_log_out: &'static str,
}

/// The texts of a language.
pub(crate) const fn texts(lang: Lang) -> &'static Text {
    match lang {
        Lang::Ar => &ar::TEXT,
        Lang::En => &en::TEXT,
        Lang::Ru => &ru::TEXT,
        Lang::Kk => &kk::TEXT,
    }
}

/// The text with `{name}` replaced by a value.
pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{{name}}}"), value)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    /// Every text of a language by its name; forms of a plural by name and form.
    fn flat(lang: Lang) -> BTreeMap<String, String> {
        let tables = [
            ("", serde_json::to_value(texts(lang))),
            ("", serde_json::to_value(desk::desk(lang))),
            ("basket.", serde_json::to_value(basket::basket(lang))),
            ("orders.", serde_json::to_value(orders::orders(lang))),
            ("promotions.", serde_json::to_value(promotions::promotions(lang))),
            ("rules.", serde_json::to_value(rules::rules(lang))),
            ("tuning.", serde_json::to_value(tuning::tuning(lang))),
            ("analytics.", serde_json::to_value(analytics::analytics(lang))),
            ("experiments.", serde_json::to_value(experiments::experiments(lang))),
            ("models.", serde_json::to_value(models::models(lang))),
            ("account.", serde_json::to_value(account::account(lang))),
        ];
        let tables = tables.into_iter().flat_map(|(table, texts)| {
            let texts = texts.unwrap().as_object().unwrap().clone();
            texts.into_iter().map(move |(name, text)| (format!("{table}{name}"), text))
        });
        let mut flat = BTreeMap::new();
        for (name, value) in tables {
            match value {
                Value::String(text) => drop(flat.insert(name, text)),
                Value::Object(forms) => {
                    for (kind, form) in forms {
                        flat.insert(format!("{name}.{kind}"), form.to_string());
                    }
                }
                other => panic!("{name} is {other}"),
            }
        }
        flat
    }

    fn placeholders(text: &str) -> BTreeSet<String> {
        let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
        names.map(|(name, _)| name.to_owned()).filter(|name| is_name(name)).collect()
    }

    #[test]
    fn no_text_is_empty_and_none_shouts() {
        for lang in Lang::ALL {
            for (name, text) in flat(lang) {
                assert!(!text.trim().is_empty(), "{lang} {name}");
                assert!(!text.contains('!'), "{lang} {name}: {text}");
            }
        }
    }

    #[test]
    fn a_text_has_the_same_placeholders_in_every_language() {
        let english = flat(Lang::En);
        for lang in [Lang::Ar, Lang::Ru, Lang::Kk] {
            for (name, text) in flat(lang) {
                if let Some(original) = english.get(&name) {
                    assert_eq!(placeholders(&text), placeholders(original), "{lang} {name}");
                }
            }
        }
    }

    #[test]
    fn every_language_is_written_in_its_own_script() {
        let is_script = |lang: Lang, character: char| match lang {
            Lang::Ar => ('\u{600}'..='\u{6FF}').contains(&character),
            Lang::En => character.is_ascii_alphabetic(),
            Lang::Ru | Lang::Kk => ('\u{400}'..='\u{4FF}').contains(&character),
        };
        for lang in Lang::ALL {
            for (name, text) in flat(lang).into_iter().filter(|(name, _)| name != "shop_name") {
                assert!(text.chars().any(|c| is_script(lang, c)), "{lang} {name}: {text}");
            }
        }
    }

    #[test]
    fn filling_leaves_nothing_open() {
        assert_eq!(fill("Deliver to {city}", "city", "Salmiya"), "Deliver to Salmiya");
    }
}
