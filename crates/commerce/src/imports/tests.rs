//! Imports and exports against a fresh database.

use serde_json::{Value, json};
use souk_testdb::TestDb;
use sqlx::AssertSqlSafe;

use super::{
    CatalogImport, Format, LeftOut, OrdersImport, Rejected, Report, catalog, export_catalog, orders,
};
use crate::Db;

const FLOWERS: &str = include_str!("../../../../fixtures/flowers/flowers.jsonl");
const GIFTS: &str = include_str!("../../../../fixtures/flowers/gifts.jsonl");

const INVOICES: &str = "\
invoice,stock_code,description,quantity,invoice_date,price,customer_id,country
489434,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,12,2009-12-01 07:45:00,6.95,13085,United Kingdom
489435,22350,CAT BOWL,12,2009-12-01 07:45:00,2.55,13086,United Kingdom
489434,79323P,PINK CHERRY LIGHTS,6,2009-12-01 07:45:00,6.75,13085,United Kingdom
489434,POST,POSTAGE,1,2009-12-01 07:45:00,18,13085,United Kingdom
C489449,22350,CAT BOWL,-12,2010-07-02 10:33:00,2.55,13086,United Kingdom
489600,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,oops,2010-07-02 10:33:00,6.95,,United Kingdom
489601,85048,damaged,-3,2010-07-02 10:33:00,0,,United Kingdom
489602,79323p,PINK CHERRY LIGHTS,1,2010-07-02 10:33:00,6.75,,United Kingdom
";

/// Every table an import may write.
const TABLES: [&str; 18] = [
    "brands",
    "products",
    "product_translations",
    "attributes",
    "attribute_translations",
    "attribute_values",
    "attribute_value_translations",
    "product_attribute_values",
    "categories",
    "category_translations",
    "variants",
    "media",
    "offers",
    "prices",
    "warehouses",
    "stock",
    "sales",
    "popularity",
];

const JSONL: CatalogImport =
    CatalogImport { format: Format::SoukJsonl, market: None, invent_stock: true, dry_run: false };

async fn import(db: &Db, file: &str, import: CatalogImport) -> (Report, Vec<Rejected>) {
    let mut rejected = Vec::new();
    let report = catalog(db, file.as_bytes(), import, &mut |row| {
        rejected.push(row);
        Ok(())
    })
    .await
    .unwrap();
    (report, rejected)
}

async fn import_sales(db: &Db, dry_run: bool) -> (Report, Vec<Rejected>) {
    let mut rejected = Vec::new();
    let report = sales_of(db, INVOICES, dry_run, &mut rejected).await;
    (report, rejected)
}

async fn sales_of(db: &Db, file: &str, dry_run: bool, rejected: &mut Vec<Rejected>) -> Report {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let request = OrdersImport { market: "GB".parse().unwrap(), now, dry_run };
    orders(db, file.as_bytes(), request, &mut |row| {
        rejected.push(row);
        Ok(())
    })
    .await
    .unwrap()
}

/// Lines of invoices, each of one cat bowl.
fn bowls(lines: &[(&str, &str, &str)]) -> String {
    let mut file = INVOICES.lines().next().unwrap().to_owned();
    for (invoice, quantity, at) in lines {
        file += &format!("\n{invoice},22350,CAT BOWL,{quantity},{at},2.55,13086,United Kingdom");
    }
    file
}

fn invoices() -> CatalogImport {
    CatalogImport { format: Format::OnlineRetailCsv, ..JSONL }
}

async fn export(db: &Db) -> String {
    let mut file = Vec::new();
    export_catalog(db, &mut file).await.unwrap();
    String::from_utf8(file).unwrap()
}

/// Every row of every table with the transaction that wrote or locked it.
async fn fingerprint(db: &Db) -> Vec<(String, i64, Option<String>)> {
    let mut tables = Vec::new();
    for table in TABLES {
        let sql = format!(
            "select count(*), md5(string_agg(concat(t, ' ', xmin, ' ', xmax), ',' order by t::text))
             from {table} t"
        );
        let (count, hash) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(db).await.unwrap();
        tables.push((table.to_owned(), count, hash));
    }
    tables
}

async fn one<T>(db: &Db, sql: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

fn line(product: &Value) -> String {
    format!("{product}\n")
}

#[tokio::test]
async fn the_flower_shop_goes_in_whole_and_a_second_time_changes_nothing() {
    let db = TestDb::new().await;
    let shop = format!("{FLOWERS}{GIFTS}");

    let (first, rejected) = import(db.pool(), &shop, JSONL).await;
    let before = fingerprint(db.pool()).await;
    let (second, _) = import(db.pool(), &shop, JSONL).await;

    assert_eq!(rejected, []);
    assert_eq!((first.read, first.imported, first.errors), (245, 245, 0));
    assert!(first.ignored_keys.is_empty(), "{:?}", first.ignored_keys);
    assert_eq!((second.imported, second.changed, second.unchanged), (0, 0, 245));
    assert_eq!(fingerprint(db.pool()).await, before);
    let ordinals: i32 = one(db.pool(), "select max(ordinal) from products").await;
    assert_eq!(ordinals, 244);
}

#[tokio::test]
async fn texts_options_prices_and_stock_of_a_product_arrive() {
    let db = TestDb::new().await;
    import(db.pool(), FLOWERS, JSONL).await;

    let title: String = one(
        db.pool(),
        "select title from product_translations
         join products on products.id = product_id
         where external_id = 'fl-red-rose' and lang = 'kk'",
    )
    .await;
    let size: String = one(
        db.pool(),
        "select options -> 'size' ->> 'ru' from variants
         join products on products.id = product_id
         where external_id = 'fl-red-roses-long' and variants.position = 2",
    )
    .await;
    let minor: i64 = one(
        db.pool(),
        "select minor from prices join offers on offers.id = offer_id
         join variants on variants.id = variant_id
         where sku = 'FL-0001' and market = 'KW'",
    )
    .await;
    let cities: i64 = one(
        db.pool(),
        "select count(*) from stock join offers on offers.id = offer_id
         join variants on variants.id = variant_id
         where sku = 'FL-0001' and market = 'KW'",
    )
    .await;

    assert_eq!(title, "Қызыл раушан");
    assert_eq!(size, "51 стебель");
    assert_eq!(minor, 1_750);
    assert_eq!(cities, 8);
}

#[tokio::test]
async fn a_catalogue_is_the_same_after_the_way_out_and_in_again() {
    let (there, back) = (TestDb::new().await, TestDb::new().await);
    import(there.pool(), &format!("{FLOWERS}{GIFTS}"), JSONL).await;
    import(there.pool(), INVOICES, invoices()).await;

    let written = export(there.pool()).await;
    let (report, rejected) = import(back.pool(), &written, JSONL).await;

    assert_eq!(rejected, []);
    assert_eq!((report.imported, report.ignored_keys.len()), (248, 0));
    assert_eq!(export(back.pool()).await, written);
    let christmas: String = one(
        back.pool(),
        "select label from category_translations join categories on categories.id = category_id
         where slug = 'christmas' and lang = 'ru'",
    )
    .await;
    assert_eq!(christmas, "Рождество");
}

#[tokio::test]
async fn a_bad_row_is_written_out_and_the_rest_imported() {
    let db = TestDb::new().await;
    let file = [
        line(&json!({"id": "a", "title": "A", "variants": [{"sku": "S-1"}]})),
        "{broken\n".to_owned(),
        line(&json!({"id": "b", "title": "B", "variants": [{"sku": "S-1"}]})),
        line(&json!({"id": "a", "title": "A again"})),
        line(&json!({"id": "c", "title": "C", "made_in": "KW"})),
    ]
    .concat();

    let (report, rejected) = import(db.pool(), &file, JSONL).await;

    let lines: Vec<u64> = rejected.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 4, 3]);
    assert_eq!(rejected[0].raw, "{broken");
    assert_eq!(rejected[1].reason, "id \"a\" stands on line 1 already");
    assert_eq!(rejected[2].reason, "a variant with this sku exists");
    assert_eq!((report.read, report.imported, report.errors), (5, 2, 3));
    assert_eq!(report.ignored_keys["made_in"], 1);
    let titles: Vec<String> = sqlx::query_scalar("select slug from products order by ordinal")
        .fetch_all(db.pool())
        .await
        .unwrap();
    assert_eq!(titles, ["a", "c"]);
}

#[tokio::test]
async fn a_second_import_writes_what_differs_and_nothing_else() {
    let db = TestDb::new().await;
    let product = |minor: i64, colour: &str| {
        line(&json!({"id": "a", "title": "A", "price_minor": minor, "currency": "GBP",
            "attributes": {"colour": colour}}))
            + &line(&json!({"id": "b", "title": "B", "price_minor": 5, "currency": "GBP"}))
    };
    import(db.pool(), &product(5, "Red"), JSONL).await;
    sqlx::query("update stock set on_hand = 7").execute(db.pool()).await.unwrap();

    let (report, _) = import(db.pool(), &product(6, "Blue"), JSONL).await;

    assert_eq!((report.imported, report.changed, report.unchanged), (0, 1, 1));
    let colours: Vec<String> = sqlx::query_scalar(
        "select code from product_attribute_values
         join attribute_values on attribute_values.id = value_id",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    assert_eq!(colours, ["blue"]);
    assert_eq!(one::<i64>(db.pool(), "select max(minor) from prices").await, 6);
    assert_eq!(one::<i32>(db.pool(), "select max(on_hand) from stock").await, 7);
}

#[tokio::test]
async fn a_product_needs_neither_price_nor_category() {
    let db = TestDb::new().await;
    let file = line(&json!({"id": "3920564", "title": "Toner", "name": "006R", "brand": "Xerox",
        "ean": ["0095205603217"], "price_minor": 4995,
        "attributes": {"t_type": "Original", "n_pack": 6.0, "b_rohs": true}}));

    let (report, rejected) = import(db.pool(), &file, JSONL).await;

    assert_eq!((report.imported, rejected.len()), (1, 0));
    assert_eq!(one::<i64>(db.pool(), "select count(*) from offers").await, 0);
    assert_eq!(one::<String>(db.pool(), "select slug from categories").await, "other");
    let kuwait = CatalogImport { market: Some("KW".parse().unwrap()), ..JSONL };
    let (report, _) = import(db.pool(), &file, kuwait).await;
    assert_eq!(report.changed, 1);
    assert_eq!(one::<i64>(db.pool(), "select minor from prices").await, 4_995);
}

#[tokio::test]
async fn stock_is_what_the_file_says_and_invented_only_where_allowed() {
    let db = TestDb::new().await;
    let file = line(&json!({"id": "a", "title": "A", "price_minor": 5, "currency": "GBP",
        "stock": {"london": 3, "leeds": 0}}))
        + &line(&json!({"id": "b", "title": "B", "price_minor": 5, "currency": "GBP"}));

    import(db.pool(), &file, CatalogImport { invent_stock: false, ..JSONL }).await;

    let units: Vec<i32> = sqlx::query_scalar("select on_hand from stock order by on_hand")
        .fetch_all(db.pool())
        .await
        .unwrap();
    assert_eq!(units, [0, 3]);
}

#[tokio::test]
async fn the_same_name_under_two_parents_is_two_categories() {
    let db = TestDb::new().await;
    let file = line(&json!({"id": "a", "title": "A", "category": ["Flowers", "Roses"]}))
        + &line(&json!({"id": "b", "title": "B", "category": ["Soap", "Roses"]}))
        + &line(&json!({"id": "c", "title": "C", "category": ["Flowers", "Roses"]}))
        + &line(&json!({"id": "d", "title": "D", "category": "ورد", "lang": "ar"}));

    import(db.pool(), &file, JSONL).await;
    import(db.pool(), &file, JSONL).await;

    let slugs: Vec<String> = sqlx::query_scalar("select slug from categories order by id")
        .fetch_all(db.pool())
        .await
        .unwrap();
    assert_eq!(slugs[..4], ["flowers", "roses", "soap", "soap-roses"]);
    assert_eq!((slugs.len(), slugs[4].len()), (5, 9));
}

#[tokio::test]
async fn two_products_of_one_title_get_two_addresses() {
    let db = TestDb::new().await;
    let file =
        line(&json!({"id": "1", "title": "Mug"})) + &line(&json!({"id": "2", "title": "Mug"}));

    import(db.pool(), &file, JSONL).await;

    let slugs: Vec<String> = sqlx::query_scalar("select slug from products order by ordinal")
        .fetch_all(db.pool())
        .await
        .unwrap();
    assert_eq!(slugs, ["mug", "mug-2"]);
}

#[tokio::test]
async fn a_catalogue_comes_out_of_invoices() {
    let db = TestDb::new().await;

    let (report, rejected) = import(db.pool(), INVOICES, invoices()).await;

    assert_eq!((report.read, report.imported, report.skipped), (8, 3, 1));
    assert_eq!(rejected[0].line, 7);
    let lights: (String, String, i64) = sqlx::query_as(
        "select title, products.slug, minor from products
         join product_translations texts on texts.product_id = products.id
         join prices on prices.product_id = products.id
         where external_id = '79323P'",
    )
    .fetch_one(db.pool())
    .await
    .unwrap();
    assert_eq!(lights, ("Pink Cherry Lights".into(), "pink-cherry-lights".into(), 675));
    let least: i32 = one(db.pool(), "select min(on_hand) from stock").await;
    assert!(least >= 21, "{least}");
}

#[tokio::test]
async fn past_sales_go_in_once_and_make_products_popular() {
    let db = TestDb::new().await;
    import(db.pool(), INVOICES, invoices()).await;

    let (first, rejected) = import_sales(db.pool(), false).await;
    let before = fingerprint(db.pool()).await;
    let (second, _) = import_sales(db.pool(), false).await;

    assert_eq!((first.read, first.imported, first.errors), (8, 5, 1));
    assert_eq!(rejected[0].reason, "quantity: must be a whole number, but is \"oops\"");
    let skipped: Vec<_> =
        first.skipped_because.iter().map(|(rule, count)| (*rule, *count)).collect();
    assert_eq!(skipped, [("not goods", 1), ("stock correction", 1)]);
    assert_eq!((second.imported, second.changed, second.unchanged), (0, 0, 5));
    assert_eq!(fingerprint(db.pool()).await, before);
    let popular: Vec<String> = sqlx::query_scalar(
        "select external_id from popularity join products on products.id = product_id
         order by score desc",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    assert_eq!(popular, ["79323P", "85048", "22350"]);
}

#[tokio::test]
async fn no_time_and_no_quantity_that_can_be_stored_stops_popularity() {
    let db = TestDb::new().await;
    import(db.pool(), INVOICES, invoices()).await;
    let file = bowls(&[
        ("1", "2147483647", "2009-12-01 07:45:00"),
        ("C2", "-2147483648", "2009-12-01 07:45:00"),
        ("3", "5", "-004000-01-01 07:45:00"),
    ]);
    let mut rejected = Vec::new();
    import_sales(db.pool(), false).await;
    // As an import without a look at the clock left it behind.
    sqlx::query("update sales set sold_at = '2910-12-01' where order_number = '489602'")
        .execute(db.pool())
        .await
        .unwrap();

    let report = sales_of(db.pool(), &file, false, &mut rejected).await;

    assert_eq!((report.imported, rejected), (3, Vec::new()));
    let score: f32 = one(
        db.pool(),
        "select score from popularity join products on products.id = product_id
         where external_id = '79323P'",
    )
    .await;
    assert!((score - 0.693).abs() < 0.001, "{score}");
}

#[tokio::test]
async fn a_sale_in_the_future_or_before_all_time_is_refused_and_the_others_go_in() {
    let db = TestDb::new().await;
    import(db.pool(), INVOICES, invoices()).await;
    let file = bowls(&[
        ("1", "1", "2025-12-31 23:59:59"),
        ("2", "1", "2910-12-01 07:45:00"),
        ("3", "1", "-009000-01-01 07:45:00"),
        ("4", "1", "2026-01-01 00:00:00"),
        ("5", "1", "2026-01-01 00:00:01"),
    ]);
    let mut rejected = Vec::new();

    let report = sales_of(db.pool(), &file, false, &mut rejected).await;

    let lines: Vec<u64> = rejected.iter().map(|row| row.line).collect();
    assert_eq!((report.imported, report.errors, lines), (2, 3, vec![3, 6, 4]));
    assert_eq!(rejected[0].reason, "invoice_date: 2910-12-01T07:45:00 is in the future");
    assert!(rejected[0].raw.starts_with("2,22350,CAT BOWL,1,2910-12-01 07:45:00,2.55"));
    assert!(rejected[2].reason.contains("out of range"), "{}", rejected[2].reason);
    let invoices: Vec<String> =
        sqlx::query_scalar("select order_number from sales order by order_number")
            .fetch_all(db.pool())
            .await
            .unwrap();
    assert_eq!(invoices, ["1", "4"]);
}

#[tokio::test]
async fn imports_at_once_wait_for_each_other_longer_than_for_a_lock() {
    let db = TestDb::new().await;
    let product = |id: &str| {
        line(&json!({"id": id, "title": id, "brand": "B", "category": ["New", "Newer"],
            "attributes": {"material": "Wood"}}))
    };
    let (a, b, c) = (product("a"), product("b"), product("c"));
    sqlx::query(
        "do $$ begin execute format('alter database %I set lock_timeout = 1',
                 current_database()); end $$",
    )
    .execute(db.pool())
    .await
    .unwrap();
    let other = sqlx::PgPool::connect_with((*db.pool().connect_options()).clone()).await.unwrap();

    let (a, b, c) = tokio::join!(
        import(&other, &a, JSONL),
        import(&other, &b, JSONL),
        import(&other, &c, JSONL)
    );

    assert_eq!([a.0.imported, b.0.imported, c.0.imported], [1, 1, 1]);
    assert_eq!(one::<i64>(&other, "select count(*) from categories").await, 2);
    assert_eq!(one::<i64>(&other, "select count(*) from brands").await, 1);
    other.close().await;
}

#[tokio::test]
async fn a_derived_product_that_is_refused_names_the_first_line_of_its_code() {
    let db = TestDb::new().await;
    let taken = line(&json!({"id": "x", "title": "X", "variants": [{"sku": "22350"}]}));
    import(db.pool(), &taken, JSONL).await;

    let (report, rejected) = import(db.pool(), INVOICES, invoices()).await;

    assert_eq!((report.imported, report.errors), (2, 2));
    let last = rejected.last().unwrap();
    assert_eq!((last.line, last.raw.as_str()), (3, "22350"));
}

#[tokio::test]
async fn a_product_without_an_id_of_its_own_reads_back_into_its_shop() {
    let db = TestDb::new().await;
    import(db.pool(), &line(&json!({"id": "a", "title": "Red Mug"})), JSONL).await;
    sqlx::query("update products set external_id = null").execute(db.pool()).await.unwrap();

    let written = export(db.pool()).await;
    let (report, rejected) = import(db.pool(), &written, JSONL).await;

    assert!(written.starts_with(r#"{"id":"red-mug""#), "{written}");
    assert_eq!((rejected, report.unchanged), (Vec::new(), 1));
    assert_eq!(one::<i64>(db.pool(), "select count(*) from products").await, 1);
    // Another product's own id counts more than this one's slug.
    import(db.pool(), &line(&json!({"id": "b", "title": "B"})), JSONL).await;
    sqlx::query("update products set external_id = 'red-mug' where slug = 'b'")
        .execute(db.pool())
        .await
        .unwrap();
    let renamed = line(&json!({"id": "red-mug", "title": "C", "variants": [{"sku": "b"}]}));
    import(db.pool(), &renamed, JSONL).await;
    let title: String = one(
        db.pool(),
        "select title from product_translations join products on products.id = product_id
         where external_id = 'red-mug'",
    )
    .await;
    assert_eq!(title, "C");
}

#[tokio::test]
async fn a_line_is_in_a_language_that_every_label_has() {
    let db = TestDb::new().await;
    let file = line(&json!({"id": "a", "title": "Mug", "category": ["Mugs"],
            "attributes": {"colour": "Red"}, "translations": {"ru": {"title": "Кружка",
            "category": ["Кружки"], "attributes": {"colour": "Красный"}}}}))
        + &line(&json!({"id": "b", "title": "Cup", "category": ["Cups"]}));
    import(db.pool(), &file, JSONL).await;
    sqlx::query("delete from attribute_value_translations where lang = 'en'")
        .execute(db.pool())
        .await
        .unwrap();
    sqlx::query("update category_translations set lang = 'kk' where label = 'Cups'")
        .execute(db.pool())
        .await
        .unwrap();

    let mut file = Vec::new();
    let exported = export_catalog(db.pool(), &mut file).await.unwrap();

    let written: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!((&written["lang"], &written["title"]), (&json!("ru"), &json!("Кружка")));
    assert_eq!(written["attributes"], json!({"colour": "Красный"}));
    assert_eq!(written["translations"], json!({"en": {"title": "Mug", "category": ["Mugs"]}}));
    assert_eq!(exported.products, 1);
    let reason = "no language has its title and all labels of its category, attributes and options";
    assert_eq!(exported.left_out, [LeftOut { id: "b".to_owned(), reason }]);
}

#[tokio::test]
async fn sales_keep_their_line_and_british_summer_time_is_an_hour_ahead() {
    let db = TestDb::new().await;
    import(db.pool(), INVOICES, invoices()).await;
    import_sales(db.pool(), false).await;

    let lines: Vec<i32> =
        sqlx::query_scalar("select line from sales where order_number = '489434' order by line")
            .fetch_all(db.pool())
            .await
            .unwrap();
    let cancelled: (i32, String) = sqlx::query_as(
        "select quantity, (sold_at at time zone 'UTC')::text from sales
         where order_number = 'C489449'",
    )
    .fetch_one(db.pool())
    .await
    .unwrap();

    assert_eq!(lines, [1, 2]);
    assert_eq!(cancelled, (-12, "2010-07-02 09:33:00".to_owned()));
}

#[tokio::test]
async fn a_dry_run_reports_everything_and_leaves_nothing() {
    let db = TestDb::new().await;
    let before = fingerprint(db.pool()).await;

    let (products, _) = import(db.pool(), FLOWERS, CatalogImport { dry_run: true, ..JSONL }).await;
    let (sales, _) = import_sales(db.pool(), true).await;

    assert_eq!(products.imported, 122);
    assert_eq!(sales.skipped_because["unknown product"], 5);
    assert_eq!(fingerprint(db.pool()).await, before);
}

#[tokio::test]
async fn an_unknown_market_is_refused_before_anything_is_read() {
    let db = TestDb::new().await;
    let nowhere = CatalogImport { market: Some("US".parse().unwrap()), ..JSONL };

    let refused = catalog(db.pool(), FLOWERS.as_bytes(), nowhere, &mut |_| Ok(())).await;

    assert!(matches!(refused, Err(crate::Error::UnknownMarket(_))));
}
