//! Every SQL text of the survey.

use sqlx::PgConnection;

use super::{Instance, Published, Server};

pub(super) async fn server(connection: &mut PgConnection) -> sqlx::Result<Server> {
    sqlx::query_as!(
        Server,
        r#"
        select current_setting('server_version_num')::integer as "version!",
               current_setting('wal_level') as "wal_level!",
               current_setting('max_replication_slots')::bigint as "slots_max!",
               (select count(*) from pg_replication_slots) as "slots_used!",
               current_setting('max_wal_senders')::bigint as "senders_max!",
               (select count(*) from pg_stat_replication) as "senders_used!",
               (select nullif(setting::bigint, -1) from pg_settings
                where name = 'max_slot_wal_keep_size') as slot_keep_mb,
               (select setting::bigint from pg_settings where name = 'wal_sender_timeout')
                   as "sender_timeout_ms!",
               current_setting('fsync')::boolean as "fsync!",
               current_setting('full_page_writes')::boolean as "full_page_writes!",
               current_setting('synchronous_commit') as "synchronous_commit!",
               (select rolreplication or rolsuper from pg_roles where rolname = current_user)
                   as "may_replicate!",
               to_regclass('instances') is not null as "has_instances!",
               (extract(epoch from clock_timestamp()) * 1000)::bigint as "now_ms!""#
    )
    .fetch_one(connection)
    .await
}

/// What a publication carries, in the order of the tables; an empty list where there is no such publication.
pub(super) async fn published(
    connection: &mut PgConnection,
    publication: &str,
) -> sqlx::Result<Vec<Published>> {
    sqlx::query_as!(
        Published,
        r#"
        select tables.tablename::text as "table!",
               array(select attname::text from unnest(tables.attnames) as attname order by attname)
                   as "columns!: Vec<String>",
               array(
                   select attribute.attname::text
                   from pg_index, pg_attribute as attribute
                   where pg_index.indrelid = pg_class.oid and attribute.attrelid = pg_class.oid
                     and attribute.attnum = any (pg_index.indkey)
                     and case pg_class.relreplident
                             when 'd' then pg_index.indisprimary
                             when 'i' then pg_index.indisreplident
                             else false
                         end
                   order by attribute.attname)
                   as "identity!: Vec<String>",
               pg_class.relreplident = 'f' as "whole_row!"
        from pg_publication_tables as tables
        join pg_class on pg_class.oid = format('%I.%I', tables.schemaname, tables.tablename)::regclass
        where tables.pubname = $1
        order by tables.tablename"#,
        publication
    )
    .fetch_all(connection)
    .await
}

/// Whether a publication carries inserts, updates, deletes and truncates alike.
pub(super) async fn carries_everything(
    connection: &mut PgConnection,
    publication: &str,
) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!(
        r#"select pubinsert and pubupdate and pubdelete and pubtruncate as "all!"
           from pg_publication where pubname = $1"#,
        publication
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn instances(connection: &mut PgConnection) -> sqlx::Result<Vec<Instance>> {
    sqlx::query_as!(
        Instance,
        r#"select id, slot, host, version, phase, bytes_behind, position::text as "position!",
                  extract(epoch from now() - seen_at)::bigint as "unseen_s!"
           from instances order by id"#
    )
    .fetch_all(connection)
    .await
}
