//! What can go wrong: a parameter out of its range, data that says too little, a file that cannot be used.

use std::path::PathBuf;

/// Why a model could not be fitted, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is outside its range.
    #[error("{parameter} must be {range}, but is {value}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// The data is too small for this model.
    #[error("{model} needs at least {least} {what}, but there are {given}")]
    NotEnough {
        /// The model.
        model: &'static str,
        /// What is counted.
        what: &'static str,
        /// How many it takes.
        least: usize,
        /// How many there are.
        given: usize,
    },
    /// A time that is neither unix seconds nor ISO 8601.
    #[error("\"{0}\" is not a time: give unix seconds, or ISO 8601 like 2010-11-09T08:00:00Z")]
    Time(String),
    /// A model that there is none of.
    #[error("there is no model \"{given}\" for this; there are {known}")]
    UnknownModel {
        /// The name as given.
        given: String,
        /// Names that mean something.
        known: String,
    },
    /// A value that is no number.
    #[error("\"{0}\" is not a number")]
    Value(String),
    /// A mapping of columns that means nothing.
    #[error("\"{given}\" maps no column: write column=name, with a column of {known}")]
    Columns {
        /// The pair as given.
        given: String,
        /// Columns that can be mapped.
        known: String,
    },
    /// A table without a column that is needed.
    #[error("{}: has no column \"{column}\"; its columns are {given}", path.display())]
    MissingColumn {
        /// The table.
        path: PathBuf,
        /// The column that was looked for.
        column: String,
        /// Those that it has.
        given: String,
    },
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A row that cannot be read.
    #[error("{}, line {line}: {source}", path.display())]
    Line {
        /// The table.
        path: PathBuf,
        /// Where in it.
        line: u64,
        /// Why.
        source: Box<Error>,
    },
    /// An artefact that is not what it should be.
    #[error("the model's artefact {0}")]
    Damaged(String),
    /// A model, market or version that cannot be the name of a folder.
    #[error("\"{0}\" is no name: letters, digits, - and _ only")]
    Name(String),
    /// The arithmetic of a fit broke down.
    #[error("{model} could not be fitted: {what}")]
    Numbers {
        /// The model.
        model: &'static str,
        /// What happened.
        what: &'static str,
    },
    /// linfa refused.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

/// What a model gives, or why not.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn damaged(how: impl Into<String>) -> Error {
        Error::Damaged(how.into())
    }
}

/// A parameter that must hold, or the error that names it.
pub(crate) fn require(
    holds: bool,
    parameter: &'static str,
    range: &'static str,
    value: impl Into<f64>,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Parameter { parameter, range, value: value.into() })
}
