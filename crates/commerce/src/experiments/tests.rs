//! Experiments against a fresh database.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use souk_base::{Currency, Money};
use souk_testdb::TestDb;

use super::{
    ExperimentId, Exposure, Kind, Move, NewExperiment, Preferred, SEARCH, State, Variant, create,
    expose, find, forget_old, get, lock, preferred, remove, results, running, shift, update,
};
use crate::checkout::fixture::{bought, now, shop};
use crate::events::{self, Event};
use crate::notices::{Notice, Notices};
use crate::recommendation_settings::{Goals, Objective};
use crate::recommendations::{self, List, Mixed};
use crate::searches::QueryId;
use crate::writes::etag;
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error};

fn new(name: &str, place: &str) -> NewExperiment {
    NewExperiment {
        name: name.to_owned(),
        market: Some("KW".parse().unwrap()),
        kind: Kind::Split,
        place: place.to_owned(),
        variants: vec![
            Variant::of("as ever", 1),
            Variant { personalise: Some(false), ..Variant::of("for all", 1) },
        ],
        note: String::new(),
    }
}

/// An experiment that runs since this instant.
async fn started(db: &TestDb, new: &NewExperiment, since: Timestamp) -> ExperimentId {
    let mut open = write(db.pool()).await;
    let id = create(&mut open, new).await.unwrap();
    shift(&mut open, id, Move::Start, since).await.unwrap();
    keep(db.pool(), open).await;
    id
}

fn exposure(experiment: ExperimentId, visitor: &str, variant: u8, time: Timestamp) -> Exposure {
    let (visitor, variant) = (visitor.to_owned(), Some(variant));
    Exposure { experiment, visitor, market: "KW".parse().unwrap(), variant, time }
}

#[tokio::test]
async fn an_experiment_is_made_started_and_stopped_and_everybody_hears_of_it() {
    let db = TestDb::new().await;
    let mut notices = Notices::listen(db.pool()).await.unwrap();
    assert_eq!(notices.next().await.unwrap(), Notice::Unknown);
    let id = started(&db, &new("history", SEARCH), now()).await;

    let heard = tokio::time::timeout(Duration::from_secs(1), notices.next()).await;
    assert_eq!(heard.unwrap().unwrap(), Notice::Models);
    let mut connection = db.pool().acquire().await.unwrap();
    let runs = running(&mut connection).await.unwrap();
    assert_eq!(runs.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
    let mut open = write(db.pool()).await;
    let stopped = shift(&mut open, id, Move::Stop, now()).await.unwrap();
    assert_eq!(stopped.state, State::Stopped);
    assert!(stopped.started_at.is_some() && stopped.stopped_at.is_some());
    let again = shift(&mut open, id, Move::Start, now()).await;
    assert!(matches!(again, Err(Error::IllegalExperimentMove(_))));
    keep(db.pool(), open).await;
    assert!(running(&mut connection).await.unwrap().is_empty());
    let listed = find(&mut connection, Some("KW".parse().unwrap()), None, 10).await.unwrap();
    assert_eq!(listed, [stopped]);
    assert!(find(&mut connection, Some("GB".parse().unwrap()), None, 10).await.unwrap().is_empty());
    let actions: Vec<_> = audited(db.pool()).await.into_iter().map(|it| it.0).collect();
    assert_eq!(actions, ["experiments.create", "experiments.move", "experiments.move"]);
}

#[tokio::test]
async fn of_what_visitors_have_seen_only_name_and_note_can_change() {
    let db = TestDb::new().await;
    let id = started(&db, &new("history", "home"), now()).await;
    let mut open = write(db.pool()).await;

    let mut changed = new("another name", "home");
    update(&mut open, id, &changed).await.unwrap();
    changed.variants[0].weight = 2;
    let refused = update(&mut open, id, &changed).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "variants", .. })), "{refused:?}");
    assert!(matches!(remove(&mut open, id).await, Err(Error::Conflict(Conflict::ExperimentBegun))));

    let draft = create(&mut open, &new("draft", "home")).await.unwrap();
    changed.name = "draft, too".to_owned();
    update(&mut open, draft, &changed).await.unwrap();
    let read = get(&mut open, draft).await.unwrap();
    assert_eq!(read.weights(), [2, 1]);
    assert!(matches!(lock(&mut open, draft, Some("\"old\"")).await, Err(Error::Stale)));
    lock(&mut open, draft, Some(&etag(&read))).await.unwrap();
    remove(&mut open, draft).await.unwrap();
    assert!(matches!(get(&mut open, draft).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_place_of_a_market_has_one_experiment_at_a_time_and_all_markets_count_as_each() {
    let db = TestDb::new().await;
    let of = |market: Option<&str>, name: &str, place: &str| {
        let market = market.map(|market| market.parse().unwrap());
        NewExperiment { market, ..new(name, place) }
    };
    started(&db, &of(Some("KW"), "one", "home"), now()).await;
    started(&db, &of(Some("GB"), "abroad", "home"), now()).await;
    started(&db, &of(Some("KW"), "elsewhere", "cart"), now()).await;
    started(&db, &of(None, "everywhere", "trending"), now()).await;

    for (market, place) in [(Some("KW"), "home"), (None, "cart"), (Some("KW"), "trending")] {
        let mut open = write(db.pool()).await;
        let id = create(&mut open, &of(market, "two", place)).await.unwrap();
        let refused = shift(&mut open, id, Move::Start, now()).await;
        let is_running = matches!(refused, Err(Error::Conflict(Conflict::ExperimentRunning)));
        assert!(is_running, "{market:?} {place}: {refused:?}");
        open.roll_back().await.unwrap();
    }
    let mut open = write(db.pool()).await;
    let taken = create(&mut open, &new("one", "home")).await;
    assert!(matches!(taken, Err(Error::Conflict(Conflict::ExperimentNameTaken))));
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_and_does_not_run_where_a_script_wrote_it() {
    let db = TestDb::new().await;
    let with = |change: fn(&mut NewExperiment)| {
        let mut it = new("x", "home");
        change(&mut it);
        it
    };
    let wrong = [
        with(|it| it.place = "sofa".to_owned()),
        with(|it| it.variants.truncate(1)),
        with(|it| it.variants[1].name = it.variants[0].name.clone()),
        with(|it| it.variants[1].name = " ".to_owned()),
        with(|it| it.variants[0].weight = 0),
        with(|it| it.variants[0].goals.diversity = Some(2.0)),
        with(|it| {
            it.place = SEARCH.to_owned();
            it.variants[0].goals.objective = Some(Objective::Margin);
        }),
        with(|it| {
            it.place = SEARCH.to_owned();
            it.kind = Kind::Interleaving;
        }),
        with(|it| {
            it.kind = Kind::Interleaving;
            it.variants.push(Variant::of("third", 1));
        }),
        with(|it| {
            it.market = None;
            it.variants[0].models.insert("blend".to_owned(), "v".to_owned());
        }),
    ];
    for new in wrong {
        let mut open = write(db.pool()).await;
        let refused = create(&mut open, &new).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{new:?}: {refused:?}");
    }
    let mut open = write(db.pool()).await;
    let unknown = with(|it| _ = it.variants[0].models.insert("blend".to_owned(), "v".to_owned()));
    let id = create(&mut open, &unknown).await.unwrap();
    let refused = shift(&mut open, id, Move::Start, now()).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "variants", .. })), "{refused:?}");

    db.run(
        r#"insert into experiments (name, place, variants, state, started_at) values
               ('a', 'home', '[{"name": "only", "weight": 1}]', 'running', now()),
               ('b', 'cart', '[{"nome": "x"}]', 'running', now())"#,
    )
    .await;
    let mut connection = db.pool().acquire().await.unwrap();
    assert!(running(&mut connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn purchases_count_from_the_first_sight_on_and_each_visitor_once() {
    let db = shop().await;
    let ago = |hours| now() - SignedDuration::from_hours(hours);
    let id = started(&db, &new("history", "home"), ago(48)).await;
    let seen = [
        exposure(id, "early", 0, ago(1)),
        exposure(id, "early", 0, ago(24)),
        exposure(id, "late", 1, now() + SignedDuration::from_hours(1)),
        exposure(id, "looks", 1, ago(2)),
        exposure(id, "twice", 1, ago(2)),
    ];
    expose(db.pool(), &seen[..1]).await.unwrap();
    expose(db.pool(), &seen).await.unwrap();
    expose(db.pool(), &[exposure(ExperimentId::new(99), "early", 0, now())]).await.unwrap();
    for visitor in ["early", "late", "twice", "twice", "stranger"] {
        let done = bought(db.pool(), &[(3, 1)], "cash").await;
        let sql = format!(
            "update order_groups set visitor = '{visitor}' where id = (select group_id from orders where number = '{}')",
            done.numbers[0]
        );
        db.run(&sql).await;
    }

    let mut connection = db.pool().acquire().await.unwrap();
    let experiment = get(&mut connection, id).await.unwrap();
    let results = results(&mut connection, &experiment).await.unwrap();

    let counted: Vec<_> = results.iter().map(|it| (it.visitors, it.buyers, it.orders)).collect();
    assert_eq!(counted, [(1, 1, 1), (3, 1, 2)], "what was bought before is not of the variant");
    let spent = results[1].spent.unwrap();
    assert_eq!(spent.total, Money::new(5_000, Currency::Kwd));
    assert!((spent.squares - 25_000_000.0).abs() < 1e-6, "a visitor's purchases are one value");
    assert_eq!(
        db.count(
            "select count(*) from experiment_exposures where exposed_at < '2026-02-13T10:00:00Z'"
        )
        .await,
        1,
        "the first sight counts"
    );
}

#[tokio::test]
async fn of_a_mixed_list_each_visitor_prefers_who_brought_more_of_what_they_clicked() {
    let db = TestDb::new().await;
    let time = Timestamp::now();
    let mixed = NewExperiment { kind: Kind::Interleaving, ..new("rankings", "home") };
    let id = started(&db, &mixed, time).await;
    let list = |n: u128, visitor: &str| List {
        id: QueryId::new(time, n),
        market: "KW".parse().unwrap(),
        placement: "home",
        visitor: Some(visitor.to_owned()),
        model: "live".to_owned(),
        products: vec![1.into(), 2.into(), 3.into()],
        mixed: Some(Mixed { experiment: id, teams: vec![0, 1, -1] }),
    };
    let lists = [list(1, "a"), list(2, "a"), list(3, "b"), list(4, "c")];
    recommendations::append(db.pool(), &lists).await.unwrap();
    let clicked = [(0, "a", 2), (1, "a", 2), (0, "a", 2), (0, "a", 1), (2, "b", 1), (3, "c", 3)];
    let told = clicked.iter().enumerate().map(|(n, &(at, visitor, product))| {
        let market = "KW".parse().unwrap();
        let kind = events::Kind::RecommendationClick;
        Event {
            product_id: Some(product.into()),
            list: Some(lists[at].id),
            ..Event::of(&format!("e{n}"), kind, visitor, market, time)
        }
    });
    events::append(db.pool(), &told.collect::<Vec<_>>()).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let found = preferred(&mut connection, id).await.unwrap();

    assert_eq!(found, Preferred { one: 1, other: 1, neither: 1 });
}

#[tokio::test]
async fn who_saw_what_is_forgotten_half_a_year_after_its_end() {
    let db = TestDb::new().await;
    let ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    let id = started(&db, &new("old", "home"), ago(300)).await;
    expose(db.pool(), &[exposure(id, "v", 0, ago(250))]).await.unwrap();
    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(forget_old(&mut connection).await.unwrap(), 0, "it still runs");

    let mut open = write(db.pool()).await;
    shift(&mut open, id, Move::Stop, ago(200)).await.unwrap();
    keep(db.pool(), open).await;

    assert_eq!(forget_old(&mut connection).await.unwrap(), 1);
}

#[test]
fn what_a_variant_does_not_say_is_as_the_placement_has_it() {
    let set = Goals { objective: Some(Objective::Margin), new_places: Some(2), ..Goals::default() };
    let tried = Goals { objective: Some(Objective::Clicks), ..Goals::default() };

    let goals = tried.or(set);

    assert_eq!((goals.objective, goals.new_places), (Some(Objective::Clicks), Some(2)));
}
