//! What was answered, a line an answer, so that anyone can score it.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A table of what was asked, the answer's rank from 1, its id and its score, separated by tabs.
pub(super) struct RunFile(BufWriter<File>, PathBuf);

impl RunFile {
    /// Begins a file; `asked` heads its first column.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn create(path: &Path, asked: &str) -> anyhow::Result<RunFile> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut file = BufWriter::new(file);
        writeln!(file, "{asked}\trank\tid\tscore")?;
        Ok(RunFile(file, path.to_owned()))
    }

    /// Adds one question's answers, the best first.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        &mut self,
        asked: &str,
        answers: impl IntoIterator<Item = (impl Display, impl Display)>,
    ) -> anyhow::Result<()> {
        for ((id, score), rank) in answers.into_iter().zip(1..) {
            writeln!(self.0, "{asked}\t{rank}\t{id}\t{score}")?;
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.0.flush().with_context(|| self.1.display().to_string())
    }
}
