//! What is like what, remembered: the content of a catalogue with the lists of items that were asked about lately.
//!
//! A list over several items is the sum of theirs, each as far down as [`LENGTH`].

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::models::content::Content;
use crate::models::{ItemScore, best};

/// How many neighbours of an item are known.
const LENGTH: usize = 100;
/// Items of each of the two halves; some 800 bytes each.
const HALF_MAX: usize = 6_000;

type Half = FxHashMap<u32, Arc<[ItemScore]>>;

/// Content whose neighbours are looked for once.
#[derive(Debug, Default)]
pub struct Neighbours {
    content: Content,
    /// When the young half is full it becomes the old one, and what nobody asked about since is forgotten.
    known: Mutex<[Half; 2]>,
}

impl Neighbours {
    /// Of a catalogue.
    #[must_use]
    pub fn of(content: Content) -> Neighbours {
        Neighbours { content, known: Mutex::default() }
    }

    /// How alike two items are, from 0 to 1.
    #[must_use]
    pub fn likeness(&self, one: u32, other: u32) -> f32 {
        self.content.likeness(one, other)
    }

    /// The `k` items that are most like these (item, weight), without them.
    #[must_use]
    pub fn similar(&self, to: &[(u32, f32)], k: usize) -> Vec<ItemScore> {
        let mut scores: FxHashMap<u32, f32> = FxHashMap::default();
        for &(item, times) in to {
            for near in self.near(item).iter() {
                *scores.entry(near.item).or_default() += times * near.score;
            }
        }
        to.iter().for_each(|(item, _)| _ = scores.remove(item));
        best(scores.into_iter().map(|(item, score)| ItemScore { item, score }), k)
    }

    fn near(&self, item: u32) -> Arc<[ItemScore]> {
        if let Some(known) = self.known(item) {
            return known;
        }
        let found: Arc<[ItemScore]> = self.content.similar(&[(item, 1.0)], LENGTH).into();
        self.remember(item, &found);
        found
    }

    fn known(&self, item: u32) -> Option<Arc<[ItemScore]>> {
        let known = {
            let mut halves = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let [young, old] = &mut *halves;
            if let Some(known) = young.get(&item) {
                return Some(known.clone());
            }
            old.remove(&item)?
        };
        self.remember(item, &known);
        Some(known)
    }

    fn remember(&self, item: u32, found: &Arc<[ItemScore]>) {
        let mut halves = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *halves;
        if young.len() >= HALF_MAX {
            *old = std::mem::take(young);
        }
        young.insert(item, found.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::content::Texts;

    #[test]
    fn neighbours_are_those_of_the_content_and_the_same_when_asked_again() {
        let mut texts = Texts::default();
        for item in 0..50_u64 {
            texts.push(u32::try_from(item).unwrap(), [item % 7, 100 + item % 5, 200 + item % 3]);
        }
        let content = Content::of(texts).unwrap();
        let neighbours = Neighbours::of(content.clone());

        for to in [vec![(3, 1.0)], vec![(3, 1.0), (8, 0.5)], vec![(99, 1.0)], vec![]] {
            let expected: Vec<u32> = content.similar(&to, 5).iter().map(|it| it.item).collect();
            for _ in 0..2 {
                let found: Vec<u32> = neighbours.similar(&to, 5).iter().map(|it| it.item).collect();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let neighbours = Neighbours::default();
        for item in 0..40_000 {
            assert!(neighbours.near(item).is_empty());
        }

        let halves = neighbours.known.lock().unwrap();

        assert!(halves.iter().map(FxHashMap::len).sum::<usize>() <= 2 * HALF_MAX);
    }
}
