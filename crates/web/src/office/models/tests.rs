//! The page of models in every language.

use askama::Template as _;
use serde_json::json;
use souk_base::{Lang, StaffId};
use souk_commerce::models::Version;
use souk_commerce::staff::{Role, Staff};

use super::page::ModelsPage;
use crate::office::Colleague;
use crate::sample;
use crate::text::models::models;

fn version(id: i64, mean: f64, verdict: Option<&str>, serves: bool) -> Version {
    let (low, high) = (mean - 0.02, mean + 0.02);
    let metrics = json!({"recall_at_20": mean, "recall_at_20_low": low, "recall_at_20_high": high});
    let at = "2026-11-21T10:00:00Z".parse().unwrap();
    Version {
        id,
        model: "blend".to_owned(),
        market: "KW".parse().unwrap(),
        version: format!("2026-11-0{id}-<b>"),
        manifest: json!({"rows": 12_000, "metrics": metrics}),
        verdict: verdict.map(str::to_owned),
        created_at: at,
        promoted_at: serves.then_some(at),
    }
}

fn page(lang: Lang, role: Role, uri: &str, versions: &[Version]) -> String {
    let staff = Staff {
        id: StaffId::new(1),
        email: "a@b.c".to_owned(),
        name: "Aisha".to_owned(),
        roles: vec![role],
    };
    let (tables, caller) = (sample::tables(), sample::caller(uri, lang));
    let colleague = Colleague { staff, caller };
    let market = &tables.markets[0];
    ModelsPage::new(&colleague, &tables, market, versions, None).render().unwrap()
}

#[test]
fn versions_are_drawn_and_listed_and_the_reason_is_said_in_every_language() {
    let versions = [
        version(3, 0.31, Some("worse"), false),
        version(2, 0.36, Some("better"), true),
        version(1, 0.33, Some("first"), false),
    ];
    for lang in Lang::ALL {
        let (html, words) =
            (page(lang, Role::Merchandiser, "/office/models", &versions), models(lang));

        assert!(html.contains(words.verdict_worse), "{lang}: why it was not promoted");
        assert_eq!(html.matches("class=\"point\"").count(), 3, "{lang}");
        assert_eq!(html.matches("class=\"serving\"").count(), 1, "{lang}");
        assert_eq!(html.matches("ask=promote").count(), 2, "what serves has no button");
        assert_eq!(html.matches("ask=roll-back").count(), 1);
        assert!(html.contains(words.model_blend) && !html.contains("<b>\""));
    }
}

#[test]
fn what_is_to_be_done_is_asked_first_and_only_of_who_may() {
    let versions = [version(2, 0.3, None, true), version(1, 0.3, None, false)];
    let uri = "/office/models?ask=promote&model=blend&version=2026-11-01-%3Cb%3E";
    let words = models(Lang::En);

    let html = page(Lang::En, Role::Merchandiser, uri, &versions);
    assert!(html.contains("name=\"act\" value=\"promote\""), "{html}");
    assert!(html.contains(words.ask_promote_lead) && html.contains(words.verdict_none));
    let html = page(Lang::En, Role::Support, uri, &versions);
    let button = format!("aria-label=\"{}: ", words.promote);
    assert!(!html.contains("<form class=\"sheet question\"") && !html.contains(&button));
    let html = page(Lang::En, Role::Merchandiser, &uri.replace("2026", "2025"), &versions);
    assert!(!html.contains("<form class=\"sheet question\""), "there is none");
}

#[test]
fn kinds_of_customers_are_named_and_say_what_they_explain() {
    let metrics = json!({"explained": 0.72, "explained_low": 0.7, "explained_high": 0.74});
    let manifest = json!({"rows": 12_000, "metrics": metrics});
    let fitted =
        Version { model: "segments".to_owned(), manifest, ..version(1, 0.0, Some("first"), true) };
    for lang in Lang::ALL {
        let words = models(lang);
        let html = page(lang, Role::Merchandiser, "/office/models", std::slice::from_ref(&fitted));

        assert!(html.contains(words.model_segments) && html.contains(words.explained), "{lang}");
    }
}

#[test]
fn a_market_without_models_says_how_to_make_some() {
    let html = page(Lang::En, Role::Merchandiser, "/office/models", &[]);

    assert!(html.contains("souk train") && !html.contains("<svg class=\"chart\""));
}
