//! Recommendation models over what shoppers did, in linfa's shape: parameters → check → fit → model → predict.
//!
//! **Invariants**: models hold items, never persons: whoever asks brings a history, which is folded in.
//! The same data and parameters give the same bytes: time and seeds are arguments. linfa and ndarray are
//! used in this crate only; it knows no SQL, no HTTP and no async runtime.

pub mod artifact;
mod error;
pub mod evaluate;
mod event;
pub mod experiments;
mod interactions;
pub mod metrics;
mod models;
mod numbers;
mod read;
pub mod serve;
mod split;
pub mod train;

pub use error::{Error, Result};
pub use event::{Event, Events, Names, parse_time};
pub use interactions::Interactions;
pub use models::als::{Als, AlsParams, AlsValidParams};
pub use models::blend::{Blend, BlendParams, BlendValidParams};
pub use models::content::{Content, ContentParams, ContentValidParams, Texts};
pub use models::ease::{Ease, EaseParams, EaseValidParams};
pub use models::popularity::{Popularity, PopularityParams, PopularityValidParams};
pub use models::ranker::{Ranker, RankerParams, RankerValidParams};
pub use models::repeat::{Repeat, RepeatParams, RepeatValidParams};
pub use models::segments::{Segment, Segments, SegmentsParams, SegmentsValidParams};
pub use models::session::{Scratch, Session, SessionParams, SessionValidParams};
pub use models::together::{Together, TogetherParams, TogetherValidParams};
pub use models::trending::{Trending, TrendingParams, TrendingValidParams};
pub use models::{ItemScore, Visit, best};
pub use read::{Columns, Log, read};
pub use split::{HiddenLine, TemporalCase, hidden_lines, temporal};
