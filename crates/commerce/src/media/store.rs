//! Where the files of pictures lie: a folder, or a bucket that speaks S3.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt};

use super::{Prepared, Size, prepare};
use crate::Result;

/// How long a bucket may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a bucket may take for a file.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

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
        std::fs::create_dir_all(path)?;
        let objects = LocalFileSystem::new_with_prefix(path)?.with_automatic_cleanup(true);
        Ok(Store { objects: Arc::new(objects) })
    }

    /// The files at this address: `s3://bucket/prefix` (with the usual `AWS_*` environment), else a folder.
    ///
    /// # Errors
    /// [`crate::Error::Store`] for an address that cannot be read; [`crate::Error::File`].
    pub fn at(address: &str) -> Result<Store> {
        let Some(bucket) = address.strip_prefix("s3://") else {
            return Store::folder(Path::new(address));
        };
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        Store::bucket(AmazonS3Builder::from_env().with_bucket_name(bucket), prefix)
    }

    pub(super) fn bucket(bucket: AmazonS3Builder, prefix: &str) -> Result<Store> {
        let objects = bucket.with_http_connector(Connector).build()?;
        let prefix = Key::parse(prefix).map_err(object_store::Error::from)?;
        Ok(Store { objects: Arc::new(PrefixStore::new(objects, prefix)) })
    }

    /// Prepares an upload and keeps its files. Call it before the write that names them.
    ///
    /// # Errors
    /// [`crate::Error::Picture`]; [`crate::Error::Store`].
    pub async fn put(&self, upload: Bytes) -> Result<Stored> {
        let prepared = prepare(upload).await?;
        for (size, file) in &prepared.files {
            self.objects.put(&key(&prepared.hash, *size), file.clone().into()).await?;
        }
        Ok(Stored::of(&prepared))
    }

    /// The file of a picture; none when there is no such.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn get(&self, hash: &str, size: Size) -> Result<Option<Bytes>> {
        if !is_hash(hash) {
            return Ok(None);
        }
        match self.objects.get(&key(hash, size)).await {
            Ok(file) => Ok(Some(file.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Stored {
    fn of(prepared: &Prepared) -> Stored {
        let fits = "uploads are limited to far less than two thousand million bytes and pixels";
        Stored {
            hash: prepared.hash.clone(),
            width: prepared.width.try_into().expect(fits),
            height: prepared.height.try_into().expect(fits),
            bytes: prepared.bytes.try_into().expect(fits),
        }
    }

    /// SHA-256 of the upload, hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

fn key(hash: &str, size: Size) -> Key {
    Key::from_iter([hash, &format!("{}.jpg", size.side())])
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Connections to a bucket, by the room that speaks HTTP to others.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = souk_providers::http::plain(CONNECT_TIMEOUT, REQUEST_TIMEOUT)
            .map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(client))
    }
}
