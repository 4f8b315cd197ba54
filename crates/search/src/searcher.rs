//! The index as of one commit.

use std::ops::ControlFlow;
use std::sync::Arc;

use souk_base::{Lang, Ordinal, ProductId};
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Query, TermQuery};
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::Result;
use crate::document::Stored;
use crate::lexicon::Lexicon;
use crate::recent::{CategoryCounts, Places, Recent};
use crate::schema::Fields;
use crate::segment::SegmentColumns;
use crate::totals::Totals;

/// The index as of one commit; later commits do not reach it. A clone is cheap.
#[derive(Clone)]
pub struct Searcher {
    searcher: tantivy::Searcher,
    fields: Arc<Fields>,
    /// In the order of the searcher's segments.
    segments: Arc<[(SegmentId, Arc<SegmentColumns>)]>,
    lexicon: Arc<Lexicon>,
    totals: Arc<Totals>,
    recent: Arc<Recent>,
    category_counts: Arc<CategoryCounts>,
    places: Arc<Places>,
}

/// The one stored field, without the detour over a document of tantivy's.
struct Bytes(Vec<u8>);

impl DocumentDeserialize for Bytes {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(
        mut document: D,
    ) -> std::result::Result<Self, DeserializeError> {
        let field = document.next_field::<Vec<u8>>()?;
        Ok(Bytes(field.map(|(_, bytes)| bytes).unwrap_or_default()))
    }
}

impl Searcher {
    /// Wraps a searcher; segments that `before` has decoded already are taken over.
    pub(crate) fn new(
        searcher: tantivy::Searcher,
        fields: Arc<Fields>,
        before: Option<&Searcher>,
    ) -> Result<Self> {
        let earlier = before.map_or(&[][..], |before| &before.segments);
        let decoded = |id: SegmentId| {
            earlier.iter().find(|segment| segment.0 == id).map(|segment| Arc::clone(&segment.1))
        };
        let lexicon = before.map(|before| Arc::clone(&before.lexicon)).unwrap_or_default();
        let segments = searcher.segment_readers().iter().map(|reader| {
            let id = reader.segment_id();
            let columns = match decoded(id) {
                Some(columns) => columns,
                None => Arc::new(SegmentColumns::decode(reader, &lexicon)?),
            };
            Ok((id, columns))
        });
        let segments: Arc<[(SegmentId, Arc<SegmentColumns>)]> = segments.collect::<Result<_>>()?;
        let mut totals = before.map(|before| Totals::clone(&before.totals)).unwrap_or_default();
        let known =
            |segments: &[(SegmentId, _)], id| segments.iter().any(|segment| segment.0 == id);
        for (_, columns) in earlier.iter().filter(|segment| !known(&segments, segment.0)) {
            totals.subtract(columns);
        }
        for (_, columns) in segments.iter().filter(|segment| !known(earlier, segment.0)) {
            totals.add(columns);
        }
        let recent = before.map(|before| Arc::clone(&before.recent)).unwrap_or_default();
        Ok(Searcher {
            searcher,
            fields,
            segments,
            lexicon,
            totals: Arc::new(totals),
            recent,
            category_counts: Arc::default(),
            places: Arc::default(),
        })
    }

    /// Every live document as it was stored.
    ///
    /// # Errors
    /// When the index cannot be read; each document can also fail on its own.
    pub fn documents(&self) -> Result<impl Iterator<Item = Result<Stored>>> {
        let readers = (0..).zip(self.searcher.segment_readers());
        Ok(readers.flat_map(move |(segment, reader)| {
            let stored = move |id| Stored::from_bytes(&self.read(DocAddress::new(segment, id))?);
            reader.doc_ids_alive().map(stored)
        }))
    }

    /// How many segments it reads.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// How many live documents it has.
    #[must_use]
    pub fn document_count(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Whether this is the same state of the index, so that what was told of one is true of the other.
    #[must_use]
    pub fn is_same(&self, other: &Searcher) -> bool {
        Arc::ptr_eq(&self.segments, &other.segments)
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The stem of a folded word.
    pub(crate) fn stem(&self, lang: Lang, folded: &str) -> String {
        self.lexicon.read(lang).stem_of(folded).into_owned()
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Products of categories that were counted in this state of the index.
    pub(crate) fn category_counts(&self) -> &CategoryCounts {
        &self.category_counts
    }

    /// Where a product's document is, and its place in every column.
    pub(crate) fn place(&self, product: ProductId) -> Result<Option<(Ordinal, DocAddress)>> {
        if let Some(known) = self.places.get(product) {
            return Ok(Some(known));
        }
        let found = self.look_up(product)?;
        if let Some(found) = found {
            self.places.put(product, found);
        }
        Ok(found)
    }

    fn look_up(&self, product: ProductId) -> Result<Option<(Ordinal, DocAddress)>> {
        let term = Term::from_field_i64(self.fields.product, product.get());
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut found = None;
        self.visit(&query, |address, ordinal| {
            found = Some((ordinal, address));
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// How many documents have a term, deleted ones included.
    pub(crate) fn frequency(&self, term: &Term) -> Result<u64> {
        Ok(self.searcher.doc_freq(term)?)
    }

    /// The mean number of terms in a field, at least 1.
    pub(crate) fn average_length(&self, field: Field) -> Result<f32> {
        let (mut terms, mut documents) = (0, 0);
        for reader in self.searcher.segment_readers() {
            terms += reader.inverted_index(field)?.total_num_tokens();
            documents += u64::from(reader.max_doc());
        }
        #[expect(clippy::cast_precision_loss, reason = "a mean of lengths")]
        let average = terms as f32 / documents.max(1) as f32;
        Ok(average.max(1.0))
    }

    /// Each segment's reader and columns, in order.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (u32, &SegmentReader, &SegmentColumns)> {
        let columns = self.segments.iter().map(|(_, columns)| columns.as_ref());
        (0..)
            .zip(self.searcher.segment_readers())
            .zip(columns)
            .map(|((place, reader), columns)| (place, reader, columns))
    }

    /// The stored document at an address, as it lies in the index.
    pub(crate) fn bytes(&self, address: DocAddress) -> Result<Arc<Vec<u8>>> {
        let segment = self.segments[address.segment_ord as usize].0;
        if let Some(known) = self.recent.get(segment, address.doc_id) {
            return Ok(known);
        }
        let bytes = Arc::new(self.read(address)?);
        self.recent.put(segment, address.doc_id, &bytes);
        Ok(bytes)
    }

    fn read(&self, address: DocAddress) -> Result<Vec<u8>> {
        let Bytes(bytes) = self.searcher.doc(address)?;
        Ok(bytes)
    }

    /// Visits every live document that matches, with the columns it is in.
    pub(crate) fn visit_columns(
        &self,
        query: &dyn Query,
        mut visit: impl FnMut(&SegmentColumns, DocId),
    ) -> Result<()> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        for (_, reader, columns) in self.segments() {
            weight.for_each_no_score(reader, &mut |documents| {
                let alive = documents.iter().filter(|&&document| !reader.is_deleted(document));
                alive.for_each(|&document| visit(columns, document));
            })?;
        }
        Ok(())
    }

    /// Visits the live documents that match, without scores, until told to stop.
    pub(crate) fn visit(
        &self,
        query: &dyn Query,
        mut visit: impl FnMut(DocAddress, Ordinal) -> ControlFlow<()>,
    ) -> Result<()> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        for (segment, reader, columns) in self.segments() {
            let mut matching = weight.scorer(reader, 1.0)?;
            while matching.doc() != TERMINATED {
                let id = matching.doc();
                if !reader.is_deleted(id)
                    && visit(DocAddress::new(segment, id), columns.ordinal(id)).is_break()
                {
                    return Ok(());
                }
                matching.advance();
            }
        }
        Ok(())
    }
}
