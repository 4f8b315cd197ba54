//! Versions of the settings, against a fresh database.

use std::time::Duration;

use souk_testdb::TestDb;

use super::{Goals, NewSettings, Objective, find, newest, set};
use crate::notices::{Notice, Notices};
use crate::writes::fixture::{keep, write};
use crate::{Conflict, Error};

fn settings(market: Option<&str>, goals: Goals) -> NewSettings {
    NewSettings {
        market: market.map(|market| market.parse().unwrap()),
        placements: [("home".to_owned(), goals)].into(),
        note: "winter".to_owned(),
    }
}

fn goals(objective: Objective) -> Goals {
    Goals { objective: Some(objective), ..Goals::default() }
}

#[tokio::test]
async fn the_newest_version_of_each_market_counts_and_everybody_hears_of_it() {
    let db = TestDb::new().await;
    let mut notices = Notices::listen(db.pool()).await.unwrap();
    assert_eq!(notices.next().await.unwrap(), Notice::Unknown);
    let mut open = write(db.pool()).await;
    let first = set(&mut open, &settings(None, goals(Objective::Margin)), Some(0)).await.unwrap();
    let kuwait = settings(Some("KW"), goals(Objective::Revenue));
    let kuwait = set(&mut open, &kuwait, None).await.unwrap();
    keep(db.pool(), open).await;

    let heard = tokio::time::timeout(Duration::from_secs(1), notices.next()).await;
    assert_eq!(heard.unwrap().unwrap(), Notice::Models);
    let mut connection = db.pool().acquire().await.unwrap();
    let now = newest(&mut connection).await.unwrap();
    let objective = |market: &str, place| now.goals(market.parse().unwrap(), place).objective;
    assert_eq!(objective("KW", "home"), Some(Objective::Revenue));
    assert_eq!(objective("GB", "home"), Some(Objective::Margin));
    assert_eq!(objective("GB", "cart"), None);
    let kept = find(&mut connection, None, None, 10).await.unwrap();
    assert_eq!(kept, [kuwait, first]);
    let mut open = write(db.pool()).await;
    let stale = set(&mut open, &settings(None, Goals::default()), Some(0)).await;
    assert!(matches!(stale, Err(Error::Stale)));
}

#[tokio::test]
async fn what_is_no_goal_is_refused_and_passed_over_where_a_script_wrote_it() {
    let db = TestDb::new().await;
    let share = |diversity| Goals { diversity: Some(diversity), ..Goals::default() };
    let many = Goals { sellers_min: Some(9), ..Goals::default() };
    let new = Goals { new_places: Some(5), ..Goals::default() };
    for none in [share(-0.1), share(1.1), share(f32::NAN), many, new] {
        let mut open = write(db.pool()).await;
        let refused = set(&mut open, &settings(None, none), None).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "placements", .. })), "{none:?}");
    }
    let mut open = write(db.pool()).await;
    let nowhere = set(&mut open, &settings(Some("XX"), Goals::default()), None).await;
    assert!(matches!(nowhere, Err(Error::Conflict(Conflict::NoSuchMarket))));
    let mut open = write(db.pool()).await;
    set(&mut open, &settings(None, goals(Objective::Conversion)), None).await.unwrap();
    keep(db.pool(), open).await;
    db.run(
        r#"insert into recommendation_settings (placements) values
               ('{"home": {"objective": "fame"}}'), ('{"sofa": {}}'), ('{"home": {"diversity": 2}}')"#,
    )
    .await;

    let mut connection = db.pool().acquire().await.unwrap();
    let now = newest(&mut connection).await.unwrap();

    let read = now.goals("KW".parse().unwrap(), "home").objective;
    assert_eq!(read, Some(Objective::Conversion));
    let kept = find(&mut connection, None, None, 10).await.unwrap();
    assert_eq!(kept.iter().filter(|version| version.placements.is_none()).count(), 3);
}
