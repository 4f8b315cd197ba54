//! What can go wrong: a request that cannot be understood, or an index that cannot be used.

use std::path::PathBuf;

use souk_base::{CityId, MarketCode};

/// Why a search, or work on the index, was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The shop has no such market.
    #[error("market \"{market}\" is unknown")]
    UnknownMarket {
        /// The market as given.
        market: MarketCode,
    },
    /// The market has no such city that is served now.
    #[error("city {city} is unknown in market \"{market}\"")]
    UnknownCity {
        /// The market searched.
        market: MarketCode,
        /// The city as given.
        city: CityId,
    },
    /// A day of delivery without a city to deliver to.
    #[error("a date of delivery needs a city, as each city has its own delivery windows")]
    MissingCity,
    /// A filter or facet names a field that does not exist.
    #[error("field \"{field}\" is unknown; known are {}", known.join(", "))]
    UnknownField {
        /// The request's parameter: `filter` or `facets`.
        parameter: &'static str,
        /// The field as given, cut to 64 characters.
        field: String,
        /// The fields that exist there.
        known: Vec<String>,
    },
    /// No category has this slug.
    #[error("category \"{category}\" is unknown")]
    UnknownCategory {
        /// The slug as given, cut to 64 characters.
        category: String,
    },
    /// No order has this name.
    #[error("sort \"{sort}\" is unknown; known are {}", known.join(", "))]
    UnknownSort {
        /// The name as given, cut to 64 characters.
        sort: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// A filter that is not `field:value`, or a price range that is none.
    #[error("filter \"{filter}\" must be {expected}")]
    BadFilter {
        /// The filter as given, cut to 64 characters.
        filter: String,
        /// The form it must have.
        expected: &'static str,
    },
    /// A text longer than its limit.
    #[error("{field} must have at most {max} characters, but has {given}")]
    TooLong {
        /// The request's parameter.
        field: &'static str,
        /// Characters given.
        given: usize,
        /// Characters allowed.
        max: usize,
    },
    /// More of something than its limit.
    #[error("{field} may be given at most {max} times, but was given {given} times")]
    TooMany {
        /// The request's parameter.
        field: &'static str,
        /// How many were given.
        given: usize,
        /// How many are allowed.
        max: usize,
    },
    /// A number outside its range.
    #[error("{field} must be from {min} to {max}, but is {given}")]
    OutOfRange {
        /// The request's parameter.
        field: &'static str,
        /// The number as given.
        given: usize,
        /// The least allowed.
        min: usize,
        /// The most allowed.
        max: usize,
    },
    /// The directory holds an index that cannot be used: delete it and build a new one.
    #[error("the index in {} cannot be used: {reason}", path.display())]
    Damaged {
        /// The index's directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of columns is not a whole one of this version: read the columns from the database.
    #[error("the saved columns cannot be used: {reason}")]
    DamagedColumns {
        /// What is wrong with it.
        reason: String,
    },
    /// Another process writes this index.
    #[error("the index in {} is in use by another process", path.display())]
    InUse {
        /// The index's directory.
        path: PathBuf,
    },
    /// A file or directory could not be read or written.
    #[error("could not use {}: {source}", path.display())]
    Files {
        /// What was touched.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The index failed while it was read or written.
    #[error("the index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// A stored document is not what was written.
    #[error("a stored document could not be read: {0}")]
    Stored(#[from] postcard::Error),
    /// The position that a commit carries is not what was written.
    #[error("the checkpoint of the index could not be read: {0}")]
    Checkpoint(#[from] serde_json::Error),
}

/// The result of everything here that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The stable name of this kind of error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Error::UnknownMarket { .. } => "unknown_market",
            Error::UnknownCity { .. } => "unknown_city",
            Error::MissingCity => "missing_city",
            Error::UnknownField { .. } => "unknown_field",
            Error::UnknownCategory { .. } => "unknown_category",
            Error::UnknownSort { .. } => "unknown_sort",
            Error::BadFilter { .. } => "bad_filter",
            Error::TooLong { .. } => "too_long",
            Error::TooMany { .. } => "too_many",
            Error::OutOfRange { .. } => "out_of_range",
            Error::Damaged { .. } => "index_damaged",
            Error::DamagedColumns { .. } => "columns_damaged",
            Error::InUse { .. } => "index_in_use",
            Error::Files { .. } => "index_files",
            Error::Index(_) => "index_failed",
            Error::Stored(_) => "index_stored",
            Error::Checkpoint(_) => "index_checkpoint",
        }
    }

    /// Whether the caller's request is at fault, not the index.
    #[must_use]
    pub const fn is_callers(&self) -> bool {
        !matches!(
            self,
            Error::Damaged { .. }
                | Error::DamagedColumns { .. }
                | Error::InUse { .. }
                | Error::Files { .. }
                | Error::Index(_)
                | Error::Stored(_)
                | Error::Checkpoint(_)
        )
    }
}

/// A given text cut to what fits in an error message.
pub(crate) fn excerpt(given: &str) -> String {
    given.chars().take(64).collect()
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Index(error.into())
    }
}
