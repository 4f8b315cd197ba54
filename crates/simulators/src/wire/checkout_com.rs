//! Checkout.com, from its side.

use serde_json::Value;
use souk_base::Money;
use souk_providers::payments::Phase;
use souk_providers::{sign, wire};

use super::{Call, Desk, at};
use crate::bank::Payment;
use crate::json::{object, text};
use crate::simulator::Hook;

pub(super) const KEY: &str = "whk_simulated";

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    let key = call.header("cko-idempotency-key").to_owned();
    let json = call.json();
    let minor = json.get("amount").and_then(Value::as_i64);
    let reference = at(&json, "/reference").to_owned();
    match path {
        ["payments"] => begin(desk, call, &key, minor),
        ["payments", id] => match desk.bank.payments.get(*id) {
            Some(payment) => (200, shown(payment, None)),
            None => (404, String::new()),
        },
        ["payments", id, "captures"] => accepted(desk.bank.capture(id, &key), "act_1", &reference),
        ["payments", id, "voids"] => accepted(desk.bank.void(id, false), "act_1", &reference),
        ["payments", id, "refunds"] => {
            let name = format!("act_{}", desk.number());
            desk.bank.once("checkout_com", &key, |bank| {
                let payment = bank.payments.get(*id);
                let amount =
                    payment.zip(minor).map(|(one, minor)| Money::new(minor, one.amount.currency));
                let done =
                    amount.and_then(|amount| bank.give_back(id, &reference, amount, name.clone()));
                accepted(done.is_some(), &name, &reference)
            })
        }
        _ => (404, String::new()),
    }
}

fn begin(desk: &mut Desk<'_>, call: &Call, key: &str, minor: Option<i64>) -> (u16, String) {
    let json = call.json();
    let currency = wire::currency(at(&json, "/currency"));
    let (Some(minor), Ok(currency)) = (minor, currency) else {
        return (422, invalid("amount_invalid"));
    };
    if currency.digits() == 3 && minor % 10 != 0 {
        return (422, invalid("amount_invalid"));
    }
    let id = format!("pay_{:024}", desk.number());
    let page = desk.page(&id);
    desk.bank.once("checkout_com", key, |bank| {
        let id = bank.open(Payment {
            id,
            connector: "checkout_com",
            reference: at(&json, "/reference").to_owned(),
            amount: Money::new(minor, currency),
            brand: at(&json, "/source/type").to_owned(),
            phase: Phase::Pending,
            hold_only: json.get("capture") == Some(&Value::Bool(false)),
            return_url: at(&json, "/success_url").to_owned(),
            // Registered once at the provider; here it follows from where the shopper returns to.
            webhook_url: at(&json, "/success_url")
                .split('?')
                .next()
                .unwrap_or_default()
                .replace("/return/", "/webhooks/"),
            captures: Vec::new(),
            backs: Vec::new(),
        });
        (202, shown(&bank.payments[&id], Some(&page)))
    })
}

fn accepted(done: bool, action: &str, reference: &str) -> (u16, String) {
    if !done {
        return (403, invalid("action_not_allowed"));
    }
    (202, object(&[("action_id", text(action)), ("reference", text(reference))]))
}

fn invalid(code: &str) -> String {
    object(&[("error_type", text("request_invalid")), ("error_codes", format!("[{}]", text(code)))])
}

fn status(payment: &Payment) -> &'static str {
    match payment.phase {
        Phase::Pending => "Pending",
        Phase::Failed => "Declined",
        Phase::Authorised => "Authorized",
        Phase::Voided => "Voided",
        Phase::Captured if payment.backs.is_empty() => "Captured",
        Phase::Captured if payment.back_minor() < payment.amount.minor => "Partially Refunded",
        Phase::Captured => "Refunded",
    }
}

fn shown(payment: &Payment, page: Option<&str>) -> String {
    let links = page.map_or_else(
        || "{}".to_owned(),
        |page| object(&[("redirect", object(&[("href", text(page))]))]),
    );
    object(&[
        ("id", text(&payment.id)),
        ("amount", payment.amount.minor.to_string()),
        ("currency", text(payment.amount.currency.code())),
        ("reference", text(&payment.reference)),
        ("status", text(status(payment))),
        ("balances", object(&[("total_refunded", payment.back_minor().to_string())])),
        ("_links", links),
    ])
}

pub(super) fn hook(payment: &Payment, back: Option<&str>) -> Hook {
    let back = back.and_then(|id| payment.backs.iter().find(|back| back.id == id));
    let kind = match (back, payment.phase) {
        (Some(_), _) => "payment_refunded",
        (_, Phase::Pending) => "payment_pending",
        (_, Phase::Failed) => "payment_declined",
        (_, Phase::Authorised) => "payment_approved",
        (_, Phase::Voided) => "payment_voided",
        (_, Phase::Captured) => "payment_captured",
    };
    let (amount, reference) =
        back.map_or((payment.amount, &payment.reference), |back| (back.amount, &back.key));
    let action = back.map_or("act_1", |back| back.id.as_str());
    let body = object(&[
        ("id", text(&format!("evt_{}_{kind}_{action}", payment.id))),
        ("type", text(kind)),
        (
            "data",
            object(&[
                ("id", text(&payment.id)),
                ("action_id", text(action)),
                ("amount", amount.minor.to_string()),
                ("currency", text(amount.currency.code())),
                ("reference", text(reference)),
            ]),
        ),
    ]);
    Hook {
        connector: "checkout_com",
        url: payment.webhook_url.clone(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("cko-signature", sign::hmac_sha256(KEY, &[body.as_bytes()])),
        ],
        body,
    }
}
