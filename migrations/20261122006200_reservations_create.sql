-- What unfinished purchases hold: units of stock, and places in a delivery window on a day. Both are one primitive: a
-- counter that a guarded update raises only as far as there is room, and a row that says for whom.
-- The counter of a target is the sum of its rows that are held or committed; `souk verify` looks at it.
-- Undo: drop both tables and the columns.

alter table delivery_windows
    -- Orders it takes on a day; null for as many as come.
    add column capacity        integer,
    -- What delivery in it costs, in minor units of the market.
    add column fee_minor       bigint not null default 0,
    -- Goods of one seller from this amount on are delivered free.
    add column free_from_minor bigint,
    add constraint delivery_windows_capacity_not_negative check (capacity >= 0),
    add constraint delivery_windows_fee_not_negative check (fee_minor >= 0),
    add constraint delivery_windows_free_from_positive check (free_from_minor > 0);

-- How full a window is on a day; without a row nobody has taken a place yet.
create table delivery_loads (
    window_id bigint  not null references delivery_windows (id) on delete cascade,
    date      date    not null,
    reserved  integer not null default 0,
    primary key (window_id, date),
    constraint delivery_loads_reserved_not_negative check (reserved >= 0)
);

create table reservations (
    id           bigint  generated always as identity primary key,
    group_id     uuid    not null references order_groups (id),
    order_id     bigint  not null references orders (id),
    state        text    not null default 'held',
    quantity     integer not null,
    -- Either units of an offer in a warehouse …
    offer_id     bigint,
    warehouse_id bigint,
    -- … or places in a window on a day.
    window_id    bigint,
    date         date,
    constraint reservations_state_known check (
        state in ('held', 'committed', 'consumed', 'released', 'expired')),
    constraint reservations_quantity_positive check (quantity > 0),
    constraint reservations_of_stock_or_slot check (
        num_nonnulls(offer_id, warehouse_id) in (0, 2) and num_nonnulls(window_id, date) in (0, 2)
        and num_nonnulls(offer_id, window_id) = 1)
);
create index reservations_by_group on reservations (group_id);
create index reservations_live_stock on reservations (offer_id, warehouse_id)
    where state in ('held', 'committed') and offer_id is not null;
create index reservations_live_slots on reservations (window_id, date)
    where state in ('held', 'committed') and window_id is not null;

-- Counters are raised in place, without a new index entry each time.
alter table stock set (fillfactor = 70);
alter table delivery_loads set (fillfactor = 70);
