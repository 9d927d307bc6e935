//! Folders that hold the login of an account which the settings do not have.

use std::{path::PathBuf, time::SystemTime};

use perpetua_config::{Account, Config, Upstream};
use perpetua_fs::Folders;
use perpetua_lagrange::{AccountFolder, Keystore, SessionBackup};
use perpetua_schema::NodeStatus;
use perpetua_secrets::SecretStore;
use perpetua_words::{Message, Param, node as words};

/// Such a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Orphan {
    /// What the account was called.
    name: String,
    /// Whose session it is.
    who: u64,
}

/// A managed account without the login that it needs, and logins without an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LoginOfOther {
    account: String,
    own: AccountFolder,
    /// Whose login its own folder holds: not that of its number.
    holds: Option<u64>,
    who: u64,
    /// The folders that hold it; more than one only where the account names its `uin`.
    paths: Vec<PathBuf>,
    /// The account names this number.
    is_named: bool,
}

impl LoginOfOther {
    /// For people, as long as the account is not online. Asks no disk.
    pub(crate) fn told(&self, status: &NodeStatus) -> Option<Message> {
        let mut accounts = status.accounts.iter();
        let account = accounts.find(|account| account.name == self.account)?;
        if account.online {
            return None;
        }
        let account = self.account.as_str();
        let who = Param::Text(self.who.to_string());
        let quoted = self
            .paths
            .iter()
            .map(|path| format!("`{}`", path.display()));
        let paths = quoted.collect::<Vec<_>>().join(", ");
        Some(match (&*self.paths, self.holds) {
            ([], _) => return None,
            (_, Some(other)) => words::LoginElsewhere {
                account,
                other: Param::Text(other.to_string()),
                own: self.own.path(),
                paths,
                who,
            }
            .into(),
            ([path], None) if self.is_named => words::WaitingLogin { account, path, who }.into(),
            ([path], None) => words::UnusedLogin { account, path, who }.into(),
            (_, None) => words::SeveralLogins {
                account,
                paths,
                who,
            }
            .into(),
        })
    }

    /// Whether all of these folders are still there, and the account still has the same login, or none. Blocks.
    pub(super) fn is_so(&self) -> bool {
        let is_same = match self.holds {
            None => !self.own.keystore_file().exists(),
            Some(_) => session_in(&self.own) == self.holds,
        };
        is_same && self.paths.iter().all(|path| path.exists())
    }
}

/// Those that the settings leave open: an account without its login, and the folders that could hold it. Blocks.
pub(crate) fn logins_of_others(config: &Config, folders: &Folders) -> Vec<LoginOfOther> {
    let orphans = orphans(config, folders);
    if orphans.is_empty() {
        return Vec::new();
    }
    let managed = config
        .accounts
        .iter()
        .filter(|account| matches!(account.upstream, Upstream::Lagrange(_)));
    managed
        .flat_map(|account| could_be(account, &orphans, folders))
        .collect()
}

/// What could be the login of this account, if its own folder does not hold it.
fn could_be(account: &Account, orphans: &[Orphan], folders: &Folders) -> Vec<LoginOfOther> {
    let name = account.name.as_str();
    let own = AccountFolder::new(folders.account(name));
    let is_number = |who: u64| i64::try_from(who).ok() == account.upstream.uin();
    let holds = session_in(&own).filter(|who| account.upstream.uin().is_some() && !is_number(*who));
    if holds.is_none() && has_login(folders, name) {
        return Vec::new();
    }
    let path = |orphan: &Orphan| folders.account(&orphan.name);
    let of = |who: u64, paths: Vec<PathBuf>, is_named: bool| LoginOfOther {
        account: name.to_owned(),
        own: own.clone(),
        holds,
        who,
        paths,
        is_named,
    };
    if account.upstream.uin().is_none() {
        let each = orphans.iter();
        return each
            .map(|orphan| of(orphan.who, vec![path(orphan)], false))
            .collect();
    }
    let fits = orphans.iter().filter(|orphan| is_number(orphan.who));
    let fits: Vec<_> = fits.collect();
    let named = fits.first().map(|first| {
        let paths = fits.iter().map(|orphan| path(orphan)).collect();
        of(first.who, paths, true)
    });
    named.into_iter().collect()
}

/// All of them, in the order of their names. Blocks.
fn orphans(config: &Config, folders: &Folders) -> Vec<Orphan> {
    let is_wanted = |name: &str| config.accounts.iter().any(|one| one.name.as_str() == name);
    let mut names = names_of_folders(folders);
    names.retain(|name| !is_wanted(name));
    names.sort();
    let orphan = |name: String| {
        let who = session_of(folders, &name)?;
        Some(Orphan { name, who })
    };
    names.into_iter().filter_map(orphan).collect()
}

/// The names of all folders of accounts; what is hidden is no account's. Blocks.
pub(super) fn names_of_folders(folders: &Folders) -> Vec<String> {
    let entries = std::fs::read_dir(folders.accounts());
    let names = entries.into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// Whether the folder of an account holds a session, whoever it is of. Blocks.
fn has_session(folders: &Folders, name: &str) -> bool {
    AccountFolder::new(folders.account(name))
        .keystore_file()
        .exists()
}

/// Whether it holds a session, or a copy of one that can be brought back. Blocks.
pub(super) fn has_login(folders: &Folders, name: &str) -> bool {
    let folder = AccountFolder::new(folders.account(name));
    // Which copies there are is no secret: nothing is asked of the store.
    let copies = SessionBackup::new(folder, name, SecretStore::in_memory());
    let copies = copies.list(SystemTime::UNIX_EPOCH);
    has_session(folders, name) || copies.is_ok_and(|copies| !copies.is_empty())
}

/// Whose session it holds. Blocks.
pub(super) fn session_of(folders: &Folders, name: &str) -> Option<u64> {
    session_in(&AccountFolder::new(folders.account(name)))
}

fn session_in(folder: &AccountFolder) -> Option<u64> {
    match folder.keystore() {
        Ok(Keystore::Usable { uin }) => uin,
        _ => None,
    }
}
