//! How the payment of a purchase stands, and what the shopper can do about it.

use qrcodegen::{QrCode, QrCodeEcc};
use souk_commerce::orders::{GroupState, Purchase};
use souk_commerce::payments::{Method, NextAction, Started};

use crate::cart::new_key;
use crate::checkout::payment::Methods;
use crate::text::basket::basket;
use crate::text::fill;
use crate::visit::Visit;

/// The panel about the payment.
pub(crate) struct Paying {
    pub(crate) title: String,
    pub(crate) lead: String,
    /// Where the money goes, a line each.
    pub(crate) told: Vec<String>,
    /// Until when the order is kept, while it is not paid.
    pub(crate) until: Option<String>,
    /// Where it is paid, as a button.
    pub(crate) go: Option<Go>,
    pub(crate) qr: Option<Qr>,
    pub(crate) code: Option<String>,
    /// Whether the page is to ask how it stands.
    pub(crate) waits: bool,
    pub(crate) again: Option<Again>,
    /// Whether something went wrong.
    pub(crate) is_bad: bool,
}

/// A button that leads to another site.
pub(crate) struct Go {
    pub(crate) href: String,
    pub(crate) label: String,
}

/// A code to be scanned: squares of an image of so many units.
pub(crate) struct Qr {
    pub(crate) size: i32,
    pub(crate) path: String,
    pub(crate) label: String,
}

/// The form that pays by another way.
pub(crate) struct Again {
    pub(crate) key: String,
    pub(crate) methods: Methods,
    pub(crate) label: String,
}

impl Paying {
    /// The panel; none when nothing is left to be said.
    pub(crate) fn of(
        visit: &Visit,
        purchase: &Purchase,
        payment: &Started,
        ways: &[Method],
    ) -> Option<Paying> {
        let words = basket(visit.lang);
        let total = visit.numbers().money(payment.amount).text();
        let said = |title: &str, lead: &str| Paying {
            title: fill(title, "total", &total),
            lead: fill(lead, "total", &total),
            told: Vec::new(),
            until: None,
            go: None,
            qr: None,
            code: None,
            waits: false,
            again: None,
            is_bad: false,
        };
        if purchase.state == GroupState::Placed && payment.state == "due" {
            return Some(said(words.due, words.due_lead));
        }
        if purchase.state != GroupState::PendingPayment {
            return None;
        }
        let until = fill(words.held_until, "time", &visit.deadline_words(purchase.expires_at));
        let method = ways.iter().find(|way| Some(&way.code) == payment.method.as_ref());
        let name = method.map_or("", |way| way.label.get(visit.lang));
        let again = || {
            let chosen = payment.method.as_deref().unwrap_or_default();
            let ways: Vec<Method> =
                ways.iter().filter(|way| !way.pays_at_door()).cloned().collect();
            let methods = Methods::of(visit, &ways, payment.amount, chosen);
            Some(Again { key: new_key(), methods, label: fill(words.pay_again, "total", &total) })
        };
        let paying = match (payment.state.as_str(), &payment.next_action) {
            ("requires_payment_method", _) => {
                Paying { again: again(), is_bad: true, ..said(words.failed, words.failed_lead) }
            }
            (_, NextAction::Redirect { url }) => {
                let go = Go { href: url.clone(), label: words.go_to_payment.to_owned() };
                let paying = said(words.waiting, words.waiting_lead);
                Paying { go: Some(go), again: again(), waits: true, ..paying }
            }
            (_, NextAction::Qr { code, .. }) => {
                let paying = said(words.scan, &fill(words.scan_lead, "method", name));
                let is_address = code.starts_with("https://") || code.starts_with("http://");
                let label = fill(words.open_app, "method", name);
                let go = is_address.then(|| Go { href: code.clone(), label });
                let qr = qr(code, &paying.title);
                Paying { go, qr, again: again(), waits: true, ..paying }
            }
            (_, NextAction::ShowCode { code }) => {
                let paying = said(words.show_code, &fill(words.show_code_lead, "method", name));
                Paying { code: Some(code.clone()), again: again(), waits: true, ..paying }
            }
            ("requires_action", NextAction::None) if is_transfer(method) => {
                let told = method.map_or("", |way| way.instructions.get(visit.lang));
                let told = told.lines().map(str::to_owned).collect();
                Paying { told, again: again(), ..said(words.transfer, words.transfer_lead) }
            }
            _ => Paying { waits: true, ..said(words.waiting, words.waiting_lead) },
        };
        Some(Paying { until: Some(until), ..paying })
    }
}

fn is_transfer(method: Option<&Method>) -> bool {
    method.is_some_and(|way| way.connector == souk_commerce::payments::TRANSFER)
}

/// The code as one path of unit squares, with the quiet border that scanners need; none for what is too long.
fn qr(text: &str, label: &str) -> Option<Qr> {
    const BORDER: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let path: String = dark
        .filter(|&(x, y)| code.get_module(x, y))
        .map(|(x, y)| format!("M{} {}h1v1h-1z", x + BORDER, y + BORDER))
        .collect();
    Some(Qr { size: size + 2 * BORDER, path, label: label.to_owned() })
}
