//! SQL of the stock slice.
