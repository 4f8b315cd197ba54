//! Messengers on this machine: a mail server and Twilio's interface that take messages and show them on a page, so that
//! a tester reads a one-time code where a customer would read their mail.
//!
//! Numbers that end in `0000` are refused, as Twilio refuses what is no telephone.

mod mail;
mod page;
mod smtp;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use page::serve_letters;
use serde::Serialize;

/// Letters that are kept; the oldest go first.
const KEPT: usize = 500;

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// `email` or `sms`.
    pub channel: &'static str,
    /// Whom it is to.
    pub to: String,
    /// The subject of a mail.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML part of a mail.
    pub html: String,
}

/// What was taken. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    inner: Arc<Mutex<Vec<Letter>>>,
}

impl Letters {
    /// Takes one.
    pub fn take(&self, letter: Letter) {
        let mut all = self.lock();
        if all.len() >= KEPT {
            all.remove(0);
        }
        all.push(letter);
    }

    /// All of them, the newest first.
    #[must_use]
    pub fn all(&self) -> Vec<Letter> {
        self.lock().iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
