//! Tabby: instalments in AED, SAR and KWD.
//!
//! A payment is authorised by the shopper and taken by a capture of its own, whose `reference_id` is the idempotency key;
//! a refund's `reference_id` likewise (u). Amounts are decimal texts. Callbacks carry one static header that everybody
//! who ever saw one knows, so they are never believed: they are a reason to ask.
//!
//! Source: docs.tabby.ai and api-evangelist/tabby.

use serde::{Deserialize, Serialize};
use souk_base::{Currency, Lang};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, wire};

/// An account at Tabby.
#[derive(Debug)]
pub(super) struct Tabby {
    base: String,
    merchant_code: String,
    key: Secret,
}

#[derive(Serialize)]
struct CheckoutBody<'a> {
    payment: PaymentBody<'a>,
    lang: &'a str,
    merchant_code: &'a str,
    merchant_urls: Urls<'a>,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    amount: String,
    currency: &'a str,
    description: &'a str,
    buyer: Buyer<'a>,
    order: Order<'a>,
}

#[derive(Serialize)]
struct Buyer<'a> {
    name: &'a str,
    email: &'a str,
    phone: &'a str,
}

#[derive(Serialize)]
struct Order<'a> {
    reference_id: &'a str,
}

#[derive(Serialize)]
struct Urls<'a> {
    success: &'a str,
    cancel: &'a str,
    failure: &'a str,
}

#[derive(Serialize)]
struct ActionBody<'a> {
    amount: String,
    reference_id: &'a str,
}

#[derive(Deserialize)]
struct Session {
    status: String,
    payment: Shown,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Configuration {
    available_products: Available,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Available {
    installments: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    web_url: String,
}

#[derive(Deserialize)]
struct Shown {
    id: String,
    amount: String,
    currency: String,
    status: String,
    #[serde(default)]
    order: ShownOrder,
    #[serde(default)]
    captures: Vec<Part>,
    #[serde(default)]
    refunds: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ShownOrder {
    reference_id: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    id: String,
    amount: String,
    reference_id: Option<String>,
}

impl Tabby {
    pub(super) fn new(settings: &Settings) -> Result<Tabby> {
        settings.only(&["base", "merchant_code", "secret_key"])?;
        Ok(Tabby {
            base: settings.text_or("base", "https://api.tabby.ai"),
            merchant_code: settings.text("merchant_code")?,
            key: settings.secret("secret_key")?,
        })
    }

    fn post(&self, path: &str, body: &impl Serialize) -> Step {
        let body = serde_json::to_string(body).expect("bodies have text keys only");
        let request = Request::post(format!("{}{path}", self.base), "application/json", body);
        Step::Call(self.authorised(request))
    }

    fn authorised(&self, request: Request) -> Request {
        request.with("authorization", format!("Bearer {}", self.key.reveal()))
    }
}

/// A payment that is closed was captured if anything of it was, else given back.
fn phase(shown: &Shown) -> Phase {
    match shown.status.to_ascii_uppercase().as_str() {
        _ if !shown.captures.is_empty() => Phase::Captured,
        "AUTHORIZED" => Phase::Authorised,
        "CLOSED" => Phase::Voided,
        "REJECTED" | "EXPIRED" => Phase::Failed,
        _ => Phase::Pending,
    }
}

fn report(shown: Shown) -> Result<Report> {
    let currency = wire::currency(&shown.currency)?;
    let amount = wire::decimal(&shown.amount, currency)?;
    let phase = phase(&shown);
    let mut refunds = Vec::with_capacity(shown.refunds.len());
    for part in shown.refunds {
        refunds.push(RefundReport {
            reference: part.reference_id,
            provider_ref: Some(part.id),
            amount: Some(wire::decimal(&part.amount, currency)?),
            phase: RefundPhase::Done,
        });
    }
    Ok(Report {
        reference: shown.order.reference_id,
        provider_ref: Some(shown.id),
        amount: Some(amount),
        phase: Some(phase),
        refunds,
        ..Report::default()
    })
}

impl Gateway for Tabby {
    fn name(&self) -> &'static str {
        "tabby"
    }

    fn merchant(&self) -> &str {
        &self.merchant_code
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Instalments],
            authorise_only: true,
            captures_apart: true,
            partial_refund: true,
            void: VoidWhen::Authorised,
            hold_s: 20 * 60,
            lost_authorise: Lost::Forget,
            lost_refund: Lost::Repeat,
        }
    }

    fn min_step(&self, _: &str, currency: Currency) -> Option<i64> {
        matches!(currency, Currency::Aed | Currency::Sar | Currency::Kwd).then_some(1)
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        let customer = &purchase.customer;
        let body = CheckoutBody {
            payment: PaymentBody {
                amount: purchase.amount.to_decimal(),
                currency: purchase.amount.currency.code(),
                description: &purchase.description,
                buyer: Buyer {
                    name: &customer.name,
                    email: customer.email.as_deref().unwrap_or_default(),
                    phone: customer.phone.as_deref().unwrap_or_default(),
                },
                order: Order { reference_id: &purchase.reference },
            },
            lang: if purchase.lang == Lang::Ar { "ar" } else { "en" },
            merchant_code: &self.merchant_code,
            merchant_urls: Urls {
                success: &purchase.return_url,
                cancel: &purchase.return_url,
                failure: &purchase.return_url,
            },
        };
        Ok(self.post("/api/v2/checkout", &body))
    }

    fn capture(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body = ActionBody { amount: action.amount.to_decimal(), reference_id: &action.key };
        Ok(self.post(&format!("/api/v2/payments/{}/captures", payment.id()?), &body))
    }

    fn void(&self, payment: &Payment, _: &Action) -> Result<Step> {
        let url = format!("{}/api/v2/payments/{}/close", self.base, payment.id()?);
        let request = Request::post(url, "application/json", "{}".to_owned());
        Ok(Step::Call(self.authorised(request)))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body = ActionBody { amount: action.amount.to_decimal(), reference_id: &action.key };
        Ok(self.post(&format!("/api/v2/payments/{}/refunds", payment.id()?), &body))
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let request = Request::get(format!("{}/api/v2/payments/{}", self.base, payment.id()?));
        Ok(Step::Call(self.authorised(request)))
    }

    fn read(&self, ask: &Ask<'_>, answer: &Answer) -> Result<Report> {
        if !matches!(ask, Ask::Authorise(_)) {
            return report(wire::json(&answer.body)?);
        }
        let session: Session = wire::json(&answer.body)?;
        if session.status == "rejected" {
            return Err(Error::Declined("rejected".to_owned()));
        }
        let page = session.configuration.available_products.installments.into_iter().next();
        let page = page.ok_or_else(|| Error::Declined("no_installments".to_owned()))?;
        let next = Some(NextAction::Redirect { url: page.web_url });
        Ok(Report { next, ..report(session.payment)? })
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        if let Ok(shown) = wire::json::<Shown>(&callback.body) {
            let reference = shown.order.reference_id;
            return Verdict::Unverified { reference, provider_ref: Some(shown.id) };
        }
        // The shopper's return: `?attempt=…&payment_id=…`.
        let fields = callback.fields();
        let provider_ref = wire::field(&fields, "payment_id").map(str::to_owned);
        Verdict::Unverified {
            reference: wire::field(&fields, "attempt").map(str::to_owned),
            provider_ref,
        }
    }
}
