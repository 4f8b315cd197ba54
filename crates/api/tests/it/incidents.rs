//! What really went wrong in other shops, class by class, and the tests that show that it does not here.
//!
//! | class | what happened elsewhere | shown by |
//! |---|---|---|
//! | foreign orders and carts | an order opened by its id alone | `what_is_anothers_answers_as_if_it_were_not_there`, `a_cart_is_reached_with_its_own_secret_and_prices_are_never_believed`, `a_guest_buys_and_reads_the_order_with_its_secret_alone`, `another_customers_entries_are_not_there` |
//! | two orders, one unit | many carts, the last unit | `of_256_buyers_of_100_units_as_many_get_some_as_there_are`, `a_kill_amid_many_checkouts_of_the_last_units_sells_each_once_and_loses_none`, `reading_first_and_writing_then_sells_more_than_there_is_in_the_same_race` |
//! | limits of coupons and slots | a coupon used more often than it may be | `of_500_buyers_20_use_the_coupon_and_the_others_are_told_that_it_is_used_up`, `of_500_buyers_50_get_the_slot_and_the_others_are_told_that_it_is_full` |
//! | callbacks that are signed but wrong | one dollar paid two thousand; another merchant's key; no check at all | `one_dollar_does_not_pay_a_purchase_of_two_thousand`, `a_signed_callback_of_another_amount_is_refused_and_shown`, `a_right_signature_of_another_merchant_pays_nothing`, `only_reports_of_our_amount_account_and_order_raise_an_attempt`, `a_forged_callback_only_makes_us_ask`, `a_callback_of_random_bytes_is_never_believed` |
//! | prices and quantities from clients | negative quantities, totals and states in a body | `what_a_body_says_beyond_its_fields_is_refused_by_name`, `shoppers_are_not_asked_for_a_price_a_total_or_a_state`, `what_runs_out_or_changes_is_a_conflict_with_its_own_code`, `a_quantity_is_counted_for_the_offer_and_not_for_the_line` |
//! | known and unknown accounts | an answer tells who is a customer, or which code exists | `nothing_tells_a_known_customer_from_an_unknown_one`, `a_wrong_password_and_an_unknown_customer_are_refused_alike_and_counted_alike`, `a_wrong_password_and_an_unknown_address_are_answered_alike`, `nothing_tells_why_a_coupon_is_not_valid` |
//! | unlimited batches | thousands of queries in one request | `too_many_events_and_too_large_a_body_are_refused`, `what_is_too_much_is_refused_with_its_limit`, `errors_are_a_message_and_the_status` |
//! | stored scripts | a title or a message that runs in the office | `no_page_shows_text_unescaped`, `titles_and_descriptions_are_marked_and_escaped`, `structured_data_is_json_that_cannot_end_its_script` |
//! | requests to inside addresses | an address that is fetched leads inside | `only_configured_origins_are_called`, `a_redirect_is_an_answer_and_is_not_followed`, `an_endless_answer_is_cut_off` |
//! | formulas in tables | a title that a spreadsheet calculates | `formulas_are_guarded_and_numbers_are_not`, `a_sheet_has_a_line_for_each_market_and_guards_formulas` |
//! | signed tokens | an expiry that is not looked at | `a_session_is_what_was_handed_out_and_nothing_else`, `libraries_stay_inside_their_fences` |
//! | limits by a spoofed header | each attempt from another address | `a_header_that_names_another_address_buys_no_further_attempt` |
//! | indexed before it is kept | the index's mark is ahead of the index | `a_feed_killed_anywhere_converges_to_the_database`, `a_restart_resumes_from_the_checkpoint_and_catches_up` |

use std::path::{Path, PathBuf};

use axum::http::Method;
use serde_json::{Value, json};

use crate::auth::{ask, ask_with, post};
use crate::fixture::Shop;
use crate::operations::Floor;
use crate::requests::Sent;

/// Templates that let text through as it is, and what that text is: all of it is markup that our own code has made.
const UNESCAPED: [(&str, &str); 8] = [
    ("office/fields.html", "attributes|safe"),
    ("office/fields.html", "attributes|safe"),
    ("office/telephone.html", "hit.card.title|safe"),
    ("office/trial.html", "hit.title|safe"),
    ("parts.html", "card.title|safe"),
    ("product.html", "structured|safe"),
    ("search.html", "results|safe"),
    ("suggest.html", "item.title|safe"),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a folder with this ending, with its path from there.
fn files(root: &Path, folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                files(root, &path, ending, found);
            }
        } else if path.to_string_lossy().ends_with(ending) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn the_tests_that_the_table_names_exist() {
    let mut sources = Vec::new();
    files(&crates(), &crates(), ".rs", &mut sources);
    let table = include_str!("incidents.rs").lines().take_while(|line| line.starts_with("//!"));
    let rows = table.filter(|line| line.starts_with("//! | ")).skip(1);
    let mut classes = 0;
    for row in rows {
        for name in row.split('`').skip(1).step_by(2) {
            let definition = format!("fn {name}(");
            let exists = sources.iter().any(|(_, text)| text.contains(&definition));
            assert!(exists, "{name} is gone");
        }
        classes += 1;
    }
    assert_eq!(classes, 13);
}

#[test]
fn no_page_shows_text_unescaped() {
    let root = crates().join("web/templates");
    let mut templates = Vec::new();
    files(&root, &root, ".html", &mut templates);
    let mut found = Vec::new();
    for (name, text) in &templates {
        for (at, _) in text.match_indices("|safe") {
            let before = text[..at].rsplit(|c: char| c.is_whitespace() || c == '{').next().unwrap();
            found.push((name.clone(), format!("{before}|safe")));
        }
        assert!(!text.contains("autoescape") && !text.contains("| safe"), "{name}");
    }
    found.sort();

    let expected = UNESCAPED.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_quantity_is_counted_for_the_offer_and_not_for_the_line() {
    let floor = Floor::open().await;
    let cart = floor.thing("/v1/carts/{id}/lines").await;
    let line = Sent::Json(json!({"offer_id": "1", "quantity": 999}));

    let refused = floor.send(&Method::POST, &cart.path, &cart.headers, &line).await;
    let read = cart.path.trim_end_matches("/lines");
    let kept = floor.send(&Method::GET, read, &cart.headers, &Sent::Nothing).await.json();

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "invalid_value"));
    assert_eq!(kept["lines"][0]["quantity"], 2, "two and 999 are more than a line may have");
}

#[tokio::test]
async fn nothing_tells_why_a_coupon_is_not_valid() {
    let floor = Floor::open().await;
    floor
        .shop
        .db
        .run(
            "insert into promotions (id, name, effect, market, needs_coupon, ends_at) values
                 (2, 'over', '{\"kind\": \"amount\", \"minor\": 1}', 'KW', true, now() - interval '1 day'),
                 (3, 'used', '{\"kind\": \"amount\", \"minor\": 1}', 'KW', true, null),
                 (4, 'abroad', '{\"kind\": \"amount\", \"minor\": 1}', 'GB', true, null);
             insert into coupons (code, promotion_id, uses_max, uses) values
                 ('OVER', 2, null, 0), ('USED', 3, 1, 1), ('ABROAD', 4, null, 0)",
        )
        .await;
    let cart = floor.thing("/v1/carts/{id}/coupons").await;
    let mut told = Vec::new();
    for code in ["NEVER", "OVER", "USED", "ABROAD", "' or 1=1"] {
        let body = Sent::Json(json!({ "code": code }));
        let mut answer = floor.send(&Method::POST, &cart.path, &cart.headers, &body).await.json();
        answer["trace_id"] = Value::Null;
        told.push(answer);
    }

    assert_eq!(told[0]["status"], 400);
    assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
}

#[tokio::test]
async fn a_session_is_what_was_handed_out_and_nothing_else() {
    let floor = Floor::open().await;
    let longer = format!("{}A", floor.customer);
    let shorter = floor.customer[..floor.customer.len() - 1].to_owned();
    // {"alg":"none"} . {"sub":"1","exp":"never"} .
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiZXhwIjoibmV2ZXIifQ.".to_owned();
    for forged in [longer, shorter, unsigned, String::new(), "1".to_owned()] {
        for path in ["/v1/me", "/v1/admin/audit"] {
            let answer = ask(&floor.shop, Some(&forged), Method::GET, path, &json!({})).await;
            assert_eq!(answer.code(), "unauthenticated", "{path}: {forged}");
        }
    }
    let own = ask(&floor.shop, Some(&floor.customer), Method::GET, "/v1/me", &json!({})).await;
    assert_eq!(own.status, 200);
    let kept = "select count(*) from customer_sessions where length(token_hash) = 32";
    assert_eq!(floor.shop.db.count(kept).await, 1, "only the hash is kept");
}

#[tokio::test]
async fn a_header_that_names_another_address_buys_no_further_attempt() {
    let shop = Shop::closed().await;
    let guess = json!({"email": "noor@example.com", "password": "a guess"});
    for attempt in 0..10 {
        let address = format!("10.0.0.{attempt}");
        let headers = [("x-forwarded-for", address.as_str()), ("x-real-ip", address.as_str())];
        let refused = ask_with(&shop, None, Method::POST, "/v1/auth/login", &guess, &headers).await;
        assert_eq!(refused.code(), "wrong_credentials");
    }

    let headers = [("x-forwarded-for", "10.9.9.9"), ("forwarded", "for=10.9.9.9")];
    let further = ask_with(&shop, None, Method::POST, "/v1/auth/login", &guess, &headers).await;

    assert_eq!((further.status.as_u16(), further.code().as_str()), (429, "too_many_requests"));
    assert_eq!(post(&shop, "/v1/auth/login", &guess).await.status, 429);
}
