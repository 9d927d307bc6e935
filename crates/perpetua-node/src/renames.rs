//! Accounts that have another name in the settings: their folder, secrets, ports and cores stand under the old one.
//!
//! ```text
//!   accounts.json ── what ran last ──┐
//!   accounts/*/keystore.json ────────┼──► matching ──► Rename { from, to } ──► route ──► Carriage, one after the other
//!   perpetua.toml ── what is wanted ─┘
//!        node starts: the route is noted, then everything is taken along before anything runs; a step that fails, or was
//!                     not reached, is made at the next start
//!        node runs:   the change is refused, because what runs holds all of that
//! ```
//!
//! An account without a login that could have one of these, and is not known to, starts empty, and the status says
//! so. So does one that names its `uin` while the node runs, where no account of the settings has the folder: that
//! login comes along with the next start.

mod carry;
mod known;
mod matching;
mod orphans;
mod register;
mod route;

use std::collections::BTreeSet;

use perpetua_accounts::PortRegistry;
use perpetua_config::Config;
use perpetua_fs::Folders;
use perpetua_schema::NodeStatus;
use perpetua_secrets::SecretStore;
use perpetua_words::{Message, node as words};

use carry::Stores;
pub(crate) use carry::came;
use known::KnownAccount;
pub(crate) use matching::Rename;
use orphans::{LoginOfOther, logins_of_others};
pub(crate) use register::Register;
use register::not_all_came;
pub(crate) use route::{Belonging, Carriage};

/// What people have to know of names that changed, and of logins that nobody uses.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct AccountNotes {
    /// What is wrong with the file that says what ran.
    of_file: Option<Message>,
    /// What did not come along, with what is told of it.
    missing: Vec<(Rename, Message)>,
    /// What the last change of the settings leaves to be said.
    pub(crate) of_change: Vec<Message>,
    /// What could be the same account.
    open: Vec<LoginOfOther>,
}

impl AccountNotes {
    /// Those of a start, with what did not come along in it. Blocks.
    fn new(
        of_file: Option<Message>,
        missing: Vec<(Rename, Message)>,
        config: &Config,
        folders: &Folders,
    ) -> Self {
        Self {
            of_file,
            missing,
            ..Self::default()
        }
        .of(config, folders)
    }

    /// Those of other settings, which miss nothing of an account that they do not have. Blocks.
    pub(crate) fn of(mut self, config: &Config, folders: &Folders) -> Self {
        let is_wanted = |name: &str| config.accounts.iter().any(|one| one.name.as_str() == name);
        self.missing.retain(|(one, _)| is_wanted(&one.to));
        Self {
            open: logins_of_others(config, folders),
            ..self
        }
    }

    /// Whether nothing of what they name has changed since. Blocks when they name anything.
    pub(crate) fn are_so(&self) -> bool {
        self.open.iter().all(LoginOfOther::is_so)
    }

    /// What of it is so now. Asks no disk.
    pub(crate) fn told(&self, status: &NodeStatus) -> Vec<Message> {
        let open = self.open.iter().filter_map(|one| one.told(status));
        let missing = self.missing.iter().map(|(_, told)| told);
        let noted = self.of_file.iter().chain(missing).chain(&self.of_change);
        noted.cloned().chain(open).collect()
    }
}

/// Why settings cannot take the place of others while the node runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Objection {
    /// Accounts would get other names while they run.
    Renamed(Vec<Rename>),
    /// A new account would get what has not come to another one yet.
    OnItsWay(String),
}

impl Objection {
    /// Why settings that somebody has saved are not carried out now, and what to do.
    pub(crate) fn waits(&self) -> Message {
        match self {
            Self::OnItsWay(account) => words::NameOnItsWay { account }.into(),
            Self::Renamed(renames) => match &**renames {
                [Rename { from, to, .. }] => words::AccountRenamed { from, to }.into(),
                several => words::AccountsRenamed {
                    names: names(several),
                }
                .into(),
            },
        }
    }

    /// Why a change that somebody asked for is not saved, and what to do.
    pub(crate) fn is_not_saved(&self) -> Message {
        match self {
            Self::OnItsWay(account) => words::NameOnItsWay { account }.into(),
            Self::Renamed(renames) => match &**renames {
                [Rename { from, to, .. }] => words::RenameNotSaved { from, to }.into(),
                several => words::RenamesNotSaved {
                    names: names(several),
                }
                .into(),
            },
        }
    }
}

fn names(renames: &[Rename]) -> String {
    let names = renames.iter();
    let names = names.map(|Rename { from, to, .. }| format!("`{from}` → `{to}`"));
    names.collect::<Vec<_>>().join(", ")
}

/// Why settings cannot take the place of others while the node runs: some of its accounts would get other names, or a new one
/// a name that is not free yet. The login of an account that the settings do not have is in nobody's hands, and no reason.
/// Blocks.
pub(crate) fn objection(former: &Config, next: &Config, folders: &Folders) -> Option<Objection> {
    let (ran, wanted) = (KnownAccount::all(former), KnownAccount::all(next));
    if let Some(name) = on_its_way(&ran, &wanted, folders) {
        return Some(Objection::OnItsWay(name));
    }
    let stay: BTreeSet<_> = wanted.iter().map(KnownAccount::identity).collect();
    if ran.iter().all(|one| stay.contains(&one.identity())) {
        // Most changes are none of names, and spare the disk.
        return None;
    }
    let mut found = Register::of(former).renames(next, folders);
    found.retain(|rename| ran.iter().any(|one| one.name == rename.from));
    (!found.is_empty()).then_some(Objection::Renamed(found))
}

/// The name of a new account from or to which something is on its way.
fn on_its_way(ran: &[KnownAccount], wanted: &[KnownAccount], folders: &Folders) -> Option<String> {
    let is_new = |one: &&KnownAccount| ran.iter().all(|former| former.name != one.name);
    let mut added = wanted.iter().filter(is_new).peekable();
    // Most changes add no account, and spare the disk.
    added.peek()?;
    let register = Register::read(folders);
    let found = added.find(|one| register.has_on_its_way(&one.name));
    found.map(|one| one.name.clone())
}

/// Before anything runs: what accounts have under former names comes along, but for the cores that they need. Gives what is
/// left to do. Blocks, for the keyring too.
pub(crate) fn take_all_along(
    config: &Config,
    folders: &Folders,
    secrets: &SecretStore,
    ports: &PortRegistry,
) -> (Register, AccountNotes) {
    let mut register = Register::read(folders);
    let of_file = register.problem();
    let mut failed = register.begin(config, folders);
    let stores = Stores {
        folders,
        secrets,
        ports,
    };
    failed.extend(stores.carry_along(&mut register));
    let mut missing = Vec::new();
    for (rename, cause) in failed {
        let told = not_all_came(&rename, cause);
        if !missing.iter().any(|(_, known)| *known == told) {
            missing.push((rename, told));
        }
    }
    let notes = AccountNotes::new(of_file, missing, config, folders);
    (register, notes)
}

#[cfg(test)]
mod tests;
