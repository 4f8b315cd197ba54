//! The texts of the office's pages about promotions, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;

/// These texts of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Promotions {
    pub(crate) promotions: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) add: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_lead: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) what: &'static str,
    pub(crate) what_hint: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) kind_percentage: &'static str,
    pub(crate) kind_amount: &'static str,
    pub(crate) kind_free_delivery: &'static str,
    pub(crate) kind_gift: &'static str,
    pub(crate) kind_buy_get: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) max: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) offer: &'static str,
    pub(crate) units: &'static str,
    pub(crate) buy: &'static str,
    pub(crate) get: &'static str,
    pub(crate) where_: &'static str,
    pub(crate) where_hint: &'static str,
    pub(crate) products: &'static str,
    pub(crate) cities: &'static str,
    pub(crate) sellers: &'static str,
    pub(crate) min_goods: &'static str,
    pub(crate) coupons: &'static str,
    pub(crate) coupons_hint: &'static str,
    pub(crate) enabled: &'static str,
    pub(crate) exclusive: &'static str,
    pub(crate) first_order: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) starts: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) uses_max: &'static str,
    pub(crate) uses_per_customer: &'static str,
    pub(crate) budget: &'static str,
    pub(crate) used: &'static str,
    pub(crate) spent: &'static str,
    pub(crate) state: &'static str,
    pub(crate) live: &'static str,
    pub(crate) scheduled: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) off: &'static str,
    pub(crate) told_percentage: &'static str,
    pub(crate) told_amount: &'static str,
    pub(crate) told_gift: &'static str,
    pub(crate) told_buy_get: &'static str,
    pub(crate) end: &'static str,
    pub(crate) ask_end: &'static str,
    pub(crate) ask_end_lead: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) ended_now: &'static str,
    pub(crate) bad_name: &'static str,
    pub(crate) bad_label: &'static str,
    pub(crate) bad_market: &'static str,
    pub(crate) bad_rate: &'static str,
    pub(crate) bad_amount: &'static str,
    pub(crate) bad_limit: &'static str,
    pub(crate) bad_offer: &'static str,
    pub(crate) bad_effect: &'static str,
    pub(crate) bad_city: &'static str,
    pub(crate) bad_product: &'static str,
    pub(crate) bad_seller: &'static str,
    pub(crate) bad_coupons: &'static str,
    pub(crate) bad_taken: &'static str,
    pub(crate) bad_used: &'static str,
    pub(crate) did_promotion: &'static str,
}

/// These texts of a language.
pub(crate) const fn promotions(lang: Lang) -> &'static Promotions {
    match lang {
        Lang::Ar => &ar::PROMOTIONS,
        Lang::En => &en::PROMOTIONS,
        Lang::Ru => &ru::PROMOTIONS,
        Lang::Kk => &kk::PROMOTIONS,
    }
}
