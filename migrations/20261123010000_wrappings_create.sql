-- Gift wrapping: whether a seller wraps what goes as a gift, and what it takes for that. A cart says which sellers' parts
-- are wrapped; an order keeps what it cost with its own share in tax and rounding, apart from its lines, so that units can
-- go back without it.
-- Undo: drop the table and the columns, and give order_groups its two checks without wrapping.

create table wrappings (
    seller_id bigint not null references sellers (id) on delete cascade,
    market    text   not null references markets (code),
    -- What it takes for its part of a purchase, in minor units of the market; 0 for nothing. Without a row it does not wrap.
    minor     bigint not null,
    primary key (seller_id, market),
    constraint wrappings_minor_not_negative check (minor >= 0)
);

alter table carts
    -- Sellers whose parts are to be wrapped.
    add column wrapped bigint[] not null default '{}',
    add constraint carts_wrapped_few check (cardinality(wrapped) <= 100);

alter table order_groups
    add column wrapping_minor bigint not null default 0,
    drop constraint order_groups_amounts_not_negative,
    drop constraint order_groups_add_up,
    add constraint order_groups_amounts_not_negative check (
        goods_minor >= 0 and discount_minor >= 0 and delivery_minor >= 0 and wrapping_minor >= 0 and tax_minor >= 0
        and total_minor >= 0),
    add constraint order_groups_add_up check (
        total_minor = goods_minor - discount_minor + delivery_minor + wrapping_minor
            + case when tax_inclusive then 0 else tax_minor end + rounding_minor);

alter table orders
    add column wrapped                 boolean not null default false,
    add column wrapping_minor          bigint  not null default 0,
    -- The shares of wrapping in the order's tax, rounding and total.
    add column wrapping_tax_minor      bigint  not null default 0,
    add column wrapping_rounding_minor bigint  not null default 0,
    add column wrapping_total_minor    bigint  not null default 0,
    add column wrapping_refunded_minor bigint  not null default 0,
    add constraint orders_wrapping_not_negative check (
        wrapping_minor >= 0 and wrapping_tax_minor >= 0 and wrapping_total_minor >= 0),
    add constraint orders_wrapping_only_where_wrapped check (
        wrapped or (wrapping_minor, wrapping_tax_minor, wrapping_rounding_minor, wrapping_total_minor) = (0, 0, 0, 0)),
    add constraint orders_wrapping_refunded_within_total check (
        wrapping_refunded_minor between 0 and wrapping_total_minor);
