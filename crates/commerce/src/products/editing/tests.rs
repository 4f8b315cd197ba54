//! Products as the office edits them, against a fresh database.
