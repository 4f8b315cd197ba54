//! The pages of promotions in every language.

use std::collections::BTreeMap;

use askama::Template as _;
use souk_base::{Lang, StaffId};
use souk_commerce::promotions::{Effect, Managed, NewCoupon, NewPromotion};
use souk_commerce::staff::{Role, Staff};

use super::editor::EditorPage;
use super::list::PromotionsPage;
use super::typed::{Products, blank, filled, read};
use crate::office::Colleague;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::sample;
use crate::text::promotions::promotions;

fn colleague(lang: Lang, role: Role, uri: &str) -> Colleague {
    let staff = Staff {
        id: StaffId::new(1),
        email: "a@b.c".to_owned(),
        name: "Aisha".to_owned(),
        roles: vec![role],
    };
    Colleague { staff, caller: sample::caller(uri, lang) }
}

fn terms(effect: Effect) -> NewPromotion {
    NewPromotion {
        name: "roses <b>".to_owned(),
        label: BTreeMap::from([(Lang::En, "Roses".to_owned()), (Lang::Ar, "ورد".to_owned())]),
        effect,
        enabled: true,
        priority: -3,
        exclusive: true,
        market: "KW".parse().unwrap(),
        cities: vec![285_704.into()],
        products: vec![7.into()],
        sellers: vec![],
        min_goods_minor: 12_500,
        first_order: true,
        starts_at: Some("2026-01-01T10:00:30Z".parse().unwrap()),
        ends_at: None,
        uses_max: Some(20),
        uses_per_customer: Some(1),
        budget_minor: Some(100_000),
        coupons: vec![
            NewCoupon { code: "ROSE".to_owned(), uses_max: Some(5) },
            NewCoupon { code: "ROSE-2".to_owned(), uses_max: None },
        ],
    }
}

fn managed() -> Managed {
    let effect = Effect::Percentage { rate_bp: 750, max_minor: Some(5_000) };
    Managed {
        id: 7.into(),
        terms: terms(effect),
        uses: 3,
        spent_minor: 4_500,
        coupon_uses: vec![2, 0],
    }
}

fn products() -> Products {
    let mut products = Products::default();
    products.addresses.insert(7.into(), "red-rose".to_owned());
    products.ids.insert("red-rose".to_owned(), 7.into());
    products
}

fn page(lang: Lang, role: Role, uri: &str) -> String {
    let (known, tables) = (managed(), sample::tables());
    let form = filled(&known.terms, &tables, &products());
    let none = Problems::default();
    EditorPage::new(&colleague(lang, role, uri), &tables, Some(&known), &form, &none)
        .render()
        .unwrap()
}

#[test]
fn what_was_typed_is_the_promotion_whatever_its_kind() {
    for effect in [
        Effect::Percentage { rate_bp: 750, max_minor: Some(5_000) },
        Effect::Percentage { rate_bp: 10_000, max_minor: None },
        Effect::Amount { minor: 1_250 },
        Effect::FreeDelivery,
        Effect::Gift { offer_id: 9.into(), quantity: 2 },
        Effect::BuyGet { buy: 2, get: 1, rate_bp: 5_000 },
    ] {
        let before = terms(effect);
        let form = filled(&before, &sample::tables(), &products());

        let read = read(&form, &sample::tables(), &products(), Some(&before), Lang::En);

        assert_eq!(read.unwrap(), before);
    }
}

#[test]
fn what_cannot_be_read_is_told_beside_its_field() {
    let caller = sample::caller("/office/promotions/new?market=GB", Lang::En);
    let mut form = blank(&caller.address, &sample::tables());
    assert_eq!((form.get("market"), form.get("kind")), ("GB", "percentage"));
    for (field, typed) in [
        ("rate", "101"),
        ("max", "much"),
        ("cities", "salmiya"),
        ("products", "nothing"),
        ("priority", "first"),
        ("starts", "now"),
        ("uses_max", "0"),
        ("coupons", "ROSE five"),
    ] {
        form.set(field, typed);
    }

    let problems = read(&form, &sample::tables(), &products(), None, Lang::En).unwrap_err();

    for field in [
        "name", "label_en", "rate", "max", "cities", "products", "priority", "starts", "uses_max",
        "coupons",
    ] {
        assert!(problems.text(field).is_some(), "{field}: {problems:?}");
    }
    assert_eq!(problems.all().len(), 10, "{problems:?}");
}

#[test]
fn a_promotion_is_shown_in_every_language_with_how_much_it_was_used() {
    for lang in Lang::ALL {
        let words = promotions(lang);

        let html = page(lang, Role::Merchandiser, "/office/promotions/7?done=saved");

        for part in
            [words.live, words.saved, words.used, "value=\"7.5\"", "value=\"salmiya\"", "red-rose"]
        {
            assert!(html.contains(part), "{lang}: {part}");
        }
        assert!(html.contains("ROSE 5\nROSE-2") && !html.contains("<b>\""), "{lang}");
        assert!(!html.contains("select id=\"market\""), "its market stays");
    }
}

#[test]
fn ending_is_asked_about_first_and_only_of_who_may() {
    let words = promotions(Lang::En);
    let uri = "/office/promotions/7?ask=end";

    let html = page(Lang::En, Role::Merchandiser, uri);
    assert!(html.contains(words.ask_end_lead) && html.contains("value=\"end\""));
    let html = page(Lang::En, Role::Support, uri);
    assert!(!html.contains(words.ask_end_lead) && !html.contains("value=\"save\""));
}

#[test]
fn promotions_are_listed_in_every_language() {
    for lang in Lang::ALL {
        let colleague = colleague(lang, Role::Merchandiser, "/office/promotions?market=KW");
        let page = PromotionsPage::new(&colleague, &sample::tables(), &[managed()]);
        let html = page.render().unwrap();

        assert_eq!(html.matches("state-live").count(), 1, "{lang}");
        assert!(html.contains("/office/promotions/7"), "{lang}");
        let none = PromotionsPage::new(&colleague, &sample::tables(), &[]).render().unwrap();
        assert!(none.contains(promotions(lang).none_lead), "{lang}");
    }
}

#[test]
fn a_form_without_a_country_has_no_promotion() {
    let problems =
        read(&Form::default(), &sample::tables(), &products(), None, Lang::En).unwrap_err();

    assert!(problems.text("market").is_some());
}
