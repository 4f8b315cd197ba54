-- Log-ins that were tried of late, by the address that was typed, so that passwords cannot be guessed by trying many.
-- A row is written for an address that nobody has, too, or its absence would tell who works here.
-- Undo: drop the table.

create table staff_attempts (
    email      text        primary key,
    started_at timestamptz not null,
    attempts   integer     not null,
    constraint staff_attempts_positive check (attempts > 0)
);
create index staff_attempts_by_start on staff_attempts (started_at);
