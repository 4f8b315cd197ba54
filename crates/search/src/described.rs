//! What the index knows of every product without a query: taxonomy, age and the terms of its titles, as numbers. Whoever
//! compares products by what they say starts from here, and so reads the same words as a search.

use souk_base::{AttributeValueId, BrandId, CategoryId, Lang, Ordinal};

use crate::searcher::Searcher;
use crate::segment::Key;

/// What is known of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The product's place in every column.
    pub ordinal: Ordinal,
    /// When it was created, in Unix seconds.
    pub created_at_s: i64,
    /// Its category and those above, in no order.
    pub categories: Vec<CategoryId>,
    /// Its maker.
    pub brand: Option<BrandId>,
    /// Its attribute values.
    pub values: Vec<AttributeValueId>,
    /// The stems of its titles, each once, as numbers that mean the same in every state of this index.
    pub stems: Vec<u64>,
}

impl Searcher {
    /// Tells of every live product. Costs some microseconds for each of a hundred products; nothing is read from disk.
    pub fn describe(&self, mut visit: impl FnMut(Described)) {
        for (_, reader, columns) in self.segments() {
            for document in reader.doc_ids_alive() {
                let mut described = Described {
                    ordinal: columns.ordinal(document),
                    created_at_s: columns.created_at(document),
                    categories: Vec::new(),
                    brand: None,
                    values: Vec::new(),
                    stems: Vec::new(),
                };
                for &code in columns.codes(document) {
                    match columns.keys()[code as usize] {
                        Key::Category(id) => described.categories.push(id),
                        Key::Brand(id) => described.brand = Some(id),
                        Key::Value(id) => described.values.push(id),
                    }
                }
                for lang in Lang::ALL {
                    let stems = columns.titles(lang).get(document).stems.iter();
                    let numbers = stems.map(|stem| (lang.index() as u64) << 32 | u64::from(stem.0));
                    described.stems.extend(numbers);
                }
                described.stems.sort_unstable();
                described.stems.dedup();
                visit(described);
            }
        }
    }
}
