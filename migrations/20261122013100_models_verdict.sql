-- Why a version of a model serves or does not: what `souk train` found when it compared it with the one that served.
-- Undo: drop the column.

alter table models
    -- What the version was beside the one that served when it was trained: `first`, `better`, `as good` or `worse`; null where
    -- nobody compared them.
    add column verdict text;
