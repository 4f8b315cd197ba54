//! Messages to people: e-mail over SMTP, SMS over Twilio's HTTP interface.
//!
//! Neither promises to take a message once only, so a failed try says whether the message may have gone out: what was not
//! sent can be tried again as it is, what has no answer must not be, or it may come twice.

mod mail;
mod sms;

pub use mail::{Mail, Mailer};
pub use sms::{Sms, Twilio};

/// Why a message did not go out for sure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nobody has taken it; it can be tried again as it is.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It was not taken and never will be, such as one to a number that is none.
    #[error("refused: {0}")]
    Refused(String),
    /// It may have been taken.
    #[error("sent, but no answer: {0}")]
    Unknown(String),
}
