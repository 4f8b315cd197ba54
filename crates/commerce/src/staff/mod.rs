//! Staff: the people who work in the shop, their roles and sessions.
//!
//! Passwords are argon2id hashes. A session token is 256 random bits that only its cookie holds; the
//! table has the SHA-256. Logging in answers the same, in the same time, for an unknown address and a
//! wrong password. After ten log-ins for an address have failed within 15 minutes, whoever they came
//! from, further ones are refused for the rest of that time, unhashed; they are counted in PostgreSQL, so
//! that instances share the count. Whoever is deactivated loses every session at once.
//!
//! Tables owned: `staff`, `staff_sessions`, `staff_attempts`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;
mod throttle;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
pub use ops::{add, by_token, log_in, log_out};
use serde::{Deserialize, Serialize};
use souk_base::StaffId;

/// Somebody who works in the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Key of `staff`.
    pub id: StaffId,
    /// The address they log in with, in lower case.
    pub email: String,
    /// How colleagues call them.
    pub name: String,
    /// What they may do; never empty.
    pub roles: Vec<Role>,
}

/// What somebody works as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// Catalogue, search and models.
    Merchandiser,
    /// Orders and customers.
    OrderManager,
    /// Suppliers and purchases.
    Buyer,
    /// Stock.
    Warehouse,
    /// Deliveries and couriers.
    Dispatcher,
    /// Customers and tickets.
    Support,
    /// Payments, invoices and the ledger.
    Accountant,
}

impl Role {
    /// Every role, as `souk user add --role` lists them.
    pub const ALL: [Role; 8] = [
        Role::Admin,
        Role::Merchandiser,
        Role::OrderManager,
        Role::Buyer,
        Role::Warehouse,
        Role::Dispatcher,
        Role::Support,
        Role::Accountant,
    ];

    /// The name in the database and on the command line.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Merchandiser => "merchandiser",
            Role::OrderManager => "order_manager",
            Role::Buyer => "buyer",
            Role::Warehouse => "warehouse",
            Role::Dispatcher => "dispatcher",
            Role::Support => "support",
            Role::Accountant => "accountant",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Role::ALL
            .into_iter()
            .find(|role| role.code() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A role this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "role must be one of admin, merchandiser, order_manager, buyer, warehouse, dispatcher, support, accountant, but is \"{0}\""
)]
pub struct UnknownRole(pub String);

/// Who is to be added to the staff.
#[derive(Clone)]
pub struct NewStaff {
    /// The address to log in with; stored in lower case.
    pub email: String,
    /// How colleagues call them.
    pub name: String,
    /// From 10 to 1,024 characters.
    pub password: String,
    /// What they may do; at least one.
    pub roles: Vec<Role>,
}

/// Longest e-mail address (RFC 5321), in characters.
pub const EMAIL_LENGTH_MAX: usize = 254;

/// A fresh session: the only time its token is known.
#[derive(Clone)]
pub struct Session {
    /// What the cookie holds.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub staff: Staff,
}
