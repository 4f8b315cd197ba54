//! SQL of the sheets slice.
