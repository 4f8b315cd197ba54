-- Experiments: what is tried on whom, and who has seen it. Who gets which variant is a hash of experiment and visitor, so only what
-- somebody was shown first is written down, in batches off the request's way. A list that two rankings were mixed into says which
-- of them brought each product. Instances hear of a change as they hear of promoted models, so a row that a script writes is live
-- within a second, too.
-- Undo: drop the columns, the tables in reverse order, and the function.

create table experiments (
    id         bigint      generated always as identity primary key,
    name       text        not null,
    -- Null for every market.
    market     text        references markets (code),
    -- `split`: each visitor gets one variant. `interleaving`: each gets the lists of two mixed.
    kind       text        not null default 'split',
    -- A placement of recommendations, or `search`.
    place      text        not null,
    -- What `souk_commerce::experiments::Variant` names; the first is what the others are compared with.
    variants   jsonb       not null,
    state      text        not null default 'draft',
    -- Why, and what came of it.
    note       text        not null default '',
    created_at timestamptz not null default now(),
    started_at timestamptz,
    stopped_at timestamptz,
    constraint experiments_name_once unique (name),
    constraint experiments_name_not_blank check (name ~ '\S' and char_length(name) <= 200),
    constraint experiments_kind_known check (kind in ('split', 'interleaving')),
    constraint experiments_state_known check (state in ('draft', 'running', 'stopped')),
    constraint experiments_variants_are_listed check (jsonb_typeof(variants) = 'array'),
    constraint experiments_note_short check (char_length(note) <= 500),
    constraint experiments_times_of_state check (
        (started_at is not null) = (state <> 'draft') and (stopped_at is not null) = (state = 'stopped'))
);
-- A visitor has one treatment at a place.
create unique index experiments_one_running on experiments (place, coalesce(market, '')) where state = 'running';

create table experiment_exposures (
    experiment_id bigint      not null references experiments (id) on delete cascade,
    -- The device, as its client calls it.
    visitor       text        not null,
    market        text        not null,
    -- Place of the variant, from 0; null where two are mixed.
    variant       smallint,
    -- When it was shown first.
    exposed_at    timestamptz not null,
    primary key (experiment_id, visitor)
);

create function tell_of_experiments() returns trigger language plpgsql as $$
begin
    perform pg_notify('souk_models', 'experiments');
    return null;
end $$;
create trigger experiments_told
    after insert or update or delete on experiments
    for each statement execute function tell_of_experiments();

alter table recommendation_lists
    -- The experiment that mixed two rankings into it.
    add column experiment_id bigint,
    -- Which of them brought each product, 0 or 1; -1 for what neither brought.
    add column teams         smallint[];
create index recommendation_lists_of_experiment on recommendation_lists (experiment_id) where experiment_id is not null;
