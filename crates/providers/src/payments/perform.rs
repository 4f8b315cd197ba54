//! An operation from the question to the report: build, call, read.

use serde_json::Value;

use super::{Ask, Error, Gateway, Report, Result, Step};
use crate::http::{Answer, CallError, Client};

/// Longest code of a provider that is kept.
const REASON_LENGTH_MAX: usize = 120;

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider told.
    Told(Box<Report>),
    /// The provider, or its format, refused; nothing happened.
    Refused(String),
    /// Nothing was asked; it can be tried again as it is.
    NotSent(String),
    /// It was asked, and what happened is not known.
    Unknown(String),
}

/// Asks a provider.
pub async fn perform(client: &Client, gateway: &dyn Gateway, ask: &Ask<'_>) -> Outcome {
    let request = match step(gateway, ask) {
        Ok(Step::Done(report)) => return Outcome::Told(report),
        Ok(Step::Call(request)) => request,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    match client.send(&request).await {
        Ok(answer) => judge(gateway, ask, &answer),
        Err(CallError::NotSent(why)) => Outcome::NotSent(why),
        Err(CallError::NoAnswer(why)) => Outcome::Unknown(why),
    }
}

pub(super) fn step(gateway: &dyn Gateway, ask: &Ask<'_>) -> Result<Step> {
    match ask {
        Ask::Authorise(purchase) => gateway.authorise(purchase),
        Ask::Capture(payment, action) => gateway.capture(payment, action),
        Ask::Void(payment, action) => gateway.void(payment, action),
        Ask::Refund(payment, action) => gateway.refund(payment, action),
        Ask::FindRefund(payment, action) => gateway.find_refund(payment, action),
        Ask::Sync(payment) => gateway.sync(payment),
    }
}

/// What an answer means. A request that another one with its key is in the way of (409), and one that took too
/// long (408), may both have had an effect; so may every 5xx.
fn judge(gateway: &dyn Gateway, ask: &Ask<'_>, answer: &Answer) -> Outcome {
    match answer.status {
        200..=299 => match gateway.read(ask, answer) {
            Ok(report) => Outcome::Told(Box::new(report)),
            Err(Error::Unreadable(why)) => Outcome::Unknown(why),
            Err(error) => Outcome::Refused(error.to_string()),
        },
        429 => Outcome::NotSent("too many requests".to_owned()),
        408 | 409 => Outcome::Unknown(format!("HTTP {}", answer.status)),
        400..=499 => Outcome::Refused(reason(answer)),
        status => Outcome::Unknown(format!("HTTP {status}")),
    }
}

/// The provider's code for a refusal, wherever it keeps it; never its text, which may quote people's data.
fn reason(answer: &Answer) -> String {
    const PLACES: [&str; 6] = [
        "/error/code",
        "/error/type",
        "/errors/0/code",
        "/error_codes/0",
        "/error_type",
        "/errorType",
    ];
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = PLACES.into_iter().find_map(|place| body.pointer(place)?.as_str());
    let code: String = code.unwrap_or_default().chars().take(REASON_LENGTH_MAX).collect();
    format!("HTTP {} {code}", answer.status).trim_end().to_owned()
}
