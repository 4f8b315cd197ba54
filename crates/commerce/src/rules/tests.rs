//! Rules as the staff changes them, against a fresh database.

use jiff::{Timestamp, ToSpan as _};
use souk_base::{Action, BrandId, Condition, ProductId, Rule, Target};
use souk_testdb::TestDb;

use super::{
    Difference, Filter, NewRule, State, apply, create, find, get, list, lock, remove, update,
};
use crate::writes::etag;
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error, Result, tables};

const ROWS: &str = "insert into categories (id, slug) values (1, 'roses');
    insert into products (id, slug, category_id) values (1, 'red-rose', 1), (2, 'white-rose', 1)";

fn rule(name: &str) -> NewRule {
    NewRule {
        name: name.to_owned(),
        enabled: true,
        priority: 0,
        market: None,
        conditions: vec![Condition::QueryIs("roses".to_owned())],
        actions: vec![Action::Pin { product: ProductId::new(1), position: 1 }],
        starts_at: None,
        ends_at: None,
    }
}

async fn shop() -> TestDb {
    let db = TestDb::new().await;
    db.run(ROWS).await;
    db
}

fn names(rules: &[Rule]) -> Vec<&str> {
    rules.iter().map(|rule| &*rule.name).collect()
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rule_is_added_changed_and_removed_with_an_audit_row_each() {
    let db = shop().await;
    let mut open = write(db.pool()).await;
    let id = create(&mut open, &rule("roses first")).await.unwrap();
    let tag = etag(&get(&mut open, id).await.unwrap());
    let now = Timestamp::now().round(jiff::Unit::Second).unwrap();
    let change = NewRule { starts_at: Some(now), priority: 5, ..rule("roses first") };
    lock(&mut open, id, Some(&tag)).await.unwrap();
    update(&mut open, id, &change).await.unwrap();
    update(&mut open, id, &change).await.unwrap();
    assert!(matches!(lock(&mut open, id, Some(&tag)).await, Err(Error::Stale)));
    assert_eq!(NewRule::from(get(&mut open, id).await.unwrap()), change);
    assert_eq!(names(&tables(&mut open).await.unwrap().rules), ["roses first"]);
    remove(&mut open, id).await.unwrap();
    assert!(matches!(get(&mut open, id).await, Err(Error::NotFound)));
    keep(db.pool(), open).await;

    let audit = audited(db.pool()).await;
    let actions: Vec<_> = audit.iter().map(|(action, _)| &**action).collect();
    assert_eq!(actions, ["rules.create", "rules.update", "rules.remove"]);
    assert_eq!(audit[1].1["changed"], serde_json::json!(["priority", "starts_at"]));
}

#[tokio::test]
async fn search_reads_the_enabled_rules_that_can_be_read() {
    let db = shop().await;
    let mut open = write(db.pool()).await;
    create(&mut open, &rule("on")).await.unwrap();
    create(&mut open, &NewRule { enabled: false, ..rule("off") }).await.unwrap();
    keep(db.pool(), open).await;
    db.run(r#"insert into rules (name, actions) values ('broken', '[{"pin": 7}]')"#).await;

    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(names(&tables(&mut connection).await.unwrap().rules), ["on"]);
    let rules = list(&mut connection).await.unwrap();
    let now = Timestamp::now();
    let states: Vec<_> = rules.iter().map(|rule| State::of(rule, now)).collect();
    assert_eq!(states, [State::Live, State::Off, State::Unreadable]);
}

#[tokio::test]
async fn a_list_goes_by_priority_and_is_narrowed_by_text_market_and_state() {
    let db = shop().await;
    let now = Timestamp::now();
    let kuwait = Some("KW".parse().unwrap());
    let mut open = write(db.pool()).await;
    for new in [
        NewRule { priority: -1, ..rule("last") },
        NewRule { priority: 9, market: kuwait, ..rule("first") },
        NewRule { starts_at: Some(now + 1.hour()), ..rule("later") },
        NewRule { ends_at: Some(now - 1.hour()), ..rule("over") },
        NewRule { enabled: false, ends_at: Some(now - 1.hour()), ..rule("off") },
    ] {
        create(&mut open, &new).await.unwrap();
    }

    let found = async |open: &mut _, filter| {
        let rules = find(open, &filter, now, None, 10).await.unwrap();
        rules.into_iter().map(|rule| rule.name).collect::<Vec<_>>().join(" ")
    };
    let all = Filter::default();
    assert_eq!(found(&mut *open, all.clone()).await, "first later over off last");
    let state = |state| Filter { state: Some(state), ..Filter::default() };
    assert_eq!(found(&mut *open, state(State::Live)).await, "first last");
    assert_eq!(found(&mut *open, state(State::Scheduled)).await, "later");
    assert_eq!(found(&mut *open, state(State::Ended)).await, "over");
    assert_eq!(found(&mut *open, state(State::Off)).await, "off");
    let text = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() };
    assert_eq!(found(&mut *open, text("LAT")).await, "later");
    assert_eq!(found(&mut *open, text("roses")).await, "first later over off last");
    let britain = Filter { market: Some("GB".parse().unwrap()), ..all.clone() };
    assert_eq!(found(&mut *open, britain).await, "later over off last");
    let first = find(&mut open, &all, now, None, 2).await.unwrap();
    let after = Some((first[1].priority, first[1].id));
    let rest = find(&mut open, &all, now, after, 10).await.unwrap();
    assert_eq!(names(&rest), ["over", "off", "last"]);
}

#[tokio::test]
async fn a_rule_that_names_what_does_not_exist_is_refused() {
    let db = shop().await;
    let mut open = write(db.pool()).await;
    let with = |action| NewRule { actions: vec![action], ..rule("roses first") };
    let where_ = |condition| NewRule { conditions: vec![condition], ..rule("roses first") };
    let what = Target::Brand(BrandId::new(8));
    for (new, expected) in [
        (with(Action::Hide(ProductId::new(9))), "no product 9"),
        (with(Action::Boost { what, percent: 10 }), "no brand 8"),
        (with(Action::Bury { what: Target::Category(7.into()), percent: 10 }), "no category 7"),
        (with(Action::Bury { what: Target::Value(6.into()), percent: 10 }), "no attribute value 6"),
        (with(Action::Filter("taste:sweet".to_owned())), "filter by \"taste\""),
        (where_(Condition::Category(5.into())), "no category 5"),
        (where_(Condition::City(4.into())), "no city 4"),
    ] {
        assert!(reason(create(&mut open, &new).await).contains(expected), "{expected}");
    }
    create(&mut open, &with(Action::Filter("price:..5000".to_owned()))).await.unwrap();
}

#[tokio::test]
async fn what_the_database_refuses_is_named() {
    let db = shop().await;
    let refused = async |new: NewRule| {
        let mut open = write(db.pool()).await;
        create(&mut open, &rule("taken")).await.unwrap();
        conflict(create(&mut open, &new).await)
    };
    let now = Timestamp::now();
    let year_1 = "0001-01-01T00:00:00Z".parse().unwrap();

    assert_eq!(refused(rule("taken")).await, Conflict::RuleNameTaken);
    assert_eq!(refused(rule("")).await, Conflict::RuleNameInvalid);
    assert_eq!(refused(rule(&"x".repeat(201))).await, Conflict::RuleNameInvalid);
    let high = NewRule { priority: 1_001, ..rule("high") };
    assert_eq!(refused(high).await, Conflict::RulePriorityOutOfRange);
    let backwards = NewRule { starts_at: Some(now), ends_at: Some(now), ..rule("backwards") };
    assert_eq!(refused(backwards).await, Conflict::RuleEndsBeforeStart);
    let old = NewRule { starts_at: Some(year_1), ..rule("old") };
    assert_eq!(refused(old).await, Conflict::RuleTimeOutOfRange);
    let nowhere = NewRule { market: Some("XX".parse().unwrap()), ..rule("nowhere") };
    assert_eq!(refused(nowhere).await, Conflict::NoSuchMarket);
}

#[tokio::test]
async fn a_list_that_is_applied_twice_changes_nothing_the_second_time() {
    let db = shop().await;
    let wanted = [rule("a"), NewRule { priority: 3, ..rule("b") }];
    let mut open = write(db.pool()).await;
    create(&mut open, &rule("b")).await.unwrap();
    create(&mut open, &rule("c")).await.unwrap();

    let first = apply(&mut open, &wanted, false).await.unwrap();
    let second = apply(&mut open, &wanted, false).await.unwrap();
    let pruned = apply(&mut open, &wanted, true).await.unwrap();

    let changed = Difference::Changed { name: "b".to_owned(), fields: vec!["priority"] };
    assert_eq!(first, [Difference::Added { name: "a".to_owned() }, changed]);
    assert_eq!(second, []);
    assert_eq!(pruned, [Difference::Removed { name: "c".to_owned() }]);
    assert_eq!(names(&list(&mut open).await.unwrap()), ["b", "a"]);
    assert!(reason(apply(&mut open, &[rule("a"), rule("a")], false).await).contains("two rules"));
    let nothing = NewRule { actions: Vec::new(), ..rule("d") };
    assert!(reason(apply(&mut open, &[nothing], false).await).contains("in the rule \"d\""));
}
