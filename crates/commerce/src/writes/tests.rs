//! Writes that are repeated, raced and undone.
