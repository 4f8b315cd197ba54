//! From typed lines to rules and back, and the pages in each language.

use std::collections::HashMap;

use askama::Template as _;
use souk_base::{Action, Condition, Lang, ProductId, Rule, RuleId, StaffId, Tables};
use souk_commerce::rules::{Filter, Lost, NewRule};
use souk_commerce::staff::{Role, Staff};

use super::editor::EditorPage;
use super::list::RulesPage;
use super::typed::{Names, filled, picked, read};
use crate::office::Colleague;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::office::trial::{Found, Trial};
use crate::sample;
use crate::text::rules::rules as rule_words_of;

fn names(tables: &Tables) -> Names<'_> {
    let (rose, address) = (ProductId::new(7), "red-rose");
    Names {
        tables,
        products: HashMap::from([(address.to_owned(), rose)]),
        addresses: HashMap::from([(rose, address.to_owned())]),
        lost: HashMap::from([(RuleId::new(3), vec![Lost::Product(9)])]),
    }
}

fn form(fields: &[(&str, &str)]) -> Form {
    let mut form = Form::default();
    for (name, value) in fields {
        form.put(*name, *value);
    }
    form
}

const TYPED: [(&str, &str); 23] = [
    ("name", "Roses first"),
    ("enabled", "1"),
    ("priority", "-5"),
    ("market", "KW"),
    ("starts", "2026-02-07T00:00"),
    ("ends", ""),
    ("where_kind_0", "query_is"),
    ("where_text_0", "roses"),
    ("where_kind_1", "city"),
    ("where_text_1", "KW/salmiya"),
    ("where_kind_2", "category"),
    ("where_text_2", "roses"),
    ("where_kind_3", "segment"),
    ("where_text_3", "2"),
    ("do_kind_0", "pin"),
    ("do_text_0", "red-rose"),
    ("do_number_0", "1"),
    ("do_kind_1", "boost"),
    ("do_text_1", "product:red-rose"),
    ("do_number_1", "50"),
    ("do_kind_2", "synonym"),
    ("do_text_2", "bunch = bouquet = posy"),
    ("do_number_2", ""),
];

fn rule(new: NewRule) -> Rule {
    Rule {
        id: RuleId::new(3),
        name: new.name,
        enabled: new.enabled,
        priority: new.priority,
        market: new.market,
        conditions: new.conditions,
        actions: new.actions,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
    }
}

#[test]
fn what_was_typed_becomes_a_rule_and_is_filled_in_again() {
    let tables = sample::tables();
    let names = names(&tables);
    let banner = [("banner_ar", "ورد"), ("banner_en", "Roses"), ("banner_link", "/KW/c/roses")];

    let read_rule = read(&form(&[&TYPED[..], &banner].concat()), &names, None, Lang::En).unwrap();

    assert_eq!(read_rule.starts_at, Some("2026-02-06T21:00:00Z".parse().unwrap()));
    assert_eq!(read_rule.conditions[1], Condition::City(285_704.into()));
    assert_eq!(read_rule.conditions[3], Condition::Segment(2));
    assert_eq!(read_rule.actions[0], Action::Pin { product: ProductId::new(7), position: 1 });
    assert_eq!(read_rule.actions.len(), 4);
    let again = filled(&rule(read_rule.clone()), &names);
    for (name, value) in TYPED.iter().chain(&banner) {
        assert_eq!(again.get(name), *value, "{name}");
    }
    assert_eq!(read(&again, &names, None, Lang::En).unwrap(), read_rule);
}

#[test]
fn a_time_that_nobody_touched_keeps_its_seconds() {
    let tables = sample::tables();
    let names = names(&tables);
    let new = read(&form(&TYPED), &names, None, Lang::En).unwrap();
    let to_the_second = Some("2026-02-06T21:00:59.5Z".parse().unwrap());
    let before = rule(NewRule { starts_at: to_the_second, ..new });

    let read = read(&filled(&before, &names), &names, Some(&before), Lang::En).unwrap();

    assert_eq!(read.starts_at, to_the_second);
}

#[test]
fn what_cannot_be_read_is_said_beside_its_line() {
    let tables = sample::tables();
    let names = names(&tables);
    let words = rule_words_of(Lang::En);
    let wrong = |fields: &[(&str, &str)]| {
        let form = form(&[&[("name", "x")], fields].concat());
        let problems = read(&form, &names, None, Lang::En).unwrap_err();
        problems.all().iter().map(|it| format!("{}: {}", it.field, it.text)).collect::<Vec<_>>()
    };
    let hide = [("do_kind_0", "hide"), ("do_text_0", "red-rose")];

    assert_eq!(wrong(&[]), [format!("do_kind_0: {}", words.bad_nothing)]);
    assert_eq!(
        wrong(&[("do_kind_0", "pin"), ("do_text_0", "tulip"), ("do_number_0", "0")]),
        [
            "do_number_0: A whole number from 1 to 100.".to_owned(),
            format!("do_text_0: {}", words.bad_product)
        ]
    );
    assert_eq!(
        wrong(&[("do_kind_0", "boost"), ("do_text_0", "roses"), ("do_number_0", "5")]),
        [format!("do_text_0: {}", words.bad_target)]
    );
    let places = [("where_kind_0", "city"), ("where_text_0", "KW/paris")];
    assert_eq!(
        wrong(&[&hide[..], &places].concat()),
        [format!("where_text_0: {}", words.bad_city)]
    );
    for number in ["0", "51", "best"] {
        let kinds = [("where_kind_0", "segment"), ("where_text_0", number)];
        let told = wrong(&[&hide[..], &kinds].concat());
        assert_eq!(told, [format!("where_text_0: {}", words.bad_segment)]);
    }
    let numbers = [("priority", "high"), ("ends", "soon")];
    assert_eq!(wrong(&[&hide[..], &numbers].concat()).len(), 2);
}

#[test]
fn list_and_form_are_shown_in_every_language_and_nothing_typed_is_markup() {
    let tables = sample::tables();
    let names = names(&tables);
    let new = read(&form(&TYPED), &names, None, Lang::En).unwrap();
    let rule = rule(NewRule { name: "<b>Roses</b>".to_owned(), ..new });
    for lang in Lang::ALL {
        for role in [Role::Merchandiser, Role::Support] {
            let staff = Staff {
                id: StaffId::new(1),
                email: "a@b.c".to_owned(),
                name: "Aisha".to_owned(),
                roles: vec![role],
            };
            let caller = sample::caller("/office/rules", lang);
            let colleague = Colleague { staff, caller };
            let words = rule_words_of(lang);
            let found = std::slice::from_ref(&rule);

            let list = RulesPage::new(&colleague, &tables, &Filter::default(), found, &names);
            let list = list.render().unwrap();
            let form = filled(&rule, &names);
            let problems = Problems::of("do_text_0", "", words.bad_product);
            let trial = Trial::new(&form, &tables, &Found::Nothing, lang);
            let editor = EditorPage::new(&colleague, &tables, Some(&rule), &form, &problems, trial);
            let editor = editor.render().unwrap();

            for part in [words.live, "product:9", "red-rose", "KW/salmiya", "/office/rules/3"] {
                assert!(list.contains(part), "{lang}: {part}");
            }
            assert_eq!(list.contains("/office/rules/3/switch"), role == Role::Merchandiser);
            assert_eq!(editor.contains("save-bar"), role == Role::Merchandiser);
            assert!(editor.contains(words.bad_product) && editor.contains("value=\"red-rose\""));
            assert!(list.contains(words.segment) && editor.contains(words.segment_example));
            let chosen = editor.split("name=\"try_segment\"").nth(1).unwrap();
            let chosen = chosen.split("</select>").next().unwrap();
            assert!(chosen.contains("value=\"2\" selected"), "{lang}: {chosen}");
            assert!(!list.contains("<b>") && !editor.contains("<b>"));
        }
    }
}

#[test]
fn a_press_on_a_hit_becomes_a_line_and_a_second_one_changes_it() {
    let pressed = |fields: &[(&str, &str)]| {
        let form = picked(&form(fields));
        let field = |name: &str, place: usize| form.get(&format!("do_{name}_{place}")).to_owned();
        let line = |place| [field("kind", place), field("text", place), field("number", place)];
        (0..3).map(line).collect::<Vec<_>>()
    };
    let line = |kind: &str, text: &str, number: &str| [kind, text, number].map(str::to_owned);
    let first = [("do_kind_0", "pin"), ("do_text_0", "tulip"), ("do_number_0", "1")];
    let nothing = line("", "", "");

    let put = pressed(&[&first[..], &[("do_kind_1", ""), ("put", "red-rose")]].concat());
    assert_eq!(put, [line("pin", "tulip", "1"), line("pin", "red-rose", "2"), nothing.clone()]);
    let hidden = pressed(&[&first[..], &[("drop", "tulip")]].concat());
    assert_eq!(hidden, [line("hide", "tulip", ""), nothing.clone(), nothing.clone()]);
    assert_eq!(pressed(&[("put", "lily")])[0], line("pin", "lily", "1"));
    assert_eq!(pressed(&first)[0], line("pin", "tulip", "1"));
}
