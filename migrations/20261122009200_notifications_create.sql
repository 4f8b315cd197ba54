-- Messages to customers: one row for each thing to be told, receiver and channel. A row is claimed before its message goes
-- out, so that a message whose fate is not known is not sent twice. What it says is made when it is sent; a one-time code
-- is never here.
-- Undo: drop the table.

create table notifications (
    id           bigint      generated always as identity primary key,
    -- What is told, such as code:12 or placed:<group>; several events may tell the same thing.
    event        text        not null,
    kind         text        not null,
    channel      text        not null,
    -- An e-mail address or a telephone number.
    receiver     text        not null,
    -- What the message is made of: keys of rows, and amounts.
    payload      jsonb       not null,
    state        text        not null default 'waiting',
    -- The provider's name for it.
    provider_ref text,
    reason       text,
    created_at   timestamptz not null default now(),
    sent_at      timestamptz,
    constraint notifications_once unique (event, channel, receiver),
    constraint notifications_channel_known check (channel in ('email', 'sms')),
    constraint notifications_state_known check (
        state in ('waiting', 'sending', 'sent', 'unknown', 'refused', 'dropped'))
);
create index notifications_by_time on notifications (created_at);

-- What happened before anybody listened is not told any more.
update outbox set sent_at = now() where sent_at is null;
