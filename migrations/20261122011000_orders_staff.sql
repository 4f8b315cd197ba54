-- Purchases that a member of the staff takes down for somebody on the telephone: the cart says who fills it, the purchase
-- who placed it.
-- Undo: drop the columns.

alter table carts
    -- Null for a cart that its shopper fills.
    add column staff_id bigint references staff (id) on delete set null;

alter table order_groups
    add column staff_id bigint references staff (id) on delete set null;
