//! The pages of experiments in every language.

use askama::Template as _;
use souk_api::pipeline::experiments::{Change, Found, Liked, Report, Shares, VariantReport};
use souk_base::{Currency, Lang, Money, StaffId};
use souk_commerce::experiments::{Experiment, Kind, State, Variant};
use souk_commerce::recommendation_settings::{Goals, Objective};
use souk_commerce::staff::{Role, Staff};

use super::Known;
use super::editor::EditorPage;
use super::list::ExperimentsPage;
use super::typed::{blank, filled, lines, read};
use crate::office::Colleague;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::sample;
use crate::text::experiments::experiments;

fn colleague(lang: Lang, role: Role, uri: &str) -> Colleague {
    let staff = Staff {
        id: StaffId::new(1),
        email: "a@b.c".to_owned(),
        name: "Aisha".to_owned(),
        roles: vec![role],
    };
    Colleague { staff, caller: sample::caller(uri, lang) }
}

fn experiment(state: State) -> Experiment {
    let goals = Goals {
        objective: Some(Objective::Margin),
        diversity: Some(0.25),
        sellers_min: Some(2),
        ..Goals::default()
    };
    let models = [("blend".to_owned(), "2026-11-01-a".to_owned())].into();
    let tried = Variant { goals, personalise: Some(false), models, ..Variant::of("margin <b>", 3) };
    let at: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    Experiment {
        id: 7.into(),
        name: "winter".to_owned(),
        market: Some("KW".parse().unwrap()),
        kind: Kind::Split,
        place: "home".to_owned(),
        variants: vec![Variant::of("as ever", 1), tried],
        state,
        note: "why".to_owned(),
        created_at: at,
        started_at: (state != State::Draft).then_some(at),
        stopped_at: (state == State::Stopped).then_some(at),
    }
}

fn variant(name: &str, conversion: f64, change: Option<Change>) -> VariantReport {
    let money = Some(Money::new(12_500, Currency::Kwd));
    VariantReport {
        name: name.to_owned(),
        weight: 1,
        visitors: 5_000,
        buyers: 250,
        orders: 260,
        conversion,
        average_order: money,
        revenue_per_visitor: money,
        revenue: money,
        conversion_change: change,
        revenue_change: None,
    }
}

fn report(fit: bool, liked: Option<Liked>) -> Report {
    let change = Change { by: 0.021, low: 0.004, high: 0.038, p: 0.004, finding: Found::Better };
    let variants = vec![variant("as ever", 0.05, None), variant("margin", 0.071, Some(change))];
    Report { variants, shares: Shares { p: if fit { 0.4 } else { 1e-9 }, fit }, liked }
}

fn page(lang: Lang, role: Role, uri: &str, known: &Known) -> String {
    let form = filled(&known.experiment);
    let colleague = colleague(lang, role, uri);
    let none = Problems::default();
    EditorPage::new(&colleague, &sample::tables(), Some(known), &form, &none).render().unwrap()
}

#[test]
fn what_was_typed_is_the_experiment_and_what_has_no_field_stays() {
    let before = experiment(State::Draft);

    let read = read(&filled(&before), Some(&before), Lang::En).unwrap();

    assert_eq!(read, before.into());
}

#[test]
fn a_new_form_has_two_halves_and_what_cannot_be_read_is_told_beside_its_field() {
    let caller = sample::caller("/office/experiments/new?market=KW&place=cart", Lang::En);
    let mut form = blank(&caller.address, Lang::En);
    assert_eq!((form.get("market"), form.get("place"), lines(&form)), ("KW", "cart", 3));

    form.put("variant_name_1", "other");
    form.set("weight_1", "much");
    form.put("diversity_1", "a lot");
    form.put("models_1", "blend");
    let problems = read(&form, None, Lang::En).unwrap_err();
    let fields: Vec<_> = problems.all().iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["weight_1", "diversity_1", "models_1"]);
    form.set("weight_1", "2");
    form.set("diversity_1", "0,5");
    form.set("models_1", "blend 2026-11-01-a, session 2026-11-02-b,");
    let new = read(&form, None, Lang::En).unwrap();
    assert_eq!((new.variants[1].goals.diversity, new.variants[1].models.len()), (Some(0.5), 2));
}

#[test]
fn figures_and_findings_are_told_in_every_language() {
    for lang in Lang::ALL {
        let words = experiments(lang);
        let known =
            Known { experiment: experiment(State::Running), report: Some(report(true, None)) };
        let html = page(lang, Role::Merchandiser, "/office/experiments/7", &known);

        for part in [words.better, words.too_few, words.always_valid, words.state_running] {
            assert!(html.contains(part), "{lang}: {part}");
        }
        assert!(!html.contains(words.misfit), "{lang}");
        assert!(html.contains("?ask=stop") && !html.contains("value=\"remove\""), "{lang}");
        assert!(!html.contains("name=\"weight_2\"") && !html.contains("<b>\""));
        let known = Known { report: Some(report(false, None)), ..known };
        assert!(page(lang, Role::Merchandiser, "/", &known).contains(words.misfit), "{lang}");
    }
}

#[test]
fn of_mixed_lists_it_is_told_which_is_liked() {
    let liked = Liked { first: 120, second: 180, neither: 9, change: None };
    let mixed = Experiment { kind: Kind::Interleaving, ..experiment(State::Stopped) };
    let known = Known { experiment: mixed, report: Some(report(true, Some(liked))) };

    let html = page(Lang::En, Role::Merchandiser, "/office/experiments/7", &known);

    assert!(html.contains("first brought: 120, the second: 180, both alike: 9."), "{html}");
    assert!(!html.contains("?ask="), "what is over is over");
}

#[test]
fn starting_is_asked_about_first_and_only_of_who_may() {
    let known = Known { experiment: experiment(State::Draft), report: None };
    let uri = "/office/experiments/7?ask=start";
    let words = experiments(Lang::En);

    let html = page(Lang::En, Role::Merchandiser, uri, &known);
    assert!(html.contains(words.ask_start_lead) && html.contains("value=\"start\""));
    assert!(html.contains("name=\"models_1\" value=\"blend 2026-11-01-a\""), "{html}");
    let html = page(Lang::En, Role::Support, uri, &known);
    assert!(!html.contains(words.ask_start_lead) && !html.contains("value=\"save\""));
    let html = page(Lang::En, Role::Merchandiser, "/office/experiments/7?ask=stop", &known);
    assert!(!html.contains("value=\"stop\""), "a draft does not stop");
}

#[test]
fn experiments_are_listed_in_every_language() {
    for lang in Lang::ALL {
        let colleague = colleague(lang, Role::Merchandiser, "/office/experiments?done=removed");
        let all = [experiment(State::Running), experiment(State::Draft)];
        let page = ExperimentsPage::new(&colleague, &sample::tables(), &all);
        let html = page.render().unwrap();

        let words = experiments(lang);
        assert_eq!(html.matches("state-live").count(), 1, "{lang}");
        assert!(html.contains(words.removed) && html.contains("as ever · margin"), "{lang}");
        let none = ExperimentsPage::new(&colleague, &sample::tables(), &[]).render().unwrap();
        assert!(none.contains(words.none_lead), "{lang}");
    }
}

#[test]
fn a_form_without_names_has_no_variants() {
    let empty = read(&Form::default(), None, Lang::En).unwrap();

    assert!(empty.variants.is_empty(), "the shop says what is missing");
}
