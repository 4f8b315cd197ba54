//! What a command prints: data on stdout, everything else on stderr.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// How a command may print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One JSON object on stdout instead of text for people.
    pub json: bool,
    /// No progress and no notes.
    pub quiet: bool,
}

impl Output {
    /// Prints a result: the object for programs, or the text for people.
    ///
    /// # Errors
    /// When stdout is closed or the object cannot be written as JSON.
    pub(crate) fn result(self, object: &impl Serialize, text: &str) -> anyhow::Result<()> {
        let line = if self.json { serde_json::to_string(object)? } else { text.to_owned() };
        writeln!(std::io::stdout().lock(), "{line}")?;
        Ok(())
    }

    /// Says on stderr what is happening, for people who watch.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            // Nobody is left to tell when stderr is closed.
            let _closed = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// A bar on stderr for work of this many steps (0: unknown); hidden when nobody can see it.
    #[must_use]
    pub(crate) fn bar(self, steps: u64, what: &str) -> ProgressBar {
        let bar = if steps == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(steps) };
        if self.quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = if steps == 0 {
            "{msg} {human_pos} · {per_sec}"
        } else {
            "{msg} {wide_bar} {human_pos}/{human_len} · {per_sec} · {eta} left"
        };
        let style = ProgressStyle::with_template(template).expect("both templates are well-formed");
        bar.with_style(style).with_message(what.to_owned())
    }
}
