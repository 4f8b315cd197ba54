//! Products as the office edits them, against a fresh database.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use serde_json::json;
use souk_base::{CategoryId, Lang, ProductId};
use souk_testdb::TestDb;

use super::{
    BulkChange, EditableProduct, Filter, NewProduct, NewVariant, PriceChange, ProductChange, State,
    StockChange, VariantChange, add_variant, bulk, count_found, create, delete, find, get,
    put_text, remove_text, remove_variant, set_values, update, update_variant,
};
use crate::offers::{self, NewOffer};
use crate::products::{ProductText, listed};
use crate::stock::{self, NewWarehouse};
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error, Result};

async fn shop() -> TestDb {
    let db = TestDb::new().await;
    db.run(
        "insert into categories (id, slug, parent_id) values (1, 'flowers', null), (2, 'roses', 1);
         insert into attributes (id, code) values (1, 'colour');
         insert into attribute_values (id, attribute_id, code) values (1, 1, 'red'), (2, 1, 'white')",
    )
    .await;
    db
}

fn text(lang: Lang, title: &str) -> ProductText {
    ProductText { lang, title: title.to_owned(), description: String::new() }
}

fn bouquet(title: &str) -> NewProduct {
    NewProduct {
        external_id: None,
        slug: None,
        state: State::Active,
        publish_at: None,
        category_id: CategoryId::new(2),
        brand_id: None,
        picture: Some("rose".to_owned()),
        texts: vec![text(Lang::En, title)],
        variants: Vec::new(),
        values: vec![1.into()],
    }
}

async fn added(db: &TestDb, new: NewProduct) -> ProductId {
    let mut open = write(db.pool()).await;
    let id = create(&mut open, new).await.unwrap();
    keep(db.pool(), open).await;
    id
}

async fn read(db: &TestDb, id: ProductId) -> EditableProduct {
    get(&mut db.pool().acquire().await.unwrap(), id).await.unwrap()
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

async fn titles(db: &TestDb, filter: Filter) -> Vec<String> {
    let mut connection = db.pool().acquire().await.unwrap();
    let found = find(&mut connection, &filter, Lang::En, None, 10).await.unwrap();
    assert_eq!(count_found(&mut connection, &filter).await.unwrap(), found.len() as i64);
    found.into_iter().map(|found| found.title).collect()
}

#[tokio::test]
async fn a_new_product_has_a_slug_from_its_title_and_one_variant() {
    let db = shop().await;

    let first = read(&db, added(&db, bouquet("Twelve Red Roses")).await).await;
    let second = read(&db, added(&db, bouquet("Twelve red roses")).await).await;
    let arabic = NewProduct { texts: vec![text(Lang::Ar, "ورد")], ..bouquet("") };
    let third = read(&db, added(&db, arabic).await).await;

    assert_eq!(first.slug, "twelve-red-roses");
    assert_eq!(second.slug, format!("twelve-red-roses-{}", second.id));
    assert_eq!(third.slug, format!("product-{}", third.id));
    let skus: Vec<_> = first.variants.iter().map(|variant| variant.sku.clone()).collect();
    assert_eq!(skus, [format!("P{}", first.id)]);
    assert_eq!(first.values, [1.into()]);
    assert_eq!(audited(db.pool()).await[0].0, "products.create");
}

#[tokio::test]
async fn what_a_product_cannot_be_is_refused_by_name() {
    let db = shop().await;
    added(&db, NewProduct { slug: Some("rose".to_owned()), ..bouquet("Rose") }).await;
    let sku = |sku: &str| vec![NewVariant { sku: Some(sku.to_owned()), ..NewVariant::default() }];
    let cases = [
        (NewProduct { slug: Some("rose".to_owned()), ..bouquet("A") }, Conflict::ProductSlugTaken),
        (NewProduct { slug: Some("Rose!".to_owned()), ..bouquet("A") }, Conflict::SlugInvalid),
        (bouquet("  "), Conflict::TitleBlank),
        (bouquet(&"x".repeat(301)), Conflict::TitleTooLong),
        (NewProduct { category_id: 9.into(), ..bouquet("A") }, Conflict::NoSuchCategory),
        (NewProduct { brand_id: Some(9.into()), ..bouquet("A") }, Conflict::NoSuchBrand),
        (NewProduct { values: vec![9.into()], ..bouquet("A") }, Conflict::NoSuchValue),
        (NewProduct { variants: sku(" "), ..bouquet("A") }, Conflict::SkuBlank),
    ];
    for (new, expected) in cases {
        let mut open = write(db.pool()).await;
        assert_eq!(conflict(create(&mut open, new).await), expected);
        open.roll_back().await.unwrap();
    }
    let mut open = write(db.pool()).await;
    let without = create(&mut open, NewProduct { texts: Vec::new(), ..bouquet("A") }).await;
    assert!(matches!(without, Err(Error::Invalid { field: "texts", .. })));
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_the_audit_says_so() {
    let db = shop().await;
    let id = added(&db, bouquet("Rose")).await;
    let before = read(&db, id).await;

    let mut open = write(db.pool()).await;
    let change = ProductChange {
        state: Some(State::Archived),
        external_id: Some(Some(" X1 ".to_owned())),
        ..ProductChange::default()
    };
    update(&mut open, id, change).await.unwrap();
    put_text(&mut open, id, text(Lang::Ru, " Роза ")).await.unwrap();
    remove_text(&mut open, id, Lang::En).await.unwrap();
    set_values(&mut open, id, &[2.into()]).await.unwrap();
    keep(db.pool(), open).await;

    let after = read(&db, id).await;
    assert_eq!((after.state, after.slug.as_str()), (State::Archived, "rose"));
    assert_eq!(after.external_id.as_deref(), Some("X1"));
    assert_eq!(after.texts, [text(Lang::Ru, "Роза")]);
    assert_eq!(after.values, [2.into()]);
    assert!(after.updated_at > before.updated_at);
    let change = &audited(db.pool()).await[1];
    assert_eq!(change.1, json!({"state": "archived", "external_id": " X1 "}));
    let mut open = write(db.pool()).await;
    assert_eq!(conflict(remove_text(&mut open, id, Lang::Ru).await), Conflict::LastText);
}

#[tokio::test]
async fn a_product_is_listed_from_its_time_on() {
    let db = shop().await;
    let now = Timestamp::now();
    let (past, future) = (now - SignedDuration::from_hours(1), now + SignedDuration::from_hours(1));
    let ids = [
        added(&db, NewProduct { publish_at: Some(past), ..bouquet("Past") }).await,
        added(&db, NewProduct { publish_at: Some(future), ..bouquet("Future") }).await,
        added(&db, NewProduct { state: State::Draft, ..bouquet("Draft") }).await,
    ];
    let mut connection = db.pool().acquire().await.unwrap();

    let seen = listed(&mut connection, &ids).await.unwrap();

    assert_eq!(seen.iter().map(|product| product.id).collect::<Vec<_>>(), ids[..1]);
    for (id, expected) in ids.into_iter().zip([true, false, false]) {
        assert_eq!(get(&mut connection, id).await.unwrap().is_listed(now), expected);
    }
}

#[tokio::test]
async fn variants_come_and_go_but_one_stays() {
    let db = shop().await;
    let id = added(&db, bouquet("Rose")).await;
    let mut open = write(db.pool()).await;
    let eans = ["5", " 5 ", "", "6"].map(str::to_owned).to_vec();
    let new = NewVariant { eans, ..NewVariant::default() };
    let second = add_variant(&mut open, id, new).await.unwrap();
    let change = VariantChange {
        sku: Some("R-L".to_owned()),
        options: Some(json!({"size": "L"}).as_object().unwrap().clone()),
        ..VariantChange::default()
    };
    update_variant(&mut open, id, second, change).await.unwrap();
    let first = get(&mut open, id).await.unwrap().variants[0].id;
    remove_variant(&mut open, id, first).await.unwrap();
    keep(db.pool(), open).await;

    let left = read(&db, id).await.variants;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].sku.as_str(), left[0].position), ("R-L", 1));
    assert_eq!(left[0].eans, ["5", "6"]);
    let mut open = write(db.pool()).await;
    let last = remove_variant(&mut open, id, second).await;
    assert_eq!(conflict(last), Conflict::LastVariant);
}

#[tokio::test]
async fn what_was_sold_or_promised_cannot_be_deleted() {
    let db = shop().await;
    let id = added(&db, bouquet("Rose")).await;
    db.run(&format!(
        "insert into sales (market, order_number, line, product_id, quantity, unit_minor, sold_at)
         values ('KW', '1', 1, {id}, 1, 5, now())"
    ))
    .await;
    let mut open = write(db.pool()).await;
    assert_eq!(conflict(delete(&mut open, id).await), Conflict::ProductSold);
    db.run("delete from sales").await;

    delete(&mut open, id).await.unwrap();
    keep(db.pool(), open).await;

    let gone = get(&mut db.pool().acquire().await.unwrap(), id).await;
    assert!(matches!(gone, Err(Error::NotFound)));
}

#[tokio::test]
async fn the_list_finds_by_words_codes_and_what_is_missing() {
    let db = shop().await;
    let coded = NewProduct { external_id: Some("EXT-1".to_owned()), ..bouquet("Red 100% Rose") };
    added(&db, coded).await;
    let tulip = NewProduct { category_id: 1.into(), state: State::Draft, ..bouquet("Tulip") };
    let tulip = added(&db, tulip).await;
    let mut open = write(db.pool()).await;
    put_text(&mut open, tulip, text(Lang::Ar, "توليب")).await.unwrap();
    keep(db.pool(), open).await;
    db.run(&format!("insert into media (product_id, url) values ({tulip}, 'https://x/1.jpg')"))
        .await;

    let by_text = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() };
    for (given, expected) in [
        ("rose red", vec!["Red 100% Rose"]),
        ("EXT-1", vec!["Red 100% Rose"]),
        ("100%", vec!["Red 100% Rose"]),
        ("1%0", vec![]),
        ("تولي", vec!["Tulip"]),
        (&format!("P{tulip}"), vec!["Tulip"]),
        ("", vec!["Tulip", "Red 100% Rose"]),
    ] {
        assert_eq!(titles(&db, by_text(given)).await, expected, "{given}");
    }
    let roses = Filter { category_id: Some(2.into()), ..Filter::default() };
    assert_eq!(titles(&db, roses).await, ["Red 100% Rose"]);
    let flowers = Filter { category_id: Some(1.into()), ..Filter::default() };
    assert_eq!(titles(&db, flowers).await.len(), 2);
    let not_arabic = Filter { missing_lang: Some(Lang::Ar), ..Filter::default() };
    assert_eq!(titles(&db, not_arabic).await, ["Red 100% Rose"]);
    let bare = Filter { without_picture: true, ..Filter::default() };
    assert_eq!(titles(&db, bare).await, ["Red 100% Rose"]);
    let drafts = Filter { state: Some(State::Draft), ..Filter::default() };
    assert_eq!(titles(&db, drafts).await, ["Tulip"]);
}

#[tokio::test]
async fn a_bulk_change_reaches_prices_and_stock_of_the_house_alone() {
    let db = shop().await;
    let id = added(&db, bouquet("Rose")).await;
    db.run("insert into sellers (id, slug, name) values (50, 'other', 'Other')").await;
    let mut open = write(db.pool()).await;
    let variant_id = get(&mut open, id).await.unwrap().variants[0].id;
    let market = "KW".parse().unwrap();
    let offer = |seller_id| NewOffer {
        variant_id,
        seller_id,
        market,
        minor: 12_500,
        list_minor: Some(13_000),
        preparation_minutes: None,
    };
    let own = offers::create(&mut open, offer(None)).await.unwrap();
    let other = offers::create(&mut open, offer(Some(50.into()))).await.unwrap();
    let house = NewWarehouse { city_id: 285_787.into(), seller_id: None, name: None };
    stock::add_warehouse(&mut open, house).await.unwrap();
    let change = BulkChange {
        state: Some(State::Archived),
        price: Some(PriceChange::Percent { market: None, basis_points: 1_000 }),
        stock: Some(StockChange { city_id: None, on_hand: 7 }),
        ..BulkChange::default()
    };

    let report = bulk(&mut open, &[id, 999.into()], &change).await.unwrap();

    assert_eq!((report.products, report.prices, report.stock), (1, 1, 1));
    let own = offers::get(&mut open, own).await.unwrap();
    assert_eq!((own.minor, own.list_minor, own.stock[0].on_hand), (Some(13_750), None, 7));
    let other = offers::get(&mut open, other).await.unwrap();
    assert_eq!((other.minor, other.list_minor), (Some(12_500), Some(13_000)));
    assert!(other.stock.is_empty());
    assert_eq!(get(&mut open, id).await.unwrap().state, State::Archived);
    let again = BulkChange { price: None, ..change };
    assert_eq!(bulk(&mut open, &[id], &again).await.unwrap().stock, 0);
}

fn change() -> impl Strategy<Value = PriceChange> {
    prop_oneof![
        (-9_900..=100_000)
            .prop_map(|basis_points| PriceChange::Percent { market: None, basis_points }),
        any::<i32>().prop_map(|minor| PriceChange::Amount {
            market: "KW".parse().unwrap(),
            minor: minor.into()
        }),
    ]
}

proptest! {
    #[test]
    fn a_changed_price_can_be_paid_and_is_within_half_a_step_of_the_exact_one(
        minor in 1_i64..1_000_000_000_000, step in 1_i64..=100, change in change()
    ) {
        let after = change.apply(minor, step);

        assert!(after >= step && after % step == 0);
        let exact = match change {
            PriceChange::Percent { basis_points, .. } => {
                i128::from(minor) * (10_000 + i128::from(basis_points))
            }
            PriceChange::Amount { minor: by, .. } => (i128::from(minor) + i128::from(by)) * 10_000,
        };
        let off = (i128::from(after) * 10_000 - exact).abs();
        assert!(after == step || off * 2 <= i128::from(step) * 10_000);
    }
}
