//! Tap, from its side.

use serde::Deserialize;
use serde_json::value::RawValue;
use souk_base::Money;
use souk_providers::payments::Phase;
use souk_providers::{sign, wire};

use super::{Call, Desk, at};
use crate::bank::{Back, Payment};
use crate::json::{object, text};
use crate::simulator::Hook;

pub(super) const KEY: &str = "sk_test_simulated";
pub(super) const MERCHANT: &str = "1124340";
const CREATED: &str = "1700000000000";

#[derive(Deserialize)]
struct Priced {
    amount: Box<RawValue>,
    currency: String,
}

fn priced(call: &Call) -> Option<Money> {
    let priced: Priced = serde_json::from_str(&call.body).ok()?;
    let currency = wire::currency(&priced.currency).ok()?;
    wire::amount(&priced.amount, currency).ok()
}

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    if call.header("authorization") != format!("Bearer {KEY}") {
        return (401, String::new());
    }
    match path {
        ["v2", kind @ ("charges" | "authorize")] => begin(desk, call, *kind == "authorize"),
        ["v2", "charges" | "authorize", id] => match desk.bank.payments.get(*id) {
            Some(payment) => (200, shown(payment, None)),
            None => (404, errors("1101")),
        },
        ["v2", "authorize", id, "void"] => match desk.bank.void(id, false) {
            true => (200, shown(&desk.bank.payments[*id], None)),
            false => (400, errors("1154")),
        },
        ["v2", "refunds"] => refund(desk, call),
        ["v2", "refunds", id] => {
            let all = desk.bank.payments.values();
            let mut backs = all.flat_map(|one| one.backs.iter().map(move |back| (one, back)));
            match backs.find(|(_, back)| back.id == *id) {
                Some((payment, back)) => (200, shown_back(payment, back)),
                None => (404, errors("1101")),
            }
        }
        _ => (404, errors("1100")),
    }
}

fn begin(desk: &mut Desk<'_>, call: &Call, hold_only: bool) -> (u16, String) {
    let json = call.json();
    let Some(amount) = priced(call) else { return (400, errors("1117")) };
    let (source, key) = (at(&json, "/source/id"), at(&json, "/reference/idempotent"));
    if source.starts_with("auth_") {
        let done = desk.bank.capture(source, key);
        return if done {
            (200, shown(&desk.bank.payments[source], None))
        } else {
            (400, errors("1126"))
        };
    }
    let number = desk.number();
    let id = format!("{}_TS{number}", if hold_only { "auth" } else { "chg" });
    let page = desk.page(&id);
    desk.bank.once("tap", key, |bank| {
        let id = bank.open(Payment {
            id,
            connector: "tap",
            reference: at(&json, "/reference/transaction").to_owned(),
            amount,
            brand: source.to_owned(),
            phase: Phase::Pending,
            hold_only,
            return_url: at(&json, "/redirect/url").to_owned(),
            webhook_url: at(&json, "/post/url").to_owned(),
            captures: Vec::new(),
            backs: Vec::new(),
        });
        (200, shown(&bank.payments[&id], Some(&page)))
    })
}

fn refund(desk: &mut Desk<'_>, call: &Call) -> (u16, String) {
    let json = call.json();
    let Some(amount) = priced(call) else { return (400, errors("1117")) };
    let (charge, key) =
        (at(&json, "/charge_id").to_owned(), at(&json, "/reference/merchant").to_owned());
    let name = format!("re_TS{}", desk.number());
    desk.bank.once("tap", at(&json, "/reference/idempotent"), |bank| {
        match bank.give_back(&charge, &key, amount, name) {
            Some(_) => {
                let payment = &bank.payments[&charge];
                (
                    200,
                    payment.backs.last().map(|back| shown_back(payment, back)).unwrap_or_default(),
                )
            }
            None => (400, errors("1138")),
        }
    })
}

fn status(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "INITIATED",
        Phase::Failed => "DECLINED",
        Phase::Authorised => "AUTHORIZED",
        Phase::Voided => "VOID",
        Phase::Captured => "CAPTURED",
    }
}

fn shown(payment: &Payment, page: Option<&str>) -> String {
    let mut transaction = vec![("created", text(CREATED))];
    transaction.extend(page.map(|page| ("url", text(page))));
    let code = if payment.phase == Phase::Captured { "000" } else { "100" };
    object(&[
        ("id", text(&payment.id)),
        ("object", text("charge")),
        ("live_mode", "false".to_owned()),
        ("status", text(status(payment.phase))),
        ("amount", payment.amount.to_decimal()),
        ("currency", text(payment.amount.currency.code())),
        ("transaction", object(&transaction)),
        (
            "reference",
            object(&[
                ("transaction", text(&payment.reference)),
                ("order", text(&payment.reference)),
                ("gateway", text("123456")),
                ("payment", text("654321")),
            ]),
        ),
        ("response", object(&[("code", text(code))])),
        ("merchant", object(&[("id", text(MERCHANT))])),
        ("source", object(&[("id", text(&payment.brand))])),
    ])
}

fn shown_back(payment: &Payment, back: &Back) -> String {
    object(&[
        ("id", text(&back.id)),
        ("object", text("refund")),
        ("status", text("REFUNDED")),
        ("amount", back.amount.to_decimal()),
        ("currency", text(back.amount.currency.code())),
        ("charge_id", text(&payment.id)),
        ("reference", object(&[("merchant", text(&back.key))])),
        ("transaction", object(&[("created", text(CREATED))])),
    ])
}

pub(super) fn hook(payment: &Payment, back: Option<&str>) -> Hook {
    let back = back.and_then(|id| payment.backs.iter().find(|back| back.id == id));
    let (id, amount, status, gateway, paid) = match back {
        Some(back) => (&back.id, back.amount, "REFUNDED", "", ""),
        None => (&payment.id, payment.amount, status(payment.phase), "123456", "654321"),
    };
    let signed = format!(
        "x_id{id}x_amount{}x_currency{}x_gateway_reference{gateway}x_payment_reference{paid}x_status{status}x_created{CREATED}",
        amount.to_decimal(),
        amount.currency.code(),
    );
    let body = back.map_or_else(|| shown(payment, None), |back| shown_back(payment, back));
    Hook {
        connector: "tap",
        url: payment.webhook_url.clone(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("hashstring", sign::hmac_sha256(KEY, &[signed.as_bytes()])),
        ],
        body,
    }
}

fn errors(code: &str) -> String {
    format!("{{\"errors\":[{}]}}", object(&[("code", text(code))]))
}
