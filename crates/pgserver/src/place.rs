//! The folder of the private server: cluster, password, port, log and locks, and the account that owns them.
//!
//! Usually it is `postgres/` in the data directory. When root starts a server whose account cannot reach that folder
//! (root's home is closed to it), the place is under `/var/lib/souk` and `postgres/place` in the data directory names it.
//!
//! Locks: `change.lock` is held while the server is made, started or stopped; each process that uses the server holds
//! `users.lock` shared; the server itself holds `server.lock` as its standard input. The kernel releases each when its
//! holder ends, however it ends, so none can be stale.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::error::cannot;
use crate::{Error, Result};

const ELSEWHERE: &str = "/var/lib/souk";

/// Longest path of a socket: one byte of the 108 ends it.
const SOCKET_PATH_MAX: usize = 107;

/// What begins the names of a server's socket and of the socket's lock file; its port follows.
const SOCKET: &str = ".s.PGSQL.";

/// What the server programs keep of our environment: no secret of ours is among it.
const ENVIRONMENT: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TZ"];

/// Where one private server lives, and as whom.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    account: Option<Account>,
}

impl Place {
    /// Finds the place that belongs to `data_dir`, or makes it.
    pub(crate) fn settle(data_dir: &Path) -> Result<Self> {
        let home = data_dir.join("postgres");
        DirBuilder::new().recursive(true).create(data_dir).map_err(cannot("create", data_dir))?;
        create_closed(&home)?;
        check_owner(&home)?;
        let home = home.canonicalize().map_err(cannot("find", &home))?;
        let held = File::open(&home).map_err(cannot("open", &home))?;
        held.lock().map_err(cannot("lock", &home))?;
        let place = Self::noted(&home)?.map_or_else(|| Self::new(&home), Ok)?;
        check_owner(&place.folder)?;
        place.own(&place.folder)?;
        Ok(place)
    }

    /// The place if a server was ever made for `data_dir`.
    pub(crate) fn existing(data_dir: &Path) -> Result<Option<Self>> {
        let made = data_dir.join("postgres").try_exists().map_err(cannot("inspect", data_dir))?;
        if made { Self::settle(data_dir).map(Some) } else { Ok(None) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub(crate) fn password_file(&self) -> PathBuf {
        self.folder.join("password")
    }

    pub(crate) fn port_file(&self) -> PathBuf {
        self.folder.join("port")
    }

    /// The folder of the server's socket, which is faster than TCP; none where its path is longer than the system
    /// allows, or would have to be quoted.
    pub(crate) fn socket_folder(&self) -> Option<&str> {
        let path = self.folder.to_str()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        let fits = path.len() + "/".len() + SOCKET.len() + "65535".len() <= SOCKET_PATH_MAX;
        (fits && path.bytes().all(plain)).then_some(path)
    }

    /// Whether the file system of the folder takes sockets; those that containers share with their host often do not.
    pub(crate) fn takes_sockets(&self) -> bool {
        let probe = self.folder.join(format!("{SOCKET}probe"));
        let taken = UnixListener::bind(&probe).is_ok();
        taken && fs::remove_file(&probe).is_ok()
    }

    /// The folder, if a server with this port has its socket there.
    pub(crate) fn socket_of(&self, port: u16) -> Result<Option<&str>> {
        let Some(folder) = self.socket_folder() else { return Ok(None) };
        let path = self.folder.join(format!("{SOCKET}{port}"));
        let there = path.try_exists().map_err(cannot("inspect", &path))?;
        Ok(there.then_some(folder))
    }

    /// Removes the sockets that a dead server left, and their lock files, which a new one may believe: the process they
    /// name can be another by now. The server lock must be held.
    pub(crate) fn forget_sockets(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder).map_err(cannot("read", &self.folder))? {
            let entry = entry.map_err(cannot("read", &self.folder))?;
            if entry.file_name().as_encoded_bytes().starts_with(SOCKET.as_bytes()) {
                remove_if_there(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Opens `name` for appending; a new file is readable by its owner alone.
    pub(crate) fn open(&self, name: &str) -> Result<File> {
        let path = self.folder.join(name);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(cannot("open", &path))?;
        self.own(&path)?;
        Ok(file)
    }

    /// Writes a small file that is readable by its owner alone.
    pub(crate) fn write(&self, path: &Path, text: &str) -> Result<()> {
        let new = path.with_extension("new");
        remove_if_there(&new)?;
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .map_err(cannot("create", &new))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(cannot("write", &new))?;
        self.own(&new)?;
        fs::rename(&new, path).map_err(cannot("write", path))
    }

    /// Waits until no other process makes, starts or stops the server.
    pub(crate) fn lock_changes(&self) -> Result<File> {
        let lock = self.open("change.lock")?;
        lock.lock().map_err(cannot("lock", &self.folder))?;
        Ok(lock)
    }

    /// Counts this process among the users of the server; the change lock must be held.
    pub(crate) fn lock_as_user(&self) -> Result<File> {
        let lock = self.open("users.lock")?;
        lock.lock_shared().map_err(cannot("lock", &self.folder))?;
        Ok(lock)
    }

    /// Whether no process uses the server; the change lock must be held.
    pub(crate) fn is_unused(&self) -> Result<bool> {
        match self.open("users.lock")?.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(cannot("lock", &self.folder)(error)),
        }
    }

    /// A command that runs as the server's account, away from our terminal and environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let kept = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.env_clear().envs(kept).env("LC_ALL", "C").current_dir(&self.folder);
        if let Some(account) = &self.account {
            account.lend_to(&mut command);
        }
        command
    }

    fn noted(home: &Path) -> Result<Option<Self>> {
        let note = home.join("place");
        let folder = match fs::read_to_string(&note) {
            Ok(text) => PathBuf::from(text.trim_end()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot("read", &note)(error)),
        };
        if !folder.is_dir() {
            return Err(Error::Lost { note, folder });
        }
        let folder = folder.canonicalize().map_err(cannot("find", &folder))?;
        let account = Account::for_server(owner(&folder.join("cluster"))?)?;
        Ok(Some(Place { folder, account }))
    }

    fn new(home: &Path) -> Result<Self> {
        let cluster_owner = owner(&home.join("cluster"))?;
        let account = Account::for_server(cluster_owner)?;
        let data_dir = home.parent().unwrap_or(home);
        let folder = match &account {
            Some(account) if cluster_owner.is_none() && !account.reaches(data_dir)? => {
                let folder = move_out(home, Path::new(ELSEWHERE))?;
                tracing::info!(
                    "user {} cannot reach {}: the PostgreSQL cluster lives in {}",
                    account.name,
                    home.display(),
                    folder.display()
                );
                folder
            }
            _ => home.to_owned(),
        };
        Ok(Place { folder, account })
    }

    fn own(&self, path: &Path) -> Result<()> {
        self.account.as_ref().map_or(Ok(()), |account| account.own(path))
    }
}

/// Removes a file that a killed process may have left.
pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Makes a folder under `elsewhere` and notes it in `home`. It is always a new one: a folder that an older data
/// directory of the same path left behind is never taken over, since its owner deleted that directory.
fn move_out(home: &Path, elsewhere: &Path) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    let name = format!("{:016x}", hasher.finish());
    DirBuilder::new().recursive(true).create(elsewhere).map_err(cannot("create", elsewhere))?;
    let mut attempt = 0;
    loop {
        let folder = elsewhere.join(format!("{name}-{attempt}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(cannot("create", &folder)(error)),
            Ok(()) => {
                let note = home.join("place");
                let text = format!("{}\n", folder.display());
                fs::write(&note, text).map_err(cannot("write", &note))?;
                return Ok(folder);
            }
        }
    }
}

/// Only root may use what another user owns.
fn check_owner(path: &Path) -> Result<()> {
    let ours = rustix::process::geteuid();
    match owner(path)? {
        Some(owner) if !ours.is_root() && owner != ours.as_raw() => {
            Err(Error::ForeignOwner { path: path.to_owned(), owner })
        }
        _ => Ok(()),
    }
}

fn create_closed(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(cannot("create", folder))
}

fn owner(path: &Path) -> Result<Option<u32>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.uid())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("inspect", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_outside_is_found_again_and_never_inherited() {
        let folder = tempfile::tempdir().unwrap();
        let (home, elsewhere) = (folder.path().join("home"), folder.path().join("elsewhere"));
        create_closed(&home).unwrap();

        let first = move_out(&home, &elsewhere).unwrap();
        let noted = Place::noted(&home).unwrap().unwrap();
        fs::remove_file(home.join("place")).unwrap();
        let second = move_out(&home, &elsewhere).unwrap();

        assert_eq!(noted.folder(), first);
        assert_ne!(first, second);
    }

    #[test]
    fn a_cluster_outside_that_is_gone_is_an_error_and_not_an_empty_shop() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("place"), "/nowhere/at/all\n").unwrap();

        let error = Place::noted(home.path()).unwrap_err();

        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
