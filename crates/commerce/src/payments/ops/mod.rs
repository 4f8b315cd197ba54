//! The verbs of payments. Each opens its own transaction but [`open`], which runs in checkout's; no provider is called in
//! any of them. Locks are taken in the order intent, group.

mod apply;
mod callback;
mod operate;
mod staff;
mod start;
mod tend;

pub use apply::{Heard, Told, apply};
pub use callback::{Callback, callback};
use jiff::{SignedDuration, Timestamp};
pub use operate::{gives_back, lock, refund};
use souk_base::{MarketCode, Money};
use souk_providers::payments::{Payment, Phase};
pub use staff::{note_received, of_purchase, received, recent, refund_by_staff, refunds};
pub use start::{UNANSWERED, again, open, start, status, watch};
pub use tend::tend;

use super::sql::attempts::AttemptRow;
use super::state::{Known, Mismatch, phase_of};
use crate::{Error, Result};

/// How long somebody who took a look upon himself is not disturbed: longer than the longest call.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// An attempt, read.
struct Attempt {
    row: AttemptRow,
    known: Known,
    market: MarketCode,
}

impl Attempt {
    fn read(row: AttemptRow) -> Result<Attempt> {
        let phase = phase_of(&row.phase).ok_or_else(|| Error::UnknownState(row.phase.clone()))?;
        let known = Known {
            reference: row.reference.clone(),
            merchant: row.merchant.clone(),
            amount: Money::new(row.amount_minor, row.currency.parse()?),
            provider_ref: row.provider_ref.clone(),
            phase,
            unknown: row.unknown,
            suspect: row.suspect.as_deref().and_then(Mismatch::of_code),
        };
        Ok(Attempt { market: row.market.parse()?, row, known })
    }

    /// As connectors need it.
    fn payment(&self) -> Payment {
        Payment {
            reference: self.known.reference.clone(),
            provider_ref: self.known.provider_ref.clone(),
            amount: self.known.amount,
            hold_only: false,
            captured: self.known.phase == Phase::Captured,
        }
    }
}

/// A name that no provider has heard: letters and digits, a letter first, 100 random bits.
fn name(first: char) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut random: u128 = rand::random();
    let mut name = String::from(first);
    for _ in 0..20 {
        let place = usize::try_from(random & 31).expect("at most 31");
        name.push(char::from(LETTERS[place]));
        random >>= 5;
    }
    name
}

/// As sqlx takes instants.
fn sql_time(time: Timestamp) -> jiff_sqlx::Timestamp {
    time.into()
}
