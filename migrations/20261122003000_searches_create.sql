-- What was searched for, and what shoppers meant by it. Both tables are cut by the day (UTC), so that a day that is over its
-- time goes as a whole: `searches` after 30 days, `search_intents` after 180. Neither is in the publication: search shows
-- nothing of them by row, and they hold what people typed.
-- Undo: drop the three tables and the two functions.

-- Makes the partition of a day where there is none. Attaching an empty table lets readers and writers go on.
create function add_day_partition(parent text, day date) returns void language plpgsql as $$
declare
    part text := parent || '_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass(part) is not null then
        return;
    end if;
    -- One at a time; unlike an advisory lock this also shows what another has made meanwhile.
    execute format('lock table only %I in share update exclusive mode', parent);
    if to_regclass(part) is null then
        execute format('create table %I (like %I including all)', part, parent);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part, day, day + 1);
    end if;
end $$;

-- Drops the partitions of days before this one; says how many.
create function drop_day_partitions(parent text, first date) returns integer language plpgsql as $$
declare
    part regclass;
    dropped integer := 0;
begin
    for part in
        select inhrelid::regclass from pg_inherits
        join pg_class on pg_class.oid = inhrelid
        where inhparent = parent::regclass and relname < parent || '_' || to_char(first, 'YYYYMMDD')
    loop
        execute format('drop table %s', part);
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;

-- One row a search, as it was answered.
create table searches (
    -- The query_id of the answer, a UUID v7: its own time is in it.
    id        uuid        not null,
    day       date        not null,
    time      timestamptz not null,
    market    text        not null,
    lang      text        not null,
    city_id   bigint,
    -- The device, as its client calls it; null where the client said nothing.
    visitor   text,
    query     text        not null,
    -- The query in the one spelling under which it is counted.
    text      text        not null,
    corrected text,
    relaxed   text[]      not null default '{}',
    -- Category, filters and day, in short.
    narrowed  text,
    -- Whether this is a page after the first.
    further   boolean     not null default false,
    -- Whether it was asked while somebody was typing.
    keystroke boolean     not null default false,
    total     bigint      not null,
    took_us   bigint      not null,
    primary key (id, day),
    constraint searches_day_of_time check (day = (time at time zone 'UTC')::date)
) partition by range (day);

-- What somebody meant: keystrokes of one thought are one row, that of the last query.
create table search_intents (
    -- The query_id of its last search.
    id           uuid        not null,
    day          date        not null,
    time         timestamptz not null,
    market       text        not null,
    lang         text        not null,
    city_id      bigint,
    visitor      text,
    query        text        not null,
    text         text        not null,
    total        bigint      not null,
    -- Searches that are one with it.
    searches     integer     not null default 1,
    clicks       integer     not null default 0,
    -- Clicks that said at which position, and the sum of these positions.
    placed       integer     not null default 0,
    position_sum bigint      not null default 0,
    primary key (id, day),
    constraint search_intents_text_not_empty check (text <> '')
) partition by range (day);
-- The open intent of a visitor, and what they searched for lately.
create index search_intents_of_visitor on search_intents (visitor, market, time) where visitor is not null;
-- How often a query was meant, by whom.
create index search_intents_of_text on search_intents (market, text, time);

-- Words that are never suggested.
create table blocked_words (
    -- In the spelling that queries are counted in.
    word       text        primary key,
    created_at timestamptz not null default now(),
    constraint blocked_words_word_not_blank check (btrim(word) <> ''),
    constraint blocked_words_word_short check (length(word) <= 100)
);
