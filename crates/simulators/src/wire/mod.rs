//! The providers' wire formats, seen from their side.

mod checkout_com;
mod kaspi;
mod knet;
mod stripe;
mod tabby;
mod tap;

use serde_json::Value;
use souk_providers::wire::{self, form};

use crate::bank::{Bank, Payment};
use crate::simulator::Hook;

/// A call as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        wire::field(&self.headers, name).unwrap_or_default()
    }

    /// The body read as JSON; amounts are read from the text, never from this.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        wire::fields(&self.body)
    }
}

/// How the shopper's browser goes back to the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// By a link.
    Get(String),
    /// By a form.
    Post(String, Vec<(String, String)>),
}

/// What a provider has to do a call with.
pub(crate) struct Desk<'a> {
    pub(crate) bank: &'a mut Bank,
    pub(crate) seed: u64,
    /// Where the pages are.
    pub(crate) base: &'a str,
}

impl Desk<'_> {
    pub(crate) fn number(&mut self) -> u64 {
        self.bank.number(self.seed)
    }

    /// The page where a shopper pays.
    pub(crate) fn page(&self, id: &str) -> String {
        format!("{}/pay/{id}", self.base)
    }
}

/// The text at a place of a JSON document.
pub(crate) fn at<'a>(json: &'a Value, place: &str) -> &'a str {
    json.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// Answers a call; its path begins with the connector's name.
pub(crate) fn answer(bank: &mut Bank, call: &Call, base: &str, seed: u64) -> (u16, String) {
    let (connector, path) = call.path.trim_start_matches('/').split_once('/').unwrap_or_default();
    let mut desk = Desk { bank, seed, base };
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match connector {
        "tap" => tap::answer(&mut desk, call, &path),
        "knet" => knet::answer(&mut desk, call, &path),
        "checkout_com" => checkout_com::answer(&mut desk, call, &path),
        "stripe" => stripe::answer(&mut desk, call, &path),
        "tabby" => tabby::answer(&mut desk, call, &path),
        "kaspi" => kaspi::answer(&mut desk, call, &path),
        _ => (404, String::new()),
    }
}

/// The callback about a payment, or about money of it that went back; none where the provider makes none.
pub(crate) fn hook(payment: &Payment, back: Option<&str>, now_s: i64) -> Option<Hook> {
    match payment.connector {
        "tap" => Some(tap::hook(payment, back)),
        "checkout_com" => Some(checkout_com::hook(payment, back)),
        "stripe" => Some(stripe::hook(payment, back, now_s)),
        "tabby" => Some(tabby::hook(payment)),
        _ => None,
    }
}

/// How the shopper's browser goes back.
pub(crate) fn back(payment: &Payment) -> Back {
    let with = |name: &str| {
        let join = if payment.return_url.contains('?') { '&' } else { '?' };
        Back::Get(format!("{}{join}{}", payment.return_url, form(&[(name, &payment.id)])))
    };
    match payment.connector {
        "tap" => with("tap_id"),
        "checkout_com" => with("cko-payment-id"),
        "stripe" => with("payment_intent"),
        "tabby" => with("payment_id"),
        "knet" => knet::back(payment),
        _ => Back::Get(payment.return_url.clone()),
    }
}

/// The settings of the shop's account.
pub(crate) fn settings(connector: &str) -> Vec<(&'static str, String)> {
    let of = |pairs: &[(&'static str, &str)]| {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    };
    match connector {
        "tap" => of(&[("merchant", tap::MERCHANT), ("secret_key", tap::KEY)]),
        "knet" => of(&[
            ("terminal", knet::TERMINAL),
            ("password", "simulated"),
            ("resource_key", knet::KEY),
        ]),
        "checkout_com" => of(&[
            ("processing_channel", "pc_simulated"),
            ("secret_key", "sk_simulated"),
            ("webhook_key", checkout_com::KEY),
        ]),
        "stripe" => of(&[("secret_key", "sk_test_simulated"), ("webhook_key", stripe::KEY)]),
        "tabby" => of(&[("merchant_code", "simulated"), ("secret_key", "sk_simulated")]),
        _ => of(&[("api_key", "simulated"), ("device_token", "simulated")]),
    }
}
