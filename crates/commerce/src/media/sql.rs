//! SQL of the media slice.
