//! Whom the server runs as: PostgreSQL refuses root.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::error::cannot;
use crate::{Error, Result};

const PASSWD: &str = "/etc/passwd";

/// An account of the system, as `/etc/passwd` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account that runs the server, or none if this process may run it itself. As root that is the owner of an
    /// existing cluster; a new one goes to `postgres`, else to `nobody`.
    pub(crate) fn for_server(cluster_owner: Option<u32>) -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string(PASSWD).map_err(cannot("read", Path::new(PASSWD)))?;
        choose(&passwd, cluster_owner).map(Some)
    }

    /// Whether every folder on the way to `path`, and `path` itself, lets this account through.
    pub(crate) fn reaches(&self, path: &Path) -> Result<bool> {
        for folder in path.ancestors() {
            if !self.may_enter(&fs::metadata(folder).map_err(cannot("inspect", folder))?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives `path` to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        lchown(path, Some(self.uid), Some(self.gid)).map_err(cannot("change the owner of", path))
    }

    /// Makes `command` run as this account; the system drops root's other groups along with it.
    pub(crate) fn lend_to(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    fn may_enter(&self, folder: &Metadata) -> bool {
        let execute = match () {
            () if folder.uid() == self.uid => 0o100,
            () if folder.gid() == self.gid => 0o010,
            () => 0o001,
        };
        folder.mode() & execute != 0
    }
}

fn choose(passwd: &str, cluster_owner: Option<u32>) -> Result<Account> {
    let by_name = |name: &str| accounts(passwd).find(|account| account.name == name);
    match cluster_owner.filter(|uid| *uid != 0) {
        Some(uid) => accounts(passwd)
            .find(|account| account.uid == uid)
            .ok_or_else(|| Error::NoAccount(format!("user id {uid}, who owns the cluster"))),
        None => by_name("postgres")
            .or_else(|| by_name("nobody"))
            .ok_or_else(|| Error::NoAccount("postgres or nobody".to_owned())),
    }
}

fn accounts(passwd: &str) -> impl Iterator<Item = Account> {
    passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
        broken line\n\
        postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n\
        aisha:x:1000:1000::/home/aisha:/bin/sh\n";

    #[test]
    fn a_new_cluster_goes_to_postgres_else_to_nobody() {
        let without_postgres = PASSWD.replace("postgres:", "someone:");

        assert_eq!(choose(PASSWD, None).unwrap().uid, 101);
        assert_eq!(choose(&without_postgres, None).unwrap().uid, 65534);
        assert!(matches!(choose("root:x:0:0::/root:/bin/sh", None), Err(Error::NoAccount(_))));
    }

    #[test]
    fn an_existing_cluster_stays_with_its_owner() {
        assert_eq!(choose(PASSWD, Some(1000)).unwrap().name, "aisha");
        assert!(matches!(choose(PASSWD, Some(70_000)), Err(Error::NoAccount(_))));
    }

    #[test]
    fn a_closed_folder_stops_everyone_but_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let metadata = fs::metadata(&closed).unwrap();
        let account = |uid, gid| Account { name: String::new(), uid, gid };

        assert!(account(metadata.uid(), 1).may_enter(&metadata));
        assert!(!account(metadata.uid() + 1, metadata.gid()).may_enter(&metadata));
        assert!(!account(metadata.uid() + 1, metadata.gid() + 1).reaches(&closed).unwrap());
    }
}
