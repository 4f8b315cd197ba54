-- Whose cart it is, and whose purchase, where somebody with an account shops, or later shows that the telephone or
-- e-mail address of a guest's purchase is theirs.
-- Undo: drop the columns.

alter table carts
    add column customer_id bigint references customers (id) on delete set null;
create index carts_by_customer on carts (customer_id) where state = 'active' and customer_id is not null;

alter table order_groups
    add column customer_id bigint references customers (id) on delete set null;
create index order_groups_by_customer on order_groups (customer_id, id) where customer_id is not null;
create index order_groups_of_guests_by_phone on order_groups (phone) where customer_id is null;
create index order_groups_of_guests_by_email on order_groups (lower(email)) where customer_id is null and email is not null;
