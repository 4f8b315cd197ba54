//! The fast fields of one segment, decoded into plain arrays, so that a scan over all products is a
//! loop over memory. A segment never changes, so they are decoded once.

use std::collections::HashMap;

use souk_base::{AttributeValueId, BrandId, CategoryId, Lang, Ordinal};
use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

use crate::Result;
use crate::lexicon::Lexicon;
use crate::title_lists::TitleLists;
use crate::titles::Titles;

/// What a product is counted and filtered under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Category(CategoryId),
    Brand(BrandId),
    Value(AttributeValueId),
}

/// The decoded fast fields of a segment.
#[derive(Debug)]
pub(crate) struct SegmentColumns {
    ordinals: Vec<Ordinal>,
    created_at: Vec<i64>,
    /// Every key that occurs in the segment, sorted; a key's code is its place here.
    keys: Vec<Key>,
    /// Document `d` has the codes `codes[starts[d]..starts[d + 1]]`.
    starts: Vec<u32>,
    codes: Vec<u32>,
    /// Documents under each key, deleted ones included; by code.
    frequencies: Vec<u32>,
    /// By [`Lang::index`].
    titles: [Titles; 4],
    title_lists: [TitleLists; 4],
}

impl SegmentColumns {
    /// Decodes a segment.
    pub(crate) fn decode(reader: &SegmentReader, lexicon: &Lexicon) -> Result<Self> {
        let fast = reader.fast_fields();
        let ordinals = fast.u64("ordinal")?;
        let created_at = fast.i64("created_at")?;
        let taxonomy = [fast.i64("categories")?, fast.i64("brand")?, fast.i64("facet_values")?];
        let documents = 0..reader.max_doc();
        let ordinal = |document| ordinals.first(document).and_then(|it| u32::try_from(it).ok());
        // No product has the last ordinal, so a document without one is visible nowhere.
        let ordinals =
            documents.clone().map(|it| Ordinal(ordinal(it).unwrap_or(u32::MAX))).collect();
        let created_at = documents.clone().map(|it| created_at.first(it).unwrap_or(0)).collect();
        let mut coded = Coded::default();
        documents.for_each(|document| coded.push(keys_of(&taxonomy, document)));
        let (keys, starts, codes) = coded.in_order();
        let mut titles = <[Titles; 4]>::default();
        for lang in Lang::ALL {
            titles[lang.index()] = Titles::decode(reader, lang, lexicon)?;
        }
        let title_lists =
            Lang::ALL.map(|lang| TitleLists::of(&titles[lang.index()], reader.max_doc()));
        let mut frequencies = vec![0; keys.len()];
        codes.iter().for_each(|&code: &u32| frequencies[code as usize] += 1);
        Ok(SegmentColumns {
            ordinals,
            created_at,
            keys,
            starts,
            codes,
            frequencies,
            titles,
            title_lists,
        })
    }

    /// The documents whose title has a word, by its stem.
    pub(crate) fn title_lists(&self, lang: Lang) -> &TitleLists {
        &self.title_lists[lang.index()]
    }

    /// About how many documents are under a key: deleted ones count, too.
    pub(crate) fn frequency(&self, key: Key) -> u64 {
        self.code(key).map_or(0, |code| self.frequencies[code].into())
    }

    /// The titles in a language.
    pub(crate) fn titles(&self, lang: Lang) -> &Titles {
        &self.titles[lang.index()]
    }

    /// The product of a document.
    pub(crate) fn ordinal(&self, document: DocId) -> Ordinal {
        self.ordinals[document as usize]
    }

    /// When the product of a document was created, in Unix seconds.
    pub(crate) fn created_at(&self, document: DocId) -> i64 {
        self.created_at[document as usize]
    }

    /// What a document is counted under, as places in [`SegmentColumns::keys`].
    pub(crate) fn codes(&self, document: DocId) -> &[u32] {
        let document = document as usize;
        &self.codes[self.starts[document] as usize..self.starts[document + 1] as usize]
    }

    /// Both ends of a document's codes: whoever has these has all of them on the way from memory.
    pub(crate) fn ends(&self, document: DocId) -> u32 {
        let codes = self.codes(document);
        codes.first().zip(codes.last()).map_or(0, |(first, last)| first ^ last)
    }

    /// Every key that occurs here, sorted.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The code of a key, if it occurs here.
    pub(crate) fn code(&self, key: Key) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }
}

/// Documents' keys with codes in the order they were first met.
#[derive(Default)]
struct Coded {
    known: HashMap<Key, u32>,
    keys: Vec<Key>,
    ends: Vec<u32>,
    codes: Vec<u32>,
}

impl Coded {
    /// Adds the next document.
    fn push(&mut self, keys: impl Iterator<Item = Key>) {
        for key in keys {
            let code = *self.known.entry(key).or_insert_with(|| {
                self.keys.push(key);
                length(&self.keys) - 1
            });
            self.codes.push(code);
        }
        self.ends.push(length(&self.codes));
    }

    /// The keys sorted, and starts and codes to go with that.
    fn in_order(mut self) -> (Vec<Key>, Vec<u32>, Vec<u32>) {
        self.keys.sort_unstable();
        let mut sorted = vec![0; self.keys.len()];
        for (place, key) in (0..).zip(&self.keys) {
            sorted[self.known[key] as usize] = place;
        }
        self.codes.iter_mut().for_each(|code| *code = sorted[*code as usize]);
        self.ends.insert(0, 0);
        (self.keys, self.ends, self.codes)
    }
}

fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).expect("a segment has fewer keys than 2^32")
}

fn keys_of(taxonomy: &[Column<i64>; 3], document: DocId) -> impl Iterator<Item = Key> {
    let [categories, brand, values] = taxonomy;
    let categories = categories.values_for_doc(document).map(|id| Key::Category(id.into()));
    let brand = brand.values_for_doc(document).map(|id| Key::Brand(id.into()));
    let values = values.values_for_doc(document).map(|id| Key::Value(id.into()));
    categories.chain(brand).chain(values)
}
