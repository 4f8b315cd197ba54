//! KNET direct: Kuwait's debit scheme without a gateway between.
//!
//! The shopper's browser carries the order to KNET and the result back, both encrypted with AES-128-CBC under the terminal's
//! resource key, which is the IV too. Paid means `result=CAPTURED`. Inquiry (action 8) and refund (action 2) are XML without
//! a root element; that the inquiry of a captured payment answers `CAPTURED` again is (u), and so is that a refund needs no
//! key against repetition: it is healed by asking, never by repeating.
//!
//! Source: asciisd/knet and public integrations.

use souk_base::{Currency, Lang, Money};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, sign, wire};

/// ISO 4217 number of the Kuwaiti dinar, the only currency.
const KWD: &str = "414";

/// A terminal at KNET.
#[derive(Debug)]
pub(super) struct Knet {
    base: String,
    terminal: String,
    password: Secret,
    resource_key: Secret,
}

impl Knet {
    pub(super) fn new(settings: &Settings) -> Result<Knet> {
        settings.only(&["base", "terminal", "password", "resource_key"])?;
        let resource_key = settings.secret("resource_key")?;
        if resource_key.reveal().len() != 16 {
            return Err(Error::Settings("resource_key must have 16 characters".to_owned()));
        }
        Ok(Knet {
            base: settings.text_or("base", "https://www.kpay.com.kw"),
            terminal: settings.text("terminal")?,
            password: settings.secret("password")?,
            resource_key,
        })
    }

    fn encrypted(&self, text: &str) -> String {
        let key = self.resource_key.reveal();
        sign::encrypt(key, key, text).expect("the resource key has 16 bytes")
    }

    /// A request of terminal to terminal: elements without a root.
    fn pipe(&self, action: &str, amount: Money, elements: &[(&str, &str)]) -> Step {
        let amount = amount.to_decimal();
        let head = [
            ("id", self.terminal.as_str()),
            ("password", self.password.reveal()),
            ("action", action),
            ("amt", amount.as_str()),
        ];
        let written = head.iter().chain(elements);
        let xml: String =
            written.map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value))).collect();
        let url = format!("{}/kpg/tranPipe.htm?param=tranInit", self.base);
        Step::Call(Request::post(url, "application/xml", xml))
    }

    /// The fields of an encrypted result; none if it was not made with our key.
    fn opened(&self, trandata: &str) -> Option<Vec<(String, String)>> {
        let key = self.resource_key.reveal();
        let fields = wire::fields(&sign::decrypt(key, key, trandata)?);
        // Random blocks rarely decrypt to text, and never to this.
        wire::field(&fields, "trackid").is_some().then_some(fields)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn phase(result: &str) -> Phase {
    match result.trim() {
        "CAPTURED" => Phase::Captured,
        "VOIDED" => Phase::Voided,
        "" | "INITIALIZED" => Phase::Pending,
        // NOT CAPTURED, CANCELED, DENIED BY RISK, HOST TIMEOUT and the like.
        _ => Phase::Failed,
    }
}

/// A report from the fields that KNET names alike in forms and XML. The result is trusted only with its amount.
fn report<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Report> {
    let text = |name: &str| get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let phase = phase(get("result").unwrap_or_default());
    let amount = text("amt").map(|amount| wire::decimal(&amount, Currency::Kwd)).transpose()?;
    if phase == Phase::Captured && amount.is_none() {
        return Err(Error::Unreadable("a captured payment without an amount".to_owned()));
    }
    let provider_ref = text("tranid").or_else(|| text("paymentid"));
    Ok(Report {
        reference: text("trackid"),
        event: provider_ref.as_ref().map(|id| format!("{id}:{phase:?}")),
        provider_ref,
        amount,
        phase: Some(phase),
        reason: text("authRespCode"),
        ..Report::default()
    })
}

impl Gateway for Knet {
    fn name(&self) -> &'static str {
        "knet"
    }

    fn merchant(&self) -> &str {
        &self.terminal
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Redirect],
            authorise_only: false,
            captures_apart: false,
            partial_refund: true,
            void: VoidWhen::Never,
            hold_s: 20 * 60,
            lost_authorise: Lost::Ask,
            lost_refund: Lost::Ask,
        }
    }

    fn min_step(&self, _: &str, currency: Currency) -> Option<i64> {
        (currency == Currency::Kwd).then_some(1)
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        if purchase.hold_only {
            return Err(Error::Unsupported("hold money"));
        }
        let amount = purchase.amount.to_decimal();
        let fields = [
            ("id", self.terminal.as_str()),
            ("password", self.password.reveal()),
            ("action", "1"),
            ("langid", if purchase.lang == Lang::Ar { "AR" } else { "EN" }),
            ("currencycode", KWD),
            ("amt", &amount),
            ("responseURL", &purchase.return_url),
            ("errorURL", &purchase.return_url),
            ("trackid", &purchase.reference),
        ];
        // KNET reads the plain text as it is, without decoding.
        let plain: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let trandata = self.encrypted(&plain.join("&"));
        let query = wire::form(&[
            ("trandata", &trandata),
            ("tranportalId", &self.terminal),
            ("responseURL", &purchase.return_url),
            ("errorURL", &purchase.return_url),
        ]);
        let url = format!("{}/kpg/PaymentHTTP.htm?param=paymentInit&{query}", self.base);
        Ok(Step::Done(Box::new(Report {
            reference: Some(purchase.reference.clone()),
            amount: Some(purchase.amount),
            phase: Some(Phase::Pending),
            next: Some(NextAction::Redirect { url }),
            ..Report::default()
        })))
    }

    fn capture(&self, _: &Payment, _: &Action) -> Result<Step> {
        Err(Error::Unsupported("capture apart"))
    }

    fn void(&self, _: &Payment, _: &Action) -> Result<Step> {
        Err(Error::Unsupported("call a payment off"))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let elements = [("transid", payment.id()?), ("trackid", action.key.as_str())];
        Ok(self.pipe("2", action.amount, &elements))
    }

    fn find_refund(&self, _: &Payment, action: &Action) -> Result<Step> {
        let track = action.key.as_str();
        let elements = [("transid", track), ("udf5", "TrackID"), ("trackid", track)];
        Ok(self.pipe("8", action.amount, &elements))
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let track = payment.reference.as_str();
        let elements = [("transid", track), ("udf5", "TrackID"), ("trackid", track)];
        Ok(self.pipe("8", payment.amount, &elements))
    }

    fn read(&self, ask: &Ask<'_>, answer: &Answer) -> Result<Report> {
        let xml = String::from_utf8_lossy(&answer.body);
        if let Some(error) = wire::element(&xml, "error_text") {
            // `!ERROR!-IPAY0100124-Problem …`: the code, without the text.
            let code: String =
                error.chars().filter(|c| c.is_ascii_alphanumeric()).take(24).collect();
            return Err(Error::Declined(code));
        }
        if wire::element(&xml, "result").is_none() {
            return Err(Error::Unreadable("no result".to_owned()));
        }
        let told = report(|name| wire::element(&xml, name))?;
        let (Ask::Refund(payment, action) | Ask::FindRefund(payment, action)) = ask else {
            return Ok(told);
        };
        let done = told.phase == Some(Phase::Captured);
        let refund = RefundReport {
            reference: Some(action.key.clone()),
            provider_ref: told.provider_ref,
            amount: told.amount,
            phase: if done { RefundPhase::Done } else { RefundPhase::Failed },
        };
        let reference = Some(payment.reference.clone());
        Ok(Report { reference, refunds: vec![refund], ..Report::default() })
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        let fields = callback.fields();
        let opened = wire::field(&fields, "trandata").and_then(|data| self.opened(data));
        let told = opened.map(|opened| report(|name| wire::field(&opened, name)));
        match told {
            Some(Ok(told)) => Verdict::Verified(Box::new(told)),
            // Errors come back in the clear: `ErrorText=…&trackid=…`.
            _ => Verdict::about(
                wire::field(&fields, "trackid").or_else(|| wire::field(&fields, "attempt")),
            ),
        }
    }
}
