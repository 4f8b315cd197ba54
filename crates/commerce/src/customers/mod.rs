//! Customers: shoppers who can come back. They are known by an e-mail address or a telephone number, and they log in with
//! a password or with a code that is sent there.
//!
//! **Invariants**: an address or number stands in `customers` only after its owner has shown a code that was sent to it,
//! so whoever is found by one may have what was bought with it. Asking for a code, a wrong code and a wrong password
//! cost and answer the same whether there is such a customer or not; a right code lets a stranger in as a new customer, so
//! there is nothing to be learned. Codes are six digits that follow from a row and a key outside the database, live
//! ten minutes and bear five attempts. What is tried is counted in PostgreSQL, so that instances share the count.
//! Everything that belongs to a customer is asked for together with them; somebody else's is not there.
//!
//! Tables owned: `customers`, `customer_sessions`, `customer_codes`, `customer_attempts`, `customer_addresses`,
//! `customer_recipients`, `customer_occasions`, `customer_favourites`.

mod attempts;
mod book;
mod book_sql;
mod codes;
mod contact;
mod favourites;
mod ops;
mod profile;
mod sql;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use book::{
    Address, NewAddress, NewOccasion, NewRecipient, Occasion, Recipient, add_address, add_occasion,
    add_recipient, addresses, change_address, change_occasion, change_recipient, occasions,
    recipients, remove_address, remove_occasion, remove_recipient,
};
pub use codes::{CODE_LIFE, CodeKey, RESEND_PAUSE, code_to_send, request_code};
pub use codes::{CodeToSend, forget_expired};
pub use contact::{Contact, Email};
pub use favourites::{Favourite, add_favourite, favourites, remove_favourite};
use jiff::Timestamp;
pub use ops::{by_token, log_in, log_out, log_out_everywhere, register};
pub use profile::{Profile, change_contact, change_profile, set_password};
use souk_base::{Id, Lang};

use crate::checkout::Phone;

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum CustomerKind {}
/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum AddressKind {}
/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum RecipientKind {}
/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum OccasionKind {}

/// Key of `customers`.
pub type CustomerId = Id<CustomerKind>;
/// Key of `customer_addresses`.
pub type AddressId = Id<AddressKind>;
/// Key of `customer_recipients`.
pub type RecipientId = Id<RecipientKind>;
/// Key of `customer_occasions`.
pub type OccasionId = Id<OccasionKind>;

/// Longest name, in characters.
pub const NAME_LENGTH_MAX: usize = 200;

/// Somebody who shops here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Their key.
    pub id: CustomerId,
    /// Where to write; shown to be theirs.
    pub email: Option<Email>,
    /// Where to call; shown to be theirs.
    pub phone: Option<Phone>,
    /// How they want to be called; may be empty.
    pub name: String,
    /// The language they are written to in.
    pub lang: Lang,
    /// Whether they can log in with a password.
    pub has_password: bool,
}

/// Where customers come in: what codes are made with, and how much may be tried.
#[derive(Clone, Debug)]
pub struct Door {
    /// The key that codes follow from.
    pub key: CodeKey,
    /// How much may be tried.
    pub limits: Limits,
}

/// How much may be tried, by those who are told apart so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Codes that are sent to one address or number within an hour.
    pub codes_contact: i32,
    /// Codes that are sent for one network address within an hour.
    pub codes_network: i32,
    /// Log-ins from one network address within a quarter of an hour, whomever they name.
    pub log_ins_network: i32,
}

impl Default for Limits {
    /// A forgetful person, and an office behind one address.
    fn default() -> Limits {
        Limits { codes_contact: 5, codes_network: 50, log_ins_network: 200 }
    }
}

/// How somebody shows that an address or number is theirs.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// By a code that was sent there.
    Code(&'a str),
    /// By the password of the account that has it.
    Password(&'a str),
}

/// What somebody says who is new, or who has forgotten their password.
#[derive(Clone)]
pub struct Registration<'a> {
    /// The code that was sent to them.
    pub code: &'a str,
    /// How they want to be called; may be empty.
    pub name: &'a str,
    /// A password, if they want one.
    pub password: Option<String>,
}

/// Who comes in and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What they say is theirs.
    pub contact: Contact,
    /// The language of their page or app.
    pub lang: Lang,
    /// The network address, where it is known.
    pub network: Option<IpAddr>,
}

/// A fresh session: the only time its token is known.
#[derive(Clone)]
pub struct Session {
    /// What the cookie or the client holds.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub customer: Customer,
    /// Whether they are new here.
    pub is_new: bool,
}
