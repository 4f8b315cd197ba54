//! The models that are trained, kept and asked by name.

use std::str::FromStr;

use crate::artifact::{Artefact, Values, Weights, of_length};
use crate::error::{Error, Result};
use crate::event::Names;
use crate::models::als::Als;
use crate::models::blend::Blend;
use crate::models::ease::Ease;
use crate::models::popularity::Popularity;
use crate::models::repeat::Repeat;
use crate::models::segments::Segments;
use crate::models::session::Session;
use crate::models::together::Together;
use crate::models::trending::Trending;
use crate::numbers::index;

/// Which model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Buyers of the last months.
    Popularity,
    /// What more buy than lately.
    Trending,
    /// What is bought again.
    Repeat,
    /// What else buyers of an item bought.
    Ease,
    /// Tastes as vectors.
    Als,
    /// What lies in baskets together.
    Together,
    /// What is looked at next.
    Session,
    /// All that is known of a customer, ranked.
    Blend,
    /// Kinds of customers.
    Segments,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Popularity,
        Kind::Trending,
        Kind::Repeat,
        Kind::Ease,
        Kind::Als,
        Kind::Together,
        Kind::Session,
        Kind::Blend,
        Kind::Segments,
    ];

    /// Those that the placements are answered by, and what is told of a shopper with them.
    pub const SERVING: [Kind; 7] = [
        Kind::Popularity,
        Kind::Trending,
        Kind::Repeat,
        Kind::Together,
        Kind::Session,
        Kind::Blend,
        Kind::Segments,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Popularity => "popularity",
            Kind::Trending => "trending",
            Kind::Repeat => "repeat",
            Kind::Ease => "ease",
            Kind::Als => "als",
            Kind::Together => "together",
            Kind::Session => "session",
            Kind::Blend => "blend",
            Kind::Segments => "segments",
        }
    }

    /// What its rows are.
    pub(super) const fn rows(self) -> &'static str {
        match self {
            Kind::Session => "clicks",
            Kind::Together => "lines of baskets",
            _ => "purchases of customers",
        }
    }

    /// Whether its rows come in baskets or sessions, each a whole.
    pub(super) const fn is_of_groups(self) -> bool {
        matches!(self, Kind::Together | Kind::Session)
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Kind> {
        let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let known = Kind::ALL.map(Kind::name).join(", ");
            Error::UnknownModel { given: name.to_owned(), known }
        })
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// See [`Kind::Popularity`].
    Popularity(Popularity),
    /// See [`Kind::Trending`].
    Trending(Trending),
    /// See [`Kind::Repeat`].
    Repeat(Repeat),
    /// See [`Kind::Ease`].
    Ease(Ease),
    /// See [`Kind::Als`].
    Als(Als),
    /// See [`Kind::Together`].
    Together(Together),
    /// See [`Kind::Session`].
    Session(Box<Session>),
    /// See [`Kind::Blend`].
    Blend(Box<Blend>),
    /// See [`Kind::Segments`].
    Segments(Segments),
}

/// The array that says what a model's items are called.
const NAMES: &str = "names";

impl Kept {
    /// The file of a model: what it answers by and what its items are called.
    #[must_use]
    pub fn to_weights(&self, items: &Names) -> Weights {
        let weights = match self {
            Kept::Popularity(model) => model.to_weights(),
            Kept::Trending(model) => model.to_weights(),
            Kept::Repeat(model) => model.to_weights(),
            Kept::Ease(model) => model.to_weights(),
            Kept::Als(model) => model.to_weights(),
            Kept::Together(model) => model.to_weights(),
            Kept::Session(model) => model.to_weights(),
            Kept::Blend(model) => model.to_weights(),
            Kept::Segments(model) => model.to_weights(),
        };
        let names = (0..index(items.len())).map(|item| items.name(item).to_owned());
        weights.with(NAMES, Values::Names(names.take(self.item_count()).collect()))
    }

    /// The model of a file and the names of its items.
    ///
    /// # Errors
    /// [`Error::Damaged`] when an array is missing, too long or short, or names an item that there is none of.
    pub fn from_weights(kind: Kind, weights: &Weights) -> Result<(Kept, Vec<String>)> {
        let names = weights.names(NAMES)?.to_vec();
        let kept = match kind {
            Kind::Popularity => Kept::Popularity(Artefact::from_weights(weights)?),
            Kind::Trending => Kept::Trending(Artefact::from_weights(weights)?),
            Kind::Repeat => Kept::Repeat(Artefact::from_weights(weights)?),
            Kind::Ease => Kept::Ease(Artefact::from_weights(weights)?),
            Kind::Als => Kept::Als(Artefact::from_weights(weights)?),
            Kind::Together => Kept::Together(Artefact::from_weights(weights)?),
            Kind::Session => Kept::Session(Box::new(Artefact::from_weights(weights)?)),
            Kind::Blend => Kept::Blend(Box::new(Artefact::from_weights(weights)?)),
            Kind::Segments => Kept::Segments(Artefact::from_weights(weights)?),
        };
        of_length(NAMES, &names, kept.item_count())?;
        Ok((kept, names))
    }

    /// How many items it knows.
    #[must_use]
    pub fn item_count(&self) -> usize {
        match self {
            Kept::Popularity(model) => model.item_count(),
            Kept::Trending(model) => model.item_count(),
            Kept::Repeat(model) => model.item_count(),
            Kept::Ease(model) => model.item_count(),
            Kept::Als(model) => model.item_count(),
            Kept::Together(model) => model.item_count(),
            Kept::Session(model) => model.item_count(),
            Kept::Blend(model) => model.item_count(),
            Kept::Segments(model) => model.item_count(),
        }
    }
}
