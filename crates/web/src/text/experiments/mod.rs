//! The texts of the office's pages about experiments, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;

/// These texts of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Experiments {
    pub(crate) experiments: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) add: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_lead: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) kind_split: &'static str,
    pub(crate) kind_interleaving: &'static str,
    pub(crate) state: &'static str,
    pub(crate) state_draft: &'static str,
    pub(crate) state_running: &'static str,
    pub(crate) state_stopped: &'static str,
    pub(crate) since: &'static str,
    pub(crate) until: &'static str,
    pub(crate) variants: &'static str,
    pub(crate) variants_hint: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) weight: &'static str,
    pub(crate) objective: &'static str,
    pub(crate) as_it_is: &'static str,
    pub(crate) objective_clicks: &'static str,
    pub(crate) objective_conversion: &'static str,
    pub(crate) objective_revenue: &'static str,
    pub(crate) objective_margin: &'static str,
    pub(crate) diversity: &'static str,
    pub(crate) personalise: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) model_version: &'static str,
    pub(crate) model_version_hint: &'static str,
    pub(crate) note: &'static str,
    pub(crate) start: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) ask_start: &'static str,
    pub(crate) ask_start_lead: &'static str,
    pub(crate) ask_stop: &'static str,
    pub(crate) ask_stop_lead: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) removed: &'static str,
    pub(crate) started: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) results: &'static str,
    pub(crate) visitors: &'static str,
    pub(crate) buyers: &'static str,
    pub(crate) conversion: &'static str,
    pub(crate) average: &'static str,
    pub(crate) per_visitor: &'static str,
    pub(crate) better: &'static str,
    pub(crate) worse: &'static str,
    pub(crate) open: &'static str,
    pub(crate) too_few: &'static str,
    pub(crate) points: &'static str,
    pub(crate) misfit: &'static str,
    pub(crate) always_valid: &'static str,
    pub(crate) liked: &'static str,
    pub(crate) bad_variants: &'static str,
    pub(crate) bad_name: &'static str,
    pub(crate) bad_running: &'static str,
    pub(crate) bad_number: &'static str,
    pub(crate) bad_model: &'static str,
    pub(crate) did_experiment: &'static str,
}

/// These texts of a language.
pub(crate) const fn experiments(lang: Lang) -> &'static Experiments {
    match lang {
        Lang::Ar => &ar::EXPERIMENTS,
        Lang::En => &en::EXPERIMENTS,
        Lang::Ru => &ru::EXPERIMENTS,
        Lang::Kk => &kk::EXPERIMENTS,
    }
}
