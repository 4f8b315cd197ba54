-- What shoppers did, as their clients tell it; one row an event, by the day (UTC) of the event's own time. Kept for 180 days,
-- then dropped a day at a time. Not in the publication: who needs an event re-reads it by key.
-- Undo: drop the table.

create table events (
    -- The client's own name for it, by which a repetition is known.
    id          text             not null,
    day         date             not null,
    time        timestamptz      not null,
    received_at timestamptz      not null default now(),
    type        text             not null,
    visitor     text             not null,
    market      text             not null,
    product_id  bigint,
    -- [{product_id, quantity, price}]
    items       jsonb,
    -- The search that led to it.
    query_id    uuid,
    position    integer,
    cart_id     text,
    order_id    text,
    placement   text,
    token       text,
    value       double precision,
    primary key (id, day),
    constraint events_day_of_time check (day = (time at time zone 'UTC')::date),
    constraint events_position_from_one check (position >= 1)
) partition by range (day);
create index events_of_visitor on events (visitor, market, time);
