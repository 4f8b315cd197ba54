//! Money there and back over every provider's wire, in every currency that it takes: what is paid and what goes back is the
//! same to the minor unit on both sides, whoever tells of it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use souk_base::{Currency, Lang, Money};
use souk_providers::http::Request;
use souk_providers::payments::{
    Action, Ask, CONNECTORS, Callback, Customer, Gateway, NextAction, Outcome, Payment, Phase,
    Purchase, RefundPhase, Report, Settings, Verdict, connect, perform,
};
use souk_simulators::{Deed, Simulator, settings};

const BASE: &str = "https://simulated.example";
/// Whole amounts of 2, 3 and no digits, the smallest, and ones whose floats are not what they say.
const AMOUNTS: [i64; 7] = [10, 100, 110, 1_010, 1_999_990, 8_070_450, 99_999_990];
/// When callbacks are made and come.
const NOW_S: i64 = 1_795_000_000;

struct Desk {
    simulator: Simulator,
    connector: &'static str,
    gateway: Arc<dyn Gateway>,
}

impl Desk {
    fn new(connector: &'static str) -> Desk {
        let gateway = connect(connector, &Settings::new(settings(connector, BASE))).unwrap();
        Desk { simulator: Simulator::new(BASE, 7), connector, gateway }
    }

    async fn ask(&self, ask: Ask<'_>) -> Report {
        match perform(&self.simulator.client(), &*self.gateway, &ask).await {
            Outcome::Told(report) => *report,
            other => panic!("{} {ask:?}: {other:?}", self.connector),
        }
    }

    /// Begins a payment, opens its page and pays.
    async fn pay(&self, amount: Money) -> Payment {
        let reference = format!("pa{}{}", amount.currency.code().to_lowercase(), amount.minor);
        let purchase = purchase(self.connector, &reference, amount);
        let begun = self.ask(Ask::Authorise(&purchase)).await;
        if let Some(NextAction::Redirect { url }) = begun.next
            && self.connector == "knet"
        {
            // The browser carries the order there.
            self.simulator.client().send(&Request::get(url)).await.unwrap();
        }
        let here = self.simulator.payments().into_iter().find(|it| it.reference == reference);
        let here = here.unwrap_or_else(|| panic!("{}: no payment {reference}", self.connector));
        assert_eq!(here.amount, amount, "{}: what the shopper is shown", self.connector);
        self.simulator.act(&here.id, Deed::Pay, false).unwrap();
        let provider_ref = begun.provider_ref.or(Some(here.id));
        Payment { reference, provider_ref, amount, hold_only: false, captured: false }
    }

    /// What all callbacks of the moment say, as far as they can be believed.
    fn told(&self) -> Vec<Report> {
        let hooks = self.simulator.hooks(NOW_S).into_iter();
        let verdicts = hooks.map(|hook| {
            let headers = hook.headers.iter();
            let callback = Callback {
                headers: headers.map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
                query: String::new(),
                body: hook.body.into_bytes(),
                received_at_s: NOW_S,
            };
            self.gateway.verify(&callback)
        });
        let believed = verdicts.filter_map(|verdict| match verdict {
            Verdict::Verified(report) => Some(*report),
            Verdict::Unverified { .. } => None,
        });
        believed.collect()
    }
}

fn purchase(connector: &str, reference: &str, amount: Money) -> Purchase {
    Purchase {
        reference: reference.to_owned(),
        amount,
        brand: String::new(),
        lang: Lang::En,
        customer: Customer {
            name: "Noura".to_owned(),
            email: Some("noura@example.com".to_owned()),
            phone: Some("+96551234567".to_owned()),
        },
        description: "Souk 1001".to_owned(),
        return_url: format!(
            "https://souk.example/v1/payments/return/{connector}?attempt={reference}"
        ),
        webhook_url: format!("https://souk.example/v1/payments/webhooks/{connector}"),
        hold_only: false,
    }
}

fn half(amount: Money, step: i64) -> Money {
    Money::new((amount.minor / 2 / step * step).max(step), amount.currency)
}

#[tokio::test]
async fn what_is_paid_and_given_back_is_the_same_on_both_sides_in_every_currency() {
    let mut ways = 0;
    for connector in CONNECTORS {
        let desk = Desk::new(connector);
        for currency in Currency::ALL {
            let Some(step) = desk.gateway.min_step("", currency) else { continue };
            ways += 1;
            let payable = AMOUNTS.map(|minor| (minor / step * step).max(2 * step));
            for minor in BTreeSet::from(payable) {
                let amount = Money::new(minor, currency);
                there_and_back(&desk, amount, half(amount, step)).await;
            }
        }
    }
    assert!(ways >= 30, "only {ways} connectors and currencies");
}

async fn there_and_back(desk: &Desk, amount: Money, part: Money) {
    let place = format!("{} {amount:?}", desk.connector);
    let mut payment = desk.pay(amount).await;
    if desk.gateway.capabilities().captures_apart {
        let action = Action { key: format!("{}c", payment.reference), amount, provider_ref: None };
        desk.ask(Ask::Capture(&payment, &action)).await;
    }
    payment.captured = true;

    let paid = desk.ask(Ask::Sync(&payment)).await;

    assert_eq!((paid.phase, paid.amount), (Some(Phase::Captured), Some(amount)), "{place}");
    for told in desk.told() {
        assert!(told.amount.is_none_or(|told| told == amount), "{place}: {told:?}");
    }

    let action =
        Action { key: format!("{}r", payment.reference), amount: part, provider_ref: None };
    let back = desk.ask(Ask::Refund(&payment, &action)).await;

    let refund = back.refunds.first().unwrap_or_else(|| panic!("{place}: {back:?}"));
    assert_ne!(refund.phase, RefundPhase::Failed, "{place}");
    assert!(refund.amount.is_none_or(|told| told == part), "{place}: {refund:?}");
    let shown = desk.simulator.payments().into_iter();
    let shown = shown.filter(|it| it.reference == payment.reference);
    assert_eq!(shown.map(|it| it.back_minor).sum::<i64>(), part.minor, "{place}");
    for told in desk.told() {
        assert!(told.refunded.is_none_or(|told| told == part), "{place}: {told:?}");
    }
}
