-- The books: where the shop's money is and whose it is, double entry. Every transfer sums to zero in each currency, which a
-- trigger checks when its transaction commits; nothing in them is ever changed, only reversed by another transfer.
-- Undo: drop the tables in reverse order and the functions.

create table ledger_accounts (
    id       bigint generated always as identity primary key,
    -- What it stands for: provider:tap, cash:due, sales:7 (a seller's id), delivery:KW, tax:KW, rounding:KW.
    code     text   not null,
    currency text   not null references currencies (code),
    constraint ledger_accounts_code_once unique (code, currency),
    constraint ledger_accounts_code_is_a_code check (code ~ '^[a-z_]+(:[A-Za-z0-9_-]+)*$')
);

create table ledger_transfers (
    id         bigint      generated always as identity primary key,
    -- order.paid, order.refunded and their like.
    kind       text        not null,
    group_id   uuid        references order_groups (id),
    order_id   bigint      references orders (id),
    created_at timestamptz not null
);
create index ledger_transfers_by_group on ledger_transfers (group_id);

create table ledger_entries (
    id          bigint generated always as identity primary key,
    transfer_id bigint not null references ledger_transfers (id),
    account_id  bigint not null references ledger_accounts (id),
    -- The account's, so that sums need no join.
    currency    text   not null,
    -- Above zero: the account has more, or owes less.
    minor       bigint not null,
    constraint ledger_entries_minor_not_zero check (minor <> 0)
);
create index ledger_entries_by_transfer on ledger_entries (transfer_id);
create index ledger_entries_by_account on ledger_entries (account_id);

create function ledger_transfers_balance() returns trigger language plpgsql as $$
begin
    if exists (
        select from ledger_entries where transfer_id = new.transfer_id
        group by currency having sum(minor) <> 0)
    then
        raise check_violation using
            message = format('the entries of ledger transfer %s do not sum to zero', new.transfer_id),
            constraint = 'ledger_transfers_balance';
    end if;
    return null;
end
$$;
create constraint trigger ledger_transfers_balance after insert on ledger_entries
    deferrable initially deferred for each row execute function ledger_transfers_balance();

create function ledger_stays() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is appended to, never changed';
end
$$;
create trigger ledger_entries_stay before update or delete on ledger_entries
    for each row execute function ledger_stays();
create trigger ledger_transfers_stay before update or delete on ledger_transfers
    for each row execute function ledger_stays();
