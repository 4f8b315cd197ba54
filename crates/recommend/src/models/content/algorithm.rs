//! Weighs terms by how few items have them, and finds items that share them.

use std::collections::HashMap;

use linfa::DatasetBase;
use linfa::dataset::Records;
use linfa::traits::Fit;

use super::hyperparams::{ContentParams, ContentValidParams};
use crate::error::{Error, Result};
use crate::models::{ItemScore, best};
use crate::numbers::{count, index};

/// A term of so few items always says something.
const FEW: usize = 50;

/// The terms of items, each term once an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    items: Vec<u32>,
    /// Item at place `p` has the terms `terms[starts[p]..starts[p + 1]]`.
    starts: Vec<usize>,
    terms: Vec<u64>,
}

impl Texts {
    /// Adds an item with its terms.
    pub fn push(&mut self, item: u32, terms: impl IntoIterator<Item = u64>) {
        self.starts.push(self.terms.len());
        self.items.push(item);
        self.terms.extend(terms);
    }

    fn of(&self, place: usize) -> &[u64] {
        let end = self.starts.get(place + 1).copied().unwrap_or(self.terms.len());
        &self.terms[self.starts[place]..end]
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

/// Items by the terms that say something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// Where an item's terms are.
    places: HashMap<u32, u32>,
    items: Vec<u32>,
    starts: Vec<u32>,
    /// Terms and weights of the items, one item behind the other.
    terms: Vec<(u32, f32)>,
    /// Items and weights of each term.
    found: Vec<Vec<(u32, f32)>>,
}

impl Fit<Texts, (), Error> for ContentValidParams {
    type Object = Content;

    fn fit(&self, dataset: &DatasetBase<Texts, ()>) -> Result<Content> {
        let texts = dataset.records();
        let mut frequencies: HashMap<u64, usize> = HashMap::new();
        texts.terms.iter().for_each(|&term| *frequencies.entry(term).or_default() += 1);
        let items = texts.items.len();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count"
        )]
        let most = ((count(items) * self.share_max) as usize).max(FEW);
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        let mut content = Content { starts: vec![0], ..Content::default() };
        for (place, &item) in texts.items.iter().enumerate() {
            let start = content.terms.len();
            for &term in texts.of(place) {
                let frequency = frequencies[&term];
                if frequency <= most {
                    let next = index(numbers.len());
                    let number = *numbers.entry(term).or_insert(next);
                    let weight = (count(items + 1) / count(frequency + 1)).ln() + 1.0;
                    content.terms.push((number, weight));
                }
            }
            let own = &mut content.terms[start..];
            let length = own.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
            own.iter_mut().for_each(|(_, weight)| *weight /= length.max(f32::MIN_POSITIVE));
            content.starts.push(index(content.terms.len()));
            content.places.insert(item, index(place));
        }
        content.items.clone_from(&texts.items);
        content.find(numbers.len());
        Ok(content)
    }
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

    /// The way back from terms to items.
    fn find(&mut self, term_count: usize) {
        self.found = vec![Vec::new(); term_count];
        for place in 0..self.items.len() {
            let range = self.starts[place] as usize..self.starts[place + 1] as usize;
            for &(term, weight) in &self.terms[range] {
                self.found[term as usize].push((index(place), weight));
            }
        }
    }

    fn terms_of(&self, item: u32) -> &[(u32, f32)] {
        let Some(&place) = self.places.get(&item) else { return &[] };
        let place = place as usize;
        &self.terms[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// Whether the item was described.
    #[must_use]
    pub fn knows(&self, item: u32) -> bool {
        self.places.contains_key(&item)
    }

    /// How alike two items are, from 0 to 1.
    #[must_use]
    pub fn likeness(&self, one: u32, other: u32) -> f32 {
        let other = self.terms_of(other);
        let shared = |&(term, weight): &(u32, f32)| {
            other.iter().find(|it| it.0 == term).map(|it| it.1 * weight)
        };
        self.terms_of(one).iter().filter_map(shared).sum()
    }

    /// The `k` items that are most like these (item, weight), without them.
    #[must_use]
    pub fn similar(&self, to: &[(u32, f32)], k: usize) -> Vec<ItemScore> {
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for &(item, times) in to {
            for &(term, weight) in self.terms_of(item) {
                for &(place, of_other) in &self.found[term as usize] {
                    *scores.entry(place).or_default() += times * weight * of_other;
                }
            }
        }
        let scores = scores.into_iter();
        let scores =
            scores.map(|(place, score)| ItemScore { item: self.items[place as usize], score });
        best(scores.filter(|it| to.iter().all(|&(item, _)| item != it.item)).collect(), k)
    }
}
