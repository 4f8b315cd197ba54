//! The log and what follows from it, against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_base::{CityId, Lang, PopularQueries};
use souk_testdb::TestDb;

use super::{
    CARTED, CLICKED, Popular, QueryFigures, QueryId, ReportRequest, Search, append, block, recent,
    report, unblock,
};
use crate::events::{self, Event, Kind};
use crate::writes::fixture::{keep, write};

const KUWAIT_CITY: CityId = CityId::new(285_787);

fn ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

/// A search that found something.
fn search(visitor: &str, time: Timestamp, query: &str) -> Search {
    let visitor = Some(visitor.to_owned()).filter(|visitor| !visitor.is_empty());
    let id = QueryId::new(time, rand::random());
    Search { visitor, query: query.to_owned(), total: 3, ..Search::of(id, "KW".parse().unwrap()) }
}

fn click(id: &str, query_id: QueryId, position: Option<i32>) -> Event {
    let event = Event::of(id, Kind::SearchClick, "a", "KW".parse().unwrap(), Timestamp::now());
    Event { query_id: Some(query_id), position, ..event }
}

/// Text, searches and clicks of every intent in order.
async fn intents(db: &TestDb) -> Vec<(String, i32, i32)> {
    sqlx::query_as("select query, searches, clicks from search_intents order by time, query")
        .fetch_all(db.pool())
        .await
        .unwrap()
}

fn intent(query: &str, searches: i32, clicks: i32) -> (String, i32, i32) {
    (query.to_owned(), searches, clicks)
}

async fn logged(db: &TestDb) -> i64 {
    sqlx::query_scalar("select count(*) from searches").fetch_one(db.pool()).await.unwrap()
}

#[tokio::test]
async fn keystrokes_of_several_batches_become_one_intent_and_stay_in_the_log() {
    let db = TestDb::new().await;
    let typed = ["r", "ro", "ros", "rose"];
    for (at, query) in (0..).zip(typed) {
        append(db.pool(), vec![search("a", ago(60 - at), query)]).await.unwrap();
    }
    let other =
        [search("a", ago(50), "tulip"), search("b", ago(49), "rose"), search("", ago(48), "rose")];
    append(db.pool(), other.to_vec()).await.unwrap();

    let expected =
        [intent("rose", 4, 0), intent("tulip", 1, 0), intent("rose", 1, 0), intent("rose", 1, 0)];
    assert_eq!(intents(&db).await, expected);
    assert_eq!(logged(&db).await, 7);
}

#[tokio::test]
async fn a_search_is_written_once_and_may_hold_anything_that_is_typed() {
    let db = TestDb::new().await;
    let odd = search("a", ago(5), "ro\0se \u{200f}'\"; drop table searches");

    append(db.pool(), vec![odd.clone()]).await.unwrap();
    append(db.pool(), vec![odd]).await.unwrap();

    assert_eq!((logged(&db).await, intents(&db).await.len()), (1, 1));
}

#[tokio::test]
async fn a_click_counts_once_at_its_intent_and_ends_it() {
    let db = TestDb::new().await;
    let (first, page) = (search("a", ago(9), "rose"), search("a", ago(5), "rose"));
    let page = Search { further: true, ..page };
    append(db.pool(), vec![first.clone(), page.clone()]).await.unwrap();

    let clicks = [click("1", first.id, Some(4)), click("2", page.id, None)];
    events::append(db.pool(), &clicks).await.unwrap();
    events::append(db.pool(), &clicks).await.unwrap();
    append(db.pool(), vec![search("a", ago(3), "roses")]).await.unwrap();
    let nowhere = QueryId::new(ago(1), 1);
    events::append(db.pool(), &[click("3", nowhere, Some(1))]).await.unwrap();

    assert_eq!(intents(&db).await, [intent("rose", 1, 2), intent("roses", 1, 0)]);
    let all = figures(&db).await;
    assert_eq!(all[0].click_position, Some(4.0));
}

#[tokio::test]
async fn a_visitors_own_queries_come_newest_first_and_once_each() {
    let db = TestDb::new().await;
    let nothing = Search { total: 0, ..search("a", ago(40), "unicorn") };
    let mine = ["Rose", "tulip", "lily", "rose"];
    let mut searches: Vec<_> =
        (0..).zip(mine).map(|(at, query)| search("a", ago(4_000 - at * 60), query)).collect();
    searches.extend([nothing, search("b", ago(30), "vase")]);
    append(db.pool(), searches).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let mut own = async |market: &str, limit| {
        let market = market.parse().unwrap();
        recent(&mut connection, "a", market, Timestamp::now(), limit).await.unwrap()
    };

    assert_eq!(own("KW", 10).await, ["rose", "lily", "tulip"]);
    assert_eq!(own("KW", 2).await.len(), 2);
    assert!(own("GB", 10).await.is_empty());
}

fn texts(queries: &PopularQueries, city: Option<CityId>) -> Vec<&str> {
    let list = queries.of("KW".parse().unwrap(), Lang::En, city);
    list.map(|query| query.text.as_str()).collect()
}

/// `count` visitors, numbered from `first`, who mean a query `age_s` ago.
fn crowd(first: usize, count: usize, age_s: i64, query: &str) -> Vec<Search> {
    (first..first + count).map(|n| search(&format!("v{n}"), ago(age_s), query)).collect()
}

#[tokio::test]
async fn a_query_is_popular_from_five_visitors_on_and_while_it_finds_something() {
    let db = TestDb::new().await;
    let mut popular = Popular::default();
    let mut again = async || {
        let mut connection = db.pool().acquire().await.unwrap();
        popular.refresh(&mut connection, Timestamp::now()).await.unwrap()
    };
    append(db.pool(), crowd(0, 4, 600, "roses")).await.unwrap();
    append(db.pool(), vec![search("v0", ago(500), "roses")]).await.unwrap();
    assert_eq!(texts(&again().await, None), [""; 0], "four visitors, five times");

    append(db.pool(), crowd(9, 1, 15, "Roses")).await.unwrap();
    append(db.pool(), crowd(20, 7, 14, "tulips")).await.unwrap();
    append(db.pool(), crowd(30, 6, 13, "call 50123456")).await.unwrap();
    append(db.pool(), crowd(40, 6, 1, "still typing")).await.unwrap();
    let mut popular = Popular::default();
    let mut again = async || {
        let mut connection = db.pool().acquire().await.unwrap();
        popular.refresh(&mut connection, Timestamp::now()).await.unwrap()
    };
    assert_eq!(texts(&again().await, None), ["tulips", "Roses"]);

    let sold_out = Search { total: 0, ..search("v50", ago(12), "tulips") };
    append(db.pool(), vec![sold_out]).await.unwrap();
    let mut popular = Popular::default();
    let mut connection = db.pool().acquire().await.unwrap();
    let now = popular.refresh(&mut connection, Timestamp::now()).await.unwrap();
    assert_eq!(texts(&now, None), ["Roses"]);
}

#[tokio::test]
async fn a_later_reading_sees_what_was_meant_since() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    let mut popular = Popular::default();
    append(db.pool(), crowd(0, 5, 300, "roses")).await.unwrap();
    let before = popular.refresh(&mut connection, ago(60)).await.unwrap();

    append(db.pool(), crowd(0, 8, 30, "lilies")).await.unwrap();
    let after = popular.refresh(&mut connection, Timestamp::now()).await.unwrap();

    assert_eq!(
        (texts(&before, None), texts(&after, None)),
        (vec!["roses"], vec!["lilies", "roses"])
    );
}

#[tokio::test]
async fn an_older_crowd_weighs_less_and_a_city_has_its_own_list() {
    let db = TestDb::new().await;
    append(db.pool(), crowd(0, 9, 20 * 24 * 3_600, "old roses")).await.unwrap();
    append(db.pool(), crowd(0, 5, 60, "new roses")).await.unwrap();
    let of_city = crowd(20, 5, 7 * 24 * 3_600, "city roses").into_iter();
    let of_city = of_city.map(|search| Search { city: Some(KUWAIT_CITY), ..search });
    append(db.pool(), of_city.collect()).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let popular = Popular::default().refresh(&mut connection, Timestamp::now()).await.unwrap();

    assert_eq!(texts(&popular, None), ["new roses", "city roses", "old roses"]);
    assert_eq!(texts(&popular, Some(KUWAIT_CITY))[..2], ["city roses", "new roses"]);
}

#[tokio::test]
async fn what_people_chose_from_is_suggested_before_what_they_only_searched() {
    let db = TestDb::new().await;
    let (left, opened, bought) =
        (crowd(0, 7, 60, "rose vase"), crowd(0, 6, 60, "rose box"), crowd(0, 5, 60, "rose soap"));
    append(db.pool(), [left, opened.clone(), bought.clone()].concat()).await.unwrap();
    let weights = async || {
        let mut connection = db.pool().acquire().await.unwrap();
        let popular = Popular::default().refresh(&mut connection, Timestamp::now()).await.unwrap();
        let list = popular.of("KW".parse().unwrap(), Lang::En, None);
        list.map(|query| (query.text.clone(), query.weight)).collect::<Vec<_>>()
    };
    let order = |weights: &[(String, f64)]| -> Vec<String> {
        weights.iter().map(|it| it.0.clone()).collect()
    };
    assert_eq!(order(&weights().await), ["rose vase", "rose box", "rose soap"]);

    let chosen = opened.iter().chain(&bought).zip(0..);
    let clicks: Vec<Event> =
        chosen.map(|(search, id)| click(&format!("c{id}"), search.id, Some(1))).collect();
    let carts: Vec<Event> = bought
        .iter()
        .map(|search| Event {
            kind: Kind::AddToCart,
            ..click(&search.id.to_string(), search.id, None)
        })
        .collect();
    events::append(db.pool(), &[clicks, carts.clone()].concat()).await.unwrap();
    let once = weights().await;
    assert_eq!(order(&once), ["rose soap", "rose box", "rose vase"]);
    let share = once[0].1 / once[2].1;
    assert!((share - 5.0 * (1.0 + CLICKED + CARTED) / 7.0).abs() < 0.01, "{share}");

    let more: Vec<Event> =
        (0..).zip(carts).map(|(id, it)| Event { id: format!("again {id}"), ..it }).collect();
    events::append(db.pool(), &more).await.unwrap();
    assert_eq!(order(&weights().await), order(&once), "one intent counts once");
    assert!((weights().await[0].1 / weights().await[2].1 - share).abs() < 0.01);
}

#[tokio::test]
async fn a_blocked_word_is_suggested_in_no_spelling_until_it_is_let_go() {
    let db = TestDb::new().await;
    append(db.pool(), crowd(0, 5, 60, "Bad  Roses")).await.unwrap();
    append(db.pool(), crowd(0, 5, 50, "badges")).await.unwrap();
    let shown = async || {
        let mut connection = db.pool().acquire().await.unwrap();
        let popular = Popular::default().refresh(&mut connection, Timestamp::now()).await.unwrap();
        texts(&popular, None).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };

    let mut open = write(db.pool()).await;
    assert_eq!(block(&mut open, " BAD ").await.unwrap(), "bad");
    assert!(block(&mut open, " ـ ").await.is_err());
    keep(db.pool(), open).await;
    assert_eq!(shown().await, ["badges"]);

    let mut open = write(db.pool()).await;
    unblock(&mut open, "bad").await.unwrap();
    assert!(unblock(&mut open, "bad").await.is_err());
    keep(db.pool(), open).await;
    assert_eq!(shown().await.len(), 2);
}

async fn figures(db: &TestDb) -> Vec<QueryFigures> {
    let mut connection = db.pool().acquire().await.unwrap();
    report(&mut connection, week()).await.unwrap().top
}

fn week() -> ReportRequest {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let from = today.saturating_sub(jiff::Span::new().days(6));
    ReportRequest {
        market: "KW".parse().unwrap(),
        from,
        to: today,
        lang: None,
        city: None,
        limit: 10,
    }
}

#[tokio::test]
async fn a_report_counts_intents_searchers_clicks_and_what_found_nothing() {
    let db = TestDb::new().await;
    let clicked = search("a", ago(2), "Rose");
    let nothing = Search { total: 0, city: Some(KUWAIT_CITY), ..search("c", ago(2), "unicorn") };
    let mut searches =
        vec![clicked.clone(), search("b", ago(2), "rose"), search("", ago(2), "rose"), nothing];
    searches.push(Search { market: "GB".parse().unwrap(), ..search("d", ago(2), "tea") });
    append(db.pool(), searches).await.unwrap();
    let clicks = [click("1", clicked.id, Some(2)), click("2", clicked.id, Some(5))];
    events::append(db.pool(), &clicks).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let all = report(&mut connection, week()).await.unwrap();
    let city = ReportRequest { city: Some(KUWAIT_CITY), lang: Some(Lang::En), ..week() };
    let city = report(&mut connection, city).await.unwrap();

    let rose = QueryFigures {
        query: all.top[0].query.clone(),
        intents: 3,
        searchers: 2,
        without_results: 0,
        clicked: 1,
        click_position: Some(3.5),
        means: None,
        carted: 0,
        ordered: 0,
        revenue_minor: 0,
    };
    assert_eq!(all.top[0], rose);
    assert_eq!(all.without_results.len(), 1);
    assert_eq!(
        (all.without_results[0].query.as_str(), all.without_results[0].intents),
        ("unicorn", 1)
    );
    assert_eq!(all.days.len(), 7);
    let sums = all.days.iter().fold((0, 0, 0), |(a, b, c), day| {
        (a + day.intents, b + day.without_results, c + day.clicked)
    });
    assert_eq!(sums, (4, 1, 1));
    assert_eq!(city.top.len(), 1);
}

#[tokio::test]
async fn what_two_visitors_went_on_to_and_clicked_at_is_what_they_meant() {
    let db = TestDb::new().await;
    let mut searches = Vec::new();
    for visitor in ["a", "b", "c"] {
        searches.push(Search { total: 0, ..search(visitor, ago(200), "posy") });
    }
    // What was clicked at, but by one alone, or much later, or at once.
    let found = [("a", 150, "Bouquet"), ("b", 140, "bouquet"), ("c", 130, "tulips")];
    let found = found.map(|(visitor, seconds, query)| search(visitor, ago(seconds), query));
    searches.extend(found.clone());
    append(db.pool(), searches).await.unwrap();
    let clicks = found.iter().enumerate();
    let clicks: Vec<Event> =
        clicks.map(|(id, search)| click(&id.to_string(), search.id, Some(1))).collect();
    events::append(db.pool(), &clicks).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let report = report(&mut connection, week()).await.unwrap();

    assert_eq!(report.without_results[0].means.as_deref(), Some("bouquet"));
    assert!(report.top.iter().filter(|it| it.query != "posy").all(|it| it.means.is_none()));
}
