//! PostgreSQL's server programs: where they are installed, and of which version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Result};

/// The oldest major version that works: publications with column lists, which the feed needs, came with it.
pub(crate) const MAJOR_MIN: u32 = 15;
/// The newest major version that was tried.
pub(crate) const MAJOR_MAX: u32 = 18;

/// A folder with PostgreSQL's server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The first usable programs: `SOUK_PG_BIN` alone if it is set, else `pg/bin` beside this binary, what `pg_config`
    /// says, the usual folders of the packages with the newest version first, and `PATH`.
    ///
    /// # Errors
    /// [`Error::NoPrograms`], or [`Error::Unusable`] if `SOUK_PG_BIN` leads nowhere.
    pub fn find() -> Result<Self> {
        let (folders, absent) = places_to_look();
        usable(folders).next().ok_or(absent)
    }

    /// The programs for an existing `cluster` that version `made_by` made; no other version can read it.
    pub(crate) fn find_for(cluster: &Path, made_by: u32) -> Result<Self> {
        let (folders, absent) = places_to_look();
        choose_for(cluster, made_by, usable(folders), absent)
    }

    /// The path of one program, such as `pg_dump`; whether it exists is for the caller to see.
    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        let complete = ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file());
        let major = if complete { version_of(&folder.join("postgres"))? } else { return None };
        (MAJOR_MIN..=MAJOR_MAX).contains(&major).then_some(Programs { folder, major })
    }
}

/// The folders to look in, in order, and what to say when none will do.
fn places_to_look() -> (Vec<PathBuf>, Error) {
    match env::var_os("SOUK_PG_BIN").map(PathBuf::from) {
        Some(folder) => (vec![folder.clone()], Error::Unusable(folder)),
        None => (usual_folders(), Error::NoPrograms),
    }
}

fn usable(folders: Vec<PathBuf>) -> impl Iterator<Item = Programs> {
    folders.into_iter().filter_map(Programs::in_folder)
}

fn choose_for(
    cluster: &Path,
    made_by: u32,
    usable: impl Iterator<Item = Programs>,
    absent: Error,
) -> Result<Programs> {
    let mut newest = None;
    for programs in usable {
        if programs.major == made_by {
            return Ok(programs);
        }
        newest = newest.max(Some(programs.major));
    }
    let cluster = cluster.to_owned();
    Err(newest.map_or(absent, |found| Error::VersionMismatch { cluster, made_by, found }))
}

fn usual_folders() -> Vec<PathBuf> {
    let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("pg/bin")));
    let packaged = [
        ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
        ("/usr", "pgsql-", "bin"),                   // Red Hat
        ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew on Apple silicon
        ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = beside.into_iter().chain(configured()).collect();
    for (parent, prefix, bin) in packaged {
        folders.extend(newest_first(Path::new(parent), prefix).map(|version| version.join(bin)));
    }
    folders.extend(env::split_paths(&path));
    folders
}

/// What `pg_config --bindir` says; with only the client library installed that folder lacks the server.
fn configured() -> Option<PathBuf> {
    let said = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(said.stdout).ok()?;
    said.status.success().then(|| PathBuf::from(folder.trim()))
}

/// The folders `<parent>/<prefix><major>`, newest version first.
fn newest_first(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let major = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path()))
        })
        .collect();
    versions.sort_unstable_by_key(|(major, _)| std::cmp::Reverse(*major));
    versions.into_iter().map(|(_, folder)| folder)
}

fn version_of(postgres: &Path) -> Option<u32> {
    let said = Command::new(postgres).arg("--version").output().ok()?;
    major_in(std::str::from_utf8(&said.stdout).ok()?)
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_in(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(major: u32) -> Programs {
        Programs { folder: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")), major }
    }

    #[test]
    fn without_programs_the_error_names_the_package_and_the_ways_out() {
        let empty = tempfile::tempdir().unwrap();

        let error =
            usable(vec![empty.path().to_owned()]).next().ok_or(Error::NoPrograms).unwrap_err();

        let text = error.to_string();
        for hint in ["apt-get install postgresql", "SOUK_PG_BIN", "DATABASE_URL"] {
            assert!(text.contains(hint), "{text}");
        }
    }

    #[test]
    fn a_cluster_gets_the_programs_of_its_own_version_even_if_newer_ones_come_first() {
        let found = [programs(17), programs(15)].into_iter();

        let chosen = choose_for(Path::new("/c"), 15, found, Error::NoPrograms).unwrap();

        assert_eq!(chosen, programs(15));
    }

    #[test]
    fn a_cluster_of_another_version_is_refused_with_the_way_to_upgrade() {
        let found = [programs(16), programs(17)].into_iter();

        let error = choose_for(Path::new("/c"), 15, found, Error::NoPrograms).unwrap_err();

        let text = error.to_string();
        assert!(text.contains("pg_upgrade") && text.contains("version 17"), "{text}");
    }

    #[test]
    fn the_newest_packaged_version_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "16", "18", "15", "common"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }

        let names: Vec<_> = newest_first(parent.path(), "")
            .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();

        assert_eq!(names, ["18", "16", "15"]);
    }

    #[test]
    fn versions_are_read_from_what_the_server_says() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_in("psql (PostgreSQL) 15.18\n"), None);
    }
}
