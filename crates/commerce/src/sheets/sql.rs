//! SQL of the sheets slice.

use sqlx::PgConnection;

/// Slugs of the cities with a warehouse of the house, by market, then their order; each once.
pub(super) async fn stocked_cities(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select cities.slug
         from warehouses
         join sellers on sellers.id = warehouses.seller_id and sellers.house
         join cities on cities.id = warehouses.city_id
         join markets on markets.code = cities.market
         group by cities.slug
         order by min(markets.position), min(cities.position), cities.slug"
    )
    .fetch_all(connection)
    .await
}

/// A line of a file: a variant in a market, or nowhere.
pub(super) struct LineRow {
    pub(super) product_id: i64,
    pub(super) slug: String,
    pub(super) external_id: Option<String>,
    pub(super) state: String,
    pub(super) category: String,
    pub(super) sku: String,
    pub(super) offer_id: Option<i64>,
    pub(super) market: Option<String>,
    pub(super) minor: Option<i64>,
    pub(super) list_minor: Option<i64>,
}

pub(super) async fn lines(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<LineRow>> {
    sqlx::query_as!(
        LineRow,
        r#"select products.id as product_id, products.slug, external_id, products.state,
                  categories.slug as category, variants.sku, own.id as "offer_id?",
                  own.market as "market?", prices.minor as "minor?", prices.list_minor
           from products
           join categories on categories.id = products.category_id
           join variants on variants.product_id = products.id
           left join (offers own join sellers on sellers.id = own.seller_id and sellers.house)
               on own.variant_id = variants.id
           left join prices on prices.offer_id = own.id
           left join markets on markets.code = own.market
           where products.id = any($1)
           order by products.id, variants.position, variants.id, markets.position, own.market"#,
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// A row of `product_translations`.
pub(super) struct TextRow {
    pub(super) product_id: i64,
    pub(super) lang: String,
    pub(super) title: String,
    pub(super) description: String,
}

pub(super) async fn texts(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<TextRow>> {
    sqlx::query_as!(
        TextRow,
        "select product_id, lang, title, description from product_translations
         where product_id = any($1)",
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// Units of the house's offer in a city.
pub(super) struct StockRow {
    pub(super) offer_id: i64,
    pub(super) city: String,
    pub(super) on_hand: i32,
}

pub(super) async fn stock(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<StockRow>> {
    sqlx::query_as!(
        StockRow,
        "select stock.offer_id, cities.slug as city, stock.on_hand
         from stock
         join warehouses on warehouses.id = stock.warehouse_id
         join sellers on sellers.id = warehouses.seller_id and sellers.house
         join cities on cities.id = warehouses.city_id
         where stock.product_id = any($1)",
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// The product that a line speaks of: by slug, else by external id, else by the SKU of one of its variants.
pub(super) async fn product_of(
    connection: &mut PgConnection,
    slug: Option<&str>,
    external_id: Option<&str>,
    sku: Option<&str>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"select coalesce(
               (select id from products where slug = $1),
               (select id from products where $1::text is null and external_id = $2),
               (select product_id from variants
                where $1::text is null and $2::text is null and sku = $3)) as id"#,
        slug,
        external_id,
        sku
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn house(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select id from sellers where house").fetch_one(connection).await
}

/// Marks where a line begins, to come back to it if the line is refused.
pub(super) async fn begin_line(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("savepoint line").execute(connection).await?;
    Ok(())
}

pub(super) async fn end_line(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("release savepoint line").execute(connection).await?;
    Ok(())
}

pub(super) async fn undo_line(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("rollback to savepoint line").execute(connection).await?;
    Ok(())
}
