-- Carts: what somebody means to buy, where it should go, and what is asked of that. A cart holds nothing; prices, stock
-- and promises are read anew each time.
-- Undo: drop the tables in reverse order.

create table carts (
    -- A UUID v7.
    id           uuid        primary key,
    market       text        not null references markets (code),
    lang         text        not null,
    visitor      text,
    state        text        not null default 'active',
    -- Grows with every change, under the row's lock.
    version      integer     not null default 0,
    recipient    text,
    phone        text,
    address      jsonb,
    -- Millionths of a degree.
    latitude_e6  integer,
    longitude_e6 integer,
    city_id      bigint      references cities (id),
    date         date,
    -- The window that is wished for, taken wherever it fits.
    window_id    bigint,
    gift_message text,
    gift_from    text,
    anonymous    boolean     not null default false,
    coupons      text[]      not null default '{}',
    -- Windows chosen for one seller's part, where another than the wished one is better: {"7": "12:2026-02-14"}. Here and not
    -- in rows of their own, so that whoever has the lock of the cart reads them as they are.
    slots        jsonb       not null default '{}',
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint carts_state_known check (state in ('active', 'completed')),
    constraint carts_coupons_few check (cardinality(coupons) <= 5),
    constraint carts_gift_message_short check (char_length(gift_message) <= 1000)
);
create index carts_by_time on carts (updated_at) where state = 'active';

create table cart_lines (
    id       bigint  generated always as identity primary key,
    cart_id  uuid    not null references carts (id) on delete cascade,
    offer_id bigint  not null references offers (id) on delete cascade,
    quantity integer not null,
    -- The price when it was put in, so that a change can be told.
    minor    bigint  not null,
    constraint cart_lines_quantity_in_range check (quantity between 1 and 1000)
);
create index cart_lines_by_cart on cart_lines (cart_id);
create index cart_lines_by_offer on cart_lines (offer_id);
