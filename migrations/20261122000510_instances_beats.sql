-- Heartbeats are counted. An instance remembers the count, so that it notices when an older copy of the database comes back that has
-- been written to since: its log looks like the one that the index knows.
-- Undo: drop the column.

alter table instances add column beats bigint not null default 1;
