//! Every SQL text of the feed.

use sqlx::{AssertSqlSafe, PgConnection};

/// A row of `pg_replication_slots`.
pub(crate) struct SlotRow {
    pub(crate) confirmed: Option<String>,
    pub(crate) lost: bool,
}

pub(crate) async fn slot(
    connection: &mut PgConnection,
    name: &str,
) -> sqlx::Result<Option<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        r#"select confirmed_flush_lsn::text as confirmed,
                  coalesce(wal_status = 'lost', false) as "lost!"
           from pg_replication_slots
           where slot_name = $1"#,
        name
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn drop_slot(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots
         where slot_name = $1",
        name
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes the open repeatable-read transaction see what the exported snapshot shows. The statement takes
/// no parameters, so the name must be one that PostgreSQL could have given.
pub(crate) async fn use_snapshot(
    connection: &mut PgConnection,
    snapshot: &str,
) -> sqlx::Result<()> {
    if !snapshot.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Err(sqlx::Error::Protocol(format!("\"{snapshot}\" is no snapshot's name")));
    }
    let statement = format!("set transaction snapshot '{snapshot}'");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Whether the transaction's snapshot still takes one of these transactions for running. The stream
/// gives the lower 32 bits of transaction ids, so they are compared on that circle.
pub(crate) async fn any_invisible(
    connection: &mut PgConnection,
    transactions: &[i64],
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        with current as (select pg_current_snapshot() as snapshot)
        select exists (
            select
            from current, unnest($1::bigint[]) as streamed (id)
            where (streamed.id - pg_snapshot_xmax(snapshot)::text::bigint) & 4294967295 < 2147483648
               or exists (
                   select from pg_snapshot_xip(snapshot) as running (id)
                   where running.id::text::bigint & 4294967295 = streamed.id)
        ) as "invisible!""#,
        transactions
    )
    .fetch_one(connection)
    .await
}

/// The database's time, microseconds since 1970.
pub(crate) async fn now(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select (extract(epoch from now()) * 1000000)::bigint as "now!""#)
        .fetch_one(connection)
        .await
}

/// Milliseconds until a dated price begins or ends, or a product is published, after `since`; negative when
/// that is past. Each part is the first entry of an index.
pub(crate) async fn next_instant(
    connection: &mut PgConnection,
    since_us: i64,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"
        with since as (select to_timestamp(0) + $1::bigint * interval '1 microsecond' as instant)
        select (extract(epoch from least(
            (select min(lower(during)) from price_exceptions
             where lower(during) > instant and lower(during) < 'infinity'),
            (select min(upper(during)) from price_exceptions
             where upper(during) > instant and upper(during) < 'infinity'),
            (select min(publish_at) from products
             where publish_at > instant and publish_at < 'infinity')
        ) - now()) * 1000)::bigint
        from since"#,
        since_us
    )
    .fetch_one(connection)
    .await
}

/// Products with a dated price that began or ended after `since` and by now.
pub(crate) async fn products_with_price_instant(
    connection: &mut PgConnection,
    since_us: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        with since as (select to_timestamp(0) + $1::bigint * interval '1 microsecond' as instant)
        select product_id as "product_id!"
        from since join price_exceptions
            on lower(during) > instant and lower(during) <= now()
        union
        select product_id
        from since join price_exceptions
            on upper(during) > instant and upper(during) <= now()"#,
        since_us
    )
    .fetch_all(connection)
    .await
}

/// Products that were to be published after `since` and by now.
pub(crate) async fn products_published_since(
    connection: &mut PgConnection,
    since_us: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id from products
        where publish_at > to_timestamp(0) + $1::bigint * interval '1 microsecond'
          and publish_at <= now()"#,
        since_us
    )
    .fetch_all(connection)
    .await
}
