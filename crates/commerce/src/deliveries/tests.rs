//! Delivery windows as they are read, and what the database refuses, against a fresh database.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use souk_base::{CityId, Deliveries, SellerId};
use souk_testdb::TestDb;
use sqlx::PgPool;

use crate::{Conflict, Error, tables};

const KUWAIT_CITY: CityId = CityId::new(285_787);
const LONDON: CityId = CityId::new(2_643_743);
const SELLER: SellerId = SellerId::new(1);

async fn deliveries(pool: &PgPool) -> HashMap<CityId, Deliveries> {
    tables(&mut pool.acquire().await.unwrap()).await.unwrap().deliveries
}

/// The slots of a day as `begin-end, cut-off` in local time.
fn day(city: &Deliveries, date: Date) -> Vec<String> {
    let local = |instant| city.time_zone.to_datetime(instant).strftime("%H").to_string();
    let slots = city.slots_on(SELLER, date);
    slots
        .iter()
        .map(|slot| {
            let [from, to, until] = [slot.starts_at, slot.ends_at, slot.cut_off_at].map(local);
            format!("{from}-{to}, {until}")
        })
        .collect()
}

#[tokio::test]
async fn every_seeded_city_has_a_day_of_windows_and_arab_fridays_begin_later() {
    let db = TestDb::new().await;
    let cities: i64 =
        sqlx::query_scalar("select count(*) from cities").fetch_one(db.pool()).await.unwrap();

    let deliveries = deliveries(db.pool()).await;

    assert_eq!(deliveries.len(), usize::try_from(cities).unwrap());
    let (friday, saturday) = (date(2026, 2, 13), date(2026, 2, 14));
    let kuwait = &deliveries[&KUWAIT_CITY];
    assert_eq!(day(kuwait, saturday), ["10-14, 09", "14-18, 13", "18-22, 19"]);
    assert_eq!(day(kuwait, friday), ["14-18, 13", "18-22, 19"]);
    assert_eq!(day(&deliveries[&LONDON], friday), ["10-14, 09", "14-18, 13", "18-21, 18"]);
}

#[tokio::test]
async fn windows_hold_for_their_days_and_a_closure_takes_a_day_away() {
    let db = TestDb::new().await;
    db.run(
        "delete from delivery_windows where city_id = 285787;
         insert into delivery_windows (city_id, weekdays, starts_at, ends_at, cut_off_at, cut_off_days, during)
         values
             (285787, '{6}', '10:00', '14:00', '20:00', 1, '[2026-02-14,2026-02-20]'),
             (285787, '{7}', '10:00', '14:00', '09:00', 0, '(,2026-02-15)'),
             (285787, '{1}', '10:00', '14:00', '09:00', 0, '[2026-02-16,infinity)'),
             (285787, '{2}', '10:00', '14:00', '09:00', 0, '(-infinity,20000-01-01)');
         insert into delivery_closures (city_id, seller_id, date)
         values (285787, 1, '2026-03-02'), (2643743, null, '2026-02-14')",
    )
    .await;

    let deliveries = deliveries(db.pool()).await;

    let on = |month, of_month| day(&deliveries[&KUWAIT_CITY], date(2026, month, of_month)).len();
    assert_eq!(day(&deliveries[&KUWAIT_CITY], date(2026, 2, 14)), ["10-14, 20"]);
    // The same weekday a week before and after, and the days at the ends of the others.
    assert_eq!([on(2, 7), on(2, 21)], [0, 0]);
    assert_eq!([on(2, 8), on(2, 15)], [1, 0]);
    assert_eq!([on(2, 9), on(2, 16), on(2, 23), on(3, 2)], [0, 1, 1, 0]);
    assert_eq!([on(2, 10), on(2, 17)], [1, 1]);
    assert!(day(&deliveries[&LONDON], date(2026, 2, 14)).is_empty());
}

#[tokio::test]
async fn a_city_without_windows_is_not_delivered_to() {
    let db = TestDb::new().await;
    db.run(
        "insert into cities (id, market, slug, latitude, longitude) values (1, 'KW', 'new', 0, 0)",
    )
    .await;

    assert!(!deliveries(db.pool()).await.contains_key(&CityId::new(1)));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let db = TestDb::new().await;
    let refused = async |statements: &'static str| -> Error {
        sqlx::raw_sql(statements).execute(db.pool()).await.unwrap_err().into()
    };
    let conflict = async |statements| match refused(statements).await {
        Error::Conflict(conflict) => conflict,
        other => panic!("not a conflict: {other}"),
    };

    let backwards = "insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at)
                     values (285787, '14:00', '10:00', '09:00')";
    assert_eq!(conflict(backwards).await, Conflict::DeliveryWindowEndsBeforeStart);
    let midnight = "insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at)
                    values (285787, '14:00', '24:00', '09:00')";
    assert_eq!(conflict(midnight).await, Conflict::DeliveryWindowEndsBeforeStart);
    let twice = "insert into delivery_closures (city_id, date)
                 values (285787, '2026-02-14'), (285787, '2026-02-14')";
    assert_eq!(conflict(twice).await, Conflict::DeliveryClosureExists);
    for wrong in [
        "insert into delivery_windows (city_id, weekdays, starts_at, ends_at, cut_off_at)
         values (285787, '{0}', '10:00', '14:00', '09:00')",
        "insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at, cut_off_days)
         values (285787, '10:00', '14:00', '09:00', 31)",
        "insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at, during)
         values (285787, '10:00', '14:00', '09:00', 'empty')",
        "insert into delivery_closures (city_id, date) values (285787, 'infinity')",
        "update markets set time_zone = 'Asia/Quwait' where code = 'KW'",
    ] {
        assert!(matches!(refused(wrong).await, Error::Database(_)), "{wrong}");
    }
}
