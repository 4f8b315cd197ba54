//! Kaspi QR: Kazakhstan's wallet. The shopper scans a code; we ask how it went.
//!
//! Without callbacks: `payment/status` is polled, as often as the answer says (`StatusPollingInterval`). An answer is
//! HTTP 200 with `StatusCode` 0 or a refusal. A code cannot be called off and ends by itself after
//! `QrCodeScanWaitTimeout`. Scheme r3 serves several organisations with one key and wants `OrganizationBin`, and a client
//! certificate, which this client does not carry yet: r1 and r2, with their list of allowed addresses, work. (u): that a
//! status names `Amount` and `ExternalId`; that `payment/details` gives `AvailableReturnAmount`; whole tenge.
//!
//! Source: burcev-alex/kaspi-qr-sdk and public integrations.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use souk_base::{Currency, Money};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, wire};

/// A trade point at Kaspi.
#[derive(Debug)]
pub(super) struct Kaspi {
    base: String,
    scheme: String,
    organization: Option<String>,
    key: Secret,
    device: Secret,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_bin: Option<&'a str>,
    device_token: &'a str,
    amount: Box<RawValue>,
    external_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReturnBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_bin: Option<&'a str>,
    device_token: &'a str,
    qr_payment_id: i64,
    amount: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<T> {
    status_code: i64,
    data: Option<T>,
}

/// A code or a link, whichever was asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    qr_token: Option<String>,
    qr_payment_id: Option<i64>,
    payment_link: Option<String>,
    payment_id: Option<i64>,
    #[serde(alias = "PaymentBehaviorOptions")]
    qr_payment_behavior_options: Option<Behavior>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Behavior {
    status_polling_interval: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    status: Option<String>,
    amount: Option<Box<RawValue>>,
    external_id: Option<String>,
    // Of payment/details, which has no status and knows what was paid only.
    total_amount: Option<Box<RawValue>>,
    available_return_amount: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Returned {
    return_operation_id: i64,
}

impl Kaspi {
    pub(super) fn new(settings: &Settings) -> Result<Kaspi> {
        settings.only(&["base", "scheme", "organization_bin", "api_key", "device_token"])?;
        let organization = settings.text_or("organization_bin", "");
        Ok(Kaspi {
            base: settings.text_or("base", "https://qrapi-cert-ip.kaspi.kz:8544"),
            scheme: settings.text_or("scheme", "r2"),
            organization: Some(organization).filter(|bin| !bin.is_empty()),
            key: settings.secret("api_key")?,
            device: settings.secret("device_token")?,
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/v01/{path}", self.base, self.scheme)
    }

    fn post(&self, path: &str, body: &impl Serialize) -> Step {
        let body = serde_json::to_string(body).expect("bodies have text keys only");
        let request = Request::post(self.url(path), "application/json", body);
        Step::Call(request.with("api-key", self.key.reveal()))
    }
}

/// What an answer holds; a code other than 0 is a refusal.
fn opened<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T> {
    let envelope: Envelope<T> = wire::json(&answer.body)?;
    match envelope {
        Envelope { status_code: 0, data: Some(data) } => Ok(data),
        Envelope { status_code: 0, data: None } => {
            Err(Error::Unreadable("an answer without data".to_owned()))
        }
        // The service is down (-999) or busy (-10000 (u)): it may have happened.
        Envelope { status_code: -999, .. } => Err(Error::Unreadable("service error".to_owned())),
        Envelope { status_code, .. } => Err(Error::Declined(format!("StatusCode {status_code}"))),
    }
}

fn phase(status: &str) -> Phase {
    match status {
        "Processed" => Phase::Captured,
        "Error" | "QrTokenDiscarded" => Phase::Failed,
        // QrTokenCreated, Wait.
        _ => Phase::Pending,
    }
}

fn created(created: Created, purchase: &Purchase) -> Result<Report> {
    let id = created.qr_payment_id.or(created.payment_id);
    let id = id.ok_or_else(|| Error::Unreadable("no payment id".to_owned()))?;
    let options = created.qr_payment_behavior_options;
    let poll_s = options.and_then(|options| options.status_polling_interval);
    let code = created.qr_token.map(|code| NextAction::Qr { code, poll_s });
    let link = created.payment_link.map(|url| NextAction::Redirect { url });
    Ok(Report {
        reference: Some(purchase.reference.clone()),
        provider_ref: Some(id.to_string()),
        amount: Some(purchase.amount),
        phase: Some(Phase::Pending),
        next: code.or(link),
        ..Report::default()
    })
}

fn status(status: Status, payment: &Payment) -> Result<Report> {
    let tenge =
        |raw: Option<Box<RawValue>>| raw.map(|raw| wire::amount(&raw, Currency::Kzt)).transpose();
    let (total, left) = (tenge(status.total_amount)?, tenge(status.available_return_amount)?);
    let refunded =
        total.zip(left).map(|(total, left)| Money::new(total.minor - left.minor, Currency::Kzt));
    Ok(Report {
        reference: status.external_id.or_else(|| Some(payment.reference.clone())),
        provider_ref: payment.provider_ref.clone(),
        // Where the status names no amount it is what the code was made for: the shopper cannot change it.
        amount: tenge(status.amount)?.or(total).or(Some(payment.amount)),
        phase: Some(status.status.as_deref().map_or(Phase::Captured, phase)),
        refunded,
        ..Report::default()
    })
}

impl Gateway for Kaspi {
    fn name(&self) -> &'static str {
        "kaspi"
    }

    fn merchant(&self) -> &str {
        self.organization.as_deref().unwrap_or_default()
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Qr],
            authorise_only: false,
            captures_apart: false,
            partial_refund: true,
            void: VoidWhen::Never,
            hold_s: 5 * 60,
            lost_authorise: Lost::Forget,
            lost_refund: Lost::Ask,
        }
    }

    fn min_step(&self, _: &str, currency: Currency) -> Option<i64> {
        (currency == Currency::Kzt).then_some(100)
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        if purchase.hold_only {
            return Err(Error::Unsupported("hold money"));
        }
        let body = CreateBody {
            organization_bin: self.organization.as_deref(),
            device_token: self.device.reveal(),
            amount: wire::number(purchase.amount),
            external_id: &purchase.reference,
        };
        let path = if purchase.brand == "link" { "qr/create-link" } else { "qr/create" };
        Ok(self.post(path, &body))
    }

    fn capture(&self, _: &Payment, _: &Action) -> Result<Step> {
        Err(Error::Unsupported("capture apart"))
    }

    fn void(&self, _: &Payment, _: &Action) -> Result<Step> {
        Err(Error::Unsupported("call a code off"))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let id = payment.id()?.parse().map_err(|_| Error::Unsupported("refund this id"))?;
        let body = ReturnBody {
            organization_bin: self.organization.as_deref(),
            device_token: self.device.reveal(),
            qr_payment_id: id,
            amount: wire::number(action.amount),
        };
        Ok(self.post("payment/return", &body))
    }

    fn find_refund(&self, payment: &Payment, _: &Action) -> Result<Step> {
        let query =
            wire::form(&[("QrPaymentId", payment.id()?), ("DeviceToken", self.device.reveal())]);
        let url = self.url(&format!("payment/details?{query}"));
        Ok(Step::Call(Request::get(url).with("api-key", self.key.reveal())))
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let url = self.url(&format!("payment/status/{}", payment.id()?));
        Ok(Step::Call(Request::get(url).with("api-key", self.key.reveal())))
    }

    fn read(&self, ask: &Ask<'_>, answer: &Answer) -> Result<Report> {
        match ask {
            Ask::Authorise(purchase) => created(opened(answer)?, purchase),
            Ask::Refund(payment, action) => {
                let returned: Returned = opened(answer)?;
                let refund = RefundReport {
                    reference: Some(action.key.clone()),
                    provider_ref: Some(returned.return_operation_id.to_string()),
                    amount: Some(action.amount),
                    phase: RefundPhase::Done,
                };
                let reference = Some(payment.reference.clone());
                Ok(Report { reference, refunds: vec![refund], ..Report::default() })
            }
            Ask::Sync(payment)
            | Ask::FindRefund(payment, _)
            | Ask::Capture(payment, _)
            | Ask::Void(payment, _) => status(opened(answer)?, payment),
        }
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        Verdict::about(wire::field(&callback.fields(), "attempt"))
    }
}
