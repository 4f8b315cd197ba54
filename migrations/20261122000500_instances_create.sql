-- The processes that follow the change stream into an index of their own: who has which replication slot, and since when nobody
-- heard of them. It decides which slots may go. Not in the publication: a heartbeat must not look like a change of the shop.
-- Undo: drop the table.

create table instances (
    id           text        primary key,
    slot         text        not null,
    host         text        not null,
    version      text        not null,
    schema_hash  text        not null,
    phase        text        not null,
    position     pg_lsn      not null,
    bytes_behind bigint      not null,
    started_at   timestamptz not null default now(),
    seen_at      timestamptz not null default now(),
    constraint instances_phase check (phase in ('waiting', 'filling', 'following', 'reconnecting')),
    constraint instances_bytes_behind check (bytes_behind >= 0)
);
-- A heartbeat every ten seconds rewrites the row in its page.
alter table instances set (fillfactor = 50);
