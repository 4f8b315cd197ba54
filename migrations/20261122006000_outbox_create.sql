-- What happened, told in the transaction in which it happened, and the work that follows from it.
-- A row of `outbox` is an event; its id names the event for every receiver. A dispatcher makes each event a job of every
-- receiver in one transaction, so each receiver tries in its own time.
-- Undo: drop both tables.

create table outbox (
    id         bigint      generated always as identity primary key,
    -- What happened, such as order.placed.
    topic      text        not null,
    -- To what, such as order:12.
    subject    text        not null,
    payload    jsonb       not null default '{}',
    created_at timestamptz not null default now(),
    -- Null until its jobs are made.
    sent_at    timestamptz,
    constraint outbox_topic_is_a_topic check (topic ~ '^[a-z_]+(\.[a-z_]+)+$'),
    constraint outbox_payload_is_object check (jsonb_typeof(payload) = 'object')
);
create index outbox_unsent on outbox (id) where sent_at is null;
create index outbox_sent on outbox (sent_at) where sent_at is not null;

create table jobs (
    id         bigint      generated always as identity primary key,
    kind       text        not null,
    -- At most one waiting job of a kind has this name; null where they may be many.
    key        text,
    payload    jsonb       not null default '{}',
    -- When it is due; while someone works on it, when their lease ends.
    run_at     timestamptz not null,
    -- Times it was claimed. Whoever holds the number of the last claim may end the job.
    attempts   integer     not null default 0,
    -- Given up after so many.
    attempts_max integer   not null default 12,
    -- Why the last attempt failed.
    error      text,
    -- When it was given up; such jobs stay to be looked at.
    dead_at    timestamptz,
    created_at timestamptz not null default now(),
    constraint jobs_kind_not_blank check (kind <> ''),
    constraint jobs_attempts_max_positive check (attempts_max > 0)
);
create unique index jobs_one_of_a_key on jobs (kind, key) where dead_at is null;
create index jobs_due on jobs (run_at) where dead_at is null;
