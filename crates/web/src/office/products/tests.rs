//! From typed forms to steps, and the editor in each language.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template as _;
use jiff::Timestamp;
use serde_json::{Map, json};
use souk_base::{
    CategoryId, CityId, DatedPriceId, Lang, OfferId, ProductId, Seller, SellerId, StaffId, Tables,
    VariantId, WarehouseId,
};
use souk_commerce::offers::{DatedPrice, EditableOffer, OfferState};
use souk_commerce::products::{
    EditableProduct, EditableVariant, ProductChange, ProductText, State,
};
use souk_commerce::staff::{Role, Staff};
use souk_commerce::stock::Stock;

use super::changes::{of_new, of_product};
use super::editor::{EditorPage, Seen};
use super::filled::{Snapshot, fields};
use super::line::Current;
use super::step::{Change, CountedStock};
use crate::office::Colleague;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::sample;
use crate::text::desk::desk;

const SALMIYA: i64 = 285_704;

fn tables() -> Arc<Tables> {
    let mut tables = Tables::clone(&sample::tables());
    let house = Seller {
        id: SellerId::new(1),
        slug: "souk".to_owned(),
        name: "Souk".to_owned(),
        house: true,
    };
    tables.sellers = HashMap::from([(house.id, house)]);
    Arc::new(tables)
}

fn variant(id: i64, size: &str) -> EditableVariant {
    let mut options = Map::new();
    options.insert("size".to_owned(), json!(size));
    let (id, sku) = (VariantId::new(id), format!("FL-{id}"));
    EditableVariant { id, sku, options, eans: Vec::new(), position: 0 }
}

fn offer() -> EditableOffer {
    let stock = Stock {
        offer_id: OfferId::new(5),
        product_id: ProductId::new(1),
        warehouse_id: WarehouseId::new(9),
        city_id: CityId::new(SALMIYA),
        on_hand: 10,
        reserved: 2,
    };
    let dated = DatedPrice {
        id: DatedPriceId::new(3),
        minor: 9_000,
        list_minor: None,
        from: Some("2026-12-01T00:00:00Z".parse().unwrap()),
        until: None,
    };
    EditableOffer {
        id: OfferId::new(5),
        product_id: ProductId::new(1),
        variant_id: VariantId::new(1),
        sku: "FL-1".to_owned(),
        seller_id: SellerId::new(1),
        market: "KW".parse().unwrap(),
        state: OfferState::Active,
        preparation_minutes: 60,
        minor: Some(12_500),
        list_minor: None,
        dated_prices: vec![dated],
        stock: vec![stock],
    }
}

fn current() -> Current {
    let text = |lang, title: &str| ProductText {
        lang,
        title: title.to_owned(),
        description: "Long\nstems.".to_owned(),
    };
    let product = EditableProduct {
        id: ProductId::new(1),
        external_id: None,
        slug: "red-rose".to_owned(),
        state: State::Active,
        publish_at: None,
        category_id: CategoryId::new(2),
        brand_id: None,
        picture: "rose".to_owned(),
        values: Vec::new(),
        texts: vec![text(Lang::En, "Red </textarea> Rose"), text(Lang::Ar, "وردة حمراء")],
        variants: vec![variant(1, "12 stems"), variant(2, "25 stems")],
        media: Vec::new(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    Current { product, offers: vec![offer()] }
}

/// The form of a product with these fields typed anew.
fn typed(shown: &Current, changed: &[(&str, &str)]) -> Form {
    let filled = fields(Some(shown), &tables());
    let mut form = Form::default();
    for (name, value) in changed {
        form.put(*name, *value);
    }
    let is_changed = |name: &str| changed.iter().any(|(changed, _)| *changed == name);
    for name in filled.names().filter(|name| !is_changed(name)) {
        form.put(name, filled.get(name));
    }
    form.put("was", Snapshot::of(&filled).written());
    form
}

fn changes(form: &Form, now: &Current) -> Result<Vec<Change>, Problems> {
    let steps = of_product(form, now, &tables(), (Lang::En, desk(Lang::En)))?;
    Ok(steps.into_iter().map(|step| step.change).collect())
}

fn problems(form: &Form, now: &Current) -> Vec<String> {
    let problems = changes(form, now).unwrap_err();
    problems.all().iter().map(|problem| problem.field.clone()).collect()
}

#[test]
fn a_form_that_was_left_alone_changes_nothing() {
    assert_eq!(changes(&typed(&current(), &[]), &current()), Ok(Vec::new()));
}

#[test]
fn only_what_was_typed_is_changed() {
    let form = typed(
        &current(),
        &[("title_ru", "Красная роза"), ("price.v1.KW", "11,75"), ("publish", "draft")],
    );

    let changes = changes(&form, &current()).unwrap();

    assert_eq!(changes.len(), 3);
    assert!(matches!(&changes[0], Change::Text(text) if text.lang == Lang::Ru));
    let hidden = ProductChange {
        state: Some(State::Draft),
        publish_at: Some(None),
        ..ProductChange::default()
    };
    assert_eq!(changes[1], Change::Product(hidden));
    let Change::Offer(id, change) = changes[2] else { panic!("{changes:?}") };
    assert_eq!((id, change.minor, change.list_minor), (OfferId::new(5), Some(11_750), Some(None)));
    assert_eq!((change.state, change.preparation_minutes), (None, None));
}

#[test]
fn what_others_changed_meanwhile_stays_and_the_same_field_is_told() {
    let form = typed(&current(), &[("title_en", "Rose")]);
    let mut now = current();
    now.offers[0].minor = Some(20_000);
    now.product.slug = "rose".to_owned();

    let steps = changes(&form, &now).unwrap();
    assert!(matches!(steps.as_slice(), [Change::Text(_)]), "{steps:?}");

    now.product.texts[0].title = "Pink Rose".to_owned();
    let refused = changes(&form, &now).unwrap_err();
    assert!(refused.text("title_en").unwrap().contains("Pink Rose"), "{refused:?}");
}

#[test]
fn stock_is_written_as_a_difference_so_that_what_was_sold_meanwhile_stays_sold() {
    let form = typed(&current(), &[("stock.v1.KW.285704", "١٥")]);
    let mut now = current();
    now.offers[0].stock[0].on_hand = 8;

    let changes = changes(&form, &now).unwrap();

    let (offer, seller, city) = (OfferId::new(5), SellerId::new(1), CityId::new(SALMIYA));
    assert_eq!(changes, [Change::Stock(CountedStock { offer, seller, city, more: 5 })]);
}

#[test]
fn a_price_where_there_was_none_is_a_new_offer_with_its_stock() {
    let form = typed(&current(), &[("price.v2.KW", "20"), ("units.v2.KW", "4")]);

    let changes = changes(&form, &current()).unwrap();

    let [Change::AddOffer(offer)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(offer.variant, Some(VariantId::new(2)));
    assert_eq!((offer.terms.minor, offer.state), (20_000, OfferState::Active));
    assert_eq!(offer.stock, [(CityId::new(SALMIYA), 4)]);
}

#[test]
fn every_field_that_cannot_be_used_is_named() {
    let form = typed(
        &current(),
        &[
            ("title_en", ""),
            ("category", "99"),
            ("slug", "Red Rose"),
            ("publish", "at"),
            ("publish_at", "soon"),
            ("price.v1.KW", "12.3456"),
            ("stock.v1.KW.285704", "many"),
            ("units.v2.GB", "4"),
            ("sku.2", ""),
            ("dated.offer", "5"),
            ("dated.price", "9"),
            ("dated.from", "2026-12-05T00:00"),
            ("dated.until", "2026-12-04T00:00"),
        ],
    );

    assert_eq!(
        problems(&form, &current()),
        [
            "title_en",
            "category",
            "slug",
            "publish_at",
            "price.v1.KW",
            "stock.v1.KW.285704",
            "sku.2",
            "price.v2.GB",
            "dated.until",
        ]
    );
    let lower = typed(&current(), &[("old.v1.KW", "12.5")]);
    assert_eq!(problems(&lower, &current()), ["old.v1.KW"]);
}

#[test]
fn the_last_title_cannot_be_taken_away() {
    let empty =
        [("title_en", ""), ("description_en", ""), ("title_ar", ""), ("description_ar", "")];

    assert_eq!(problems(&typed(&current(), &empty), &current()), ["title_en"]);
    let one = changes(&typed(&current(), &empty[..2]), &current()).unwrap();
    assert_eq!(one, [Change::RemoveText(Lang::En)]);
}

#[test]
fn a_new_product_is_read_with_its_offers() {
    let mut form = Form::default();
    for (name, value) in [
        ("title_en", "Spring bouquet"),
        ("title_ar", "باقة الربيع"),
        ("category", "2"),
        ("publish", "at"),
        ("publish_at", "2026-12-01T09:00"),
        ("size.new.en", "12 stems"),
        ("size.new.ar", "12 ساقًا"),
        ("price.vnew.KW", "12.5"),
        ("old.vnew.KW", "15"),
        ("units.vnew.KW", "8"),
        ("offered.vnew.KW", "1"),
    ] {
        form.put(name, value);
    }

    let (new, steps) = of_new(&form, &tables(), (Lang::En, desk(Lang::En))).unwrap();

    assert_eq!((new.texts.len(), new.picture.as_deref()), (2, Some("rose")));
    assert_eq!(new.publish_at, Some("2026-12-01T06:00:00Z".parse().unwrap()));
    let size = json!({ "en": "12 stems", "ar": "12 ساقًا" });
    assert_eq!(new.variants[0].options["size"], size);
    let [Change::AddOffer(offer)] = [&steps[0].change] else { panic!("{steps:?}") };
    assert_eq!((offer.terms.minor, offer.terms.list_minor), (12_500, Some(15_000)));
    assert_eq!((offer.variant, offer.state), (None, OfferState::Active));
}

#[test]
fn an_empty_form_of_a_new_product_says_what_is_needed() {
    let refused = of_new(&Form::default(), &tables(), (Lang::En, desk(Lang::En))).unwrap_err();
    let fields: Vec<_> = refused.all().iter().map(|problem| problem.field.as_str()).collect();

    assert_eq!(fields, ["title_en", "category"]);
}

fn colleague(lang: Lang, role: Role) -> Colleague {
    let staff = Staff {
        id: StaffId::new(1),
        email: "a@b.c".to_owned(),
        name: "Aisha".to_owned(),
        roles: vec![role],
    };
    Colleague { staff, caller: sample::caller("/office/products/1", lang) }
}

#[test]
fn the_editor_shows_what_was_typed_and_what_is_wrong_in_every_language() {
    for lang in Lang::ALL {
        let colleague = colleague(lang, Role::Merchandiser);
        let (tables, current) = (tables(), current());
        let form = typed(&current, &[("price.v1.KW", "twelve")]);
        let problems = of_product(&form, &current, &tables, (lang, desk(lang))).unwrap_err();
        let seen = Seen {
            colleague: &colleague,
            tables: &tables,
            current: Some(&current),
            form: &form,
            problems: &problems,
        };

        let html = EditorPage::new(&seen).render().unwrap();

        assert!(html.contains("value=\"twelve\"") && html.contains("id=\"price.v1.KW-wrong\""));
        assert!(html.contains(problems.text("price.v1.KW").unwrap()), "{lang}");
        assert!(!html.contains("</textarea> Rose"), "what was typed must be escaped");
        assert!(html.contains("href=\"/KW/p/red-rose\""));
        assert!(html.contains("dated-remove:5:3") && html.contains("variant-remove:2"));
    }
}

#[test]
fn the_form_of_a_new_product_has_a_line_for_each_market() {
    let (colleague, tables) = (colleague(Lang::Ar, Role::Merchandiser), tables());
    let form = fields(None, &tables);
    let problems = Problems::default();
    let seen = Seen {
        colleague: &colleague,
        tables: &tables,
        current: None,
        form: &form,
        problems: &problems,
    };

    let html = EditorPage::new(&seen).render().unwrap();

    for name in ["price.vnew.KW", "price.vnew.GB", "units.vnew.KW", "stock.vnew.KW.285704"] {
        assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
    }
    assert!(html.contains("dir=\"rtl\"") && !html.contains("value=\"delete\""));
}

#[test]
fn who_may_only_look_gets_fields_that_cannot_be_typed_into_and_no_way_to_save() {
    let (colleague, tables, current) = (colleague(Lang::En, Role::Buyer), tables(), current());
    let form = fields(Some(&current), &tables);
    let problems = Problems::default();
    let seen = Seen {
        colleague: &colleague,
        tables: &tables,
        current: Some(&current),
        form: &form,
        problems: &problems,
    };

    let html = EditorPage::new(&seen).render().unwrap();

    assert!(html.contains("class=\"editor-fields\" disabled"));
    assert!(!html.contains("save-bar"));
}
