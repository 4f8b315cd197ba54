//! The product page from sample answers, in each language.

use askama::Template as _;
use serde_json::json;
use souk_api::pipeline::products::{Named, ProductAttributeValue};
use souk_base::{Currency, Lang, Money, OfferId, ProductId, SellerId, VariantId};

use souk_api::pipeline::{Deliverable, DeliverySlot};

use super::*;
use crate::sample;
use crate::text::texts;

fn offer(id: i64, minor: i64, stock: i64) -> ProductOffer {
    ProductOffer {
        offer_id: OfferId::new(id),
        seller_id: SellerId::new(1),
        seller: "Souk".to_owned(),
        price: Money::new(minor, Currency::Kwd),
        list_price: Some(Money::new(minor + 500, Currency::Kwd)),
        stock,
        in_stock: stock > 0,
        deliverable: None,
    }
}

fn variant(id: i64, size: &str, offers: Vec<ProductOffer>) -> ProductVariant {
    let (variant_id, sku) = (VariantId::new(id), format!("FL-{id}"));
    ProductVariant { variant_id, sku, options: json!({ "size": size }), offers }
}

fn product() -> ProductAnswer {
    let named = |slug: &str, label: &str| Named { slug: slug.to_owned(), label: label.to_owned() };
    let red = ProductAttributeValue { code: "red".to_owned(), label: "Red".to_owned() };
    ProductAnswer {
        product_id: ProductId::new(1),
        external_id: None,
        slug: "red-rose".to_owned(),
        title: "Red </script> Rose".to_owned(),
        description: "First line.\n\nSecond line.".to_owned(),
        brand: Some(named("souk-flowers", "Souk Flowers")),
        categories: vec![named("flowers", "Flowers"), named("roses", "Roses")],
        attributes: vec![ProductAttribute {
            code: "colour".to_owned(),
            label: "Colour".to_owned(),
            values: vec![red],
        }],
        images: vec!["/pictures/rose/red/1.svg".to_owned()],
        variants: vec![
            variant(1, "12 stems", vec![offer(1, 9_000, 0)]),
            variant(2, "25 stems", vec![offer(2, 12_500, 3), offer(3, 12_000, 40)]),
        ],
    }
}

fn page(uri: &str, lang: Lang) -> ProductPage {
    ProductPage::new(&sample::visit(uri, lang), &product(), Vec::new()).unwrap()
}

#[test]
fn the_page_renders_in_every_language() {
    for lang in Lang::ALL {
        let html = page("/KW/p/red-rose", lang).render().unwrap();

        assert!(html.contains(texts(lang).details), "{lang}");
        assert!(html.contains("hreflang=\"ar\"") && html.contains("hreflang=\"en\""));
        assert!(html.contains("href=\"https://souk.example/KW/p/red-rose?lang=ar\""));
        assert!(html.contains("filter=colour:red"));
    }
}

#[test]
fn the_variant_that_can_be_had_is_chosen_unless_another_is_asked_for() {
    let chosen = |uri| {
        let page = page(uri, Lang::En);
        let variant = page.variants.iter().find(|variant| variant.chosen).unwrap().label.clone();
        (variant, page.choice.price.text())
    };

    assert_eq!(chosen("/KW/p/red-rose"), ("25 stems".to_owned(), "KWD\u{a0}12.000".to_owned()));
    assert_eq!(
        chosen("/KW/p/red-rose?variant=1"),
        ("12 stems".to_owned(), "KWD\u{a0}9.000".to_owned())
    );
    assert_eq!(chosen("/KW/p/red-rose?variant=99").0, "25 stems");
}

#[test]
fn the_last_few_are_counted_and_the_city_is_named() {
    let mut few = product();
    few.variants[1].offers.truncate(1);
    let visit = sample::visit("/KW/p/red-rose?city=salmiya", Lang::En);

    let page = ProductPage::new(&visit, &few, Vec::new()).unwrap();

    assert_eq!(page.choice.stock, "In stock in Salmiya · Only 3 left");
    assert_eq!(page.cities.iter().find(|city| city.current).unwrap().label, "Salmiya");
}

#[test]
fn the_promise_stands_beside_the_stock_and_a_chosen_day_chooses_the_offer() {
    let mut visit = sample::visit("/KW/p/red-rose?city=salmiya", Lang::En);
    visit.now = "2026-02-14T10:49:30+03:00".parse().unwrap();
    let at = |hour: i8| {
        let local = jiff::civil::date(2026, 2, 14).at(hour, 0, 0, 0);
        local.in_tz("Asia/Kuwait").unwrap()
    };
    let slot = DeliverySlot {
        date: jiff::civil::date(2026, 2, 14),
        starts_at: at(14),
        ends_at: at(18),
        cut_off_at: at(13),
    };
    let city = visit.city.unwrap();
    let late = jiff::civil::date(2026, 2, 20);
    let deliverable =
        Deliverable { city, available: true, earliest: Some(slot.date), slot: Some(slot) };
    let not_then = Deliverable { city, available: false, earliest: Some(late), slot: None };
    let mut product = product();
    let [dear, cheap] = &mut product.variants[1].offers[..] else { panic!() };
    dear.deliverable = Some(deliverable);
    cheap.deliverable = Some(not_then);

    let any_day = ProductPage::new(&visit, &product, Vec::new()).unwrap();
    assert_eq!(any_day.choice.price.text(), "KWD\u{a0}12.000");
    let instead = "Not delivered on this day. Earliest: 20 February";
    assert_eq!(any_day.choice.promise.as_deref(), Some(instead));

    visit.date = Some(jiff::civil::date(2026, 2, 14));
    let on_day = ProductPage::new(&visit, &product, Vec::new()).unwrap();
    assert_eq!(on_day.choice.price.text(), "KWD\u{a0}12.500");
    assert_eq!(on_day.choice.promise.as_deref(), Some("Today, 14–18"));
    let html = on_day.render().unwrap();
    assert!(html.contains("data-seconds=\"7831\""), "{html}");
    assert!(html.contains("Order within 2 h 10 min"));
    assert!(
        html.contains("type=\"date\" value=\"2026-02-14\" min=\"2026-02-14\" max=\"2026-04-15\"")
    );
}

#[test]
fn a_product_nobody_offers_is_not_found() {
    let mut gone = product();
    gone.variants.clear();

    let refused = ProductPage::new(&sample::visit("/KW/p/red-rose", Lang::En), &gone, Vec::new());

    assert!(matches!(refused, Err(Error::NotFound)));
}

#[test]
fn structured_data_is_json_that_cannot_end_its_script() {
    let page = page("/KW/p/red-rose", Lang::En);

    assert!(!page.structured.contains('<'));
    let value: serde_json::Value = serde_json::from_str(&page.structured).unwrap();
    assert_eq!(value["@type"], "Product");
    assert_eq!(value["name"], "Red </script> Rose");
    assert_eq!(value["image"][0], "https://souk.example/pictures/rose/red/1.svg");
    assert_eq!(value["offers"][0]["url"], "https://souk.example/KW/p/red-rose");
    assert_eq!(value["offers"][0]["price"], "9.000");
    assert_eq!(value["offers"][0]["availability"], "https://schema.org/OutOfStock");
    assert_eq!(value["offers"].as_array().unwrap().len(), 3);
}
