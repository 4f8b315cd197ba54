//! SQL of editing products.
