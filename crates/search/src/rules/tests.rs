//! Rules that are met, against trying each of them; and what they do together.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use souk_base::{
    Action, CategoryId, CityId, Condition, Lang, MarketCode, ProductId, Rule, RuleId, Target,
};

use super::{Effects, FACTOR_MAX, FACTOR_MIN, RuleBook, Situation};

fn rule(id: i64, conditions: Vec<Condition>, actions: Vec<Action>) -> Rule {
    Rule {
        id: RuleId::new(id),
        name: format!("rule {id}"),
        enabled: true,
        priority: 0,
        market: None,
        conditions,
        actions,
        starts_at: None,
        ends_at: None,
    }
}

fn kuwait() -> MarketCode {
    "KW".parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn typed<'s>(words: &'s [&'s str]) -> Situation<'s> {
    Situation { market: kuwait(), words, categories: &[], city: None, segment: None, now: at(0) }
}

fn met(rules: &[Rule], situation: &Situation<'_>) -> Vec<i64> {
    RuleBook::new(rules).matching(situation).iter().map(|rule| rule.id.get()).collect()
}

fn is(text: &str) -> Condition {
    Condition::QueryIs(text.to_owned())
}

#[test]
fn words_are_compared_folded_and_whole() {
    let rules = [
        rule(1, vec![is("Red ROSES!")], vec![]),
        rule(2, vec![Condition::QueryBegins("red".to_owned())], vec![]),
        rule(3, vec![Condition::QueryContains("roses box".to_owned())], vec![]),
        rule(4, vec![is("وَرْدَة")], vec![]),
        rule(5, vec![is("-")], vec![]),
        rule(6, vec![Condition::QueryEmpty, is("roses")], vec![]),
    ];

    assert_eq!(met(&rules, &typed(&["red", "roses"])), [1, 2]);
    assert_eq!(met(&rules, &typed(&["reds", "roses"])), [0; 0]);
    assert_eq!(met(&rules, &typed(&["white", "roses", "box"])), [3]);
    assert_eq!(met(&rules, &typed(&["roses"])), [6]);
    assert_eq!(met(&rules, &typed(&[])), [6]);
    assert_eq!(met(&rules, &typed(&[&*crate::analysis::fold("ورده")])), [4]);
}

#[test]
fn everything_that_a_rule_names_must_hold_and_the_stronger_comes_first() {
    let (roses, salmiya) = (CategoryId::new(2), CityId::new(7));
    let narrow = vec![is("box"), Condition::Category(roses), Condition::City(salmiya)];
    let rules = [
        rule(1, narrow, vec![]),
        Rule { priority: 5, ..rule(2, vec![Condition::Category(roses)], vec![]) },
        Rule { starts_at: Some(at(10)), ends_at: Some(at(20)), ..rule(3, vec![], vec![]) },
        Rule { enabled: false, ..rule(4, vec![], vec![]) },
        Rule { market: Some("GB".parse().unwrap()), ..rule(5, vec![], vec![]) },
        rule(6, vec![Condition::City(salmiya), Condition::City(CityId::new(8))], vec![]),
    ];

    let path = [roses, CategoryId::new(1)];
    let situation = Situation { categories: &path, city: Some(salmiya), ..typed(&["box"]) };
    assert_eq!(met(&rules, &situation), [2, 1, 6]);
    assert_eq!(met(&rules, &Situation { city: None, ..situation }), [2]);
    assert_eq!(met(&rules, &Situation { categories: &[], ..situation }), [6]);
    let on = |second| met(&rules, &Situation { now: at(second), ..typed(&["x"]) });
    assert_eq!([on(9), on(10), on(19), on(20)], [vec![], vec![3], vec![3], vec![]]);
}

#[test]
fn a_rule_for_kinds_of_customers_holds_for_them_and_for_nobody_who_is_unknown() {
    let both = vec![Condition::Segment(1), Condition::Segment(2)];
    let rules = [
        rule(1, both.clone(), vec![]),
        rule(2, [vec![is("roses")], both].concat(), vec![]),
        rule(3, vec![], vec![]),
    ];
    let of = |segment, words: &[&str]| met(&rules, &Situation { segment, ..typed(words) });

    assert_eq!(of(Some(1), &["roses"]), [1, 2, 3]);
    assert_eq!(of(Some(2), &["tulips"]), [1, 3]);
    assert_eq!(of(Some(3), &["roses"]), [3]);
    assert_eq!(of(None, &["roses"]), [3]);

    let british = [Rule { market: Some("GB".parse().unwrap()), ..rules[1].clone() }];
    let asks = |rules: &[Rule]| RuleBook::new(rules).asks_for_segments(kuwait());
    assert_eq!([asks(&rules), asks(&rules[2..]), asks(&british)], [true, false, false]);
}

const WORDS: [&str; 3] = ["a", "b", "c"];

fn some_text() -> impl Strategy<Value = String> {
    vec(select(WORDS.to_vec()), 1..4).prop_map(|words| words.join(" "))
}

fn some_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        some_text().prop_map(Condition::QueryIs),
        some_text().prop_map(Condition::QueryBegins),
        some_text().prop_map(Condition::QueryContains),
        Just(Condition::QueryEmpty),
        (1..4_i64).prop_map(|id| Condition::Category(CategoryId::new(id))),
        (1..4_i64).prop_map(|id| Condition::City(CityId::new(id))),
        (1..4_u16).prop_map(Condition::Segment),
    ]
}

fn some_rule() -> impl Strategy<Value = Rule> {
    let market = option::of(select(vec![kuwait(), "GB".parse().unwrap()]));
    let time = (option::of(0..4_i64), option::of(0..4_i64));
    (vec(some_condition(), 0..4), any::<bool>(), -2..3, market, time).prop_map(
        |(conditions, enabled, priority, market, (start, end))| Rule {
            enabled,
            priority,
            market,
            starts_at: start.map(at),
            ends_at: end.map(at),
            ..rule(0, conditions, vec![])
        },
    )
}

/// Whether a rule holds, straight from what its fields say.
fn holds(rule: &Rule, situation: &Situation<'_>) -> bool {
    let text = format!(" {} ", situation.words.join(" "));
    let fits = |condition: &Condition| match condition {
        Condition::QueryIs(words) => text == format!(" {words} "),
        Condition::QueryBegins(words) => text.starts_with(&format!(" {words} ")),
        Condition::QueryContains(words) => text.contains(&format!(" {words} ")),
        Condition::QueryEmpty => situation.words.is_empty(),
        Condition::Category(id) => situation.categories.contains(id),
        Condition::City(id) => situation.city == Some(*id),
        Condition::Segment(number) => situation.segment == Some(*number),
    };
    let kind = |condition: &Condition| match condition {
        Condition::Category(_) => 1,
        Condition::City(_) => 2,
        Condition::Segment(_) => 3,
        _ => 0,
    };
    rule.enabled
        && rule.market.is_none_or(|market| market == situation.market)
        && rule.starts_at.is_none_or(|start| start <= situation.now)
        && rule.ends_at.is_none_or(|end| situation.now < end)
        && [0, 1, 2, 3].iter().all(|wanted| {
            let mut of_kind = rule.conditions.iter().filter(|it| kind(it) == *wanted).peekable();
            of_kind.peek().is_none() || of_kind.any(fits)
        })
}

proptest! {
    #[test]
    fn a_book_finds_what_trying_every_rule_finds(
        mut rules in vec(some_rule(), 0..40),
        words in vec(select(WORDS.to_vec()), 0..6),
        categories in vec(1..4_i64, 0..3),
        city in option::of(1..4_i64),
        segment in option::of(1..4_u16),
        second in 0..4_i64,
    ) {
        for (id, rule) in (1..).zip(&mut rules) {
            rule.id = RuleId::new(id);
        }
        let categories: Vec<_> = categories.into_iter().map(CategoryId::new).collect();
        let situation = Situation {
            categories: &categories,
            city: city.map(CityId::new),
            segment,
            now: at(second),
            ..typed(&words)
        };

        let found = met(&rules, &situation);
        let asks = RuleBook::new(&rules).asks_for_segments(kuwait());
        let unknown = Situation { segment: None, ..situation };
        prop_assert!(asks || found == met(&rules, &unknown));

        rules.retain(|rule| holds(rule, &situation));
        rules.sort_by_key(|rule| (-rule.priority, rule.id));
        prop_assert_eq!(found, rules.iter().map(|rule| rule.id.get()).collect::<Vec<_>>());
    }
}

fn pin(product: i64, position: u16) -> Action {
    Action::Pin { product: ProductId::new(product), position }
}

fn hide(product: i64) -> Action {
    Action::Hide(ProductId::new(product))
}

fn effects(actions: Vec<Vec<Action>>) -> Effects {
    let rules: Vec<Rule> =
        (1..).zip(actions).map(|(id, actions)| rule(id, vec![], actions)).collect();
    Effects::of(&rules.iter().collect::<Vec<_>>())
}

#[test]
fn the_first_rule_has_its_way_about_a_place_and_a_product() {
    let effects = effects(vec![
        vec![hide(1), pin(1, 1), pin(2, 3), hide(9)],
        vec![pin(3, 1), pin(2, 2), pin(4, 2), hide(2), hide(5), pin(9, 7)],
        vec![pin(5, 4), pin(6, 5)],
    ]);

    let pins: Vec<_> = effects.pins.iter().map(|(place, id)| (*place, id.get())).collect();
    assert_eq!(pins, [(1, 1), (2, 4), (3, 2), (5, 6)]);
    let mut hidden: Vec<_> = effects.hidden.iter().map(|id| id.get()).collect();
    hidden.sort_unstable();
    assert_eq!(hidden, [5, 9]);
    assert_eq!(effects.rules, [1, 2, 3].map(RuleId::new));
}

#[test]
fn boosts_and_buries_multiply_within_bounds() {
    let (one, brand) = (Target::Product(1.into()), Target::Brand(2.into()));
    let boost = |what, percent| Action::Boost { what, percent };
    let bury = |what, percent| Action::Bury { what, percent };

    let plain = effects(vec![
        vec![boost(one, 100), bury(brand, 50)],
        vec![boost(one, 50), boost(brand, 10)],
    ]);
    assert!((plain.factor(|what| what == one) - 3.0).abs() < 1e-5);
    assert!((plain.factor(|what| what == brand) - 0.55).abs() < 1e-5);
    assert!((plain.factor(|_| true) - 1.65).abs() < 1e-5);
    assert!((plain.factor(|_| false) - 1.0).abs() < 1e-5);

    let strong = effects(vec![vec![boost(one, 900); 9], vec![bury(brand, 100)]]);
    assert!((strong.factor(|what| what == one) - FACTOR_MAX).abs() < 1e-5);
    assert!((strong.factor(|what| what == brand) - FACTOR_MIN).abs() < 1e-5);
}

#[test]
fn one_redirect_banner_and_replacement_count_and_all_filters_and_synonyms() {
    let banner = |text: &str| Action::Banner {
        text: [(Lang::En, text.to_owned())].into(),
        link: Some("/KW".to_owned()),
    };
    let synonym = |words: [&str; 2]| Action::Synonym(words.map(str::to_owned).into());
    let to = |address: &str| Action::Redirect(address.to_owned());
    let filter = |filter: &str| Action::Filter(filter.to_owned());
    let replace = |words: &str| Action::Replace(words.to_owned());

    let effects = effects(vec![
        vec![banner("first"), filter("colour:red"), synonym(["bunch", "bouquet"])],
        vec![banner("second"), to("/KW/c/roses"), filter("price:..5000"), replace("roses")],
        vec![to("/KW/c/gifts"), filter("colour:red"), replace("gifts"), synonym(["bunch", "posy"])],
    ]);

    assert_eq!(effects.banner.unwrap().text[&Lang::En], "first");
    assert_eq!(effects.redirect.as_deref(), Some("/KW/c/roses"));
    assert_eq!(effects.replacement.as_deref(), Some("roses"));
    assert_eq!(effects.filters, ["colour:red", "price:..5000"]);
    let meant = effects.synonyms.lookup(kuwait(), Lang::Ar, &["bunch"]);
    assert_eq!(meant[0].alternatives, [["bouquet".to_owned()], ["posy".to_owned()]]);
    assert!(Effects::of(&[]).is_empty());
}
