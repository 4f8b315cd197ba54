//! Experiments as people type them: a line for each variant, to an experiment and back.

use std::collections::BTreeMap;

use souk_base::Lang;
use souk_commerce::experiments::{Experiment, Kind, NewExperiment, VARIANTS_MAX, Variant};
use souk_commerce::recommendation_settings::{Goals, Objective};

use crate::address::Address;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::text::experiments::experiments;

/// Lines at least.
const LINES_MIN: usize = 3;
/// Objectives by their names in the form.
pub(super) const OBJECTIVES: [(&str, Objective); 4] = [
    ("clicks", Objective::Clicks),
    ("conversion", Objective::Conversion),
    ("revenue", Objective::Revenue),
    ("margin", Objective::Margin),
];

/// The form of a new experiment: two variants for half of the visitors each.
pub(super) fn blank(address: &Address, lang: Lang) -> Form {
    let mut form = Form::default();
    form.put("market", address.get("market").unwrap_or_default());
    form.put("place", address.get("place").unwrap_or("home"));
    form.put("kind", "split");
    form.put("variant_name_0", experiments(lang).as_it_is);
    form.put("weight_0", "1");
    form.put("weight_1", "1");
    form
}

/// An experiment as its form has it.
pub(super) fn filled(experiment: &Experiment) -> Form {
    let mut form = Form::default();
    form.put("name", &experiment.name);
    form.put("market", experiment.market.map(|market| market.to_string()).unwrap_or_default());
    form.put("place", &experiment.place);
    form.put("kind", kind_code(experiment.kind));
    form.put("note", &experiment.note);
    for (line, variant) in experiment.variants.iter().enumerate() {
        let Variant { name, weight, goals, personalise, models } = variant;
        let objective = OBJECTIVES.iter().find(|it| Some(it.1) == goals.objective);
        let models = models.iter().map(|(model, version)| format!("{model} {version}"));
        form.put(format!("variant_name_{line}"), name);
        form.put(format!("weight_{line}"), weight.to_string());
        form.put(format!("objective_{line}"), objective.map_or("", |it| it.0));
        let diversity = goals.diversity.map(|share| share.to_string());
        form.put(format!("diversity_{line}"), diversity.unwrap_or_default());
        form.put(format!("personalise_{line}"), personalise.map_or("", yes_or_no));
        form.put(format!("models_{line}"), models.collect::<Vec<_>>().join(", "));
    }
    form
}

/// How many lines a form has: those that are filled, and one more.
pub(super) fn lines(form: &Form) -> usize {
    let is_filled = |line: &usize| !form.get(&format!("variant_name_{line}")).is_empty();
    let last = (0..VARIANTS_MAX).rev().find(is_filled).map_or(0, |line| line + 1);
    (last + 1).clamp(LINES_MIN, VARIANTS_MAX)
}

/// The experiment that a form describes. What the form has no field for stays as it was before.
pub(super) fn read(
    form: &Form,
    before: Option<&Experiment>,
    lang: Lang,
) -> Result<NewExperiment, Problems> {
    let mut problems = Problems::default();
    let mut variants = Vec::new();
    for line in 0..VARIANTS_MAX {
        let name = form.get(&format!("variant_name_{line}"));
        if !name.is_empty() {
            let before = before.and_then(|it| it.variants.get(line));
            variants.push(variant(form, line, name, before, lang, &mut problems));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(NewExperiment {
        name: form.get("name").to_owned(),
        market: form.get("market").parse().ok(),
        kind: if form.get("kind") == "interleaving" { Kind::Interleaving } else { Kind::Split },
        place: form.get("place").to_owned(),
        variants,
        note: form.get("note").to_owned(),
    })
}

fn variant(
    form: &Form,
    line: usize,
    name: &str,
    before: Option<&Variant>,
    lang: Lang,
    problems: &mut Problems,
) -> Variant {
    let words = experiments(lang);
    let field = |name: &str| format!("{name}_{line}");
    let number = form.get(&field("weight")).parse();
    if number.is_err() {
        problems.put(&field("weight"), name, words.bad_number);
    }
    let typed = form.get(&field("diversity")).replace([',', '٫'], ".");
    let diversity = Some(typed.as_str()).filter(|typed| !typed.is_empty()).map(str::parse);
    if matches!(diversity, Some(Err(_))) {
        problems.put(&field("diversity"), name, words.bad_number);
    }
    let models = models(form.get(&field("models")));
    if models.is_none() {
        problems.put(&field("models"), name, words.bad_model);
    }
    let objective = form.get(&field("objective")).to_owned();
    let objective = OBJECTIVES.iter().find(|it| it.0 == objective).map(|it| it.1);
    let goals = before.map(|before| before.goals).unwrap_or_default();
    Variant {
        name: name.to_owned(),
        weight: number.unwrap_or(1),
        goals: Goals { objective, diversity: diversity.and_then(Result::ok), ..goals },
        personalise: match form.get(&field("personalise")) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        models: models.unwrap_or_default(),
    }
}

/// `blend 2026-11-01-a, session 2026-11-02-b`; none where a part is not a model with its version.
fn models(typed: &str) -> Option<BTreeMap<String, String>> {
    let parts = typed.split([',', '،', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let named = parts.map(|part| {
        let (model, version) = part.split_once(' ')?;
        Some((model.to_owned(), version.trim().to_owned()))
    });
    named.collect()
}

/// A kind as the form has it.
pub(super) const fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Split => "split",
        Kind::Interleaving => "interleaving",
    }
}

const fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
