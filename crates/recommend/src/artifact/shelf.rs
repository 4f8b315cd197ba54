//! The folder of all models: saves, loads and lists versions. Which of them serve is for the shop to say.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, checksum};
use super::weights::Weights;
use crate::error::{Error, Result};

const MANIFEST: &str = "manifest.json";
const WEIGHTS: &str = "weights";

/// A folder of models.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

impl Shelf {
    /// The models below this folder.
    #[must_use]
    pub fn at(folder: &Path) -> Shelf {
        Shelf(folder.to_owned())
    }

    /// Saves a version; length, checksum and name are filled in. The same content saved again is the same version.
    ///
    /// # Errors
    /// When a name is none, or the folder cannot be written.
    pub fn save(&self, manifest: Manifest, weights: &Weights) -> Result<Manifest> {
        let bytes = weights.to_bytes();
        let sha256 = checksum(&bytes);
        let day = manifest.window.to.get(..10).unwrap_or("unknown");
        let version = format!("{day}-{}", &sha256[..8]);
        let weights_bytes = bytes.len() as u64;
        let manifest = Manifest { version, weights_bytes, weights_sha256: sha256, ..manifest };
        let folder = self.folder(&manifest.model, &manifest.market)?;
        let partial = folder.join(format!(".{}", manifest.version));
        fs::create_dir_all(&partial).map_err(|source| failed(&partial, source))?;
        write(&partial.join(WEIGHTS), &bytes)?;
        let json = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
        write(&partial.join(MANIFEST), &json)?;
        let complete = folder.join(&manifest.version);
        if complete.try_exists().map_err(|source| failed(&complete, source))? {
            fs::remove_dir_all(&complete).map_err(|source| failed(&complete, source))?;
        }
        fs::rename(&partial, &complete).map_err(|source| failed(&complete, source))?;
        Ok(manifest)
    }

    /// Loads a version.
    ///
    /// # Errors
    /// When it is not there, or is not what its manifest says.
    pub fn load(&self, model: &str, market: &str, version: &str) -> Result<(Manifest, Weights)> {
        let manifest = self.manifest(model, market, version)?;
        let bytes = self.bytes(model, market, version)?;
        let weights = manifest.open(&bytes)?;
        Ok((manifest, weights))
    }

    /// The bytes of a version's weights, as they lie there.
    ///
    /// # Errors
    /// When it is not there.
    pub fn bytes(&self, model: &str, market: &str, version: &str) -> Result<Vec<u8>> {
        let path = self.folder(model, market)?.join(checked(version)?).join(WEIGHTS);
        fs::read(&path).map_err(|source| failed(&path, source))
    }

    /// The manifest of a version.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn manifest(&self, model: &str, market: &str, version: &str) -> Result<Manifest> {
        let path = self.folder(model, market)?.join(checked(version)?).join(MANIFEST);
        let json = fs::read(&path).map_err(|source| failed(&path, source))?;
        serde_json::from_slice(&json)
            .map_err(|error| Error::damaged(format!("has a manifest that cannot be read: {error}")))
    }

    /// All complete versions, by model, market and version.
    ///
    /// # Errors
    /// When a folder or a manifest cannot be read.
    pub fn list(&self) -> Result<Vec<Manifest>> {
        let mut manifests = Vec::new();
        for model in folders(&self.0)? {
            for market in folders(&self.0.join(&model))? {
                for version in folders(&self.0.join(&model).join(&market))? {
                    manifests.push(self.manifest(&model, &market, &version)?);
                }
            }
        }
        Ok(manifests)
    }

    fn folder(&self, model: &str, market: &str) -> Result<PathBuf> {
        Ok(self.0.join(checked(model)?).join(checked(market)?))
    }
}

/// A name that stays inside its folder.
fn checked(name: &str) -> Result<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Error::Name(name.to_owned()));
    }
    Ok(name)
}

/// Names of the folders in a folder, ascending; none when it is not there. What begins with a dot is unfinished.
fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(path, source)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| failed(path, source))?;
        let is_folder = entry.file_type().map_err(|source| failed(path, source))?.is_dir();
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_folder && checked(&name).is_ok() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Writes a file that is on the disk when this returns.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs::File::create(path).map_err(|source| failed(path, source))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::artifact::{Called, Values, Window};
    use crate::train::Settings;

    fn manifest() -> Manifest {
        let window =
            Window { from: "2009-12-01T00:00:00Z".into(), to: "2010-11-09T00:00:00Z".into() };
        Manifest {
            model: "ease".into(),
            market: "GB".into(),
            version: String::new(),
            window,
            items: Called::default(),
            rows: 3,
            parameters: Value::Null,
            tuned: Settings::default(),
            metrics: Value::Null,
            code_version: "0.1.0".into(),
            weights_bytes: 0,
            weights_sha256: String::new(),
        }
    }

    fn weights(score: f32) -> Weights {
        Weights::default().with("scores", Values::Floats(vec![score]))
    }

    #[test]
    fn a_version_is_saved_and_loaded_and_the_same_content_is_the_same_version() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(dir.path());
        assert!(shelf.list().unwrap().is_empty());

        let first = shelf.save(manifest(), &weights(1.0)).unwrap();
        let second = shelf.save(manifest(), &weights(2.0)).unwrap();
        assert!(first.version.starts_with("2010-11-09-"));
        assert_eq!(shelf.save(manifest(), &weights(1.0)).unwrap(), first, "the same content");
        assert_eq!(shelf.list().unwrap().len(), 2);
        assert_eq!(shelf.load("ease", "GB", &second.version).unwrap().1, weights(2.0));
    }

    #[test]
    fn a_damaged_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(dir.path());
        let bad = shelf.save(manifest(), &weights(2.0)).unwrap();
        let path = dir.path().join("ease/GB").join(&bad.version).join(WEIGHTS);
        let bytes = fs::read(&path).unwrap();

        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for damaged in [&flipped[..], &bytes[..bytes.len() - 1], &[]] {
            fs::write(&path, damaged).unwrap();
            assert!(shelf.load("ease", "GB", &bad.version).is_err());
        }
        assert!(shelf.load("ease", "../GB", &bad.version).is_err(), "a name stays in its folder");
    }
}
