//! What a list of rules would change in the shop's.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use souk_base::Rule;

use super::NewRule;

/// What becomes of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Difference {
    /// It is not in the shop yet.
    Added {
        /// Its name.
        name: String,
    },
    /// It is another one in the shop.
    Changed {
        /// Its name.
        name: String,
        /// The fields that differ.
        fields: Vec<&'static str>,
    },
    /// It is in the shop only.
    Removed {
        /// Its name.
        name: String,
    },
}

/// What would have to happen so that the shop has these rules, each known by its name; the others count only when
/// they are to go.
pub(super) fn differences(shop: &[Rule], wanted: &[NewRule], prune: bool) -> Vec<Difference> {
    let known: HashMap<&str, &Rule> = shop.iter().map(|rule| (&*rule.name, rule)).collect();
    let mut found = Vec::new();
    for rule in wanted {
        let name = rule.name.clone();
        match known.get(&*rule.name) {
            None => found.push(Difference::Added { name }),
            Some(known) => {
                let fields = changed(known, rule);
                if !fields.is_empty() {
                    found.push(Difference::Changed { name, fields });
                }
            }
        }
    }
    if prune {
        let wanted: HashSet<&str> = wanted.iter().map(|rule| &*rule.name).collect();
        let others = shop.iter().filter(|rule| !wanted.contains(&*rule.name));
        found.extend(others.map(|rule| Difference::Removed { name: rule.name.clone() }));
    }
    found
}

/// The fields of a rule that are to change.
pub(super) fn changed(rule: &Rule, wanted: &NewRule) -> Vec<&'static str> {
    let differs = [
        ("name", rule.name != wanted.name),
        ("enabled", rule.enabled != wanted.enabled),
        ("priority", rule.priority != wanted.priority),
        ("market", rule.market != wanted.market),
        ("conditions", rule.conditions != wanted.conditions),
        ("actions", rule.actions != wanted.actions),
        ("starts_at", rule.starts_at != wanted.starts_at),
        ("ends_at", rule.ends_at != wanted.ends_at),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}
