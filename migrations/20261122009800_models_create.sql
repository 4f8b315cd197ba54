-- Trained models: every version with its file in pieces, and which version of each model serves in each market. Instances hear
-- of a promotion by NOTIFY on `souk_models`, so nothing here is in the publication.
-- Undo: drop the tables in reverse order.

create table models (
    id         bigint      generated always as identity primary key,
    model      text        not null,
    market     text        not null references markets (code),
    -- The last day of its data and the start of its checksum.
    version    text        not null,
    -- Data window, rows, parameters, metrics with intervals, code version, checksum.
    manifest   jsonb       not null,
    created_at timestamptz not null default now(),
    constraint models_version_once unique (model, market, version)
);

-- The file, cut: a value of a column may not have more than a gigabyte, and is held in memory as a whole.
create table model_chunks (
    model_id bigint  not null references models (id) on delete cascade,
    position integer not null,
    bytes    bytea   not null,
    primary key (model_id, position)
);
alter table model_chunks alter column bytes set storage external;

-- What was promoted, in order. The newest that was not taken back serves.
create table model_promotions (
    id             bigint      generated always as identity primary key,
    model          text        not null,
    market         text        not null references markets (code),
    model_id       bigint      not null references models (id),
    promoted_at    timestamptz not null default now(),
    rolled_back_at timestamptz
);
create index model_promotions_serving on model_promotions (model, market, id) where rolled_back_at is null;
