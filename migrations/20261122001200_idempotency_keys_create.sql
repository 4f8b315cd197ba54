-- Answers that were given to requests with an Idempotency-Key, so that a repetition gets the same one.
-- `answer` is text and not jsonb: it is repeated byte for byte.
-- Undo: drop the table.

create table idempotency_keys (
    -- Whose keys these are, such as staff:7.
    scope        text        not null,
    key          text        not null,
    request_hash text        not null,
    status       integer     not null,
    headers      jsonb       not null default '{}',
    answer       text        not null,
    created_at   timestamptz not null default now(),
    primary key (scope, key),
    constraint idempotency_keys_key_short check (length(key) between 1 and 255),
    constraint idempotency_keys_status_is_http check (status between 100 and 599)
);
create index idempotency_keys_by_time on idempotency_keys (created_at);
