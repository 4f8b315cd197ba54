-- Which served list an event is about, where its token shows that it was ours; and the way to what a customer did on any device.
-- Undo: drop the indexes and the column.

alter table events
    -- Key of `recommendation_lists`; null without a token, and for one that was not signed by the shop.
    add column list_id uuid;

create index events_of_customer on events (customer, market, time) where customer is not null;
create index events_of_list on events (list_id) where list_id is not null;
