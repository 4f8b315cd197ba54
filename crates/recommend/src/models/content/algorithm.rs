//! Weighs terms by how few items have them, and finds items that share them.

use std::collections::HashMap;

use linfa::DatasetBase;
use linfa::dataset::Records;
use linfa::traits::Fit;

use super::hyperparams::{ContentParams, ContentValidParams};
use crate::error::{Error, Result};
use crate::models::{ItemScore, best_above_zero};
use crate::numbers::{count, index};

/// A term of so few items always says something.
const FEW: usize = 50;

/// Lists of numbers, kept one behind the other.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lists {
    /// List `at` is `numbers[starts[at]..starts[at + 1]]`.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    fn of(&self, at: u32) -> &[u32] {
        let at = at as usize;
        &self.numbers[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// The terms of items, each term once an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// A term's number here, in the order in which they came.
    known: HashMap<u64, u32>,
    items: Vec<u32>,
    /// How many terms each item has.
    lengths: Vec<u32>,
    terms: Vec<u32>,
}

impl Texts {
    /// Adds an item with its terms.
    pub fn push(&mut self, item: u32, terms: impl IntoIterator<Item = u64>) {
        let start = self.terms.len();
        for term in terms {
            let next = index(self.known.len());
            self.terms.push(*self.known.entry(term).or_insert(next));
        }
        self.terms[start..].sort_unstable();
        self.items.push(item);
        self.lengths.push(index(self.terms.len() - start));
    }

    /// The terms of each item, in the order of the items.
    fn each(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = self.terms.as_slice();
        self.lengths.iter().map(move |&length| {
            let (terms, behind) = rest.split_at(length as usize);
            rest = behind;
            terms
        })
    }
}

impl Records for Texts {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.items.len()
    }

    /// Terms of all items, one that many have counted for each.
    fn nfeatures(&self) -> usize {
        self.terms.len()
    }
}

/// Items by the terms that say something. Items are at places here, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    places: HashMap<u32, u32>,
    items: Vec<u32>,
    /// What brings the weights of the item at each place to the length 1.
    scales: Vec<f32>,
    /// The square of each term's weight.
    squares: Vec<f32>,
    /// The terms of the item at each place, ascending.
    terms: Lists,
    /// The places of the items that have each term.
    found: Lists,
}

impl Fit<Texts, (), Error> for ContentValidParams {
    type Object = Content;

    fn fit(&self, dataset: &DatasetBase<Texts, ()>) -> Result<Content> {
        let texts = dataset.records();
        let items = texts.items.len();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count"
        )]
        let most = ((count(items) * self.share_max) as usize).max(FEW);
        let mut frequencies = vec![0_usize; texts.known.len()];
        texts.terms.iter().for_each(|&term| frequencies[term as usize] += 1);
        let says = |term: &u32| frequencies[*term as usize] <= most;
        let weight = |frequency| (count(items + 1) / count(frequency + 1)).ln() + 1.0;
        let squares: Vec<f32> = frequencies.iter().map(|&it| f32::powi(weight(it), 2)).collect();
        let mut terms = Lists { starts: vec![0], numbers: Vec::with_capacity(texts.terms.len()) };
        let mut scales = Vec::with_capacity(items);
        for own in texts.each() {
            let start = terms.numbers.len();
            terms.numbers.extend(own.iter().copied().filter(says));
            let squared: f32 =
                terms.numbers[start..].iter().map(|&term| squares[term as usize]).sum();
            scales.push(1.0 / squared.sqrt().max(f32::MIN_POSITIVE));
            terms.starts.push(index(terms.numbers.len()));
        }
        terms.numbers.shrink_to_fit();
        let found = turned(&terms, texts.known.len());
        let places = texts.items.iter().zip(0..).map(|(&item, place)| (item, place)).collect();
        Ok(Content { places, items: texts.items.clone(), scales, squares, terms, found })
    }
}

/// The way back: for each of so many numbers the lists that have it.
fn turned(lists: &Lists, length: usize) -> Lists {
    let mut starts = vec![0_u32; length + 1];
    lists.numbers.iter().for_each(|&number| starts[number as usize + 1] += 1);
    for at in 0..length {
        starts[at + 1] += starts[at];
    }
    let mut next = starts.clone();
    let mut numbers = vec![0; lists.numbers.len()];
    for at in 0..index(lists.starts.len()).saturating_sub(1) {
        for &number in lists.of(at) {
            let free = &mut next[number as usize];
            numbers[*free as usize] = at;
            *free += 1;
        }
    }
    Lists { starts, numbers }
}

impl Content {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> ContentParams {
        ContentParams::default()
    }

    /// Fits with the parameters as they come.
    ///
    /// # Errors
    /// Never for what [`Texts`] hold; as every fit.
    pub fn of(texts: Texts) -> Result<Content> {
        ContentParams::default().fit(&DatasetBase::new(texts, ()))
    }

    /// The item's place and its terms; none of an item that was not described.
    fn terms_of(&self, item: u32) -> Option<(usize, &[u32])> {
        let place = *self.places.get(&item)?;
        Some((place as usize, self.terms.of(place)))
    }

    /// Whether the item was described.
    #[must_use]
    pub fn knows(&self, item: u32) -> bool {
        self.places.contains_key(&item)
    }

    /// How alike two items are, from 0 to 1.
    #[must_use]
    pub fn likeness(&self, one: u32, other: u32) -> f32 {
        let (Some((one, mut these)), Some((other, mut those))) =
            (self.terms_of(one), self.terms_of(other))
        else {
            return 0.0;
        };
        let mut shared = 0.0;
        while let (Some(this), Some(that)) = (these.first(), those.first()) {
            if this == that {
                shared += self.squares[*this as usize];
            }
            if this <= that {
                these = &these[1..];
            }
            if that <= this {
                those = &those[1..];
            }
        }
        shared * self.scales[one] * self.scales[other]
    }

    /// The `k` items that are most like these (item, weight), without them; ties go to the item that came first.
    #[must_use]
    pub fn similar(&self, to: &[(u32, f32)], k: usize) -> Vec<ItemScore> {
        let to: Vec<_> =
            to.iter().filter_map(|&(item, times)| Some((self.terms_of(item)?, times))).collect();
        if to.is_empty() {
            return Vec::new();
        }
        let mut scores = vec![0.0_f32; self.items.len()];
        for ((place, terms), times) in &to {
            for &term in *terms {
                let weight = times * self.scales[*place] * self.squares[term as usize];
                for &place in self.found.of(term) {
                    scores[place as usize] += weight;
                }
            }
        }
        to.iter().for_each(|((place, _), _)| scores[*place] = 0.0);
        scores.iter_mut().zip(&self.scales).for_each(|(score, scale)| *score *= scale);
        let at_places = best_above_zero(&scores, k).into_iter();
        at_places.map(|at| ItemScore { item: self.items[at.item as usize], ..at }).collect()
    }
}
