//! The catalogue on its way through a spreadsheet, against a fresh database.

use proptest::prelude::{Strategy, proptest};
use proptest::test_runner::Config;
use souk_base::{Lang, ProductId};
use souk_testdb::TestDb;
use tokio::runtime::Builder;

use super::{Report, export, import};
use crate::offers::{self, NewOffer};
use crate::products::{self, NewProduct, NewVariant, ProductText, State};
use crate::stock::{self, NewWarehouse};
use crate::writes::Write;
use crate::writes::fixture::{audited, keep, write};
use crate::{Error, Result};

/// A shop with a rose that is offered in Kuwait (12.500, of 15.000) and Britain (39.00).
async fn shop() -> TestDb {
    let db = TestDb::new().await;
    db.run(
        "insert into categories (id, slug) values (1, 'roses'), (2, 'tulips');
         insert into warehouses (id, city_id, seller_id, name)
             select city, city, id, 'w' from sellers
             cross join (values (285787), (2643743)) as c (city) where house",
    )
    .await;
    let mut open = write(db.pool()).await;
    let id = add(&mut open, "rose", "=Rose, \"red\"").await;
    let variant_id = products::get(&mut open, id).await.unwrap().variants[0].id;
    for (market, minor, list_minor) in [("KW", 12_500, Some(15_000)), ("GB", 3_900, None)] {
        let market = market.parse().unwrap();
        let (seller_id, preparation_minutes) = (None, None);
        let new =
            NewOffer { variant_id, seller_id, market, minor, list_minor, preparation_minutes };
        offers::create(&mut open, new).await.unwrap();
    }
    keep(db.pool(), open).await;
    db.run(
        "insert into stock (offer_id, warehouse_id, on_hand, reserved)
         select id, 285787, 5, 2 from offers where market = 'KW'",
    )
    .await;
    db
}

async fn add(write: &mut Write, slug: &str, title: &str) -> ProductId {
    let new = NewProduct {
        external_id: None,
        slug: Some(slug.to_owned()),
        state: State::Active,
        publish_at: None,
        category_id: 1.into(),
        brand_id: None,
        picture: None,
        texts: vec![ProductText {
            lang: Lang::En,
            title: title.to_owned(),
            description: String::new(),
        }],
        variants: vec![NewVariant { sku: Some(slug.to_uppercase()), ..NewVariant::default() }],
        values: Vec::new(),
    };
    products::create(write, new).await.unwrap()
}

async fn exported(db: &TestDb) -> String {
    let mut file = Vec::new();
    export(&mut db.pool().acquire().await.unwrap(), &mut file).await.unwrap();
    String::from_utf8(file).unwrap()
}

async fn imported(db: &TestDb, file: &str) -> Report {
    let mut open = write(db.pool()).await;
    let report = import(&mut open, file.as_bytes()).await.unwrap();
    keep(db.pool(), open).await;
    report
}

fn wrong(report: &Report) -> Vec<(u64, &str, &str)> {
    report
        .errors
        .iter()
        .map(|error| {
            (error.line, error.column.as_deref().unwrap_or_default(), error.reason.as_str())
        })
        .collect()
}

#[tokio::test]
async fn a_sheet_has_a_line_for_each_market_and_guards_formulas() {
    let db = shop().await;

    let file = exported(&db).await;

    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("slug,external_id,state,category,title_en,title_ar,"));
    assert!(lines[0].ends_with("sku,market,price,list_price,stock_kuwait-city,stock_london"));
    assert_eq!(
        lines[1],
        "rose,,active,roses,\"'=Rose, \"\"red\"\"\",,,,,,,,ROSE,KW,12.500,15.000,5,"
    );
    assert_eq!(lines[2], "rose,,active,roses,\"'=Rose, \"\"red\"\"\",,,,,,,,ROSE,GB,39.00,,,");
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn a_sheet_taken_back_as_it_is_changes_nothing() {
    let db = shop().await;
    let file = exported(&db).await;

    let report = imported(&db, &file).await;

    assert_eq!(report, Report { lines: 2, ..Report::default() });
    assert_eq!(exported(&db).await, file);
}

#[tokio::test]
async fn prices_stock_texts_and_places_are_taken_from_a_sheet() {
    let db = shop().await;
    let file = "slug,category,title_en,title_ar,sku,market,price,list_price,stock_kuwait-city\n\
                rose,,Red rose,,ROSE,KW,11,-,7\n\
                rose,tulips,,وردة,ROSE,GB,,45.00,\n\
                rose,,,,ROSE-L,KW,20.250,,\n";

    let report = imported(&db, file).await;

    assert!(report.errors.is_empty(), "{report:?}");
    let done = (report.products_changed, report.variants_added, report.offers_added);
    assert_eq!(done, (1, 1, 1));
    assert_eq!((report.prices_changed, report.stock_changed), (2, 1));
    let file = exported(&db).await;
    let lines: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "rose,,active,tulips,Red rose,وردة,,,,,,,ROSE,KW,11.000,,7,",
            "rose,,active,tulips,Red rose,وردة,,,,,,,ROSE,GB,39.00,45.00,,",
            "rose,,active,tulips,Red rose,وردة,,,,,,,ROSE-L,KW,20.250,,,"
        ]
    );
}

#[tokio::test]
async fn a_new_product_is_a_draft_unless_the_sheet_says_otherwise() {
    let db = shop().await;
    let file = "external_id;state;category;title_en;sku;market;price;stock_london\n\
                X1;active;tulips;Tulip;T-1;GB;12,50;3\n\
                X1;;;;T-1;KW;4,125;\n\
                X2;;tulips;Draft;;;;\n";

    let report = imported(&db, file).await;

    assert!(report.errors.is_empty(), "{report:?}");
    assert_eq!((report.products_added, report.offers_added, report.stock_changed), (2, 2, 1));
    let file = exported(&db).await;
    assert!(file.contains("tulip,X1,active,tulips,Tulip,,,,,,,,T-1,KW,4.125,,,\n"), "{file}");
    assert!(file.contains("tulip,X1,active,tulips,Tulip,,,,,,,,T-1,GB,12.50,,,3\n"), "{file}");
    assert!(file.contains("draft,X2,draft,tulips,Draft"), "{file}");
}

#[tokio::test]
async fn what_is_wrong_is_said_by_line_and_column_and_the_rest_goes_in() {
    let db = shop().await;
    let file = "slug,state,category,title_en,sku,market,price,list_price,stock_kuwait-city\n\
                rose,,,,ROSE,KW,1.2345,,\n\
                rose,gone,nowhere,,ROSE,GB,40.00,,\n\
                rose,,,,ROSE,KW,13.000,,1\n\
                rose,,,,ROSE,GB,40.00,,\n\
                new,,,,,,,,\n\
                rose,,,,ROSE,GB,41.00,,\n\
                rose,,,,ROSE,XX,1,,\n\
                rose,,,,,,,\n\
                ,,,,,,,,\n\
                rose,,,,ROSE,SA,,,\n\
                tulip,,roses,Tulip,ROSE,,,,\n\
                rose,,,,ROSE,AE,,9,\n";

    let report = imported(&db, file).await;

    assert_eq!(
        wrong(&report),
        [
            (2, "price", "amount must be a decimal number with a point, but is \"1.2345\""),
            (3, "state", "state must be one of draft, active, archived, but is \"gone\""),
            (3, "category", "no category \"nowhere\""),
            (4, "", "stock cannot fall below what is reserved"),
            (6, "category", "a new product needs a category"),
            (7, "sku", "line 5 has this sku and market, too"),
            (8, "market", "no market \"XX\""),
            (9, "", "the line has 8 cells, but the header 9"),
            (10, "", "a line needs a slug, an external id or a sku"),
            (12, "", "another product has a variant with this sku"),
            (13, "price", "nothing is offered here yet, so a price is needed"),
        ]
    );
    assert_eq!((report.lines, report.lines_refused, report.prices_changed), (12, 10, 1));
    assert!(exported(&db).await.contains("ROSE,KW,12.500,15.000,5,"));
}

#[tokio::test]
async fn two_lines_that_contradict_each_other_are_told() {
    let db = shop().await;
    let file = "slug,title_en,sku,market\nrose,A,ROSE,KW\nrose,B,ROSE,GB\n";

    let report = imported(&db, file).await;

    assert_eq!(wrong(&report), [(3, "title_en", "line 2 says otherwise of this product")]);
}

#[tokio::test]
async fn a_dry_run_reports_the_same_and_leaves_no_trace() {
    let db = shop().await;
    let before = (exported(&db).await, audited(db.pool()).await.len());
    let file = "slug,sku,market,price\nrose,ROSE,KW,1\nrose,ROSE-2,GB,2\n";

    let mut open = write(db.pool()).await;
    let tried = import(&mut open, file.as_bytes()).await.unwrap();
    open.roll_back().await.unwrap();

    assert_eq!((exported(&db).await, audited(db.pool()).await.len()), before);
    let done =
        imported(&db, "slug,sku,market,price,list_price\nrose,ROSE,KW,1,\nrose,ROSE-2,GB,2,\n");
    assert_eq!(done.await, tried);
}

#[tokio::test]
async fn a_file_without_a_readable_header_is_refused_as_a_whole() {
    let db = shop().await;
    for (file, reason) in [
        ("slug,colour\nrose,red\n", "unknown column \"colour\""),
        ("slug,slug\n", "two columns \"slug\""),
        ("title_en\nRose\n", "a sheet needs a column slug, external_id or sku"),
        ("", "a sheet needs a column slug, external_id or sku"),
    ] {
        let mut open = write(db.pool()).await;
        let refused: Result<Report> = import(&mut open, file.as_bytes()).await;

        assert!(
            matches!(&refused, Err(Error::Invalid { field: "header", reason: why }) if why == reason),
            "{refused:?}"
        );
    }
}

proptest! {
    #![proptest_config(Config::with_cases(12))]
    #[test]
    fn any_text_and_price_survive_the_way_out_and_in(
        titles in proptest::collection::vec(
            "[=+@'\",;\\-a-z0-9 А-я\n]{1,30}".prop_map(|text| text.trim().to_owned())
                .prop_filter("a title is not blank", |title| !title.is_empty()), 1..4),
        minor in 1_i64..=1_000_000_000_000, units in 0_i32..=10_000_000
    ) {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let db = TestDb::new().await;
            db.run("insert into categories (id, slug) values (1, 'roses')").await;
            let mut open = write(db.pool()).await;
            let house = NewWarehouse { city_id: 285_787.into(), seller_id: None, name: None };
            let house = stock::add_warehouse(&mut open, house).await.unwrap().id;
            for (number, title) in titles.iter().enumerate() {
                let id = add(&mut open, &format!("p-{number}"), title).await;
                let variant_id = products::get(&mut open, id).await.unwrap().variants[0].id;
                let market = "KW".parse().unwrap();
                let (seller_id, list_minor, preparation_minutes) = (None, None, None);
                let new = NewOffer {
                    variant_id, seller_id, market, minor, list_minor, preparation_minutes
                };
                let offer = offers::create(&mut open, new).await.unwrap();
                stock::set(&mut open, offer, house, units).await.unwrap();
            }
            keep(db.pool(), open).await;
            let file = exported(&db).await;

            let same = imported(&db, &file).await;
            assert_eq!(same, Report { lines: titles.len() as u64, ..Report::default() });

            db.run("delete from products").await;
            let anew = imported(&db, &file).await;
            assert_eq!(anew.products_added, titles.len() as u64, "{anew:?}");
            assert_eq!(exported(&db).await, file);
        });
    }
}
