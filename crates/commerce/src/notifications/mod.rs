//! Notifications: what customers are told by e-mail or SMS, in their language.
//!
//! An event of the outbox becomes rows of `notifications`, one for each receiver and channel, and a job that sends it.
//! **Invariants**: a thing is told once to a receiver over a channel, however often its event comes and whoever dies meanwhile: a
//! row is claimed before its message goes out, what was surely not sent is tried again later and later, and what may have
//! gone out is left alone. What a message says is made when it is sent; neither outbox, jobs nor rows hold a code.
//!
//! ```text
//! waiting ──► sending ──► sent, refused, unknown          waiting ──► dropped (its code was used, or is over)
//!    ▲           └── not sent: later again
//! ```
//!
//! Table owned: `notifications`.

mod messengers;
mod ops;
mod sql;
#[cfg(test)]
mod tests;
mod texts;

pub use messengers::{Messengers, Settings};
pub use ops::{Link, Post, forget_old, tend};

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By SMS.
    Sms,
}

/// What somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Their one-time code.
    Code,
    /// Their purchase was taken down on the telephone; where it can be paid.
    Pay,
    /// Their purchase was made and is paid at the door.
    Placed,
    /// Their purchase is paid.
    Paid,
    /// An order of theirs will not come.
    Cancelled,
    /// Money of theirs goes back.
    Refunded,
    /// Money came that could not be used, and goes back.
    GoesBack,
}

impl Channel {
    const fn code(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }

    fn of_code(code: &str) -> Option<Channel> {
        [Channel::Email, Channel::Sms].into_iter().find(|channel| channel.code() == code)
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Code,
        Kind::Pay,
        Kind::Placed,
        Kind::Paid,
        Kind::Cancelled,
        Kind::Refunded,
        Kind::GoesBack,
    ];

    const fn code(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Pay => "pay",
            Kind::Placed => "placed",
            Kind::Paid => "paid",
            Kind::Cancelled => "cancelled",
            Kind::Refunded => "refunded",
            Kind::GoesBack => "goes_back",
        }
    }

    fn of_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
