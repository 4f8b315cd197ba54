-- Address by link: the sender says for whom and in which city, the recipient where exactly and when. An order whose recipient is
-- asked has neither address nor slot until they are said.
-- Undo: drop the columns.

alter table carts
    add column asks_recipient boolean not null default false;

alter table order_recipients
    -- Whether the recipient is asked, or was.
    add column asked    boolean not null default false,
    -- When they said it.
    add column said_at  timestamptz,
    add constraint order_recipients_said_by_asked check (said_at is null or (asked and address is not null));
