-- What was recommended to whom: a served list is one row, by the day (UTC), kept for 30 days. What somebody bought is looked
-- up by device when they come, and later by account; an event says to which session of a device and which account it belongs.
-- Undo: drop the table, the index and the columns.

create table recommendation_lists (
    -- A UUID v7; the attribution token carries it.
    id        uuid        not null,
    day       date        not null,
    time      timestamptz not null,
    market    text        not null,
    placement text        not null,
    -- The device, as its client calls it; null where the client said nothing.
    visitor   text,
    -- The model that led, and its version.
    model     text        not null,
    products  bigint[]    not null,
    primary key (id, day),
    constraint recommendation_lists_day_of_time check (day = (time at time zone 'UTC')::date)
) partition by range (day);

create index order_groups_by_visitor on order_groups (visitor, market) where visitor is not null;

alter table events
    -- The client's own name for a visit; null where it has none.
    add column session  text,
    -- The account that was signed in; null for guests.
    add column customer bigint;
