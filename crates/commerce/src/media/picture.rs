//! From an upload to the files that are kept.

use bytes::Bytes;

use super::Size;
use crate::Result;

/// Largest upload, in bytes.
pub const PICTURE_BYTES_MAX: usize = 15 * 1024 * 1024;

/// Most pixels of an upload.
pub const PIXELS_MAX: u64 = 40_000_000;

/// Why an upload is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It has too many bytes.
    #[error("a picture must have at most {} MB, this one has {:.1} MB", PICTURE_BYTES_MAX / 1_048_576, *.0 as f64 / 1_048_576.0)]
    TooLarge(usize),
    /// It has too many pixels.
    #[error("a picture must have at most 40 megapixels, this one has {0} × {1} pixels")]
    TooManyPixels(u32, u32),
    /// It is no JPEG, PNG or WebP file.
    #[error("this is not a JPEG, PNG or WebP picture")]
    UnknownFormat,
    /// It is one, but damaged.
    #[error("the picture is damaged and cannot be read")]
    Damaged,
}

/// An upload made ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// SHA-256 of the upload, hexadecimal.
    pub hash: String,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Size of the upload.
    pub bytes: usize,
    /// The JPEG file of each size.
    pub files: [(Size, Bytes); 3],
}

/// Reads an upload, turns it upright and makes the files; takes up to a second of a blocking thread.
///
/// # Errors
/// [`crate::Error::Picture`].
pub async fn prepare(upload: Bytes) -> Result<Prepared> {
    unimplemented!()
}
