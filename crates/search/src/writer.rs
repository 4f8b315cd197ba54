//! Writing the index: documents in, commits with their checkpoint, a searcher of the last commit.
//!
//! **Invariant**: the checkpoint is part of the commit it describes, so a crash at any time leaves an
//! index that says truly what it contains.

use std::path::Path;
use std::sync::Arc;

use souk_base::ProductId;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::Schema;
use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError,
    Term,
};

use crate::document::{Checkpoint, Document};
use crate::schema::Fields;
use crate::searcher::Searcher;
use crate::{Error, Result, analysis};

/// What the one indexing thread may hold before it writes a segment.
const MEMORY_BUDGET_BYTES: usize = 50_000_000;

/// The compressed unit of stored documents: small, because a page of hits reads documents here and there.
const STORE_BLOCK_BYTES: usize = 8_192;

/// The one writer of an index.
pub struct Writer {
    writer: IndexWriter,
    reader: IndexReader,
    fields: Arc<Fields>,
    searcher: Searcher,
    checkpoint: Option<Checkpoint>,
}

impl Writer {
    /// Opens the index in this directory, or creates an empty one where there is none.
    ///
    /// # Errors
    /// [`Error::Damaged`] when what is there cannot be used: delete the directory and fill a new one;
    /// [`Error::InUse`] when another process writes it.
    pub fn open(dir: &Path) -> Result<Writer> {
        let files = |source| Error::Files { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(files)?;
        let (schema, fields) = Fields::build();
        Writer::open_index(dir, &schema, Arc::new(fields)).map_err(|error| in_context(error, dir))
    }

    /// What the last commit contains; `None` before the first.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint.clone()
    }

    /// Adds a product's document in place of the one it may have. Visible after the next commit.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn upsert(&mut self, document: &Document) -> Result<()> {
        self.delete(document.product_id)?;
        self.writer.add_document(self.to_index(document))?;
        Ok(())
    }

    /// Deletes a product's document, if it has one. Visible after the next commit.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn delete(&mut self, product: ProductId) -> Result<()> {
        self.writer.delete_term(Term::from_field_i64(self.fields.product, product.get()));
        Ok(())
    }

    /// Makes everything since the last commit durable and visible, together with the checkpoint.
    ///
    /// # Errors
    /// When the index cannot be written; what the last commit holds is still there.
    pub fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let payload = serde_json::to_string(checkpoint).expect("a checkpoint is plain data");
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.checkpoint = Some(checkpoint.clone());
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        self.searcher = Searcher::new(searcher, Arc::clone(&self.fields), Some(&self.searcher))?;
        Ok(())
    }

    /// Forgets everything since the last commit.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn rollback(&mut self) -> Result<()> {
        self.writer.rollback()?;
        // A rollback starts the writer anew, with tantivy's own policy.
        self.writer.set_merge_policy(Box::new(merge_policy()));
        Ok(())
    }

    /// Forgets everything since the last commit and lets go of the index: when this returns, no thread of
    /// the writer touches its directory any more. Merely dropped, a writer leaves running merges behind.
    ///
    /// # Errors
    /// When one of its threads failed.
    pub fn close(self) -> Result<()> {
        Ok(self.writer.wait_merging_threads()?)
    }

    /// The index as of the last commit.
    #[must_use]
    pub fn searcher(&self) -> Searcher {
        self.searcher.clone()
    }

    fn open_index(dir: &Path, schema: &Schema, fields: Arc<Fields>) -> Result<Writer> {
        let index = open_or_create(dir, schema)?;
        analysis::register(&index);
        let payload = index.load_metas()?.payload;
        let checkpoint = payload.as_deref().map(serde_json::from_str).transpose()?;
        let writer = index.writer_with_options(
            IndexWriterOptions::builder()
                .num_worker_threads(1)
                .num_merge_threads(1)
                .memory_budget_per_thread(MEMORY_BUDGET_BYTES)
                .build(),
        )?;
        writer.set_merge_policy(Box::new(merge_policy()));
        let reader: IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = Searcher::new(reader.searcher(), Arc::clone(&fields), None)?;
        Ok(Writer { writer, reader, fields, searcher, checkpoint })
    }

    fn to_index(&self, document: &Document) -> TantivyDocument {
        let fields = &self.fields;
        let mut indexed = TantivyDocument::default();
        let json = serde_json::to_vec(document).expect("a document is plain data with text keys");
        indexed.add_bytes(fields.document, &json);
        indexed.add_i64(fields.product, document.product_id.get());
        indexed.add_u64(fields.ordinal, u64::from(document.ordinal.0));
        indexed.add_i64(fields.created_at, document.created_at_s);
        for id in distinct(document.values.iter().map(|id| id.get())) {
            indexed.add_i64(fields.values, id);
        }
        for id in distinct(document.categories.iter().map(|id| id.get())) {
            indexed.add_i64(fields.categories, id);
        }
        if let Some(brand) = document.brand_id {
            indexed.add_i64(fields.brand, brand.get());
        }
        for code in &document.codes {
            indexed.add_text(fields.codes, code);
        }
        for text in &document.texts {
            add_text(&mut indexed, fields, text);
        }
        indexed
    }
}

fn add_text(indexed: &mut TantivyDocument, fields: &Fields, text: &crate::Text) {
    let of = fields.of(text.lang);
    for part in [&text.title, &text.description, &text.keywords] {
        indexed.add_text(of.all, part);
    }
    indexed.add_text(of.title, &text.title);
    indexed.add_text(of.words, &text.title);
    indexed.add_text(of.words, &text.keywords);
}

/// Sorted and each once: a repeated value must not count twice.
fn distinct(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Opens what is there after checking it, else creates an index.
fn open_or_create(dir: &Path, schema: &Schema) -> Result<Index> {
    let directory = MmapDirectory::open(dir).map_err(TantivyError::from)?;
    if !Index::exists(&directory).map_err(TantivyError::from)? {
        let settings =
            IndexSettings { docstore_blocksize: STORE_BLOCK_BYTES, ..IndexSettings::default() };
        return Ok(Index::create(directory, schema.clone(), settings)?);
    }
    let index = Index::open(directory)?;
    let damaged = |reason: String| Error::Damaged { path: dir.to_owned(), reason };
    if index.schema() != *schema {
        return Err(damaged("it was built with another schema".to_owned()));
    }
    match index.validate_checksum()?.into_iter().min() {
        Some(file) => Err(damaged(format!("the checksum of {} is wrong", file.display()))),
        None => Ok(index),
    }
}

/// Many tiny commits make many tiny segments: they are merged early and in small layers, and a
/// segment that is one fifth deleted is rewritten.
fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(4);
    policy.set_min_layer_size(1_000);
    policy.set_del_docs_ratio_before_merge(0.2);
    policy
}

/// What an error while opening says about the directory.
fn in_context(error: Error, dir: &Path) -> Error {
    let path = dir.to_owned();
    match error {
        Error::Index(TantivyError::LockFailure(..)) => Error::InUse { path },
        Error::Index(TantivyError::IoError(source))
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Error::Files { path, source: std::io::Error::from(source.kind()) }
        }
        Error::Index(error) => Error::Damaged { path, reason: error.to_string() },
        Error::Stored(error) => {
            Error::Damaged { path, reason: format!("its checkpoint cannot be read: {error}") }
        }
        other => other,
    }
}
