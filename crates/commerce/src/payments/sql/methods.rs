//! SQL of the ways to pay.

use sqlx::PgConnection;

/// A way to pay with its market's currency and its names.
pub(in super::super) struct MethodRow {
    pub(in super::super) market: String,
    pub(in super::super) code: String,
    pub(in super::super) kind: String,
    pub(in super::super) connector: String,
    pub(in super::super) brand: String,
    pub(in super::super) currency: String,
    pub(in super::super) min_minor: i64,
    pub(in super::super) max_minor: i64,
    pub(in super::super) hold_s: i32,
    pub(in super::super) langs: Vec<String>,
    pub(in super::super) labels: Vec<String>,
    pub(in super::super) instructions: Vec<String>,
}

pub(in super::super) async fn enabled(
    connection: &mut PgConnection,
    market: Option<&str>,
    city: Option<i64>,
    country: Option<&str>,
    code: Option<&str>,
) -> sqlx::Result<Vec<MethodRow>> {
    sqlx::query_as!(
        MethodRow,
        r#"select ways.market, ways.code, ways.kind, ways.connector, ways.brand, markets.currency,
                  ways.min_minor, ways.max_minor, ways.hold_s,
                  array_remove(array_agg(names.lang order by names.lang), null) as "langs!",
                  array_remove(array_agg(names.label order by names.lang), null) as "labels!",
                  coalesce(array_agg(coalesce(names.instructions, '') order by names.lang)
                           filter (where names.lang is not null), '{}') as "instructions!"
           from payment_methods ways
           join markets on markets.code = ways.market
           left join payment_method_translations names on names.method_id = ways.id
           where ($1::text is null or ways.market = $1) and ways.enabled
             and ($2::bigint is null
                  or not exists (select from payment_method_cities cities where cities.method_id = ways.id)
                  or exists (select from payment_method_cities cities
                             where cities.method_id = ways.id and cities.city_id = $2))
             and ($3::text is null or ways.countries = '{}' or $3 = any (ways.countries))
             and ($4::text is null or ways.code = $4)
           group by ways.id, markets.currency
           order by ways.market, ways.position, ways.id"#,
        market,
        city,
        country,
        code
    )
    .fetch_all(connection)
    .await
}
