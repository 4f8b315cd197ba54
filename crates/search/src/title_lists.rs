//! Which documents of a segment have a word in their title: the way back from `titles.rs`.
//!
//! **Invariant**: as the segment it belongs to, a list never changes; deleted documents stay in it.

use tantivy::DocId;

use crate::lexicon::StemId;
use crate::titles::Titles;

/// The documents of one segment by the stems of their titles in one language.
#[derive(Debug, Default)]
pub(crate) struct TitleLists {
    /// Stems that occur, sorted.
    stems: Vec<StemId>,
    /// The stem at `place` has the documents `documents[starts[place]..starts[place + 1]]`.
    starts: Vec<u32>,
    /// In order within each list, each once.
    documents: Vec<DocId>,
}

impl TitleLists {
    /// The lists of so many documents with these titles.
    pub(crate) fn of(titles: &Titles, documents: u32) -> TitleLists {
        let stems: Vec<StemId> = titles.habits.iter().map(|&(stem, _)| stem).collect();
        let Some(last) = stems.last() else { return TitleLists::default() };
        let mut ends = vec![0_u32; last.index() + 1];
        each_once(titles, documents, |stem, _| ends[stem.index()] += 1);
        let mut sum = 0;
        for stem in &stems {
            let end = &mut ends[stem.index()];
            (*end, sum) = (sum, sum + *end);
        }
        let mut lists = TitleLists { documents: vec![0; sum as usize], ..TitleLists::default() };
        lists.starts = stems.iter().map(|stem| ends[stem.index()]).chain([sum]).collect();
        each_once(titles, documents, |stem, document| {
            let end = &mut ends[stem.index()];
            lists.documents[*end as usize] = document;
            *end += 1;
        });
        lists.stems = stems;
        lists
    }

    /// The documents with a stem.
    pub(crate) fn get(&self, stem: StemId) -> &[DocId] {
        self.stems.binary_search(&stem).map_or(&[], |place| {
            &self.documents[self.starts[place] as usize..self.starts[place + 1] as usize]
        })
    }
}

/// Every stem of every title with its document, once where it is repeated.
fn each_once(titles: &Titles, documents: u32, mut visit: impl FnMut(StemId, DocId)) {
    for document in 0..documents {
        let stems = titles.get(document).stems;
        for (place, &stem) in stems.iter().enumerate() {
            if !stems[..place].contains(&stem) {
                visit(stem, document);
            }
        }
    }
}
