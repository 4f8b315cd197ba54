-- Cities are where a gift can be delivered. `id` is given by hand in the seed, so that it is the same in every shop.
-- Undo: drop both tables and the trigger function.

create table cities (
    id        bigint           primary key,
    market    text             not null references markets (code),
    slug      text             not null,
    latitude  double precision not null,
    longitude double precision not null,
    -- Order in lists: the largest city of a market first.
    position  integer          not null default 0,
    active    boolean          not null default true,
    constraint cities_slug_once_per_market unique (market, slug),
    constraint cities_slug_is_slug check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint cities_latitude_in_range check (latitude between -90 and 90),
    constraint cities_longitude_in_range check (longitude between -180 and 180)
);

-- The live columns keep a market's cities as bits of one 64-bit word, inactive cities included.
create function cities_fit_a_word() returns trigger language plpgsql as $$
begin
    if (select count(*) from cities where market = new.market) > 64 then
        raise check_violation using
            message = format('market %s has 64 cities already', new.market),
            constraint = 'cities_at_most_64_per_market';
    end if;
    return null;
end
$$;
create trigger cities_fit_a_word after insert or update of market on cities
    for each row execute function cities_fit_a_word();

create table city_translations (
    city_id bigint not null references cities (id) on delete cascade,
    lang    text   not null,
    label   text   not null,
    primary key (city_id, lang),
    constraint city_translations_lang_known check (lang in ('ar', 'en', 'ru', 'kk')),
    constraint city_translations_label_not_blank check (btrim(label) <> '')
);
