-- Markets are the countries a shop serves; every price, tax, language and delivery rule hangs from one.
-- Undo: drop the three tables (nothing older refers to them).

create table currencies (
    code   text     primary key,
    digits smallint not null,
    constraint currencies_code_is_iso check (code ~ '^[A-Z]{3}$'),
    -- The program's money type has these digits built in; another currency needs another program first.
    constraint currencies_digits_are_known check ((code, digits) in (
        ('AED', 2), ('BHD', 3), ('EGP', 2), ('GBP', 2), ('JOD', 3),
        ('KWD', 3), ('KZT', 2), ('OMR', 3), ('QAR', 2), ('SAR', 2)))
);

create table markets (
    code           text       primary key,
    currency       text       not null references currencies (code),
    -- The coarsest step any enabled payment method can charge; totals are rounded to it once.
    payable_step   bigint     not null,
    languages      text[]     not null,
    time_zone      text       not null,
    -- ISO weekday numbers, Monday = 1.
    weekend        smallint[] not null,
    -- Basis points: 1500 is 15 %.
    tax_rate_bp    integer    not null,
    tax_inclusive  boolean    not null,
    address_fields text[]     not null,
    flags          jsonb      not null default '{}',
    position       integer    not null default 0,
    constraint markets_code_is_iso check (code ~ '^[A-Z]{2}$'),
    constraint markets_payable_step_positive check (payable_step > 0),
    constraint markets_languages_known check (
        cardinality(languages) > 0 and languages <@ array['ar', 'en', 'ru', 'kk']),
    constraint markets_weekend_is_weekdays check (weekend <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    constraint markets_tax_rate_in_range check (tax_rate_bp between 0 and 10000),
    constraint markets_flags_is_object check (jsonb_typeof(flags) = 'object')
);

create table market_translations (
    market text not null references markets (code) on delete cascade,
    lang   text not null,
    label  text not null,
    primary key (market, lang),
    constraint market_translations_lang_known check (lang in ('ar', 'en', 'ru', 'kk')),
    constraint market_translations_label_not_blank check (btrim(label) <> '')
);
