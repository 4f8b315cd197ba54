//! The texts of the office's figures, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;

use super::Plural;

/// The figures' texts of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Analytics {
    pub(crate) searches: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) time: &'static str,
    pub(crate) last_week: &'static str,
    pub(crate) last_month: &'static str,
    pub(crate) last_quarter: &'static str,
    pub(crate) every_language: &'static str,
    pub(crate) share_clicked: &'static str,
    pub(crate) share_nothing: &'static str,
    pub(crate) found: &'static str,
    pub(crate) found_nothing: &'static str,
    pub(crate) as_table: &'static str,
    pub(crate) day: &'static str,
    pub(crate) clicked: &'static str,
    pub(crate) top: &'static str,
    pub(crate) query: &'static str,
    pub(crate) visitors: &'static str,
    pub(crate) position: &'static str,
    pub(crate) carted: &'static str,
    pub(crate) ordered: &'static str,
    pub(crate) revenue: &'static str,
    pub(crate) repair: &'static str,
    pub(crate) add_synonym: &'static str,
    pub(crate) add_rule: &'static str,
    pub(crate) nothing_lead: &'static str,
    pub(crate) all_found: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_lead: &'static str,
    pub(crate) searches_count: Plural,
}

/// The figures' texts of a language.
pub(crate) const fn analytics(lang: Lang) -> &'static Analytics {
    match lang {
        Lang::Ar => &ar::ANALYTICS,
        Lang::En => &en::ANALYTICS,
        Lang::Ru => &ru::ANALYTICS,
        Lang::Kk => &kk::ANALYTICS,
    }
}
