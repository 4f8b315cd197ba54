-- Which account of the ledger has the money of a purchase, so that what goes back comes from there.
-- Undo: drop the column.

alter table order_groups
    -- Null while it is unpaid.
    add column account text;
