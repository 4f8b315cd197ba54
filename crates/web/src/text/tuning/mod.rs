//! The texts of the office's pages about synonyms, weights and blocked words, and of every search before and after, in one
//! typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;

/// These texts of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Tuning {
    pub(crate) try_out: &'static str,
    pub(crate) try_lead: &'static str,
    pub(crate) try_query: &'static str,
    pub(crate) try_who: &'static str,
    pub(crate) try_nobody: &'static str,
    pub(crate) try_segment: &'static str,
    pub(crate) compare: &'static str,
    pub(crate) without: &'static str,
    pub(crate) with: &'static str,
    pub(crate) today: &'static str,
    pub(crate) finds_nothing: &'static str,
    pub(crate) no_part: &'static str,
    pub(crate) same: &'static str,
    pub(crate) pinned: &'static str,
    pub(crate) newly: &'static str,
    pub(crate) from_place: &'static str,
    pub(crate) to_place: &'static str,
    pub(crate) hidden: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) searched_for: &'static str,
    pub(crate) gave_up: &'static str,
    pub(crate) leads_to: &'static str,
    pub(crate) put_first: &'static str,
    pub(crate) synonyms: &'static str,
    pub(crate) synonyms_lead: &'static str,
    pub(crate) add_synonym: &'static str,
    pub(crate) new_synonym: &'static str,
    pub(crate) find_synonym: &'static str,
    pub(crate) words: &'static str,
    pub(crate) words_hint: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) two_way: &'static str,
    pub(crate) one_way: &'static str,
    pub(crate) no_synonyms: &'static str,
    pub(crate) no_synonyms_lead: &'static str,
    pub(crate) no_synonym_fits: &'static str,
    pub(crate) synonym_saved: &'static str,
    pub(crate) synonym_removed: &'static str,
    pub(crate) bad_words: &'static str,
    pub(crate) bad_synonym_taken: &'static str,
    pub(crate) shoppers_meant: &'static str,
    pub(crate) ranking: &'static str,
    pub(crate) ranking_lead: &'static str,
    pub(crate) weigh_for: &'static str,
    pub(crate) others_markets: &'static str,
    pub(crate) text: &'static str,
    pub(crate) named: &'static str,
    pub(crate) describing: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) together: &'static str,
    pub(crate) cheap: &'static str,
    pub(crate) popularity: &'static str,
    pub(crate) availability: &'static str,
    pub(crate) newness: &'static str,
    pub(crate) note: &'static str,
    pub(crate) versions: &'static str,
    pub(crate) version: &'static str,
    pub(crate) in_use: &'static str,
    pub(crate) use_again: &'static str,
    pub(crate) as_version: &'static str,
    pub(crate) standard: &'static str,
    pub(crate) no_versions: &'static str,
    pub(crate) settings_saved: &'static str,
    pub(crate) bad_weight: &'static str,
    pub(crate) bad_note: &'static str,
    pub(crate) blocked: &'static str,
    pub(crate) blocked_lead: &'static str,
    pub(crate) word: &'static str,
    pub(crate) block: &'static str,
    pub(crate) unblock: &'static str,
    pub(crate) blocked_done: &'static str,
    pub(crate) unblocked_done: &'static str,
    pub(crate) no_blocked: &'static str,
    pub(crate) bad_blocked: &'static str,
    pub(crate) did_blocked: &'static str,
}

/// These texts of a language.
pub(crate) const fn tuning(lang: Lang) -> &'static Tuning {
    match lang {
        Lang::Ar => &ar::TUNING,
        Lang::En => &en::TUNING,
        Lang::Ru => &ru::TUNING,
        Lang::Kk => &kk::TUNING,
    }
}
