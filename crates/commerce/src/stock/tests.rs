//! Stock as the office counts it.
