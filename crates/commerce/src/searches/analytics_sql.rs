//! SQL of the figures.

use jiff_sqlx::Date;
use sqlx::PgConnection;

use super::QueryFigures;

/// Which intents are counted.
pub(super) struct Scope {
    pub(super) market: String,
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) lang: Option<String>,
    pub(super) city_id: Option<i64>,
}

/// The intents of a day.
pub(super) struct DayRow {
    pub(super) day: Date,
    pub(super) intents: i64,
    pub(super) without_results: i64,
    pub(super) clicked: i64,
}

pub(super) async fn days(
    connection: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<DayRow>> {
    sqlx::query_as!(
        DayRow,
        r#"select days::date as "day!: Date", coalesce(intents, 0) as "intents!",
                  coalesce(without_results, 0) as "without_results!",
                  coalesce(clicked, 0) as "clicked!"
           from generate_series($2::date, $3::date, interval '1 day') as days
           left join (
               select day, count(*) as intents,
                      count(*) filter (where total = 0) as without_results,
                      count(*) filter (where clicks > 0) as clicked
               from search_intents
               where market = $1 and day between $2 and $3
                   and ($4::text is null or lang = $4) and ($5::bigint is null or city_id = $5)
               group by day) as counted on counted.day = days::date
           order by days"#,
        scope.market,
        scope.from as Date,
        scope.to as Date,
        scope.lang,
        scope.city_id
    )
    .fetch_all(connection)
    .await
}

/// The queries that were meant most often, or found nothing most often. Visitors and spelling are read only for these, and for
/// those that few clicked at, what shoppers searched for next and clicked at: of the latest thousand, within five minutes.
pub(super) async fn top(
    connection: &mut PgConnection,
    scope: &Scope,
    limit: i64,
    without_results: bool,
) -> sqlx::Result<Vec<QueryFigures>> {
    sqlx::query_as!(
        QueryFigures,
        r#"with counted as materialized (
               select text, count(*) as intents,
                      count(*) filter (where total = 0) as without_results,
                      count(*) filter (where clicks > 0) as clicked,
                      sum(placed) as placed, sum(position_sum) as position_sum
               from search_intents
               where market = $1 and day between $2 and $3
                   and ($4::text is null or lang = $4) and ($5::bigint is null or city_id = $5)
                   and (total = 0 or not $7)
               group by text
               order by count(*) desc, text
               limit $6
           )
           select query as "query!", intents as "intents!", searchers as "searchers!",
                  without_results as "without_results!", clicked as "clicked!",
                  (position_sum / nullif(placed, 0))::double precision as click_position,
                  means as "means?"
           from counted
           cross join lateral (
               select count(distinct visitor) as searchers,
                      (array_agg(query order by time desc))[1] as query
               from search_intents
               where market = $1 and search_intents.text = counted.text
                   and day between $2 and $3
                   and ($4::text is null or lang = $4) and ($5::bigint is null or city_id = $5)
           ) as told
           left join lateral (
               select (array_agg(next.query order by next.time desc))[1] as means
               from (
                   select visitor, day, time from search_intents
                   where market = $1 and search_intents.text = counted.text
                       and day between $2 and $3 and visitor is not null and clicks = 0
                       and (2 * counted.without_results > counted.intents
                            or 10 * counted.clicked < counted.intents)
                   order by time desc limit 1000) as lost
               cross join lateral (
                   select later.query, later.text, later.time, later.clicks
                   from search_intents as later
                   where later.visitor = lost.visitor and later.market = $1
                       and later.time > lost.time and later.time <= lost.time + interval '5 minutes'
                       and later.day between lost.day and lost.day + 1
                   order by later.time limit 1) as next
               where next.clicks > 0 and next.text <> counted.text
               group by next.text
               having count(distinct lost.visitor) >= 2
               order by count(distinct lost.visitor) desc, next.text
               limit 1
           ) as meant on true
           order by intents desc, counted.text"#,
        scope.market,
        scope.from as Date,
        scope.to as Date,
        scope.lang,
        scope.city_id,
        limit,
        without_results
    )
    .fetch_all(connection)
    .await
}
