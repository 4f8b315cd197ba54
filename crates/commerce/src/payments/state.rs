//! The rules of paying once, without I/O: how reports are checked and merged, and what follows from them.

use jiff::SignedDuration;
use serde::Serialize;
use souk_base::Money;
use souk_providers::payments::{Phase, RefundPhase, Report};

/// How a report came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The provider answered a call.
    Answer,
    /// The provider called.
    Webhook,
    /// The shopper came back.
    Return,
    /// We asked.
    Poll,
    /// A person of the staff says so.
    Staff,
}

impl Source {
    /// As it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Source::Answer => "answer",
            Source::Webhook => "webhook",
            Source::Return => "return",
            Source::Poll => "poll",
            Source::Staff => "staff",
        }
    }
}

/// How far an operation is. The order is the rule by which two reports are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationState {
    /// Not asked for yet.
    Initiated,
    /// Asked for; what became of it is not known.
    Unknown,
    /// The provider is at it.
    Pending,
    /// It came to nothing.
    Failure,
    /// Done.
    Success,
}

impl OperationState {
    const ALL: [OperationState; 5] = [
        OperationState::Initiated,
        OperationState::Unknown,
        OperationState::Pending,
        OperationState::Failure,
        OperationState::Success,
    ];

    /// As it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            OperationState::Initiated => "initiated",
            OperationState::Unknown => "unknown",
            OperationState::Pending => "pending",
            OperationState::Failure => "failure",
            OperationState::Success => "success",
        }
    }

    /// The state that is stored so.
    #[must_use]
    pub fn of_code(code: &str) -> Option<OperationState> {
        OperationState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, OperationState::Failure | OperationState::Success)
    }
}

impl From<RefundPhase> for OperationState {
    fn from(phase: RefundPhase) -> OperationState {
        match phase {
            RefundPhase::Pending => OperationState::Pending,
            RefundPhase::Failed => OperationState::Failure,
            RefundPhase::Done => OperationState::Success,
        }
    }
}

/// A phase as it is stored.
pub(super) const fn phase_code(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "pending",
        Phase::Failed => "failed",
        Phase::Authorised => "authorised",
        Phase::Voided => "voided",
        Phase::Captured => "captured",
    }
}

/// The phase that is stored so.
pub(super) fn phase_of(code: &str) -> Option<Phase> {
    [Phase::Pending, Phase::Failed, Phase::Authorised, Phase::Voided, Phase::Captured]
        .into_iter()
        .find(|phase| phase_code(*phase) == code)
}

/// What is known of an attempt: what it was begun with, and what was told since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) reference: String,
    pub(super) merchant: String,
    pub(super) amount: Money,
    pub(super) provider_ref: Option<String>,
    pub(super) phase: Phase,
    pub(super) unknown: bool,
    pub(super) suspect: Option<Mismatch>,
}

/// Why a report is not about what we asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mismatch {
    /// Another account is paid.
    Merchant,
    /// It is about another order.
    Reference,
    /// It is about another payment, though this one is taken already.
    SecondPayment,
    /// It is another amount, or another currency, or none is named where money was taken.
    Amount,
}

impl Mismatch {
    /// As it is stored.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Mismatch::Merchant => "other_merchant",
            Mismatch::Reference => "other_order",
            Mismatch::SecondPayment => "second_payment",
            Mismatch::Amount => "other_amount",
        }
    }

    /// The mismatch that is stored so.
    pub(super) fn of_code(code: &str) -> Option<Mismatch> {
        [Mismatch::Merchant, Mismatch::Reference, Mismatch::SecondPayment, Mismatch::Amount]
            .into_iter()
            .find(|mismatch| mismatch.code() == code)
    }

    /// Whether money of this very attempt may be where it should not be, so that somebody has to look.
    const fn concerns_money(self) -> bool {
        matches!(self, Mismatch::Amount | Mismatch::SecondPayment)
    }
}

/// Whether a report is about what we asked for.
pub(super) fn check(known: &Known, report: &Report) -> Result<(), Mismatch> {
    if report.merchant.as_ref().is_some_and(|merchant| *merchant != known.merchant) {
        return Err(Mismatch::Merchant);
    }
    let same = |ours: &str, theirs: &Option<String>| theirs.as_deref().map(|theirs| theirs == ours);
    let named = same(&known.reference, &report.reference);
    let numbered = known.provider_ref.as_ref().and_then(|ours| same(ours, &report.provider_ref));
    if named == Some(false) || (named.is_none() && numbered == Some(false)) {
        return Err(Mismatch::Reference);
    }
    // A provider may give a payment another number on its way (an authorisation becomes a charge), not afterwards.
    if known.phase == Phase::Captured
        && report.phase == Some(Phase::Captured)
        && numbered == Some(false)
    {
        return Err(Mismatch::SecondPayment);
    }
    let takes = matches!(report.phase, Some(Phase::Authorised | Phase::Captured));
    match report.amount {
        Some(amount) if amount != known.amount && report.phase.is_some() => Err(Mismatch::Amount),
        None if takes => Err(Mismatch::Amount),
        _ => Ok(()),
    }
}

/// Takes a report in; gives how far it was before. A report that does not fit changes nothing but the mark that
/// somebody has to look.
pub(super) fn take(known: &mut Known, report: &Report) -> Result<Phase, Mismatch> {
    let before = known.phase;
    if let Err(mismatch) = check(known, report) {
        if mismatch.concerns_money() {
            known.suspect = known.suspect.max(Some(mismatch));
        }
        return Err(mismatch);
    }
    let Some(told) = report.phase else { return Ok(before) };
    known.unknown = false;
    if known.provider_ref.is_none() || told > known.phase {
        known.provider_ref = report.provider_ref.clone().or(known.provider_ref.take());
    }
    known.phase = known.phase.max(told);
    Ok(before)
}

/// How a purchase stands to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for money.
    Open,
    /// This attempt has paid it.
    Ours,
    /// Something else has paid it.
    Others,
    /// It is given up; late money may still revive it.
    Over,
}

/// What follows from a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Tell the purchase that it is paid; where that is not to be, give the money back.
    Pay,
    /// Take the held money.
    Capture,
    /// Give the hold back.
    Void,
    /// Give the money back.
    GiveBack,
    /// Tell the purchase that another try is needed.
    TellFailed,
}

/// What follows from an attempt's rise from one phase to another.
pub(super) fn duty(before: Phase, after: Phase, standing: Standing) -> Option<Duty> {
    use Standing::{Open, Others, Ours, Over};
    if before == after {
        return None;
    }
    match (after, standing) {
        (Phase::Captured, Open | Over) => Some(Duty::Pay),
        (Phase::Captured, Others) => Some(Duty::GiveBack),
        (Phase::Authorised, Open) => Some(Duty::Capture),
        (Phase::Authorised, Over | Others) => Some(Duty::Void),
        (Phase::Failed | Phase::Voided, Open) => Some(Duty::TellFailed),
        (Phase::Failed | Phase::Voided, Over | Others) | (Phase::Pending, _) | (_, Ours) => None,
    }
}

/// The pause before the next look at something whose end is open, after so many looks: five minutes, an hour, then a day.
/// What has an answer is looked at seven times, what has none for a month.
pub(super) fn pause(unknown: bool, checks: i32) -> Option<SignedDuration> {
    const KNOWN_MAX: i32 = 7;
    const UNKNOWN_MAX: i32 = 32;
    match checks {
        0 => Some(SignedDuration::from_mins(5)),
        1 => Some(SignedDuration::from_hours(1)),
        _ if checks < if unknown { UNKNOWN_MAX } else { KNOWN_MAX } => {
            Some(SignedDuration::from_hours(24))
        }
        _ => None,
    }
}

/// The same for an operation: someone waits for its end, and its key is good for a day.
pub(super) fn operation_pause(checks: i32) -> Option<SignedDuration> {
    const MINUTES: [i64; 7] = [1, 5, 15, 60, 120, 240, 480];
    const CHECKS_MAX: i32 = 32;
    let early = usize::try_from(checks).ok().and_then(|checks| MINUTES.get(checks));
    match early {
        Some(minutes) => Some(SignedDuration::from_mins(*minutes)),
        None => (checks < CHECKS_MAX).then(|| SignedDuration::from_hours(24)),
    }
}

/// How long a key keeps a repetition from having an effect: providers say a day, and clocks differ.
pub(super) const KEY_LIFE: SignedDuration = SignedDuration::from_hours(20);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use souk_base::Currency;

    use super::*;

    fn begun() -> Known {
        Known {
            reference: "pa1".to_owned(),
            merchant: "m1".to_owned(),
            amount: Money::new(12_500, Currency::Kwd),
            provider_ref: None,
            phase: Phase::Pending,
            unknown: true,
            suspect: None,
        }
    }

    fn report(phase: Phase) -> Report {
        Report {
            reference: Some("pa1".to_owned()),
            provider_ref: Some("chg_1".to_owned()),
            amount: Some(Money::new(12_500, Currency::Kwd)),
            phase: Some(phase),
            ..Report::default()
        }
    }

    fn reports() -> impl Strategy<Value = Vec<Report>> {
        let one = (0_usize..5, 0_usize..8).prop_map(|(phase, spoilt)| {
            let phases =
                [Phase::Pending, Phase::Failed, Phase::Authorised, Phase::Voided, Phase::Captured];
            let fine = report(phases[phase]);
            match spoilt {
                0 => Report { amount: Some(Money::new(1, Currency::Kwd)), ..fine },
                1 => Report { amount: Some(Money::new(12_500, Currency::Sar)), ..fine },
                2 => Report { merchant: Some("m2".to_owned()), ..fine },
                3 => Report { reference: Some("pa2".to_owned()), ..fine },
                4 => Report { amount: None, ..fine },
                _ => fine,
            }
        });
        proptest::collection::vec(one, 0..12)
    }

    fn told(reports: &[Report]) -> Known {
        let mut known = begun();
        for report in reports {
            let _ = take(&mut known, report);
        }
        known
    }

    proptest! {
        #[test]
        fn webhooks_commute_and_repeat(reports in reports(), seed in any::<u64>()) {
            use rand::SeedableRng;
            use rand::seq::SliceRandom;
            let mut shuffled = reports.clone();
            shuffled.extend_from_slice(&reports);
            shuffled.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));

            prop_assert_eq!(told(&reports), told(&shuffled));
        }

        #[test]
        fn only_reports_of_our_amount_account_and_order_raise_an_attempt(reports in reports()) {
            let fits = |one: &&Report| check(&begun(), one).is_ok();
            let highest = reports.iter().filter(fits).filter_map(|one| one.phase).max();
            prop_assert_eq!(told(&reports).phase, highest.unwrap_or(Phase::Pending));
        }
    }

    #[test]
    fn one_dollar_does_not_pay_a_purchase_of_two_thousand() {
        let cheap =
            Report { amount: Some(Money::new(10, Currency::Kwd)), ..report(Phase::Captured) };

        let known = told(&[cheap]);

        assert_eq!(known.phase, Phase::Pending);
        assert_eq!(known.suspect, Some(Mismatch::Amount), "somebody is told to look");
    }

    #[test]
    fn a_right_signature_of_another_merchant_pays_nothing() {
        let other = Report { merchant: Some("m2".to_owned()), ..report(Phase::Captured) };

        assert_eq!(take(&mut begun(), &other), Err(Mismatch::Merchant));
    }

    #[test]
    fn a_second_payment_under_one_reference_is_noticed() {
        let again = Report { provider_ref: Some("chg_2".to_owned()), ..report(Phase::Captured) };

        let known = told(&[report(Phase::Captured), again]);

        assert_eq!(known.suspect, Some(Mismatch::SecondPayment));
        assert_eq!(known.provider_ref.as_deref(), Some("chg_1"));
    }

    #[test]
    fn money_that_is_not_wanted_goes_back() {
        use Phase::{Authorised, Captured, Failed, Pending};
        assert_eq!(duty(Pending, Captured, Standing::Open), Some(Duty::Pay));
        assert_eq!(duty(Failed, Captured, Standing::Over), Some(Duty::Pay));
        assert_eq!(duty(Pending, Captured, Standing::Others), Some(Duty::GiveBack));
        assert_eq!(duty(Pending, Authorised, Standing::Others), Some(Duty::Void));
        assert_eq!(duty(Captured, Captured, Standing::Ours), None, "told twice");
    }
}
