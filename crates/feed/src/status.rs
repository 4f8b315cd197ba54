//! What a feed says about itself while it runs.

use souk_base::Position;

/// How a feed stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Position of the published View.
    pub position: Position,
    /// Bytes of the write-ahead log between that position and its end, as last measured.
    pub bytes_behind: u64,
}

/// What a feed is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Connecting for the first time.
    #[default]
    Waiting,
    /// Building an index from scratch; an older View, if there is one, goes on serving.
    Filling {
        /// Products read.
        done: u64,
        /// Products there are.
        total: u64,
    },
    /// Following the stream.
    Following,
    /// The stream broke; it is tried again soon.
    Reconnecting {
        /// What went wrong.
        reason: String,
    },
}
