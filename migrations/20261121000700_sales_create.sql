-- What was sold before Souk: history that popularity and models read. These are not orders of the shop.
-- A cancellation is a line with a negative quantity, so that sums are net.
-- Undo: drop both tables.

create table sales (
    market       text        not null references markets (code),
    order_number text        not null,
    line         integer     not null,
    product_id   bigint      not null references products (id) on delete cascade,
    quantity     integer     not null,
    unit_minor   bigint      not null,
    sold_at      timestamptz not null,
    -- The customer's number in the system it came from; null for guests.
    customer     text,
    primary key (market, order_number, line),
    constraint sales_quantity_not_zero check (quantity <> 0),
    constraint sales_unit_minor_not_negative check (unit_minor >= 0)
);
create index sales_by_product on sales (product_id, market);

-- One score per product and market, from net sales with recent ones counting more; recomputed as a whole.
create table popularity (
    product_id bigint not null references products (id) on delete cascade,
    market     text   not null references markets (code),
    score      real   not null,
    primary key (product_id, market),
    constraint popularity_score_not_negative check (score >= 0)
);
