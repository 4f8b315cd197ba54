-- A product can be made ready now and be listed from a time on: listed = active, and publish_at is null or past.
-- Undo: drop the index and the column.

alter table products add column publish_at timestamptz;
create index products_by_publish_at on products (publish_at) where publish_at is not null;
