-- The clock asks for the next instant at which a dated price begins or ends, and that must not read the whole table.
-- Undo: drop both indexes.

create index price_exceptions_by_start on price_exceptions (lower(during));
create index price_exceptions_by_end on price_exceptions (upper(during));
