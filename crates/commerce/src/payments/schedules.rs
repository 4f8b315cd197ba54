//! Ten thousand ways for a payment to go, each repeatable by its seed: the rules of [`super::state`] against a provider that
//! loses answers and callbacks, repeats and shuffles them, and a shopper who pays before, at and after the end.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use souk_base::{Currency, Money};
use souk_providers::payments::{Phase, Report};

use super::state::{Duty, Known, OperationState, Standing, duty, take};

/// One percentage of calls whose answer is lost, whatever they did.
const LOST: u32 = 20;
const TOTAL: Money = Money::new(12_500, Currency::Kwd);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Open,
    PaidBy(usize),
    Expired,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Capture,
    Void,
    Refund,
}

/// What the provider knows of an attempt: nothing before it was asked.
#[derive(Clone, Copy, Debug, Default)]
struct There {
    begun: bool,
    phase: Option<Phase>,
    back: bool,
    charges: u32,
}

struct World {
    chance: StdRng,
    /// Whether the provider holds money first, to be taken by a call.
    holds_first: bool,
    /// Whether it can call a payment off that nobody has paid yet.
    voids_open: bool,
    group: Group,
    attempts: Vec<Known>,
    shown: Vec<bool>,
    there: Vec<There>,
    operations: Vec<(usize, Kind, OperationState)>,
    callbacks: VecDeque<Report>,
    placed: u32,
    /// Money that came when the hold had ended.
    late: u32,
}

impl World {
    fn new(seed: u64) -> World {
        let mut chance = StdRng::seed_from_u64(seed);
        World {
            holds_first: chance.random(),
            voids_open: chance.random(),
            chance,
            group: Group::Open,
            attempts: Vec::new(),
            shown: Vec::new(),
            there: Vec::new(),
            operations: Vec::new(),
            callbacks: VecDeque::new(),
            placed: 0,
            late: 0,
        }
    }

    fn lost(&mut self) -> bool {
        self.chance.random_ratio(LOST, 100)
    }

    fn any(&mut self) -> Option<usize> {
        let count = self.attempts.len();
        (count > 0).then(|| self.chance.random_range(0..count))
    }

    fn try_again(&mut self) {
        if self.group != Group::Open {
            return;
        }
        for earlier in 0..self.attempts.len() {
            self.look(earlier);
            if self.attempts[earlier].phase == Phase::Pending && self.voids_open {
                self.operations.push((earlier, Kind::Void, OperationState::Initiated));
            }
        }
        self.drive();
        self.attempts.push(Known {
            reference: format!("pa{}", self.attempts.len()),
            merchant: String::new(),
            amount: TOTAL,
            provider_ref: None,
            phase: Phase::Pending,
            unknown: true,
            suspect: None,
        });
        self.there.push(There::default());
        self.shown.push(false);
        self.begin(self.attempts.len() - 1);
    }

    /// The first call, under the attempt's key, however often it is made.
    fn begin(&mut self, attempt: usize) {
        if self.lost() {
            return;
        }
        let there = &mut self.there[attempt];
        there.begun = true;
        there.phase = there.phase.or(Some(Phase::Pending));
        if !self.lost() {
            self.shown[attempt] = true;
            self.hear(&self.report(attempt));
        }
    }

    fn report(&self, attempt: usize) -> Report {
        Report {
            reference: Some(format!("pa{attempt}")),
            provider_ref: Some(format!("chg{attempt}")),
            amount: Some(TOTAL),
            phase: self.there[attempt].phase,
            ..Report::default()
        }
    }

    /// The provider's own change, and the callbacks about it: none, one or two.
    fn change(&mut self, attempt: usize, phase: Phase) {
        let there = &mut self.there[attempt];
        there.charges +=
            u32::from(phase == Phase::Captured && there.phase != Some(Phase::Captured));
        there.phase = Some(phase);
        for _ in 0..self.chance.random_range(0..3) {
            self.callbacks.push_back(self.report(attempt));
        }
    }

    /// The shopper, on the page of an attempt that was shown. Late ones find it declined, and pay all the same.
    fn shop(&mut self) {
        let Some(attempt) = self.any().filter(|one| self.shown[*one]) else { return };
        let late = self.chance.random_ratio(1, 4);
        match self.there[attempt].phase {
            Some(Phase::Pending) => {}
            Some(Phase::Failed) if late => {}
            _ => return,
        }
        let paid = if self.holds_first { Phase::Authorised } else { Phase::Captured };
        let phase = if self.chance.random_ratio(2, 3) { paid } else { Phase::Failed };
        self.change(attempt, phase);
    }

    fn call_back(&mut self) {
        let count = self.callbacks.len();
        if count == 0 {
            return;
        }
        let place = self.chance.random_range(0..count);
        let report = self.callbacks.remove(place).expect("it is one of them");
        self.hear(&report);
        // It may come again, much later.
        if self.chance.random_ratio(1, 3) {
            self.callbacks.push_back(report);
        }
    }

    fn look(&mut self, attempt: usize) {
        if self.attempts[attempt].unknown && self.attempts[attempt].provider_ref.is_none() {
            self.begin(attempt);
        } else if !self.lost() {
            self.hear(&self.report(attempt));
        }
    }

    /// `apply`, with the shop in memory.
    fn hear(&mut self, report: &Report) {
        let named = |one: &Known| Some(&one.reference) == report.reference.as_ref();
        let Some(attempt) = self.attempts.iter().position(named) else { return };
        let Ok(before) = take(&mut self.attempts[attempt], report) else { return };
        let after = self.attempts[attempt].phase;
        for (of, kind, state) in &mut self.operations {
            let ends = matches!(
                (*kind, after),
                (Kind::Capture, Phase::Captured | Phase::Voided)
                    | (Kind::Void, Phase::Voided | Phase::Captured)
            );
            if *of == attempt && ends {
                *state = (*state).max(OperationState::Success);
            }
        }
        let standing = match self.group {
            Group::Open => Standing::Open,
            Group::PaidBy(other) if other == attempt => Standing::Ours,
            Group::PaidBy(_) => Standing::Others,
            Group::Expired | Group::Cancelled => Standing::Over,
        };
        if let Some(duty) = duty(before, after, standing) {
            self.fulfil(attempt, duty);
        }
    }

    fn fulfil(&mut self, attempt: usize, duty: Duty) {
        let kind = match duty {
            Duty::Pay => {
                // Late money finds what it needs, or not.
                let in_time = self.group == Group::Open;
                self.late += u32::from(self.group == Group::Expired);
                if in_time || (self.group == Group::Expired && self.chance.random()) {
                    self.group = Group::PaidBy(attempt);
                    self.placed += 1;
                    return;
                }
                Kind::Refund
            }
            Duty::GiveBack => Kind::Refund,
            Duty::Void => Kind::Void,
            Duty::Capture => Kind::Capture,
            Duty::TellFailed => return,
        };
        self.operations.push((attempt, kind, OperationState::Initiated));
    }

    fn drive(&mut self) {
        for place in 0..self.operations.len() {
            let (attempt, kind, state) = self.operations[place];
            if state.is_over() || self.lost() {
                continue;
            }
            let phase = self.there[attempt].phase;
            let done = match kind {
                Kind::Capture => phase == Some(Phase::Authorised),
                Kind::Void => {
                    phase == Some(Phase::Authorised)
                        || (self.voids_open && phase == Some(Phase::Pending))
                }
                Kind::Refund => phase == Some(Phase::Captured),
            };
            match kind {
                Kind::Refund => self.there[attempt].back |= done,
                Kind::Capture if done => self.change(attempt, Phase::Captured),
                Kind::Void if done => self.change(attempt, Phase::Voided),
                Kind::Capture | Kind::Void => {}
            }
            if self.lost() {
                self.operations[place].2 = state.max(OperationState::Unknown);
                continue;
            }
            let refused = !done && !matches!(phase, Some(Phase::Captured | Phase::Voided));
            self.operations[place].2 =
                if refused { OperationState::Failure } else { OperationState::Success };
            self.hear(&self.report(attempt));
        }
    }

    fn end_hold(&mut self) {
        for attempt in 0..self.attempts.len() {
            self.look(attempt);
            if self.attempts[attempt].phase == Phase::Pending && self.voids_open {
                self.operations.push((attempt, Kind::Void, OperationState::Initiated));
            }
        }
        self.drive();
        if self.group == Group::Open {
            self.group = Group::Expired;
        }
    }

    fn step(&mut self) {
        match self.chance.random_range(0..12) {
            0 | 1 => self.try_again(),
            2..=4 => self.shop(),
            5 | 6 => self.call_back(),
            7 | 8 => {
                if let Some(attempt) = self.any() {
                    self.look(attempt);
                }
            }
            9 => self.drive(),
            10 => self.end_hold(),
            _ if self.chance.random_ratio(1, 6) && self.group == Group::Open => {
                self.group = Group::Cancelled;
            }
            _ => {}
        }
    }

    /// The janitor, until it has nothing more to do.
    fn settle(&mut self) {
        for _ in 0..40 {
            while !self.callbacks.is_empty() {
                let report = self.callbacks.pop_front().expect("there is one");
                self.hear(&report);
            }
            for attempt in 0..self.attempts.len() {
                self.look(attempt);
            }
            self.drive();
            if self.group == Group::Open {
                self.end_hold();
            }
        }
    }

    fn check(&self, seed: u64) {
        let kept = |one: &&There| one.phase == Some(Phase::Captured) && !one.back;
        let kept = self.there.iter().filter(kept).count();
        let placed = matches!(self.group, Group::PaidBy(_));
        assert_eq!(kept, usize::from(placed), "seed {seed}: {kept} charges kept, {:?}", self.group);
        assert!(self.placed <= 1, "seed {seed}: placed {} times", self.placed);
        assert!(self.there.iter().all(|one| one.charges <= 1), "seed {seed}: charged twice");
        let held = self.there.iter().filter(|one| one.phase == Some(Phase::Authorised));
        assert_eq!(held.count(), 0, "seed {seed}: money is held for nothing");
        assert!(
            self.attempts.iter().all(|one| !one.unknown),
            "seed {seed}: something stays unknown"
        );
        let open = self.operations.iter().filter(|(_, _, state)| !state.is_over());
        assert_eq!(open.count(), 0, "seed {seed}: an operation has no end");
    }
}

#[test]
fn ten_thousand_schedules_keep_at_most_one_charge_and_leave_nothing_unknown() {
    let (mut paid, mut late, mut several, mut back) = (0, 0, 0, 0);
    for seed in 0..10_000 {
        let mut world = World::new(seed);
        world.try_again();
        for _ in 0..30 {
            world.step();
        }
        world.settle();
        world.check(seed);
        paid += world.placed;
        late += world.late;
        several += u32::from(world.there.iter().filter(|one| one.charges > 0).count() > 1);
        back += u32::from(world.there.iter().any(|one| one.back));
    }
    // The schedules are about what they are to be about.
    assert!(paid > 3_000, "{paid} were paid");
    assert!(late > 100, "{late} were paid after their hold had ended");
    assert!(several > 100, "{several} had money taken by more than one attempt");
    assert!(back > 100, "{back} had money given back");
}
