//! Stripe, from its side.

use souk_base::Money;
use souk_providers::payments::Phase;
use souk_providers::{sign, wire};

use super::{Call, Desk};
use crate::bank::{Back, Payment};
use crate::json::{maybe, object, text};
use crate::simulator::Hook;

pub(super) const KEY: &str = "whsec_simulated";

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    let key = call.header("idempotency-key").to_owned();
    match path {
        ["v1", "payment_intents"] => begin(desk, call, &key),
        ["v1", "payment_intents", id] => match desk.bank.payments.get(*id) {
            Some(payment) => (200, shown(payment, None)),
            None => (404, error("resource_missing")),
        },
        ["v1", "payment_intents", id, "capture"] => {
            let done = desk.bank.capture(id, &key);
            after(desk, id, done)
        }
        ["v1", "payment_intents", id, "cancel"] => {
            let done = desk.bank.void(id, true);
            after(desk, id, done)
        }
        ["v1", "refunds"] => refund(desk, call, &key),
        ["v1", "refunds", id] => {
            let all = desk.bank.payments.values();
            let mut backs = all.flat_map(|one| one.backs.iter().map(move |back| (one, back)));
            match backs.find(|(_, back)| back.id == *id) {
                Some((payment, back)) => (200, shown_back(payment, back)),
                None => (404, error("resource_missing")),
            }
        }
        _ => (404, error("resource_missing")),
    }
}

fn begin(desk: &mut Desk<'_>, call: &Call, key: &str) -> (u16, String) {
    let form = call.form();
    let get = |name: &str| wire::field(&form, name).unwrap_or_default().to_owned();
    let amount = get("amount").parse::<i64>().ok().zip(wire::currency(&get("currency")).ok());
    let Some((minor, currency)) = amount else { return (400, error("parameter_invalid_integer")) };
    let id = format!("pi_{:024}", desk.number());
    let page = desk.page(&id);
    desk.bank.once("stripe", key, |bank| {
        let return_url = get("return_url");
        let base = return_url.split('?').next().unwrap_or_default();
        let id = bank.open(Payment {
            id,
            connector: "stripe",
            reference: get("metadata[reference]"),
            amount: Money::new(minor, currency),
            brand: get("payment_method_data[type]"),
            phase: Phase::Pending,
            hold_only: get("capture_method") == "manual",
            // Registered once at the provider; here it follows from where the shopper returns to.
            webhook_url: base.replace("/return/", "/webhooks/"),
            return_url,
            captures: Vec::new(),
            backs: Vec::new(),
        });
        (200, shown(&bank.payments[&id], Some(&page)))
    })
}

fn after(desk: &Desk<'_>, id: &str, done: bool) -> (u16, String) {
    match desk.bank.payments.get(id) {
        Some(payment) if done => (200, shown(payment, None)),
        Some(_) => (400, error("payment_intent_unexpected_state")),
        None => (404, error("resource_missing")),
    }
}

fn refund(desk: &mut Desk<'_>, call: &Call, key: &str) -> (u16, String) {
    let form = call.form();
    let get = |name: &str| wire::field(&form, name).unwrap_or_default().to_owned();
    let (id, reference) = (get("payment_intent"), get("metadata[reference]"));
    let name = format!("re_{:024}", desk.number());
    desk.bank.once("stripe", key, |bank| {
        let currency = bank.payments.get(&id).map(|payment| payment.amount.currency);
        let amount = get("amount").parse().ok().zip(currency);
        let amount = amount.map(|(minor, currency)| Money::new(minor, currency));
        let done = amount.and_then(|amount| bank.give_back(&id, &reference, amount, name));
        let payment = done.and_then(|_| bank.payments.get(&id));
        match payment.and_then(|payment| Some((payment, payment.backs.last()?))) {
            Some((payment, back)) => (200, shown_back(payment, back)),
            None => (400, error("charge_already_refunded")),
        }
    })
}

fn status(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "requires_action",
        Phase::Failed => "requires_payment_method",
        Phase::Authorised => "requires_capture",
        Phase::Voided => "canceled",
        Phase::Captured => "succeeded",
    }
}

fn shown(payment: &Payment, page: Option<&str>) -> String {
    let next = page.map_or_else(
        || "null".to_owned(),
        |page| {
            let to = object(&[("url", text(page)), ("return_url", text(&payment.return_url))]);
            object(&[("type", text("redirect_to_url")), ("redirect_to_url", to)])
        },
    );
    let failure =
        (payment.phase == Phase::Failed).then(|| object(&[("code", text("card_declined"))]));
    let charge = (payment.phase == Phase::Captured).then(|| {
        object(&[("id", text("ch_1")), ("amount_refunded", payment.back_minor().to_string())])
    });
    let null = || "null".to_owned();
    object(&[
        ("id", text(&payment.id)),
        ("object", text("payment_intent")),
        ("amount", payment.amount.minor.to_string()),
        ("currency", text(&payment.amount.currency.code().to_ascii_lowercase())),
        ("status", text(status(payment.phase))),
        ("metadata", object(&[("reference", text(&payment.reference))])),
        ("next_action", next),
        ("last_payment_error", failure.unwrap_or_else(null)),
        ("latest_charge", charge.unwrap_or_else(null)),
    ])
}

fn shown_back(payment: &Payment, back: &Back) -> String {
    object(&[
        ("id", text(&back.id)),
        ("object", text("refund")),
        ("amount", back.amount.minor.to_string()),
        ("currency", text(&back.amount.currency.code().to_ascii_lowercase())),
        ("payment_intent", maybe(Some(&payment.id))),
        ("status", text("succeeded")),
        ("metadata", object(&[("reference", text(&back.key))])),
    ])
}

pub(super) fn hook(payment: &Payment, back: Option<&str>, now_s: i64) -> Hook {
    let back = back.and_then(|id| payment.backs.iter().find(|back| back.id == id));
    let kind = match (back, payment.phase) {
        (Some(_), _) => "refund.updated",
        (_, Phase::Captured) => "payment_intent.succeeded",
        (_, Phase::Failed) => "payment_intent.payment_failed",
        (_, Phase::Authorised) => "payment_intent.amount_capturable_updated",
        (_, Phase::Voided) => "payment_intent.canceled",
        (_, Phase::Pending) => "payment_intent.requires_action",
    };
    let (about, subject) = match back {
        Some(back) => (shown_back(payment, back), back.id.as_str()),
        None => (shown(payment, None), payment.id.as_str()),
    };
    let body = object(&[
        ("id", text(&format!("evt_{kind}_{subject}"))),
        ("object", text("event")),
        ("type", text(kind)),
        ("data", object(&[("object", about)])),
    ]);
    let signature = sign::hmac_sha256(KEY, &[format!("{now_s}.{body}").as_bytes()]);
    Hook {
        connector: "stripe",
        url: payment.webhook_url.clone(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("stripe-signature", format!("t={now_s},v1={signature}")),
        ],
        body,
    }
}

fn error(code: &str) -> String {
    object(&[("error", object(&[("code", text(code))]))])
}
