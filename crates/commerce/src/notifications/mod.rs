//! Notifications: what customers are told by e-mail or SMS, in their language, and what recipients are asked.
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
pub use ops::{GiftLink, Link, Post, forget_old, tend};

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
    /// Their purchase waits for their bank transfer; where to.
    Transfer,
    /// Their purchase was made and is paid at the door.
    Placed,
    /// Their purchase was made and costs nothing.
    Free,
    /// Their purchase is paid.
    Paid,
    /// An order of theirs will not come.
    Cancelled,
    /// A seller could not do an order of theirs.
    Rejected,
    /// Units of an order of theirs will not come.
    Reduced,
    /// Money of theirs goes back.
    Refunded,
    /// Money came that could not be used, and goes back.
    GoesBack,
    /// Somebody sends them a gift; where they say where it goes and when.
    Gift,
    /// The same of a sender who is not told.
    SecretGift,
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
    pub const ALL: [Kind; 13] = [
        Kind::Code,
        Kind::Pay,
        Kind::Transfer,
        Kind::Placed,
        Kind::Free,
        Kind::Paid,
        Kind::Cancelled,
        Kind::Rejected,
        Kind::Reduced,
        Kind::Refunded,
        Kind::GoesBack,
        Kind::Gift,
        Kind::SecretGift,
    ];

    const fn code(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Pay => "pay",
            Kind::Transfer => "transfer",
            Kind::Placed => "placed",
            Kind::Free => "free",
            Kind::Paid => "paid",
            Kind::Cancelled => "cancelled",
            Kind::Rejected => "rejected",
            Kind::Reduced => "reduced",
            Kind::Refunded => "refunded",
            Kind::GoesBack => "goes_back",
            Kind::Gift => "gift",
            Kind::SecretGift => "secret_gift",
        }
    }

    fn of_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
