//! Every text of the office's pages about rules, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;

/// The texts about rules of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Rules {
    pub(crate) rules: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) add: &'static str,
    pub(crate) new: &'static str,
    pub(crate) find: &'static str,
    pub(crate) name: &'static str,
    pub(crate) live: &'static str,
    pub(crate) scheduled: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) off: &'static str,
    pub(crate) unreadable: &'static str,
    pub(crate) unreadable_lead: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) priority_hint: &'static str,
    pub(crate) period: &'static str,
    pub(crate) always: &'static str,
    pub(crate) starts: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) zone_hint: &'static str,
    pub(crate) enabled: &'static str,
    pub(crate) switch_on: &'static str,
    pub(crate) switch_off: &'static str,
    pub(crate) where_: &'static str,
    pub(crate) where_hint: &'static str,
    pub(crate) what: &'static str,
    pub(crate) examples: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: &'static str,
    pub(crate) number: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) query_is: &'static str,
    pub(crate) query_begins: &'static str,
    pub(crate) query_contains: &'static str,
    pub(crate) query_empty: &'static str,
    pub(crate) category: &'static str,
    pub(crate) city: &'static str,
    pub(crate) segment: &'static str,
    pub(crate) pin: &'static str,
    pub(crate) hide: &'static str,
    pub(crate) boost: &'static str,
    pub(crate) bury: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) redirect: &'static str,
    pub(crate) replace: &'static str,
    pub(crate) synonym: &'static str,
    pub(crate) pin_example: &'static str,
    pub(crate) boost_example: &'static str,
    pub(crate) filter_example: &'static str,
    pub(crate) redirect_example: &'static str,
    pub(crate) synonym_example: &'static str,
    pub(crate) city_example: &'static str,
    pub(crate) segment_example: &'static str,
    pub(crate) banner: &'static str,
    pub(crate) link: &'static str,
    pub(crate) everywhere: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_lead: &'static str,
    pub(crate) none_match: &'static str,
    pub(crate) see: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) removed: &'static str,
    pub(crate) bad_name: &'static str,
    pub(crate) bad_name_taken: &'static str,
    pub(crate) bad_priority: &'static str,
    pub(crate) bad_words: &'static str,
    pub(crate) bad_product: &'static str,
    pub(crate) bad_category: &'static str,
    pub(crate) bad_city: &'static str,
    pub(crate) bad_segment: &'static str,
    pub(crate) bad_target: &'static str,
    pub(crate) bad_number: &'static str,
    pub(crate) bad_nothing: &'static str,
    pub(crate) did_rule: &'static str,
    pub(crate) did_synonym: &'static str,
    pub(crate) did_settings: &'static str,
}

/// The texts about rules of a language.
pub(crate) const fn rules(lang: Lang) -> &'static Rules {
    match lang {
        Lang::Ar => &ar::RULES,
        Lang::En => &en::RULES,
        Lang::Ru => &ru::RULES,
        Lang::Kk => &kk::RULES,
    }
}
