//! What rules do to a search, all together.
//!
//! They are taken in order of their priority (the higher first), then of their id (the older first), and
//!
//! - of two that want the same place, or one product at two places, the first has its way;
//! - of two that pin and hide the same product, the first has its way, too; within one rule the pin has;
//! - the first redirect, the first banner and the first replacement count;
//! - every boost and every bury counts: their factors are multiplied, within [`FACTOR_MIN`] and [`FACTOR_MAX`];
//! - the filters of all of them count, as if the shopper had chosen them, and so do the synonyms.

use std::collections::{BTreeMap, HashSet};

use souk_base::{Action, Lang, ProductId, Rule, RuleId, Target};

use crate::synonyms::SynonymBook;

/// The least that rules together multiply a score by.
pub const FACTOR_MIN: f32 = 0.01;
/// The most that rules together multiply a score by.
pub const FACTOR_MAX: f32 = 100.0;

/// What rules do to a search, all together.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The rules that took part, the strongest first.
    pub rules: Vec<RuleId>,
    /// Products at places of the hits, counted from 1.
    pub pins: BTreeMap<u16, ProductId>,
    /// Products that are no hits.
    pub hidden: HashSet<ProductId>,
    /// What scores are multiplied by, each target once; see [`Effects::factor`].
    pub factors: Vec<(Target, f32)>,
    /// Filters as `field:value`, each once.
    pub filters: Vec<String>,
    /// Where to go instead.
    pub redirect: Option<String>,
    /// What to show above the hits.
    pub banner: Option<Banner>,
    /// What to search for instead.
    pub replacement: Option<String>,
    /// Words that mean others for this search.
    pub synonyms: SynonymBook,
}

/// A text above the hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// By language.
    pub text: BTreeMap<Lang, String>,
    /// Where it leads.
    pub link: Option<String>,
}

impl Effects {
    /// What these rules do together; the strongest comes first.
    #[must_use]
    pub fn of(rules: &[&Rule]) -> Effects {
        let mut effects = Effects::default();
        let mut synonyms: Vec<&[String]> = Vec::new();
        for rule in rules {
            effects.rules.push(rule.id);
            // Pins before all else, so that within one rule they win over what hides.
            let (pins, others): (Vec<_>, Vec<_>) =
                rule.actions.iter().partition(|action| matches!(action, Action::Pin { .. }));
            for action in pins.into_iter().chain(others) {
                match action {
                    Action::Synonym(words) => synonyms.push(words),
                    action => effects.take(action),
                }
            }
        }
        effects.synonyms = SynonymBook::of_words(&synonyms);
        effects
    }

    /// Of these only what is hidden: suggestions are not led elsewhere, and show what sells best.
    #[must_use]
    pub fn hiding(self) -> Effects {
        Effects { hidden: self.hidden, ..Effects::default() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What a product's score is multiplied by; `is_meant` says whether a target means it.
    #[must_use]
    pub fn factor(&self, is_meant: impl Fn(Target) -> bool) -> f32 {
        let factors = self.factors.iter().filter(|(what, _)| is_meant(*what));
        factors.map(|(_, factor)| factor).product::<f32>().clamp(FACTOR_MIN, FACTOR_MAX)
    }

    fn take(&mut self, action: &Action) {
        match action {
            Action::Pin { product, position } => self.pin(*product, *position),
            Action::Hide(product) => {
                if !self.is_pinned(*product) {
                    self.hidden.insert(*product);
                }
            }
            Action::Boost { what, percent } => self.multiply(*what, 1.0 + share(*percent)),
            Action::Bury { what, percent } => self.multiply(*what, 1.0 - share(*percent)),
            Action::Filter(filter) => {
                if !self.filters.contains(filter) {
                    self.filters.push(filter.clone());
                }
            }
            Action::Redirect(address) => {
                self.redirect.get_or_insert_with(|| address.clone());
            }
            Action::Banner { text, link } => {
                self.banner
                    .get_or_insert_with(|| Banner { text: text.clone(), link: link.clone() });
            }
            Action::Replace(words) => {
                self.replacement.get_or_insert_with(|| words.clone());
            }
            Action::Synonym(_) => {}
        }
    }

    fn pin(&mut self, product: ProductId, position: u16) {
        if !self.is_pinned(product) && !self.hidden.contains(&product) {
            self.pins.entry(position).or_insert(product);
        }
    }

    fn is_pinned(&self, product: ProductId) -> bool {
        self.pins.values().any(|pinned| *pinned == product)
    }

    fn multiply(&mut self, what: Target, factor: f32) {
        let known = self.factors.iter_mut().find(|(target, _)| *target == what);
        let known = match known {
            Some((_, known)) => known,
            None => {
                self.factors.push((what, 1.0));
                &mut self.factors.last_mut().expect("it was pushed right above").1
            }
        };
        *known = (*known * factor).clamp(FACTOR_MIN, FACTOR_MAX);
    }
}

fn share(percent: u16) -> f32 {
    f32::from(percent) / 100.0
}
