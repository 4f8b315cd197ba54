//! Amounts on the wire, in every currency of the shop.

use proptest::prelude::*;
use serde_json::value::RawValue;
use souk_base::{Currency, Money};
use souk_providers::payments::{
    CONNECTORS, Callback, Gateway, NextAction, Settings, Step, Verdict, connect,
};
use souk_providers::{sign, wire};

use crate::vectors::purchase;

const KEY: &str = "0123456789abcdef";

fn gateway(connector: &str) -> std::sync::Arc<dyn Gateway> {
    let settings: &[(&str, &str)] = match connector {
        "tap" => &[("merchant", "1"), ("secret_key", "k")],
        "knet" => &[("terminal", "1"), ("password", "p"), ("resource_key", KEY)],
        "checkout_com" => &[("processing_channel", "1"), ("secret_key", "k"), ("webhook_key", "w")],
        "stripe" => &[("secret_key", "k"), ("webhook_key", "w")],
        "tabby" => &[("merchant_code", "1"), ("secret_key", "k")],
        _ => &[("api_key", "k"), ("device_token", "t")],
    };
    connect(
        connector,
        &Settings::new(settings.iter().map(|(name, value)| (*name, (*value).to_owned()))),
    )
    .unwrap()
}

/// The amount as text of a request, found without our own reader of it.
fn written(connector: &str, step: Step) -> String {
    let between = |text: &str, before: &str, ends: &[char]| {
        let rest = text.split_once(before).unwrap_or_else(|| panic!("{text}")).1;
        rest.split(ends).next().unwrap().to_owned()
    };
    match (connector, step) {
        ("knet", Step::Done(report)) => {
            let Some(NextAction::Redirect { url }) = report.next else { panic!("no page") };
            let data = between(&url, "trandata=", &['&']);
            between(&sign::decrypt(KEY, KEY, &data).unwrap(), "amt=", &['&'])
        }
        ("stripe", Step::Call(request)) => between(&request.body, "amount=", &['&']),
        ("tabby", Step::Call(request)) => between(&request.body, "\"amount\":\"", &['"']),
        ("kaspi", Step::Call(request)) => between(&request.body, "\"Amount\":", &[',', '}']),
        (_, Step::Call(request)) => between(&request.body, "\"amount\":", &[',', '}']),
        (other, step) => panic!("{other}: {step:?}"),
    }
}

/// Whole minor units to major units by moving the point in the text.
fn major(minor: i64, digits: usize) -> String {
    let text = format!("{minor:0>width$}", width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    format!("{whole}.{fraction}")
}

proptest! {
    #[test]
    fn what_is_written_is_what_was_asked_to_the_minor_unit(minor in 1_i64..99_999_999) {
        for connector in CONNECTORS {
            let gateway = gateway(connector);
            for currency in Currency::ALL {
                let Some(step) = gateway.min_step("", currency) else { continue };
                let amount = Money::new(minor / step * step, currency);
                let text = written(connector, gateway.authorise(&purchase(connector, amount, "")).unwrap());
                let minor_units = matches!(connector, "stripe" | "checkout_com");
                let digits = currency.digits() as usize;
                let expected = if minor_units { amount.minor.to_string() } else { major(amount.minor, digits) };
                prop_assert_eq!(&text, &expected, "{} {}", connector, currency);
                if !minor_units {
                    let raw = RawValue::from_string(text).unwrap();
                    prop_assert_eq!(wire::amount(&raw, currency).unwrap(), amount);
                }
            }
        }
    }

    #[test]
    fn a_callback_of_random_bytes_is_never_believed(body in proptest::collection::vec(any::<u8>(), 0..200), query in ".{0,80}") {
        let callback = Callback { body, query, ..Default::default() };
        for connector in CONNECTORS {
            let verdict = gateway(connector).verify(&callback);
            let believed = matches!(verdict, Verdict::Verified(_));
            prop_assert!(!believed);
        }
    }
}

#[test]
fn every_currency_of_the_shop_can_be_paid_somewhere() {
    for currency in Currency::ALL {
        let served =
            CONNECTORS.iter().filter(|name| gateway(name).min_step("", currency).is_some());
        assert!(served.count() >= 2, "{currency}");
    }
}

#[test]
fn numbers_that_are_not_plain_decimals_are_refused() {
    for text in ["1e3", "1.2345", "-0x1", "\"12,5\"", "null", "\"\""] {
        let Ok(raw) = RawValue::from_string(text.to_owned()) else { continue };
        assert!(wire::amount(&raw, Currency::Kwd).is_err(), "{text}");
    }
}
