//! SQL of the log and its intents.

use jiff_sqlx::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::QueryId;

/// A row of `searches`, and of `search_intents` where it is the last search of one.
#[derive(Serialize)]
pub(super) struct SearchRow<'a> {
    pub(super) id: String,
    pub(super) day: String,
    pub(super) time: String,
    pub(super) market: &'a str,
    pub(super) lang: &'a str,
    pub(super) city_id: Option<i64>,
    pub(super) visitor: Option<&'a str>,
    pub(super) query: &'a str,
    pub(super) text: &'a str,
    pub(super) corrected: Option<&'a str>,
    pub(super) relaxed: &'a [String],
    pub(super) narrowed: Option<&'a str>,
    pub(super) further: bool,
    pub(super) keystroke: bool,
    pub(super) total: i64,
    pub(super) took_us: i64,
    /// The intent that this search carries on, and the day of that.
    pub(super) replaces: Option<String>,
    pub(super) replaces_day: Option<String>,
    /// Searches that are one with it since.
    pub(super) searches: i32,
}

/// What is written is a log: the last moments of it may be lost in a power cut, and nobody waits for the disk.
pub(super) async fn do_not_wait_for_the_disk(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("set local synchronous_commit = off").execute(connection).await?;
    Ok(())
}

/// Makes the partitions of these days where there are none.
pub(super) async fn add_days(connection: &mut PgConnection, days: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "select add_day_partition(parent, day::date)
         from unnest($1::text[]) as day, unnest(array['searches', 'search_intents']) as parent",
        days
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    rows: &[SearchRow<'_>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into searches (id, day, time, market, lang, city_id, visitor, query, text, corrected,
                               relaxed, narrowed, further, keystroke, total, took_us)
         select id, day, time, market, lang, city_id, visitor, query, text, corrected, relaxed,
                narrowed, further, keystroke, total, took_us
         from jsonb_to_recordset($1) as given (
             id uuid, day date, time timestamptz, market text, lang text, city_id bigint,
             visitor text, query text, text text, corrected text, relaxed text[], narrowed text,
             further boolean, keystroke boolean, total bigint, took_us bigint)
         on conflict do nothing",
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The latest intent of a visitor in a market.
pub(super) struct LatestRow {
    pub(super) id: String,
    pub(super) visitor: String,
    pub(super) market: String,
    pub(super) text: String,
    pub(super) clicked: bool,
}

/// The latest intent since `after` of each of these visitors in the market beside them.
pub(super) async fn latest(
    connection: &mut PgConnection,
    visitors: &[String],
    markets: &[String],
    after: Timestamp,
) -> sqlx::Result<Vec<LatestRow>> {
    sqlx::query_as!(
        LatestRow,
        r#"select latest.id::text as "id!", visitor as "visitor!", market as "market!",
                  latest.text, clicks > 0 as "clicked!"
           from unnest($1::text[], $2::text[]) as given (visitor, market)
           cross join lateral (
               select id, text, clicks from search_intents
               where search_intents.visitor = given.visitor
                   and search_intents.market = given.market
                   and time >= $3 and day >= ($3 at time zone 'UTC')::date
               order by time desc limit 1) as latest"#,
        visitors,
        markets,
        after as _
    )
    .fetch_all(connection)
    .await
}

/// Carries intents on: each becomes its last search; the clicks it had stay.
pub(super) async fn carry_on(
    connection: &mut PgConnection,
    rows: &[&SearchRow<'_>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update search_intents
         set id = given.id, day = given.day, time = given.time, lang = given.lang,
             city_id = given.city_id, query = given.query, text = given.text, total = given.total,
             searches = search_intents.searches + given.searches
         from jsonb_to_recordset($1) as given (
             id uuid, day date, time timestamptz, lang text, city_id bigint, query text, text text,
             total bigint, replaces uuid, replaces_day date, searches integer)
         where search_intents.id = replaces and search_intents.day = replaces_day",
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn begin_intents(
    connection: &mut PgConnection,
    rows: &[&SearchRow<'_>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into search_intents (id, day, time, market, lang, city_id, visitor, query, text,
                                     total, searches)
         select id, day, time, market, lang, city_id, visitor, query, text, total, searches
         from jsonb_to_recordset($1) as given (
             id uuid, day date, time timestamptz, market text, lang text, city_id bigint,
             visitor text, query text, text text, total bigint, searches integer)
         on conflict do nothing",
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The intent that a search is part of.
pub(super) struct IntentOf {
    pub(super) query_id: String,
    pub(super) id: String,
    pub(super) day: String,
}

/// The intents of these searches, each with its day: the one that ended with the search, else the visitor's of the same
/// text nearby (a further page), or what their typing became.
pub(super) async fn intents_of(
    connection: &mut PgConnection,
    ids: &[String],
    days: &[String],
) -> sqlx::Result<Vec<IntentOf>> {
    sqlx::query_as!(
        IntentOf,
        r#"select given.id::text as "query_id!", intent.id::text as "id!",
                  intent.day::text as "day!"
           from unnest($1::text[]::uuid[], $2::text[]::date[]) as given (id, day)
           cross join lateral (
               (select id, day from search_intents
                where search_intents.id = given.id and search_intents.day = given.day)
               union all
               (select near.id, near.day
                from searches join search_intents near
                    on near.visitor = searches.visitor and near.market = searches.market
                    and near.day between searches.day - 1 and searches.day + 1
                    and (near.text = searches.text
                         and near.time between searches.time - interval '30 minutes'
                                           and searches.time + interval '30 minutes'
                         or near.time between searches.time and searches.time + interval '10 seconds')
                where searches.id = given.id and searches.day = given.day
                order by near.time desc limit 1)
               limit 1) as intent"#,
        ids,
        days
    )
    .fetch_all(connection)
    .await
}

/// What came of an intent.
#[derive(Serialize)]
pub(super) struct Counted {
    pub(super) id: String,
    pub(super) day: String,
    pub(super) clicks: i32,
    pub(super) placed: i32,
    pub(super) position_sum: i64,
    pub(super) carts: i32,
}

impl Counted {
    /// Nothing of this intent.
    pub(super) fn none(id: String, day: String) -> Counted {
        Counted { id, day, clicks: 0, placed: 0, position_sum: 0, carts: 0 }
    }
}

pub(super) async fn count_outcomes(
    connection: &mut PgConnection,
    counted: &[Counted],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update search_intents
         set clicks = search_intents.clicks + given.clicks,
             placed = search_intents.placed + given.placed,
             position_sum = search_intents.position_sum + given.position_sum,
             carts = search_intents.carts + given.carts
         from jsonb_to_recordset($1) as given (
             id uuid, day date, clicks integer, placed integer, position_sum bigint, carts integer)
         where search_intents.id = given.id and search_intents.day = given.day",
        Json(counted) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The latest queries of a visitor that found something, each text once; of their last 200 intents.
pub(super) async fn recent(
    connection: &mut PgConnection,
    visitor: &str,
    market: &str,
    after: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select (array_agg(query order by time desc))[1] as "query!"
           from (select query, text, time from search_intents
                 where visitor = $1 and market = $2 and total > 0
                     and time >= $3 and day >= ($3 at time zone 'UTC')::date
                 order by time desc limit 200) as lately
           group by text
           order by max(time) desc
           limit $4"#,
        visitor,
        market,
        after as _,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Drops the days that are over their time; says how many.
pub(super) async fn forget_old(
    connection: &mut PgConnection,
    log_days: i32,
    intent_days: i32,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select drop_day_partitions('searches', (now() at time zone 'UTC')::date - $1::integer)
               + drop_day_partitions('search_intents', (now() at time zone 'UTC')::date - $2::integer)
               as "dropped!""#,
        log_days,
        intent_days
    )
    .fetch_one(connection)
    .await
}

/// Which queries to read.
pub(super) struct PopularSince {
    /// Intents before this count no longer.
    pub(super) first: Timestamp,
    /// Queries that were meant between these two, at least so often, are read.
    pub(super) since: QueryId,
    pub(super) until: Timestamp,
    pub(super) meant_min: i64,
    pub(super) half_life_s: f64,
    pub(super) visitors_min: i64,
    /// What an intent counts more with a click, and with something put into a cart.
    pub(super) clicked: f64,
    pub(super) carted: f64,
}

/// A query of a city, or of the whole market.
pub(super) struct PopularRow {
    pub(super) market: String,
    pub(super) lang: String,
    pub(super) city_id: Option<i64>,
    pub(super) text: String,
    pub(super) query: String,
    pub(super) weight: f64,
    pub(super) last: Timestamp,
    pub(super) finds: bool,
}

/// The queries that were meant of late, with all that counts for them; weights are as of `until`. What is of late is
/// found by the time in the ids, which the primary key has in order.
pub(super) async fn popular(
    connection: &mut PgConnection,
    ask: PopularSince,
) -> sqlx::Result<Vec<PopularRow>> {
    sqlx::query_as!(
        PopularRow,
        r#"with changed as (
               select market, text from search_intents
               where id > $2::text::uuid and day >= $7::text::date and time <= $3
                   and visitor is not null
               group by market, text
               having count(*) >= $6
           )
           select market as "market!", lang as "lang!", city_id, text as "text!",
                  (array_agg(query order by time desc))[1] as "query!",
                  sum(exp(ln(0.5) * extract(epoch from $3 - time)::double precision / $4)
                      * (1 + case when clicks > 0 then $8::double precision else 0 end
                           + case when carts > 0 then $9::double precision else 0 end))
                      as "weight!",
                  max(time) as "last!: Timestamp",
                  (array_agg(total order by time desc))[1] > 0 as "finds!"
           from changed join search_intents using (market, text)
           where time > $1 and time <= $3 and day >= ($1 at time zone 'UTC')::date
               and visitor is not null
           group by grouping sets ((market, lang, text), (market, lang, text, city_id))
           having count(distinct visitor) >= $5
               and (grouping(city_id) = 1 or city_id is not null)"#,
        ask.first as _,
        ask.since.to_string(),
        ask.until as _,
        ask.half_life_s,
        ask.visitors_min,
        ask.meant_min,
        ask.since.day().to_string(),
        ask.clicked,
        ask.carted
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn blocked(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select word from blocked_words order by word").fetch_all(connection).await
}

pub(super) async fn block(connection: &mut PgConnection, word: &str) -> sqlx::Result<()> {
    sqlx::query!("insert into blocked_words (word) values ($1) on conflict do nothing", word)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether it was blocked.
pub(super) async fn unblock(connection: &mut PgConnection, word: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from blocked_words where word = $1", word);
    Ok(done.execute(connection).await?.rows_affected() > 0)
}
