//! Where the files of pictures lie: a folder, or a bucket that speaks S3.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;

use super::Size;
use crate::Result;

/// The place of the files; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
}

/// A picture whose files are kept; proof that a row may name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub(super) hash: String,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) bytes: i32,
}

impl Store {
    /// The files in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`crate::Error::File`] when it cannot be made.
    pub fn folder(path: &Path) -> Result<Store> {
        unimplemented!()
    }

    /// The files at this address: `s3://bucket/prefix` (with the usual `AWS_*` environment), `file:///folder` or a
    /// plain path.
    ///
    /// # Errors
    /// [`crate::Error::Store`] for an address that cannot be read; [`crate::Error::File`].
    pub fn at(address: &str) -> Result<Store> {
        unimplemented!()
    }

    /// Prepares an upload and keeps its files; what is kept already is not made again. Call it before the write.
    ///
    /// # Errors
    /// [`crate::Error::Picture`]; [`crate::Error::Store`].
    pub async fn put(&self, upload: Bytes) -> Result<Stored> {
        unimplemented!()
    }

    /// The file of a picture; none when there is no such.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn get(&self, hash: &str, size: Size) -> Result<Option<Bytes>> {
        unimplemented!()
    }
}

impl Stored {
    /// SHA-256 of the upload, hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}
