//! SQL of the stock slice.

use sqlx::PgConnection;

/// A row of `stock` with the city of its warehouse.
pub(super) struct StockRow {
    pub(super) offer_id: i64,
    pub(super) product_id: i64,
    pub(super) warehouse_id: i64,
    pub(super) city_id: i64,
    pub(super) on_hand: i32,
    pub(super) reserved: i32,
}

pub(super) async fn of_product(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<StockRow>> {
    sqlx::query_as!(
        StockRow,
        "select offer_id, product_id, warehouse_id, city_id, on_hand, reserved
         from stock
         join warehouses on warehouses.id = stock.warehouse_id
         join cities on cities.id = warehouses.city_id
         where product_id = $1
         order by offer_id, cities.position, warehouse_id",
        product_id
    )
    .fetch_all(connection)
    .await
}

/// Whether offer and warehouse are one seller's.
pub(super) async fn is_of_one_seller(
    connection: &mut PgConnection,
    offer_id: i64,
    warehouse_id: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select offers.seller_id = warehouses.seller_id as "same!"
           from offers cross join warehouses
           where offers.id = $1 and warehouses.id = $2"#,
        offer_id,
        warehouse_id
    )
    .fetch_one(connection)
    .await
}

/// The units on hand, locked; none when there never were any.
pub(super) async fn on_hand(
    connection: &mut PgConnection,
    offer_id: i64,
    warehouse_id: i64,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "select on_hand from stock where offer_id = $1 and warehouse_id = $2 for update",
        offer_id,
        warehouse_id
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn set(
    connection: &mut PgConnection,
    offer_id: i64,
    warehouse_id: i64,
    on_hand: i32,
) -> sqlx::Result<StockRow> {
    sqlx::query_as!(
        StockRow,
        r#"with written as (
               insert into stock (offer_id, warehouse_id, on_hand) values ($1, $2, $3)
               on conflict (offer_id, warehouse_id) do update set on_hand = excluded.on_hand
               returning offer_id, product_id, warehouse_id, on_hand, reserved
           )
           select written.offer_id, written.product_id, written.warehouse_id, city_id,
                  written.on_hand, written.reserved
           from written join warehouses on warehouses.id = written.warehouse_id"#,
        offer_id,
        warehouse_id,
        on_hand
    )
    .fetch_one(connection)
    .await
}

/// Adds to what is there; two additions to nothing add up, too.
pub(super) async fn add(
    connection: &mut PgConnection,
    offer_id: i64,
    warehouse_id: i64,
    units: i32,
) -> sqlx::Result<StockRow> {
    sqlx::query_as!(
        StockRow,
        r#"with written as (
               insert into stock (offer_id, warehouse_id, on_hand) values ($1, $2, $3)
               on conflict (offer_id, warehouse_id) do update
               set on_hand = stock.on_hand + excluded.on_hand
               returning offer_id, product_id, warehouse_id, on_hand, reserved
           )
           select written.offer_id, written.product_id, written.warehouse_id, city_id,
                  written.on_hand, written.reserved
           from written join warehouses on warehouses.id = written.warehouse_id"#,
        offer_id,
        warehouse_id,
        units
    )
    .fetch_one(connection)
    .await
}

/// A row of `warehouses` with the market of its city.
pub(super) struct WarehouseRow {
    pub(super) id: i64,
    pub(super) city_id: i64,
    pub(super) market: String,
    pub(super) seller_id: i64,
    pub(super) name: String,
}

pub(super) async fn warehouses(connection: &mut PgConnection) -> sqlx::Result<Vec<WarehouseRow>> {
    sqlx::query_as!(
        WarehouseRow,
        "select warehouses.id, city_id, cities.market, seller_id, name
         from warehouses
         join cities on cities.id = warehouses.city_id
         join markets on markets.code = cities.market
         order by markets.position, markets.code, cities.position, city_id, seller_id"
    )
    .fetch_all(connection)
    .await
}

/// Adds a warehouse, the house's without a seller, named after its city without a name.
pub(super) async fn insert_warehouse(
    connection: &mut PgConnection,
    city_id: i64,
    seller_id: Option<i64>,
    name: Option<&str>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into warehouses (city_id, seller_id, name)
         values ($1, coalesce($2, (select id from sellers where house)),
                 coalesce($3, (select label || ' warehouse' from city_translations
                               where city_id = $1 and lang = 'en'), 'Warehouse'))
         returning id",
        city_id,
        seller_id,
        name
    )
    .fetch_one(connection)
    .await
}
