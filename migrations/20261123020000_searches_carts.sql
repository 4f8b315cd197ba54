-- How often something went into a cart out of what was meant: such queries are suggested before those that lead to nothing.
-- Undo: drop the column.

alter table search_intents
    -- Events of the kind add-to-cart that name a search of it.
    add column carts integer not null default 0;
