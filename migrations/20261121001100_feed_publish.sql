-- What the change stream carries: keys and live columns, never text or personal data. Documents are re-read by key.
-- Every listed column set contains the table's replica identity. A new table that search shows is added here.
-- Undo: drop publication souk_feed.

create publication souk_feed for table
    markets (code),
    market_translations (market, lang),
    cities (id),
    city_translations (city_id, lang),
    categories (id),
    category_translations (category_id, lang),
    brands (id),
    attributes (id),
    attribute_translations (attribute_id, lang),
    attribute_values (id),
    attribute_value_translations (value_id, lang),
    sellers (id),
    warehouses (id),
    products (id),
    product_translations (product_id, lang),
    product_attribute_values (product_id, value_id),
    variants (product_id, id),
    media (product_id, id),
    offers (product_id, id),
    prices (product_id, offer_id),
    price_exceptions (product_id, id),
    stock (product_id, offer_id, warehouse_id),
    popularity (product_id, market);
