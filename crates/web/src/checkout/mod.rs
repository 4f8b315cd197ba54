//! `/checkout/{id}` and `/checkout/{id}/payment`: for whom, where to and when; then how it is paid. With the cart before
//! them these are three pages.
//!
//! Whatever is typed is kept in the cart, so going back loses nothing. What a form says is for whom and when; what it costs
//! and whether it can be had is read anew each time.

pub(crate) mod delivery;
pub(crate) mod payment;
pub(crate) mod phone;
pub(crate) mod steps;
pub(crate) mod times;

pub(crate) use delivery::{save, show};
