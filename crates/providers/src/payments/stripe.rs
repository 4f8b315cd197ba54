//! Stripe: payment intents.
//!
//! A method's brand is Stripe's payment method type: `klarna`, `revolut_pay`, `pay_by_bank`, `paypal`, all of which send
//! the shopper to a page. Requests are forms, amounts minor units; that currencies of three digits must end in 0 is (u)
//! and kept to. Callbacks carry `Stripe-Signature: t=…,v1=…`, an HMAC over time and raw body, good for five minutes.
//!
//! Source: Hyperswitch Prism's connector and the provider's documentation.

use serde::Deserialize;
use serde::de::IgnoredAny;
use souk_base::{Currency, Money};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, sign, wire};

/// How old a signed callback may be.
const SIGNATURE_AGE_S_MAX: i64 = 300;
/// Which version of the interface these shapes are of.
const VERSION: &str = "2024-06-20";

/// An account at Stripe.
#[derive(Debug)]
pub(super) struct Stripe {
    base: String,
    account: String,
    key: Secret,
    webhook_key: Secret,
}

/// A payment intent, a charge's head or a refund.
#[derive(Deserialize)]
struct Shown {
    object: String,
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    metadata: Metadata,
    payment_intent: Option<String>,
    next_action: Option<Next>,
    latest_charge: Option<Charge>,
    last_payment_error: Option<Failure>,
    amount_refunded: Option<i64>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Next {
    redirect_to_url: Option<Page>,
}

#[derive(Deserialize)]
struct Page {
    url: Option<String>,
}

/// Its id, or the charge itself where it was asked for (`expand[]=latest_charge`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Charge {
    Whole { amount_refunded: i64 },
    // Read and dropped: a text must fit some variant.
    Id(IgnoredAny),
}

#[derive(Deserialize)]
struct Failure {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: Shown,
}

impl Stripe {
    pub(super) fn new(settings: &Settings) -> Result<Stripe> {
        settings.only(&["base", "account", "secret_key", "webhook_key"])?;
        Ok(Stripe {
            base: settings.text_or("base", "https://api.stripe.com"),
            account: settings.text_or("account", ""),
            key: settings.secret("secret_key")?,
            webhook_key: settings.secret("webhook_key")?,
        })
    }

    fn post(&self, path: &str, key: &str, fields: &[(&str, &str)]) -> Step {
        let url = format!("{}{path}", self.base);
        let request = Request::post(url, "application/x-www-form-urlencoded", wire::form(fields));
        Step::Call(self.authorised(request).with("idempotency-key", key))
    }

    fn authorised(&self, request: Request) -> Request {
        let request = request.with("authorization", format!("Bearer {}", self.key.reveal()));
        request.with("stripe-version", VERSION)
    }

    fn signed(&self, callback: &Callback) -> bool {
        let header = callback.header("stripe-signature").unwrap_or_default();
        let parts: Vec<(&str, &str)> =
            header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
        let Some((_, time)) = parts.iter().find(|(name, _)| *name == "t") else { return false };
        let fresh = time.parse::<i64>().is_ok_and(|sent| {
            (callback.received_at_s.saturating_sub(sent)).abs() <= SIGNATURE_AGE_S_MAX
        });
        let signed: [&[u8]; 3] = [time.as_bytes(), b".", &callback.body];
        let expected = sign::hmac_sha256(self.webhook_key.reveal(), &signed);
        // Two while a key is being replaced.
        let mut given = parts.iter().filter(|(name, _)| *name == "v1");
        fresh && given.any(|(_, given)| sign::same(given, &expected))
    }
}

fn step(currency: Currency) -> i64 {
    if currency.digits() == 3 { 10 } else { 1 }
}

fn minor(amount: Money) -> Result<String> {
    if amount.minor % step(amount.currency) != 0 {
        return Err(Error::Unsupported("take an amount whose last digit is not 0"));
    }
    Ok(amount.minor.to_string())
}

fn money(minor: i64, currency: &str) -> Result<Money> {
    Ok(Money::new(minor, wire::currency(currency)?))
}

fn phase(status: &str, failed: bool) -> Phase {
    match status {
        "succeeded" => Phase::Captured,
        "requires_capture" => Phase::Authorised,
        "canceled" => Phase::Voided,
        "requires_payment_method" if failed => Phase::Failed,
        _ => Phase::Pending,
    }
}

fn refund_phase(status: &str) -> RefundPhase {
    match status {
        "succeeded" => RefundPhase::Done,
        "failed" | "canceled" => RefundPhase::Failed,
        _ => RefundPhase::Pending,
    }
}

fn report(shown: Shown) -> Result<Report> {
    let amount = money(shown.amount, &shown.currency)?;
    match shown.object.as_str() {
        "payment_intent" => {
            let refunded = match &shown.latest_charge {
                Some(Charge::Whole { amount_refunded }) => {
                    Some(money(*amount_refunded, &shown.currency)?)
                }
                Some(Charge::Id(_)) | None => None,
            };
            let page = shown.next_action.and_then(|next| next.redirect_to_url);
            Ok(Report {
                reference: shown.metadata.reference,
                provider_ref: Some(shown.id),
                amount: Some(amount),
                phase: Some(phase(&shown.status, shown.last_payment_error.is_some())),
                next: page.and_then(|page| page.url).map(|url| NextAction::Redirect { url }),
                refunded,
                reason: shown.last_payment_error.and_then(|failure| failure.code),
                ..Report::default()
            })
        }
        "refund" => {
            let refund = RefundReport {
                reference: shown.metadata.reference,
                provider_ref: Some(shown.id),
                amount: Some(amount),
                phase: refund_phase(&shown.status),
            };
            let provider_ref = shown.payment_intent;
            Ok(Report { provider_ref, refunds: vec![refund], ..Report::default() })
        }
        "charge" => {
            let refunded = shown.amount_refunded.map(|minor| money(minor, &shown.currency));
            let refunded = refunded.transpose()?;
            Ok(Report { provider_ref: shown.payment_intent, refunded, ..Report::default() })
        }
        other => Err(Error::Unreadable(format!("an object \"{other}\""))),
    }
}

fn event_report(event: Event) -> Result<Report> {
    // Said by the kind alone: the intent waits for another card by then.
    let failed = event.kind == "payment_intent.payment_failed";
    let told = report(event.data.object)?;
    let phase = if failed { Some(Phase::Failed) } else { told.phase };
    Ok(Report { event: Some(event.id), merchant: event.account, phase, ..told })
}

impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn merchant(&self) -> &str {
        &self.account
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Redirect, Kind::Wallet, Kind::Instalments],
            authorise_only: true,
            captures_apart: false,
            partial_refund: true,
            void: VoidWhen::Open,
            hold_s: 30 * 60,
            lost_authorise: Lost::Repeat,
            lost_refund: Lost::Repeat,
        }
    }

    fn min_step(&self, _: &str, currency: Currency) -> Option<i64> {
        Some(step(currency))
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        let (amount, currency) = (minor(purchase.amount)?, purchase.amount.currency.code());
        let currency = currency.to_ascii_lowercase();
        let mut fields = vec![
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("capture_method", if purchase.hold_only { "manual" } else { "automatic" }),
            ("confirm", "true"),
            ("payment_method_types[]", &purchase.brand),
            ("payment_method_data[type]", &purchase.brand),
            ("return_url", &purchase.return_url),
            ("description", &purchase.description),
            ("metadata[reference]", &purchase.reference),
        ];
        if let Some(email) = &purchase.customer.email {
            fields.push(("payment_method_data[billing_details][email]", email));
        }
        Ok(self.post("/v1/payment_intents", &purchase.reference, &fields))
    }

    fn capture(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let path = format!("/v1/payment_intents/{}/capture", payment.id()?);
        Ok(self.post(&path, &action.key, &[("amount_to_capture", &minor(action.amount)?)]))
    }

    fn void(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let path = format!("/v1/payment_intents/{}/cancel", payment.id()?);
        Ok(self.post(&path, &action.key, &[("cancellation_reason", "abandoned")]))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let fields = [
            ("payment_intent", payment.id()?),
            ("amount", &minor(action.amount)?),
            ("metadata[reference]", &action.key),
        ];
        Ok(self.post("/v1/refunds", &action.key, &fields))
    }

    fn find_refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let Some(id) = &action.provider_ref else { return self.refund(payment, action) };
        let request = Request::get(format!("{}/v1/refunds/{id}", self.base));
        Ok(Step::Call(self.authorised(request)))
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let id = payment.id()?;
        let url = format!("{}/v1/payment_intents/{id}?expand[]=latest_charge", self.base);
        Ok(Step::Call(self.authorised(Request::get(url))))
    }

    fn read(&self, _: &Ask<'_>, answer: &Answer) -> Result<Report> {
        report(wire::json(&answer.body)?)
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        let Ok(event) = wire::json::<Event>(&callback.body) else {
            // The shopper's return: `?attempt=…&payment_intent=pi_…`.
            let fields = callback.fields();
            let provider_ref = wire::field(&fields, "payment_intent").map(str::to_owned);
            let reference = wire::field(&fields, "attempt").map(str::to_owned);
            return Verdict::Unverified { reference, provider_ref };
        };
        let signed = self.signed(callback);
        let object = &event.data.object;
        let provider_ref = object.payment_intent.clone().or_else(|| Some(object.id.clone()));
        match event_report(event) {
            Ok(told) if signed => Verdict::Verified(Box::new(told)),
            _ => Verdict::Unverified { reference: None, provider_ref },
        }
    }
}
