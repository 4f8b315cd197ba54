-- Shoppers with an account: how they are reached, their sessions, their one-time codes, and what they keep here: addresses,
-- recipients, occasions, favourites. An address or number stands in `customers` only once its owner has shown a code
-- that was sent there.
-- Undo: drop the tables in reverse order.

create table customers (
    id            bigint      generated always as identity primary key,
    email         text,
    -- E.164.
    phone         text,
    name          text        not null default '',
    lang          text        not null,
    -- Null for who logs in with codes only.
    password_hash text,
    active        boolean     not null default true,
    created_at    timestamptz not null default now(),
    constraint customers_email_once unique (email),
    constraint customers_phone_once unique (phone),
    constraint customers_reachable check (email is not null or phone is not null),
    constraint customers_email_is_lower check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$'),
    constraint customers_phone_is_e164 check (phone ~ '^\+[1-9][0-9]{7,14}$'),
    constraint customers_name_short check (char_length(name) <= 200)
);

-- The token itself is only ever in the cookie; the table holds its SHA-256.
create table customer_sessions (
    token_hash  bytea       primary key,
    customer_id bigint      not null references customers (id) on delete cascade,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    constraint customer_sessions_hash_is_sha256 check (length(token_hash) = 32)
);
create index customer_sessions_by_customer on customer_sessions (customer_id);
create index customer_sessions_by_end on customer_sessions (expires_at);

-- Codes that are on their way, one for an address or number. A code is not here, not even hashed: it follows from the
-- nonce and a key that is not in the database.
create table customer_codes (
    id         bigint      generated always as identity primary key,
    contact    text        not null,
    nonce      bytea       not null,
    lang       text        not null,
    attempts   integer     not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint customer_codes_one_per_contact unique (contact)
);
create index customer_codes_by_end on customer_codes (expires_at);

-- What was tried of late, by whatever it is counted for. Rows are written for addresses that nobody has, too, or their
-- absence would tell who shops here.
create table customer_attempts (
    key        text        primary key,
    started_at timestamptz not null,
    attempts   integer     not null,
    constraint customer_attempts_positive check (attempts > 0)
);
create index customer_attempts_by_start on customer_attempts (started_at);

create table customer_addresses (
    id           bigint      generated always as identity primary key,
    customer_id  bigint      not null references customers (id) on delete cascade,
    label        text        not null,
    city_id      bigint      not null,
    -- A text, or an object of the market's address fields.
    address      jsonb       not null,
    -- Millionths of a degree.
    latitude_e6  integer,
    longitude_e6 integer,
    created_at   timestamptz not null default now(),
    constraint customer_addresses_city_id_fkey foreign key (city_id) references cities (id),
    constraint customer_addresses_label_short check (char_length(label) <= 100)
);
create index customer_addresses_by_customer on customer_addresses (customer_id);

create table customer_recipients (
    id          bigint      generated always as identity primary key,
    customer_id bigint      not null references customers (id) on delete cascade,
    name        text        not null,
    -- E.164.
    phone       text,
    address_id  bigint      references customer_addresses (id) on delete set null,
    created_at  timestamptz not null default now(),
    constraint customer_recipients_name_fits check (btrim(name) <> '' and char_length(name) <= 200)
);
create index customer_recipients_by_customer on customer_recipients (customer_id);
create index customer_recipients_by_address on customer_recipients (address_id);

create table customer_occasions (
    id           bigint      generated always as identity primary key,
    customer_id  bigint      not null references customers (id) on delete cascade,
    recipient_id bigint      references customer_recipients (id) on delete set null,
    title        text        not null,
    -- The first time, or the only one.
    date         date        not null,
    yearly       boolean     not null,
    remind_days  integer     not null,
    created_at   timestamptz not null default now(),
    constraint customer_occasions_title_fits check (btrim(title) <> '' and char_length(title) <= 200),
    constraint customer_occasions_remind_in_range check (remind_days between 0 and 60)
);
create index customer_occasions_by_customer on customer_occasions (customer_id);
create index customer_occasions_by_recipient on customer_occasions (recipient_id);

create table customer_favourites (
    customer_id bigint      not null references customers (id) on delete cascade,
    product_id  bigint      not null,
    created_at  timestamptz not null,
    primary key (customer_id, product_id),
    constraint customer_favourites_product_id_fkey foreign key (product_id) references products (id) on delete cascade
);
create index customer_favourites_by_product on customer_favourites (product_id);
