//! Looking through the files of an index for damage, a piece at a time.
//!
//! Reading checks what it reads, but what nobody reads could stay damaged for months and come to light in
//! a merge. A scrub reads everything. It takes no lock and may run beside a writer: before it reports a
//! file, it looks whether that file still belongs to the index.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tantivy::index::{SegmentComponent, SegmentMeta};
use tantivy::{Index, TantivyError};

use crate::blocks::{Blocks, is_damage};
use crate::directory::{CheckedDirectory, Failure};
use crate::{Error, Result};

/// The list of an index's segments.
const META: &str = "meta.json";

/// What each segment has.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Store,
];

/// A damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Its name inside the index directory.
    pub file: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// One look through an index.
#[derive(Debug)]
pub struct Scrub {
    dir: PathBuf,
    /// Files still to be looked at, the next one last.
    files: Vec<PathBuf>,
    /// The file that is being read, and how far.
    current: Option<(PathBuf, Blocks, usize)>,
    found: Vec<Damage>,
}

impl Scrub {
    /// Begins a look through the index in this directory. Where there is no index, there is nothing to be
    /// looked at.
    ///
    /// # Errors
    /// When the directory cannot be read, which says nothing about the index.
    pub fn begin(dir: &Path) -> Result<Scrub> {
        let mut scrub =
            Scrub { dir: dir.to_owned(), files: Vec::new(), current: None, found: Vec::new() };
        match listed(dir)? {
            Ok(files) => scrub.files.extend(files),
            Err(damage) => scrub.found.push(damage),
        }
        Ok(scrub)
    }

    /// Reads the next `bytes` at most; how many it were, or `None` at the end.
    ///
    /// # Errors
    /// When a file cannot be read although it may be sound; the step can be tried again.
    pub fn step(&mut self, bytes: usize) -> Result<Option<usize>> {
        if let Some((file, blocks, start)) = self.current.take() {
            let end = (start + bytes).min(blocks.length());
            match blocks.read(start..end) {
                Err(error) => self.suspect(file, &error)?,
                Ok(_) if end < blocks.length() => self.current = Some((file, blocks, end)),
                Ok(_) => {}
            }
            return Ok(Some(end - start));
        }
        let Some(file) = self.files.pop() else { return Ok(None) };
        match Blocks::open(&self.dir.join(&file)) {
            Ok(blocks) => self.current = Some((file, blocks, 0)),
            Err(error) => self.suspect(file, &error)?,
        }
        Ok(Some(0))
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Vec<Damage> {
        self.found
    }

    /// Takes a file down as damaged, if the index still has it.
    fn suspect(&mut self, file: PathBuf, error: &io::Error) -> Result<()> {
        let is_missing = error.kind() == ErrorKind::NotFound;
        if !is_missing && !is_damage(error) {
            let source = io::Error::new(error.kind(), error.to_string());
            let failure = Error::Files { path: self.dir.join(&file), source };
            self.files.push(file);
            return Err(failure);
        }
        match listed(&self.dir)? {
            Ok(files) if !files.contains(&file) => return Ok(()),
            Err(damage) => self.found.push(damage),
            Ok(_) => {}
        }
        let reason = if is_missing { "it is missing".to_owned() } else { error.to_string() };
        self.found.push(Damage { file, reason });
        Ok(())
    }
}

/// The files of the last commit's segments, or what is wrong with the lists of them; none where there is no
/// index.
fn listed(dir: &Path) -> Result<Result<HashSet<PathBuf>, Damage>> {
    if !dir.join(META).try_exists().map_err(|source| files_error(dir, source))? {
        return Ok(Ok(HashSet::new()));
    }
    let directory = CheckedDirectory::open(dir)?;
    match segments(&directory) {
        Ok(segments) => Ok(Ok(segments.iter().flat_map(files).collect())),
        Err(error) => match directory.take_failure() {
            Some(Failure { file, source }) if is_damage(&source) => {
                Ok(Err(Damage { file, reason: source.to_string() }))
            }
            Some(failure) => Err(failure.error(dir)),
            None => Err(error.into()),
        },
    }
}

fn segments(directory: &CheckedDirectory) -> Result<Vec<SegmentMeta>, TantivyError> {
    Ok(Index::open(directory.clone())?.load_metas()?.segments)
}

fn files(segment: &SegmentMeta) -> Vec<PathBuf> {
    let deletes = segment.has_deletes().then_some(SegmentComponent::Delete);
    COMPONENTS.into_iter().chain(deletes).map(|kind| segment.relative_path(kind)).collect()
}

fn files_error(dir: &Path, source: io::Error) -> Error {
    Error::Files { path: dir.to_owned(), source }
}
