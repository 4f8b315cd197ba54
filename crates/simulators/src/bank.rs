//! The books that every simulated provider keeps.

use std::collections::BTreeMap;

use serde::Serialize;
use souk_base::Money;
use souk_providers::payments::Phase;

/// What somebody does with a payment on the provider's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Pays it.
    Pay,
    /// Tries, and is declined.
    Fail,
    /// Gives up.
    Cancel,
    /// Lets its time run out.
    Expire,
}

impl Deed {
    /// The deed of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Deed> {
        Some(match name {
            "pay" => Deed::Pay,
            "fail" => Deed::Fail,
            "cancel" => Deed::Cancel,
            "expire" => Deed::Expire,
            _ => return None,
        })
    }
}

/// Money that went back.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) amount: Money,
}

/// A payment at a provider.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) connector: &'static str,
    pub(crate) reference: String,
    pub(crate) amount: Money,
    pub(crate) brand: String,
    pub(crate) phase: Phase,
    /// Whether the shopper's yes only holds the money.
    pub(crate) hold_only: bool,
    pub(crate) return_url: String,
    pub(crate) webhook_url: String,
    /// Keys of captures.
    pub(crate) captures: Vec<String>,
    pub(crate) backs: Vec<Back>,
}

impl Payment {
    pub(crate) fn back_minor(&self) -> i64 {
        self.backs.iter().map(|back| back.amount.minor).sum()
    }
}

/// A payment as the admin path shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The provider's id.
    pub id: String,
    /// The provider.
    pub connector: &'static str,
    /// The shop's name for it.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// How far it is.
    pub phase: Phase,
    /// Minor units that went back.
    pub back_minor: i64,
}

/// Every payment, and what was answered under which key.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    pub(crate) payments: BTreeMap<String, Payment>,
    answers: BTreeMap<(&'static str, String), (u16, String)>,
    /// What happened and is to be told, the oldest first: payment and the back it is about.
    pub(crate) news: Vec<(String, Option<String>)>,
    numbers: u64,
}

impl Bank {
    /// A number that was not given before.
    pub(crate) fn number(&mut self, seed: u64) -> u64 {
        self.numbers += 1;
        seed.wrapping_mul(1_000_003) % 900_000_000 * 1_000_000 + self.numbers
    }

    /// What was answered under this key, else the answer of `make`, which is kept.
    pub(crate) fn once(
        &mut self,
        connector: &'static str,
        key: &str,
        make: impl FnOnce(&mut Bank) -> (u16, String),
    ) -> (u16, String) {
        let name = (connector, key.to_owned());
        if let Some(answer) = self.answers.get(&name).filter(|_| !key.is_empty()) {
            return answer.clone();
        }
        let answer = make(self);
        self.answers.insert(name, answer.clone());
        answer
    }

    pub(crate) fn open(&mut self, payment: Payment) -> String {
        let id = payment.id.clone();
        self.payments.insert(id.clone(), payment);
        id
    }

    pub(crate) fn by_reference(&self, connector: &str, reference: &str) -> Option<&Payment> {
        let ours = |one: &&Payment| one.connector == connector && one.reference == reference;
        self.payments.values().filter(ours).max_by_key(|one| one.phase)
    }

    /// What a shopper does; says whether anything changed. Money can come after the end: `late` allows it.
    pub(crate) fn act(&mut self, id: &str, deed: Deed, late: bool) -> bool {
        let Some(payment) = self.payments.get_mut(id) else { return false };
        let open = payment.phase == Phase::Pending || (late && payment.phase == Phase::Failed);
        if !open {
            return false;
        }
        payment.phase = match deed {
            Deed::Pay if payment.hold_only => Phase::Authorised,
            Deed::Pay => Phase::Captured,
            Deed::Fail | Deed::Cancel | Deed::Expire => Phase::Failed,
        };
        self.news.push((id.to_owned(), None));
        true
    }

    /// Takes held money; says whether it is taken.
    pub(crate) fn capture(&mut self, id: &str, key: &str) -> bool {
        let Some(payment) = self.payments.get_mut(id) else { return false };
        if payment.phase != Phase::Authorised {
            return payment.captures.iter().any(|other| other == key);
        }
        payment.phase = Phase::Captured;
        payment.captures.push(key.to_owned());
        self.news.push((id.to_owned(), None));
        true
    }

    /// Calls a payment off; says whether it is off.
    pub(crate) fn void(&mut self, id: &str, also_open: bool) -> bool {
        let Some(payment) = self.payments.get_mut(id) else { return false };
        let can =
            payment.phase == Phase::Authorised || (also_open && payment.phase == Phase::Pending);
        if can {
            payment.phase = Phase::Voided;
            self.news.push((id.to_owned(), None));
        }
        can || payment.phase == Phase::Voided
    }

    /// Gives money back; none where there is not as much left.
    pub(crate) fn give_back(
        &mut self,
        id: &str,
        key: &str,
        amount: Money,
        name: String,
    ) -> Option<String> {
        let payment = self.payments.get_mut(id)?;
        let left = payment.amount.minor - payment.back_minor();
        let fits = payment.phase == Phase::Captured
            && amount.currency == payment.amount.currency
            && (1..=left).contains(&amount.minor);
        if !fits {
            return None;
        }
        payment.backs.push(Back { id: name.clone(), key: key.to_owned(), amount });
        self.news.push((id.to_owned(), Some(name.clone())));
        Some(name)
    }

    pub(crate) fn shown(&self) -> Vec<Shown> {
        let shown = self.payments.values().map(|payment| Shown {
            id: payment.id.clone(),
            connector: payment.connector,
            reference: payment.reference.clone(),
            amount: payment.amount,
            phase: payment.phase,
            back_minor: payment.back_minor(),
        });
        shown.collect()
    }
}
