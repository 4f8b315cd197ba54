//! SQL of the deliveries slice.

use std::collections::HashMap;

use jiff::civil;
use jiff_sqlx::{Date, Time};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row of `delivery_windows`.
pub(super) struct WindowRow {
    pub(super) id: i64,
    pub(super) city_id: i64,
    pub(super) seller_id: Option<i64>,
    pub(super) weekdays: Vec<i16>,
    pub(super) starts_at: Time,
    pub(super) ends_at: Time,
    pub(super) cut_off_at: Time,
    pub(super) cut_off_days: i16,
    pub(super) first: Date,
    pub(super) last: Date,
}

/// Open and infinite ends become the first and last day of a calendar that every reader has.
pub(super) async fn windows(connection: &mut PgConnection) -> sqlx::Result<Vec<WindowRow>> {
    sqlx::query_as!(
        WindowRow,
        r#"select id, city_id, seller_id, weekdays,
                  starts_at as "starts_at: Time", ends_at as "ends_at: Time",
                  cut_off_at as "cut_off_at: Time", cut_off_days,
                  least(greatest(lower(during), date '0001-01-01'), date '9999-12-31')
                      as "first!: Date",
                  greatest(least(upper(during), date '9999-12-31'), date '0001-01-02') - 1
                      as "last!: Date"
           from delivery_windows
           order by id"#
    )
    .fetch_all(connection)
    .await
}

/// A row of `delivery_closures`.
pub(super) struct ClosureRow {
    pub(super) city_id: i64,
    pub(super) seller_id: Option<i64>,
    pub(super) date: Date,
}

pub(super) async fn closures(connection: &mut PgConnection) -> sqlx::Result<Vec<ClosureRow>> {
    sqlx::query_as!(
        ClosureRow,
        r#"select city_id, seller_id, date as "date: Date" from delivery_closures"#
    )
    .fetch_all(connection)
    .await
}

/// A city with everything that decides about its deliveries, in one answer.
pub(super) struct CityRow {
    pub(super) time_zone: String,
    pub(super) windows: Json<Vec<CityWindow>>,
    pub(super) closures: Json<Vec<CityClosure>>,
}

/// A window of a city, with its days that have orders.
#[derive(Deserialize)]
pub(super) struct CityWindow {
    pub(super) id: i64,
    pub(super) seller_id: Option<i64>,
    pub(super) weekdays: Vec<i16>,
    pub(super) starts_at: civil::Time,
    pub(super) ends_at: civil::Time,
    pub(super) cut_off_at: civil::Time,
    pub(super) cut_off_days: i16,
    pub(super) first: civil::Date,
    pub(super) last: civil::Date,
    pub(super) fee_minor: i64,
    pub(super) free_from_minor: Option<i64>,
    pub(super) capacity: Option<i32>,
    pub(super) reserved: HashMap<civil::Date, i32>,
}

/// A closure of a city.
#[derive(Deserialize)]
pub(super) struct CityClosure {
    pub(super) seller_id: Option<i64>,
    pub(super) date: civil::Date,
}

/// With what is taken and closed from this day on. Ends of time are as in [`windows`].
pub(super) async fn of_city(
    connection: &mut PgConnection,
    city: i64,
    from: Date,
) -> sqlx::Result<CityRow> {
    sqlx::query_as!(
        CityRow,
        r#"select markets.time_zone,
                  coalesce((
                      select jsonb_agg(jsonb_build_object(
                          'id', id, 'seller_id', seller_id, 'weekdays', weekdays,
                          'starts_at', starts_at, 'ends_at', ends_at,
                          'cut_off_at', cut_off_at, 'cut_off_days', cut_off_days,
                          'first', least(greatest(lower(during), date '0001-01-01'), date '9999-12-31'),
                          'last', greatest(least(upper(during), date '9999-12-31'), date '0001-01-02') - 1,
                          'fee_minor', fee_minor, 'free_from_minor', free_from_minor,
                          'capacity', capacity,
                          'reserved', coalesce((
                              select jsonb_object_agg(date::text, reserved) from delivery_loads
                              where window_id = delivery_windows.id and date >= $2), '{}'))
                          order by id)
                      from delivery_windows where city_id = $1), '[]')
                      as "windows!: Json<Vec<CityWindow>>",
                  coalesce((
                      select jsonb_agg(jsonb_build_object('seller_id', seller_id, 'date', date))
                      from delivery_closures where city_id = $1 and date >= $2), '[]')
                      as "closures!: Json<Vec<CityClosure>>"
           from cities join markets on markets.code = cities.market
           where cities.id = $1"#,
        city,
        from as _
    )
    .fetch_one(connection)
    .await
}
