//! What the writers write. `$1` is a random number below 2³¹, by which rows and values are picked.

/// Statements that belong together, and how often they are chosen relative to others.
pub(super) struct Write {
    pub(super) weight: u32,
    pub(super) statements: &'static [&'static str],
}

const fn write(weight: u32, statements: &'static [&'static str]) -> Write {
    Write { weight, statements }
}

pub(super) const WRITES: &[Write] = &[
    // Prices and stock, of a few offers and of many.
    write(
        8,
        &["update prices set minor = 100 + (hashint8extended(offer_id, $1) & 65535), list_minor = null
           where offer_id in (select id from offers order by hashint8extended(id, $1) limit 1 + $1 % 20)"],
    ),
    write(
        1,
        &["update prices set minor = 100 + (hashint8extended(offer_id, $1) & 65535), list_minor = 99999
           where offer_id in (select id from offers order by hashint8extended(id, $1) limit 2000)"],
    ),
    write(
        8,
        &["update stock set on_hand = hashint8extended(offer_id, $1) & 7, reserved = 0
           where offer_id in (select id from offers order by hashint8extended(id, $1) limit 1 + $1 % 20)"],
    ),
    write(
        1,
        &["update stock set on_hand = hashint8extended(offer_id, $1) & 7, reserved = 0
           where offer_id in (select id from offers order by hashint8extended(id, $1) limit 1000)"],
    ),
    write(
        2,
        &["delete from prices
           where offer_id in (select id from offers order by hashint8extended(id, $1) limit 1 + $1 % 5)"],
    ),
    write(
        3,
        &["insert into prices (offer_id, minor)
           select id, 100 + (hashint8extended(id, $1) & 65535) from offers
           where not exists (select from prices where prices.offer_id = offers.id)
           order by hashint8extended(id, $1) limit 20"],
    ),
    // Dated prices that begin and end within seconds.
    write(
        6,
        &["insert into price_exceptions (offer_id, minor, during)
           select id, 50 + (hashint8extended(id, $1) & 1023),
                  tstzrange(now() + (hashint8extended(id, $1) & 1023) * interval '1 millisecond',
                            now() + (1024 + (hashint8extended(id, $1) & 4095)) * interval '1 millisecond')
           from offers order by hashint8extended(id, $1) limit 1 + $1 % 10
           on conflict do nothing"],
    ),
    write(
        2,
        &["update price_exceptions
           set minor = 50 + $1 % 1000, during = tstzrange(lower(during), upper(during) + interval '700 milliseconds')
           where id in (select id from price_exceptions order by hashint8extended(id, $1) limit 1)"],
    ),
    write(
        2,
        &["delete from price_exceptions
           where id in (select id from price_exceptions order by hashint8extended(id, $1) limit 1 + $1 % 50)"],
    ),
    // Texts, labels and what stands in documents.
    write(
        5,
        &["update product_translations set title = 'Rose ' || product_id || ' of ' || $1
           where lang = 'en' and product_id in (
               select id from products order by hashint8extended(id, $1) limit 1 + $1 % 5)"],
    ),
    write(
        1,
        &["update product_translations set description = 'Tulips, counted ' || $1 || ' times'
           where product_id in (select id from products order by hashint8extended(id, $1) limit 100)"],
    ),
    write(
        1,
        &["update category_translations set label = split_part(label, ' ', 1) || ' ' || $1
           where category_id = (select id from categories order by hashint8extended(id, $1) limit 1)"],
    ),
    write(
        1,
        &["update brands set name = split_part(name, ' ', 1) || ' ' || $1
           where id = (select id from brands order by hashint8extended(id, $1) limit 1)"],
    ),
    write(
        1,
        &["update attribute_value_translations set label = split_part(label, ' ', 1) || ' ' || $1
           where value_id = (select id from attribute_values order by hashint8extended(id, $1) limit 1)"],
    ),
    write(1, &["update sellers set name = 'Souk ' || $1 where house"]),
    write(
        2,
        &["insert into product_attribute_values (product_id, value_id)
           select id, (select min(value_id) + $1 % 20 from product_attribute_values)
           from products order by hashint8extended(id, $1) limit 3
           on conflict do nothing"],
    ),
    write(
        2,
        &["delete from product_attribute_values
           where product_id in (select id from products order by hashint8extended(id, $1) limit 2)"],
    ),
    write(
        2,
        &["update variants set eans = array[$1::text]
           where product_id in (select id from products order by hashint8extended(id, $1) limit 2)"],
    ),
    // Moves.
    write(
        2,
        &["update products
           set category_id = (select id from categories order by hashint8extended(id, $1) limit 1),
               brand_id = (select id from brands order by hashint8extended(id, $1) limit 1)
           where id in (select id from products order by hashint8extended(id, $1) limit 1 + $1 % 10)"],
    ),
    write(
        1,
        &["update categories
           set parent_id = (select id from categories where parent_id is null
                            order by hashint8extended(id, $1) limit 1)
           where id = (select id from categories where parent_id is not null
                       and not exists (select from categories as child where child.parent_id = categories.id)
                       order by hashint8extended(id, $1) limit 1)"],
    ),
    write(
        1,
        &["update warehouses
           set city_id = (select other.id from cities join cities as other on other.market = cities.market
                          where cities.id = warehouses.city_id
                          order by hashint8extended(other.id, $1) limit 1)
           where id = (select id from warehouses order by hashint8extended(id, $1) limit 1)"],
    ),
    write(
        1,
        &["update cities set active = not active
           where id = (select id from cities order by hashint8extended(id, $1) limit 1)"],
    ),
    // States and delivery.
    write(
        3,
        &["update products
           set state = (array['draft', 'active', 'active', 'archived'])[1 + (hashint8extended(id, $1) & 3)]
           where id in (select id from products order by hashint8extended(id, $1) limit 1 + $1 % 5)"],
    ),
    write(
        3,
        &["update offers
           set state = (array['active', 'active', 'paused'])[1 + (hashint8extended(id, $1) & 255) % 3],
               preparation_minutes = $1 % 3000,
               deliverable_until = case when $1 % 2 = 0 then date '2026-01-01' + ($1 % 2000)::integer end
           where id in (select id from offers order by hashint8extended(id, $1) limit 1 + $1 % 20)"],
    ),
    write(
        1,
        &["update delivery_windows set cut_off_at = time '06:00' + ($1 % 300) * interval '1 minute'
           where id in (select id from delivery_windows order by hashint8extended(id, $1) limit 2)"],
    ),
    write(
        1,
        &["insert into delivery_closures (city_id, date)
           select id, current_date + ($1 % 30)::integer from cities
           order by hashint8extended(id, $1) limit 1
           on conflict do nothing"],
    ),
    write(
        1,
        &["delete from delivery_closures
           where id in (select id from delivery_closures order by hashint8extended(id, $1) limit 2)"],
    ),
    write(
        3,
        &["insert into popularity (product_id, market, score)
           select products.id, markets.code, ($1 % 1000)::real from products cross join markets
           order by hashint8extended(products.id, $1), markets.code limit 1 + $1 % 40
           on conflict (product_id, market) do update set score = excluded.score"],
    ),
    // Products come and go with everything that hangs from them.
    write(
        4,
        &[
            "insert into products (slug, category_id, brand_id)
             select 'new-' || $1 || '-' || number,
                    (select id from categories order by hashint8extended(id, $1) limit 1),
                    (select id from brands order by hashint8extended(id, $1) limit 1)
             from generate_series(1, 1 + $1 % 5) as number",
            "insert into product_translations (product_id, lang, title)
             select id, lang, 'New rose ' || id
             from products cross join unnest(array['ar', 'en']) as lang
             where slug like 'new-' || $1 || '-%'",
            "insert into variants (product_id, sku)
             select id, slug from products where slug like 'new-' || $1 || '-%'",
            "insert into offers (variant_id, seller_id, market)
             select variants.id, sellers.id, markets.code
             from variants cross join sellers cross join markets
             where sku like 'new-' || $1 || '-%' and house and hashtextextended(code, $1) & 1 = 0",
            "insert into prices (offer_id, minor)
             select offers.id, 1000 + $1 % 1000
             from offers join variants on variants.id = offers.variant_id
             where sku like 'new-' || $1 || '-%'",
            "insert into stock (offer_id, warehouse_id, on_hand)
             select offers.id, warehouses.id, 1 + $1 % 3
             from offers
             join variants on variants.id = offers.variant_id
             join cities on cities.market = offers.market
             join warehouses on warehouses.city_id = cities.id and warehouses.seller_id = offers.seller_id
             where sku like 'new-' || $1 || '-%'",
        ],
    ),
    write(
        2,
        &["delete from products
           where id in (select id from products where slug like 'new-%' or $1 % 4 = 0
                        order by hashint8extended(id, $1) limit 1 + $1 % 5)"],
    ),
    write(
        2,
        &["delete from offers
           where id in (select id from offers order by hashint8extended(id, $1) limit 1 + $1 % 3)"],
    ),
];

/// Empties a table without naming a row.
pub(super) const TRUNCATE: &str = "truncate price_exceptions";
