//! Writing the index: documents in, commits with their checkpoint, a searcher of the last commit.
//!
//! **Invariant**: the checkpoint is part of the commit it describes, so a crash at any time leaves an
//! index that says truly what it contains.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use souk_base::ProductId;
use tantivy::directory::error::{LockError, OpenReadError, OpenWriteError};
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::Schema;
use tantivy::store::Compressor;
use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError,
    Term,
};

use crate::analysis::Analyzer;
use crate::blocks::is_damage;
use crate::directory::CheckedDirectory;
use crate::document::{Checkpoint, Document};
use crate::merges::Merges;
use crate::schema::{Fields, TITLE_WEIGHT};
use crate::searcher::Searcher;
use crate::titles::Marks;
use crate::{Error, Result, analysis};

/// What the one indexing thread may hold before it writes a segment.
const MEMORY_BUDGET_BYTES: usize = 50_000_000;

/// The compressed unit of stored documents: small, because a page of hits reads documents here and there.
const STORE_BLOCK_BYTES: usize = 4_096;

/// The one writer of an index.
pub struct Writer {
    writer: IndexWriter,
    reader: IndexReader,
    directory: CheckedDirectory,
    fields: Arc<Fields>,
    searcher: Searcher,
    checkpoint: Option<Checkpoint>,
    analyzer: Analyzer,
    merges: Merges,
    /// Documents since the last commit.
    written: usize,
}

impl Writer {
    /// Opens the index in this directory, or creates an empty one where there is none. Reads what is kept
    /// in memory and the columns, not the whole index: [`crate::Scrub`] does that.
    ///
    /// # Errors
    /// [`Error::Damaged`] when what is there cannot be used: delete the directory and fill a new one;
    /// [`Error::InUse`] when another process writes it; [`Error::Files`] when the machine has run out of
    /// something, which says nothing about the index.
    pub fn open(dir: &Path) -> Result<Writer> {
        let files = |source| Error::Files { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(files)?;
        let directory = CheckedDirectory::open(dir)?;
        let (schema, fields) = Fields::build();
        let open = || Writer::open_index(&directory, dir, &schema, Arc::new(fields));
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(Ok(writer)) => Ok(writer),
            Ok(Err(error)) => Err(unusable(explained(error, &directory, dir), dir)),
            Err(_panic) => Err(match directory.take_failure() {
                Some(failure) => failure.error(dir),
                None => {
                    let reason = "reading it caused a panic".to_owned();
                    Error::Damaged { path: dir.to_owned(), reason }
                }
            }),
        }
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
        self.add(document)
    }

    /// Adds the document of a product that has none. Visible after the next commit.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add(&mut self, document: &Document) -> Result<()> {
        let indexed = self.indexed(document);
        let added = self.writer.add_document(indexed);
        added.map_err(|error| self.explained(error.into()))?;
        self.written += 1;
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
    /// [`Error::Damaged`] when a file was found damaged, now or by a search or merge since the last commit;
    /// [`Error::Files`] when the index cannot be written: what the last commit holds is still there.
    pub fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.try_commit(checkpoint).map_err(|error| self.explained(error))?;
        match self.directory.take_damage() {
            Some(damage) => Err(damage.error(self.directory.root())),
            None => Ok(()),
        }
    }

    fn try_commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let payload = serde_json::to_string(checkpoint).expect("a checkpoint is plain data");
        self.adapt_merges();
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.checkpoint = Some(checkpoint.clone());
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        self.searcher = Searcher::new(searcher, Arc::clone(&self.fields), Some(&self.searcher))?;
        Ok(())
    }

    fn adapt_merges(&mut self) {
        let merges = self.merges.after(std::mem::take(&mut self.written));
        if merges != self.merges {
            self.merges = merges;
            self.writer.set_merge_policy(merges.policy());
        }
    }

    /// Forgets everything since the last commit.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn rollback(&mut self) -> Result<()> {
        self.writer.rollback().map_err(|error| self.explained(error.into()))?;
        // A rollback starts the writer anew, with tantivy's own policy.
        self.writer.set_merge_policy(self.merges.policy());
        self.written = 0;
        Ok(())
    }

    /// Leaves segments as they are written, until the index is opened again.
    pub fn postpone_merges(&mut self) {
        self.merges = Merges::Postponed;
        self.writer.set_merge_policy(self.merges.policy());
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

    /// What an error says about the directory.
    fn explained(&self, error: Error) -> Error {
        explained(error, &self.directory, self.directory.root())
    }

    fn open_index(
        directory: &CheckedDirectory,
        dir: &Path,
        schema: &Schema,
        fields: Arc<Fields>,
    ) -> Result<Writer> {
        let index = open_or_create(directory, dir, schema)?;
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
        let merges = Merges::Steady;
        writer.set_merge_policy(merges.policy());
        let reader: IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = Searcher::new(reader.searcher(), Arc::clone(&fields), None)?;
        let directory = directory.clone();
        let analyzer = Analyzer::default();
        Ok(Writer {
            writer,
            reader,
            directory,
            fields,
            searcher,
            checkpoint,
            analyzer,
            merges,
            written: 0,
        })
    }

    fn indexed(&mut self, document: &Document) -> TantivyDocument {
        let fields = &self.fields;
        let mut indexed = TantivyDocument::default();
        indexed.add_bytes(fields.document, &document.stored().to_bytes());
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
            add_text(&mut indexed, fields, text, &mut self.analyzer);
        }
        indexed
    }
}

fn add_text(
    indexed: &mut TantivyDocument,
    fields: &Fields,
    text: &crate::Text,
    analyzer: &mut Analyzer,
) {
    let (of, lang) = (fields.of(text.lang), text.lang);
    let mut values = String::new();
    analyzer.analyze(lang, &text.values, &mut values);
    let (mut title, mut marks) = (String::new(), Marks::default());
    analyzer.title(lang, &text.title, |word| {
        indexed.add_text(of.title, word.written);
        marks.push(&word, &text.title, values.split(' ').any(|value| value == word.stem));
        title.push_str(word.stem);
        title.push(' ');
    });
    indexed.add_u64(of.marks, marks.bits());
    let mut all = title.repeat(TITLE_WEIGHT as usize);
    analyzer.analyze(lang, &text.description, &mut all);
    analyzer.analyze(lang, &text.keywords, &mut all);
    all.push_str(&values);
    indexed.add_text(of.all, &all);
}

/// Sorted and each once: a repeated value must not count twice.
fn distinct(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Opens what is there, else creates an index.
fn open_or_create(directory: &CheckedDirectory, dir: &Path, schema: &Schema) -> Result<Index> {
    if !Index::exists(directory).map_err(TantivyError::from)? {
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            docstore_blocksize: STORE_BLOCK_BYTES,
            ..IndexSettings::default()
        };
        return Ok(Index::create(directory.clone(), schema.clone(), settings)?);
    }
    let index = Index::open(directory.clone())?;
    if index.schema() != *schema {
        let reason = "it was built with another schema".to_owned();
        return Err(Error::Damaged { path: dir.to_owned(), reason });
    }
    Ok(index)
}

/// What an error says about the directory: it is damaged, or the machine does not let it be used. Others
/// stay as they are.
fn explained(error: Error, directory: &CheckedDirectory, dir: &Path) -> Error {
    let path = dir.to_owned();
    match &error {
        Error::Index(TantivyError::LockFailure(LockError::LockBusy, _)) => Error::InUse { path },
        Error::Index(inner) => {
            // The directory knows the file, which tantivy's error often does not.
            let found = directory.take_failure().map(|failure| failure.error(dir));
            found.or_else(|| io_failure(inner, dir)).unwrap_or(error)
        }
        _ => error,
    }
}

fn io_failure(error: &TantivyError, dir: &Path) -> Option<Error> {
    let path = dir.to_owned();
    let source = match error {
        TantivyError::IoError(source)
        | TantivyError::LockFailure(LockError::IoError(source), _)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: source, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: source, .. }) => source,
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            return Some(Error::Damaged { path, reason: format!("{} is missing", file.display()) });
        }
        TantivyError::DataCorruption(_) => {
            return Some(Error::Damaged { path, reason: error.to_string() });
        }
        _ => return None,
    };
    Some(if is_damage(source) {
        Error::Damaged { path, reason: source.to_string() }
    } else {
        Error::Files { path, source: std::io::Error::new(source.kind(), source.to_string()) }
    })
}

/// An index that cannot be opened is damaged, unless the machine is at fault.
fn unusable(error: Error, dir: &Path) -> Error {
    let path = dir.to_owned();
    match error {
        Error::Index(error) => Error::Damaged { path, reason: error.to_string() },
        Error::Checkpoint(error) => {
            Error::Damaged { path, reason: format!("its checkpoint cannot be read: {error}") }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_schema_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let mut schema = Schema::builder();
        schema.add_text_field("title", tantivy::schema::TEXT);
        let directory = CheckedDirectory::open(dir.path()).unwrap();
        Index::create(directory, schema.build(), IndexSettings::default()).unwrap();

        let refused = Writer::open(dir.path()).err().unwrap().to_string();

        assert!(refused.contains("another schema"), "{refused}");
    }
}
