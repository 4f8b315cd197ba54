//! KNET, from its side. The shopper's browser brings the order, so a payment begins when its page is opened.

use souk_base::{Currency, Money};
use souk_providers::payments::Phase;
use souk_providers::{sign, wire};

use super::{Back, Call, Desk};
use crate::bank::{Bank, Payment};

pub(super) const KEY: &str = "simulatedkeyofit";
pub(super) const TERMINAL: &str = "138201";

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    match path {
        ["kpg", "PaymentHTTP.htm"] => open(desk, call),
        ["kpg", "tranPipe.htm"] => pipe(desk, &call.body),
        _ => (404, String::new()),
    }
}

/// Answers with the page's address: 302 for a browser.
fn open(desk: &mut Desk<'_>, call: &Call) -> (u16, String) {
    let query = wire::fields(&call.query);
    let trandata = wire::field(&query, "trandata").unwrap_or_default();
    let Some(plain) = sign::decrypt(KEY, KEY, trandata) else {
        return (400, "IPAY0100114".to_owned());
    };
    // Read as it is, without decoding.
    let fields: Vec<(&str, &str)> =
        plain.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let get = |name: &str| fields.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let amount = get("amt").and_then(|amount| Money::parse_decimal(amount, Currency::Kwd).ok());
    let (Some(amount), Some("414"), Some(TERMINAL)) = (amount, get("currencycode"), get("id"))
    else {
        return (400, "IPAY0100045".to_owned());
    };
    let id = format!("2023{:012}", desk.number());
    let payment = Payment {
        id,
        connector: "knet",
        reference: get("trackid").unwrap_or_default().to_owned(),
        amount,
        brand: "knet".to_owned(),
        phase: Phase::Pending,
        hold_only: false,
        return_url: get("responseURL").unwrap_or_default().to_owned(),
        webhook_url: String::new(),
        captures: Vec::new(),
        backs: Vec::new(),
    };
    // Opening the page again is the same payment.
    let known = desk.bank.by_reference("knet", &payment.reference).map(|known| known.id.clone());
    let id = known.unwrap_or_else(|| desk.bank.open(payment));
    (302, desk.page(&id))
}

fn pipe(desk: &mut Desk<'_>, xml: &str) -> (u16, String) {
    let get = |name: &str| wire::element(xml, name).unwrap_or_default();
    let amount = Money::parse_decimal(get("amt"), Currency::Kwd).ok();
    match get("action") {
        "8" => (200, inquiry(desk.bank, get("trackid"))),
        "2" => {
            let number = format!("2023{:012}", desk.number());
            let (paid, key) = (get("transid"), get("trackid"));
            let done = amount.and_then(|amount| desk.bank.give_back(paid, key, amount, number));
            match done {
                Some(number) => (200, result("CAPTURED", &number, key, get("amt"))),
                None => (200, error("IPAY0100055")),
            }
        }
        _ => (200, error("IPAY0100001")),
    }
}

/// A payment by its track id, or a refund by its own.
fn inquiry(bank: &Bank, track: &str) -> String {
    let backs = bank.payments.values().flat_map(|payment| payment.backs.iter());
    if let Some(back) = backs.into_iter().find(|back| back.key == track) {
        return result("CAPTURED", &back.id, track, &back.amount.to_decimal());
    }
    match bank.by_reference("knet", track) {
        Some(payment) if payment.phase != Phase::Pending => {
            result(told(payment.phase), &payment.id, track, &payment.amount.to_decimal())
        }
        _ => error("IPAY0100263"),
    }
}

fn told(phase: Phase) -> &'static str {
    if phase == Phase::Captured { "CAPTURED" } else { "NOT CAPTURED" }
}

fn result(result: &str, number: &str, track: &str, amount: &str) -> String {
    format!(
        "<result>{result}</result><auth>B02921</auth><ref>335610000172</ref><avr>N</avr><postdate>1222</postdate>\
         <tranid>{number}</tranid><trackid>{track}</trackid><payid>-1</payid><amt>{amount}</amt>"
    )
}

fn error(code: &str) -> String {
    format!("<error_code_tag>{code}</error_code_tag><error_text>!ERROR!-{code}</error_text>")
}

pub(super) fn back(payment: &Payment) -> Back {
    let plain = format!(
        "paymentid=1{}&result={}&auth=B02921&avr=N&ref=335610000172&tranid={}&postdate=1222&trackid={}&udf1=&udf2=&udf3=\
         &udf4=&udf5=&amt={}&authRespCode=00&",
        payment.id,
        told(payment.phase),
        payment.id,
        payment.reference,
        payment.amount.to_decimal(),
    );
    let trandata = sign::encrypt(KEY, KEY, &plain).expect("the key has 16 bytes");
    let fields = [("trandata", trandata), ("trackid", payment.reference.clone())];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Back::Post(payment.return_url.clone(), fields.into())
}
