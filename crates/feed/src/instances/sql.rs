//! Every SQL text about instances and their slots.

use sqlx::PgConnection;

use super::Slot;

/// What a heartbeat says.
pub(super) struct Heartbeat<'a> {
    pub(super) id: &'a str,
    pub(super) slot: &'a str,
    pub(super) host: &'a str,
    pub(super) version: &'a str,
    pub(super) schema_hash: &'a str,
    pub(super) phase: &'a str,
    pub(super) position: String,
    pub(super) bytes_behind: i64,
    /// Whether this process says it for the first time.
    pub(super) is_first: bool,
}

/// Writes a heartbeat; returns how many were counted. Only one who follows counts: whoever comes back to an
/// older copy must notice it before counting on.
pub(super) async fn beat(
    connection: &mut PgConnection,
    heartbeat: &Heartbeat<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into instances as known
             (id, slot, host, version, schema_hash, phase, position, bytes_behind)
         values ($1, $2, $3, $4, $5, $6, $7::text::pg_lsn, $8)
         on conflict (id) do update set
             slot = excluded.slot, host = excluded.host, version = excluded.version,
             schema_hash = excluded.schema_hash, phase = excluded.phase,
             position = excluded.position, bytes_behind = excluded.bytes_behind, seen_at = now(),
             beats = known.beats + (excluded.phase = 'following')::integer,
             started_at = case when $9 then now() else known.started_at end
         returning beats",
        heartbeat.id,
        heartbeat.slot,
        heartbeat.host,
        heartbeat.version,
        heartbeat.schema_hash,
        heartbeat.phase,
        heartbeat.position,
        heartbeat.bytes_behind,
        heartbeat.is_first
    )
    .fetch_one(connection)
    .await
}

/// Counts as a heartbeat does, where an instance is known.
pub(super) async fn count(connection: &mut PgConnection, id: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("update instances set beats = beats + 1 where id = $1 returning beats", id)
        .fetch_optional(connection)
        .await
}

/// This database's slots whose names begin as ours do, with what is known of their instances. Slots of
/// other databases belong to other shops, whose instances are not in this table.
pub(crate) async fn slots(connection: &mut PgConnection) -> sqlx::Result<Vec<Slot>> {
    sqlx::query_as!(
        Slot,
        r#"
        select slots.slot_name::text as "name!",
               slots.active as "is_active!",
               coalesce(slots.wal_status, 'lost') as "wal_status!",
               coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), slots.restart_lsn), 0)::bigint
                   as "retained_bytes!",
               slots.safe_wal_size as safe_bytes,
               instances.id as "instance?",
               instances.slot as "instance_slot?",
               instances.phase as "phase?",
               extract(epoch from now() - instances.seen_at)::bigint as "unseen_s?"
        from pg_replication_slots as slots
        left join instances
            on slots.slot_name ~ ('^souk_' || instances.id || '_[0-9a-f]{8}$')
        where slots.database = current_database() and slots.plugin = 'pgoutput'
          and not slots.temporary and starts_with(slots.slot_name, 'souk_')
        order by slots.slot_name"#
    )
    .fetch_all(connection)
    .await
}

/// Whether this transaction is the one that sweeps.
pub(super) async fn is_mine_to_sweep(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // Any number will do that nobody else locks in a shop's database.
    sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(20261122000500) as "mine!""#)
        .fetch_one(connection)
        .await
}

/// Drops a slot; PostgreSQL refuses one that has come into use.
pub(super) async fn drop_slot(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots
         where slot_name = $1",
        name
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets instances that are gone for a week and have no slot.
pub(super) async fn forget(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from instances
         where seen_at < now() - interval '7 days'
           and not exists (select from pg_replication_slots where slot_name = slot)"
    )
    .execute(connection)
    .await?;
    Ok(())
}
