//! Tap: cards and the national schemes of the Gulf, on Tap's page or the scheme's.
//!
//! A method's brand is Tap's source id: `src_kw.knet`, `src_sa.mada`, `src_sa.stcpay`, `src_bh.benefit`,
//! `src_qa.qpay`, `src_omannet`, `src_eg.fawry`, `src_card`, `src_all`. Amounts are JSON numbers in major units.
//! Callbacks carry `hashstring`, an HMAC over seven fields of the body, the amount printed with the currency's digits.
//! Repeating a request with the same `reference.idempotent` answers with the same charge; for refunds that is (u), and so
//! is the hashstring of a refund.
//!
//! Source: a copy of Tap's documentation (skanderphilipp/tap-payment-guideline) and public integrations.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use souk_base::{Currency, Lang, Money};

use super::accounts::Settings;
use super::{
    Action, Ask, Callback, Capabilities, Error, Gateway, Kind, Lost, NextAction, Payment, Phase,
    Purchase, RefundPhase, RefundReport, Report, Result, Step, Verdict, VoidWhen,
};
use crate::http::{Answer, Request};
use crate::{Secret, sign, wire};

/// An account at Tap.
#[derive(Debug)]
pub(super) struct Tap {
    base: String,
    merchant: String,
    key: Secret,
}

#[derive(Serialize)]
struct ChargeBody<'a> {
    amount: Box<RawValue>,
    currency: &'a str,
    customer_initiated: bool,
    #[serde(rename = "threeDSecure")]
    three_d_secure: bool,
    save_card: bool,
    description: &'a str,
    reference: Reference<'a>,
    customer: CustomerBody<'a>,
    merchant: Identified<'a>,
    source: Identified<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Address<'a>>,
}

#[derive(Serialize)]
struct Reference<'a> {
    transaction: &'a str,
    order: &'a str,
    idempotent: &'a str,
}

#[derive(Serialize)]
struct CustomerBody<'a> {
    first_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
}

#[derive(Serialize)]
struct Phone {
    country_code: String,
    number: String,
}

#[derive(Serialize)]
struct Identified<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Address<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    charge_id: &'a str,
    amount: Box<RawValue>,
    currency: &'a str,
    reason: &'a str,
    reference: RefundReference<'a>,
}

#[derive(Serialize)]
struct RefundReference<'a> {
    merchant: &'a str,
    idempotent: &'a str,
}

/// A charge, an authorisation or a refund, as Tap shows it.
#[derive(Deserialize)]
struct Shown {
    id: String,
    status: String,
    amount: Box<RawValue>,
    currency: String,
    #[serde(default)]
    charge_id: Option<String>,
    #[serde(default)]
    reference: ShownReference,
    #[serde(default)]
    transaction: Transaction,
    #[serde(default)]
    merchant: Option<ShownMerchant>,
    #[serde(default)]
    response: Option<Response>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ShownReference {
    transaction: Option<String>,
    merchant: Option<String>,
    gateway: Option<String>,
    payment: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Transaction {
    url: Option<String>,
    created: Option<String>,
}

#[derive(Deserialize)]
struct ShownMerchant {
    id: String,
}

#[derive(Deserialize)]
struct Response {
    code: Option<String>,
}

impl Tap {
    pub(super) fn new(settings: &Settings) -> Result<Tap> {
        settings.only(&["base", "merchant", "secret_key"])?;
        Ok(Tap {
            base: settings.text_or("base", "https://api.tap.company"),
            merchant: settings.text("merchant")?,
            key: settings.secret("secret_key")?,
        })
    }

    fn post(&self, path: &str, lang: Lang, body: &impl Serialize) -> Step {
        let body = serde_json::to_string(body).expect("bodies have text keys only");
        let request = Request::post(format!("{}{path}", self.base), "application/json", body);
        let lang = if lang == Lang::Ar { "ar" } else { "en" };
        Step::Call(self.authorised(request).with("lang_code", lang))
    }

    fn authorised(&self, request: Request) -> Request {
        request.with("authorization", format!("Bearer {}", self.key.reveal()))
    }

    fn charge<'a>(&'a self, purchase: &'a Purchase, source: &'a str) -> ChargeBody<'a> {
        let reference = purchase.reference.as_str();
        ChargeBody {
            amount: wire::number(purchase.amount),
            currency: purchase.amount.currency.code(),
            customer_initiated: true,
            three_d_secure: true,
            save_card: false,
            description: &purchase.description,
            reference: Reference {
                transaction: reference,
                order: reference,
                idempotent: reference,
            },
            customer: customer(purchase),
            merchant: Identified { id: &self.merchant },
            source: Identified { id: source },
            post: Some(Address { url: &purchase.webhook_url }),
            redirect: Some(Address { url: &purchase.return_url }),
        }
    }

    fn hash(&self, shown: &Shown, amount: Money) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let signed = format!(
            "x_id{}x_amount{}x_currency{}x_gateway_reference{}x_payment_reference{}x_status{}x_created{}",
            shown.id,
            amount.to_decimal(),
            shown.currency,
            text(&shown.reference.gateway),
            text(&shown.reference.payment),
            shown.status,
            text(&shown.transaction.created),
        );
        sign::hmac_sha256(self.key.reveal(), &[signed.as_bytes()])
    }
}

fn customer(purchase: &Purchase) -> CustomerBody<'_> {
    let name = purchase.customer.name.as_str();
    let phone = purchase.customer.phone.as_deref().and_then(split_phone);
    CustomerBody {
        first_name: if name.is_empty() { "-" } else { name },
        email: purchase.customer.email.as_deref(),
        phone: phone.map(|(code, number)| Phone {
            country_code: code.to_owned(),
            number: number.to_owned(),
        }),
    }
}

/// A number in two parts, by the country codes of the markets; others go without.
fn split_phone(phone: &str) -> Option<(&str, &str)> {
    let digits = phone.strip_prefix('+')?;
    let codes = ["965", "966", "971", "974", "973", "968", "962", "20", "44", "7"];
    let code = codes.into_iter().find(|code| digits.starts_with(code))?;
    Some(digits.split_at(code.len()))
}

fn phase(status: &str) -> Phase {
    match status {
        "CAPTURED" => Phase::Captured,
        "AUTHORIZED" => Phase::Authorised,
        "VOID" => Phase::Voided,
        "ABANDONED" | "CANCELLED" | "FAILED" | "DECLINED" | "RESTRICTED" | "TIMEDOUT" => {
            Phase::Failed
        }
        // INITIATED, IN_PROGRESS, UNKNOWN and whatever comes new.
        _ => Phase::Pending,
    }
}

fn refund_phase(status: &str) -> RefundPhase {
    match status {
        "REFUNDED" => RefundPhase::Done,
        "FAILED" | "CANCELLED" | "DECLINED" => RefundPhase::Failed,
        _ => RefundPhase::Pending,
    }
}

fn report(shown: Shown, amount: Money) -> Report {
    if let Some(charge) = shown.charge_id {
        let refund = RefundReport {
            reference: shown.reference.merchant,
            provider_ref: Some(shown.id.clone()),
            amount: Some(amount),
            phase: refund_phase(&shown.status),
        };
        let event = Some(format!("{}:{}", shown.id, shown.status));
        return Report {
            provider_ref: Some(charge),
            event,
            refunds: vec![refund],
            ..Report::default()
        };
    }
    let phase = phase(&shown.status);
    let url = shown.transaction.url.filter(|_| phase == Phase::Pending);
    Report {
        reference: shown.reference.transaction,
        event: Some(format!("{}:{}", shown.id, shown.status)),
        provider_ref: Some(shown.id),
        merchant: shown.merchant.map(|merchant| merchant.id),
        amount: Some(amount),
        phase: Some(phase),
        next: url.map(|url| NextAction::Redirect { url }),
        reason: shown.response.and_then(|response| response.code),
        ..Report::default()
    }
}

impl Gateway for Tap {
    fn name(&self) -> &'static str {
        "tap"
    }

    fn merchant(&self) -> &str {
        &self.merchant
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kinds: &[Kind::Card, Kind::Redirect, Kind::Wallet, Kind::Code],
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
            "src_kw.knet" => Some(Currency::Kwd),
            "src_sa.mada" | "src_sa.stcpay" => Some(Currency::Sar),
            "src_bh.benefit" | "src_benefit_pay" => Some(Currency::Bhd),
            "src_qa.qpay" => Some(Currency::Qar),
            "src_omannet" => Some(Currency::Omr),
            "src_eg.fawry" => Some(Currency::Egp),
            _ => None,
        };
        let served = only.map_or(currency != Currency::Kzt, |only| only == currency);
        served.then_some(1)
    }

    fn authorise(&self, purchase: &Purchase) -> Result<Step> {
        // Only cards can be held; the schemes take the money at once.
        let holds = matches!(purchase.brand.as_str(), "src_card" | "src_all");
        if purchase.hold_only && !holds {
            return Err(Error::Unsupported("hold money of this method"));
        }
        let path = if purchase.hold_only { "/v2/authorize/" } else { "/v2/charges/" };
        Ok(self.post(path, purchase.lang, &self.charge(purchase, &purchase.brand)))
    }

    fn capture(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let id = payment.id()?;
        let reference = Reference {
            transaction: &payment.reference,
            order: &payment.reference,
            idempotent: &action.key,
        };
        let body = ChargeBody {
            amount: wire::number(action.amount),
            currency: action.amount.currency.code(),
            customer_initiated: false,
            three_d_secure: false,
            save_card: false,
            description: "",
            reference,
            customer: CustomerBody { first_name: "-", email: None, phone: None },
            merchant: Identified { id: &self.merchant },
            source: Identified { id },
            post: None,
            redirect: None,
        };
        Ok(self.post("/v2/charges/", Lang::En, &body))
    }

    fn void(&self, payment: &Payment, _: &Action) -> Result<Step> {
        let id = payment.id()?;
        if !id.starts_with("auth_") {
            return Err(Error::Unsupported("call off a charge"));
        }
        let request = Request::post(
            format!("{}/v2/authorize/{id}/void", self.base),
            "application/json",
            String::new(),
        );
        Ok(Step::Call(self.authorised(request)))
    }

    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let body = RefundBody {
            charge_id: payment.id()?,
            amount: wire::number(action.amount),
            currency: action.amount.currency.code(),
            reason: "requested_by_customer",
            reference: RefundReference { merchant: &action.key, idempotent: &action.key },
        };
        Ok(self.post("/v2/refunds/", Lang::En, &body))
    }

    fn find_refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        let Some(id) = &action.provider_ref else { return self.refund(payment, action) };
        let request = Request::get(format!("{}/v2/refunds/{id}", self.base));
        Ok(Step::Call(self.authorised(request)))
    }

    fn sync(&self, payment: &Payment) -> Result<Step> {
        let id = payment.id()?;
        let kind = if id.starts_with("auth_") { "authorize" } else { "charges" };
        let request = Request::get(format!("{}/v2/{kind}/{id}", self.base));
        Ok(Step::Call(self.authorised(request)))
    }

    fn read(&self, _: &Ask<'_>, answer: &Answer) -> Result<Report> {
        let shown: Shown = wire::json(&answer.body)?;
        let amount = wire::amount(&shown.amount, wire::currency(&shown.currency)?)?;
        Ok(report(shown, amount))
    }

    fn verify(&self, callback: &Callback) -> Verdict {
        let Ok(shown) = wire::json::<Shown>(&callback.body) else {
            // The shopper's return: `?tap_id=chg_…`.
            let fields = callback.fields();
            let provider_ref = wire::field(&fields, "tap_id").map(str::to_owned);
            let reference = wire::field(&fields, "attempt").map(str::to_owned);
            return Verdict::Unverified { reference, provider_ref };
        };
        let amount = wire::currency(&shown.currency)
            .and_then(|currency| wire::amount(&shown.amount, currency));
        let Ok(amount) = amount else { return Verdict::nothing() };
        let given = callback.header("hashstring").unwrap_or_default().to_ascii_lowercase();
        if sign::same(&given, &self.hash(&shown, amount)) {
            return Verdict::Verified(Box::new(report(shown, amount)));
        }
        let provider_ref = Some(shown.charge_id.unwrap_or(shown.id));
        Verdict::Unverified { reference: shown.reference.transaction, provider_ref }
    }
}
