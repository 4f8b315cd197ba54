//! SQL of the payments slice, a file a table or two.

pub(super) mod attempts;
pub(super) mod events;
pub(super) mod intents;
pub(super) mod methods;
pub(super) mod operations;
