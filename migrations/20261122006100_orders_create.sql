-- A purchase: one group with one payment, an order for each seller in it, lines that are snapshots of what was bought.
-- Every amount is in minor units of the group's currency, and every row adds up by itself; the orders of a group and the
-- lines of an order add up to it as well, which `souk verify` looks at.
-- Undo: drop the tables in reverse order and the function.

create table order_groups (
    -- A UUID v7.
    id             uuid        primary key,
    market         text        not null references markets (code),
    -- The cart it was made of; a cart is bought once.
    cart_id        uuid,
    state          text        not null,
    currency       text        not null references currencies (code),
    lang           text        not null,
    email          text,
    -- E.164.
    phone          text        not null,
    -- The device, as its client calls it.
    visitor        text,
    -- The network address it was ordered from, while unpaid ones are counted.
    network        text,
    -- What the delivery address amounts to when it is compared, while unpaid ones are counted.
    address_hash   text,
    payment_method text        not null,
    tax_inclusive  boolean     not null,
    goods_minor    bigint      not null,
    discount_minor bigint      not null,
    delivery_minor bigint      not null,
    tax_minor      bigint      not null,
    rounding_minor bigint      not null,
    total_minor    bigint      not null,
    -- Until when what it holds is held while it is unpaid.
    expires_at     timestamptz not null,
    created_at     timestamptz not null default now(),
    placed_at      timestamptz,
    constraint order_groups_one_per_cart unique (cart_id),
    constraint order_groups_state_known check (
        state in ('pending_payment', 'placed', 'completed', 'expired', 'cancelled')),
    constraint order_groups_amounts_not_negative check (
        goods_minor >= 0 and discount_minor >= 0 and delivery_minor >= 0 and tax_minor >= 0 and total_minor >= 0),
    constraint order_groups_add_up check (
        total_minor = goods_minor - discount_minor + delivery_minor
            + case when tax_inclusive then 0 else tax_minor end + rounding_minor)
);
create index order_groups_unpaid on order_groups (expires_at) where state = 'pending_payment';
create index order_groups_unpaid_by_phone on order_groups (phone) where state = 'pending_payment';
create index order_groups_unpaid_by_visitor on order_groups (visitor) where state = 'pending_payment';
create index order_groups_unpaid_by_network on order_groups (network) where state = 'pending_payment';
create index order_groups_unpaid_by_address on order_groups (address_hash) where state = 'pending_payment';

-- Whom a purchase goes to. Apart from the rest, since it is personal and can be erased.
create table order_recipients (
    group_id     uuid    primary key references order_groups (id),
    name         text,
    phone        text,
    -- A text, or an object of the market's address fields; null while the recipient is asked for it.
    address      jsonb,
    latitude     double precision,
    longitude    double precision,
    gift_message text,
    gift_from    text,
    anonymous    boolean not null default false
);

create table orders (
    id             bigint      generated always as identity primary key,
    -- What people call it.
    number         text        not null,
    group_id       uuid        not null references order_groups (id),
    market         text        not null references markets (code),
    seller_id      bigint      not null references sellers (id),
    state          text        not null,
    city_id        bigint      not null references cities (id),
    -- The slot as it was promised; the window may change or go.
    window_id      bigint,
    date           date,
    starts_at      timestamptz,
    ends_at        timestamptz,
    cut_off_at     timestamptz,
    goods_minor    bigint      not null,
    discount_minor bigint      not null,
    delivery_minor bigint      not null,
    tax_minor      bigint      not null,
    rounding_minor bigint      not null,
    total_minor    bigint      not null,
    -- What of the total went back.
    refunded_minor bigint      not null default 0,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint orders_number_once unique (number),
    constraint orders_one_per_seller unique (group_id, seller_id),
    constraint orders_state_known check (state in (
        'pending_payment', 'placed', 'accepted', 'preparing', 'ready', 'out_for_delivery', 'delivered', 'closed',
        'rejected', 'cancelled', 'expired', 'delivery_failed', 'returned')),
    constraint orders_amounts_not_negative check (
        goods_minor >= 0 and discount_minor >= 0 and delivery_minor >= 0 and tax_minor >= 0 and total_minor >= 0),
    constraint orders_refunded_within_total check (refunded_minor between 0 and total_minor)
);
create index orders_by_seller on orders (seller_id, state);
create index orders_by_state on orders (state, updated_at);

create table order_lines (
    id                bigint  generated always as identity primary key,
    order_id          bigint  not null references orders (id),
    position          integer not null,
    product_id        bigint  not null,
    variant_id        bigint  not null,
    offer_id          bigint  not null,
    sku               text    not null,
    -- By language.
    titles            jsonb   not null,
    options           jsonb   not null,
    quantity          integer not null,
    unit_minor        bigint  not null,
    list_minor        bigint,
    -- Shares of this line in everything that was paid for.
    goods_minor       bigint  not null,
    discount_minor    bigint  not null,
    delivery_minor    bigint  not null,
    tax_minor         bigint  not null,
    rounding_minor    bigint  not null,
    total_minor       bigint  not null,
    tax_inclusive     boolean not null,
    -- Basis points.
    tax_rate_bp       integer not null,
    returned_quantity integer not null default 0,
    refunded_minor    bigint  not null default 0,
    constraint order_lines_position_once unique (order_id, position),
    constraint order_lines_quantity_positive check (quantity > 0),
    constraint order_lines_goods_are_units check (goods_minor = unit_minor * quantity),
    constraint order_lines_add_up check (
        total_minor = goods_minor - discount_minor + delivery_minor
            + case when tax_inclusive then 0 else tax_minor end + rounding_minor),
    constraint order_lines_returned_within_quantity check (returned_quantity between 0 and quantity),
    constraint order_lines_refunded_within_total check (refunded_minor between 0 and total_minor)
);
create index order_lines_by_product on order_lines (product_id);

-- What happened to a purchase, for good.
create table order_events (
    id         bigint      generated always as identity primary key,
    group_id   uuid        not null references order_groups (id),
    -- Null for what concerns all of its orders.
    order_id   bigint      references orders (id),
    -- order.placed and its like, the topic that the outbox has.
    topic      text        not null,
    from_state text,
    to_state   text,
    -- shopper, system, payments, staff:7.
    actor      text        not null,
    detail     jsonb       not null default '{}',
    at         timestamptz not null
);
create index order_events_by_group on order_events (group_id, id);

create function order_events_stay() returns trigger language plpgsql as $$
begin
    raise exception 'order events are appended, never changed';
end
$$;
create trigger order_events_stay before update or delete on order_events
    for each row execute function order_events_stay();
