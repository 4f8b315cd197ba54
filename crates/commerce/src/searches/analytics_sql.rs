//! SQL of the figures.

use jiff_sqlx::Date;
use sqlx::PgConnection;

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

/// The intents of a query.
pub(super) struct QueryRow {
    /// What is counted together: queries that differ in spelling only.
    pub(super) text: String,
    pub(super) query: String,
    pub(super) intents: i64,
    pub(super) searchers: i64,
    pub(super) without_results: i64,
    pub(super) clicked: i64,
    pub(super) click_position: Option<f64>,
    pub(super) means: Option<String>,
    pub(super) carted: i64,
}

/// What the searches for a text led to.
pub(super) struct SoldRow {
    pub(super) text: String,
    pub(super) ordered: i64,
    pub(super) revenue_minor: i64,
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
) -> sqlx::Result<Vec<QueryRow>> {
    sqlx::query_as!(
        QueryRow,
        r#"with counted as materialized (
               select text, count(*) as intents,
                      count(*) filter (where total = 0) as without_results,
                      count(*) filter (where clicks > 0) as clicked,
                      count(*) filter (where carts > 0) as carted,
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
                  means as "means?", carted as "carted!", counted.text
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

/// What orders that stand brought; for queries that found nothing, what came of what was shown instead. A line goes to
/// the search whose hit its visitor opened or put into the cart last, at most a day before, as long as that search is in
/// the log.
pub(super) async fn sold(
    connection: &mut PgConnection,
    scope: &Scope,
    without_results: bool,
) -> sqlx::Result<Vec<SoldRow>> {
    sqlx::query_as!(
        SoldRow,
        r#"select intent.text as "text!", count(distinct intent.id) as "ordered!",
                  sum(order_lines.total_minor - order_lines.refunded_minor)::bigint as "revenue_minor!"
           from order_groups
           join orders on orders.group_id = order_groups.id
               and orders.state not in ('cancelled', 'expired', 'pending_payment', 'rejected')
           join order_lines on order_lines.order_id = orders.id
           cross join lateral (
               select query_id, day from events
               where events.visitor = order_groups.visitor and events.market = $1 and query_id is not null
                   and type in ('search-click', 'detail-page-view', 'add-to-cart')
                   and events.time between placed_at - interval '1 day' and placed_at
                   and events.day between (placed_at at time zone 'UTC')::date - 1
                                      and (placed_at at time zone 'UTC')::date
                   and (product_id = order_lines.product_id
                        or items @> jsonb_build_array(
                            jsonb_build_object('product_id', order_lines.product_id::text)))
               order by events.time desc limit 1) as led
           cross join lateral (
               (select id, text, day, lang, city_id, total from search_intents
                where id = led.query_id and day between led.day - 1 and led.day)
               union all
               (select near.id, near.text, near.day, near.lang, near.city_id, near.total
                from searches join search_intents near
                    on near.visitor = searches.visitor and near.market = $1
                    and near.text = searches.text
                    and near.day between searches.day - 1 and searches.day + 1
                    and near.time between searches.time - interval '30 minutes'
                                      and searches.time + interval '30 minutes'
                where searches.id = led.query_id and searches.day between led.day - 1 and led.day
                order by near.time desc limit 1)
               limit 1) as intent
           where order_groups.market = $1 and placed_at >= $2::date - 1 and placed_at < $3::date + 3
               and intent.day between $2 and $3
               and ($4::text is null or intent.lang = $4) and ($5::bigint is null or intent.city_id = $5)
               and (intent.total = 0 or not $6)
           group by intent.text"#,
        scope.market,
        scope.from as Date,
        scope.to as Date,
        scope.lang,
        scope.city_id,
        without_results
    )
    .fetch_all(connection)
    .await
}
