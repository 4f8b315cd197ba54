//! SQL of the deliveries slice.

use jiff_sqlx::{Date, Time};
use sqlx::PgConnection;

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
