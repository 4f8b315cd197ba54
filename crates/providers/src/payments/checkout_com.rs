//! Checkout.com: local schemes by redirect, holds, partial captures and refunds.
//!
//! A method's brand is Checkout.com's source type: `knet`, `benefit`, `qpay`, `omannet`, `mada`. Amounts are minor units;
//! in BHD, JOD, KWD and OMR their last digit must be 0, so those are paid in steps of ten. Callbacks carry
//! `Cko-Signature`, an HMAC over the raw body. The account that a callback names is (u): the signature is the account's own.
//!
//! Source: Hyperswitch Prism's connector and the provider's documentation.

use serde::{Deserialize, Serialize};
use souk_base::{Currency, Lang, Money};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, sign, wire};

/// Largest amount that the provider takes: nine digits.
const MINOR_MAX: i64 = 999_999_999;

/// An account at Checkout.com.
#[derive(Debug)]
pub(super) struct CheckoutCom {
    base: String,
    channel: String,
    key: Secret,
    webhook_key: Secret,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    source: Source<'a>,
    amount: i64,
    currency: &'a str,
    reference: &'a str,
    description: &'a str,
    capture: bool,
    processing_channel_id: &'a str,
    success_url: &'a str,
    failure_url: &'a str,
    customer: CustomerBody<'a>,
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

#[derive(Serialize)]
struct CustomerBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
struct ActionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    reference: &'a str,
}

/// A payment as the provider shows it. An action's answer has only its id and reference.
#[derive(Deserialize)]
struct Shown {
    id: Option<String>,
    action_id: Option<String>,
    status: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    reference: Option<String>,
    response_code: Option<String>,
    balances: Option<Balances>,
    #[serde(rename = "_links", default)]
    links: Links,
}

#[derive(Deserialize)]
struct Balances {
    #[serde(default)]
    total_refunded: i64,
}

#[derive(Default, Deserialize)]
struct Links {
    redirect: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Shown,
}

impl CheckoutCom {
    pub(super) fn new(settings: &Settings) -> Result<CheckoutCom> {
        settings.only(&["base", "processing_channel", "secret_key", "webhook_key"])?;
        Ok(CheckoutCom {
            base: settings.text_or("base", "https://api.checkout.com"),
            channel: settings.text("processing_channel")?,
            key: settings.secret("secret_key")?,
            webhook_key: settings.secret("webhook_key")?,
        })
    }

    fn post(&self, path: &str, key: &str, body: &impl Serialize) -> Step {
        let body = serde_json::to_string(body).expect("bodies have text keys only");
        let request = Request::post(format!("{}{path}", self.base), "application/json", body);
        Step::Call(self.authorised(request).with("cko-idempotency-key", key))
    }

    fn authorised(&self, request: Request) -> Request {
        request.with("authorization", format!("Bearer {}", self.key.reveal()))
    }
}

/// Minor units as the provider takes them.
fn minor(amount: Money) -> Result<i64> {
    let step = if amount.currency.digits() == 3 { 10 } else { 1 };
    if amount.minor % step != 0 {
        return Err(Error::Unsupported("take an amount whose last digit is not 0"));
    }
    if !(0..=MINOR_MAX).contains(&amount.minor) {
        return Err(Error::Unsupported("take an amount of more than nine digits"));
    }
    Ok(amount.minor)
}

fn money(minor: Option<i64>, currency: Option<&String>) -> Result<Option<Money>> {
    let (Some(minor), Some(currency)) = (minor, currency) else { return Ok(None) };
    Ok(Some(Money::new(minor, wire::currency(currency)?)))
}

fn phase(status: &str) -> Phase {
    match status {
        "Authorized" | "Card Verified" => Phase::Authorised,
        "Captured" | "Partially Captured" | "Partially Refunded" | "Refunded" | "Paid" => {
            Phase::Captured
        }
        "Voided" => Phase::Voided,
        "Declined" | "Canceled" | "Expired" => Phase::Failed,
        _ => Phase::Pending,
    }
}

fn event_phase(kind: &str) -> Option<Phase> {
    match kind {
        "payment_pending" => Some(Phase::Pending),
        "payment_approved" => Some(Phase::Authorised),
        "payment_captured" | "payment_paid" => Some(Phase::Captured),
        "payment_voided" => Some(Phase::Voided),
        "payment_declined" | "payment_expired" | "payment_canceled" => Some(Phase::Failed),
        _ => None,
    }
}

fn report(shown: Shown) -> Result<Report> {
    let amount = money(shown.amount, shown.currency.as_ref())?;
    let given_back = shown.balances.map(|balances| balances.total_refunded);
    Ok(Report {
        refunded: money(given_back, shown.currency.as_ref())?,
        reference: shown.reference,
        provider_ref: shown.id,
        amount,
        phase: shown.status.as_deref().map(phase),
        next: shown.links.redirect.map(|link| NextAction::Redirect { url: link.href }),
        reason: shown.response_code,
        ..Report::default()
    })
}

/// A refund's event names the payment, and our key of the refund as the reference.
fn refund_report(data: Shown, phase: RefundPhase) -> Result<Report> {
    let refund = RefundReport {
        reference: data.reference,
        provider_ref: data.action_id,
        amount: money(data.amount, data.currency.as_ref())?,
        phase,
    };
    Ok(Report { provider_ref: data.id, refunds: vec![refund], ..Report::default() })
}

fn event_report(event: Event) -> Result<Report> {
    let told = match event.kind.as_str() {
        "payment_refunded" => refund_report(event.data, RefundPhase::Done)?,
        "payment_refund_declined" => refund_report(event.data, RefundPhase::Failed)?,
        kind => Report { phase: event_phase(kind), ..report(event.data)? },
    };
    Ok(Report { event: Some(event.id), ..told })
}

impl Gateway for CheckoutCom {
    fn name(&self) -> &'static str {
        "checkout_com"
    }

    fn merchant(&self) -> &str {
        &self.channel
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Redirect, Kind::Card],
            authorise_only: true,
            captures_apart: false,
            partial_refund: true,
            void: VoidWhen::Authorised,
            hold_s: 30 * 60,
            lost_authorise: Lost::Repeat,
            lost_refund: Lost::Repeat,
        }
    }

    fn min_step(&self, brand: &str, currency: Currency) -> Option<i64> {
        let only = match brand {
            "knet" => Some(Currency::Kwd),
            "benefit" => Some(Currency::Bhd),
            "qpay" => Some(Currency::Qar),
            "omannet" => Some(Currency::Omr),
            "mada" => Some(Currency::Sar),
            _ => None,
        };
        let served = only.is_none_or(|only| only == currency);
        served.then_some(if currency.digits() == 3 { 10 } else { 1 })
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        let language = (purchase.brand == "knet").then_some(if purchase.lang == Lang::Ar {
            "ar"
        } else {
            "en"
        });
        let body = PaymentBody {
            source: Source { kind: &purchase.brand, language },
            amount: minor(purchase.amount)?,
            currency: purchase.amount.currency.code(),
            reference: &purchase.reference,
            description: &purchase.description,
            capture: !purchase.hold_only,
            processing_channel_id: &self.channel,
            success_url: &purchase.return_url,
            failure_url: &purchase.return_url,
            customer: CustomerBody {
                email: purchase.customer.email.as_deref(),
                name: &purchase.customer.name,
            },
        };
        Ok(self.post("/payments", &purchase.reference, &body))
    }

    fn capture(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body =
            ActionBody { amount: Some(minor(action.amount)?), reference: &payment.reference };
        Ok(self.post(&format!("/payments/{}/captures", payment.id()?), &action.key, &body))
    }

    fn void(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body = ActionBody { amount: None, reference: &payment.reference };
        Ok(self.post(&format!("/payments/{}/voids", payment.id()?), &action.key, &body))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body = ActionBody { amount: Some(minor(action.amount)?), reference: &action.key };
        Ok(self.post(&format!("/payments/{}/refunds", payment.id()?), &action.key, &body))
    }

    fn find_refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        // A refund that was accepted shows in the payment's balances.
        if action.provider_ref.is_some() {
            self.sync(payment)
        } else {
            self.refund(payment, action)
        }
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let request = Request::get(format!("{}/payments/{}", self.base, payment.id()?));
        Ok(Step::Call(self.authorised(request)))
    }

    fn read(&self, ask: &Ask<'_>, answer: &Answer) -> Result<Report> {
        let shown: Shown = wire::json(&answer.body)?;
        match ask {
            Ask::Authorise(_) | Ask::Sync(_) => {
                let told = report(shown)?;
                let known = told.provider_ref.is_some() && told.phase.is_some();
                known.then_some(told).ok_or(Error::Unreadable("no id or status".to_owned()))
            }
            // Accepted, not done: the callback or the next look says how it ended.
            Ask::Capture(payment, _) | Ask::Void(payment, _) => {
                let reference = Some(payment.reference.clone());
                Ok(Report { reference, ..Report::default() })
            }
            Ask::FindRefund(..) if shown.status.is_some() => report(shown),
            Ask::Refund(payment, action) | Ask::FindRefund(payment, action) => {
                let refund = RefundReport {
                    reference: Some(action.key.clone()),
                    provider_ref: shown.action_id,
                    amount: Some(action.amount),
                    phase: RefundPhase::Pending,
                };
                let reference = Some(payment.reference.clone());
                Ok(Report { reference, refunds: vec![refund], ..Report::default() })
            }
        }
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        let Ok(event) = wire::json::<Event>(&callback.body) else {
            // The shopper's return: `?attempt=…&cko-payment-id=pay_…`.
            let fields = callback.fields();
            let provider_ref = wire::field(&fields, "cko-payment-id").map(str::to_owned);
            let reference = wire::field(&fields, "attempt").map(str::to_owned);
            return Verdict::Unverified { reference, provider_ref };
        };
        let expected = sign::hmac_sha256(self.webhook_key.reveal(), &[&callback.body]);
        let given = callback.header("cko-signature").unwrap_or_default();
        let provider_ref = event.data.id.clone();
        match event_report(event) {
            Ok(told) if sign::same(given, &expected) => Verdict::Verified(Box::new(told)),
            _ => Verdict::Unverified { reference: None, provider_ref },
        }
    }
}
