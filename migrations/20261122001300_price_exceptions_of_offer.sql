-- The constraint's index finds an offer's dated prices by time as well, which costs several times as much when thousands of
-- offers are asked for and hardly any has one.
-- Undo: drop the index.

create index price_exceptions_of_offer on price_exceptions (offer_id);
