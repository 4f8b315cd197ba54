//! Media: photographs of products, the shop's own or at outside addresses.
//!
//! An own picture is named by the SHA-256 of what was uploaded, so that the same upload is kept once and its files
//! never change. What is kept is not the upload but three JPEG files made from it, upright and without the camera's
//! notes: `<hash>/320.jpg`, `800.jpg`, `1600.jpg`, named by their longest allowed side; smaller uploads are not
//! blown up. Files are stored before the row that names them, so that no row lacks its files.
//!
//! Tables owned: `media`, `media_translations`.

mod ops;
mod picture;
mod sql;
mod store;
#[cfg(test)]
mod tests;

pub use ops::{attach, attach_address, of_product, place, put_alt, remove, reorder};
pub use picture::{PICTURE_BYTES_MAX, PIXELS_MAX, PictureError, Prepared, prepare};
use serde::Serialize;
use souk_base::{MediaId, Translated};
pub use store::{Store, Stored};

/// A photograph of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Key of `media`.
    pub id: MediaId,
    /// An outside address; none for the shop's own.
    pub url: Option<String>,
    /// The name of the shop's own files; none for an outside address.
    pub hash: Option<String>,
    /// Width of the upload in pixels, upright; none for an outside address.
    pub width: Option<i32>,
    /// Height of the upload in pixels, upright; none for an outside address.
    pub height: Option<i32>,
    /// Its place among the product's photographs, from 0.
    pub position: i32,
    /// What it shows, for those who cannot see it.
    pub alt: Translated,
}

/// A size that pictures are kept in, named by the longest side it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// Lists.
    Small,
    /// Product pages.
    Medium,
    /// Seen closely.
    Large,
}

impl Size {
    /// Every size, the smallest first.
    pub const ALL: [Size; 3] = [Size::Small, Size::Medium, Size::Large];

    /// The longest side in pixels.
    #[must_use]
    pub const fn side(self) -> u32 {
        match self {
            Size::Small => 320,
            Size::Medium => 800,
            Size::Large => 1_600,
        }
    }

    /// The size of a file name such as `800.jpg`.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Size> {
        Size::ALL.into_iter().find(|size| name == format!("{}.jpg", size.side()))
    }
}

impl Picture {
    /// Where it is seen in this size: a path of the shop's own, or the outside address.
    #[must_use]
    pub fn address(&self, size: Size) -> String {
        match &self.hash {
            Some(hash) => format!("/media/{hash}/{}.jpg", size.side()),
            None => self.url.clone().unwrap_or_default(),
        }
    }
}
