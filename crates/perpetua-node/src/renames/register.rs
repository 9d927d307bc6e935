//! `accounts.json`: the accounts that the settings had last, and what is on its way to another name. It is written before
//! anything is moved and after each step, so that whatever ends the process, the next start goes on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use perpetua_config::Config;
use perpetua_fs::{
    Access, FileAction, FileError, Folders, free_name, read_small, rename, write_atomic,
};
use perpetua_words::{Message, node as words};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::{
    known::KnownAccount,
    matching::{Rename, Residence, renames, unclear},
    orphans::{has_login, names_of_folders, session_of},
    route::{Belonging, Carriage, route},
};

/// The content of the file.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Register {
    /// Under the names that they have once all of this is carried.
    accounts: Vec<KnownAccount>,
    /// In the order in which they are made.
    carriages: Vec<Carriage>,
    #[serde(skip)]
    file: KnownFile,
}

/// What became of the file when it was read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
enum KnownFile {
    /// It is whole, or there is none.
    #[default]
    Sound,
    /// What it held is not known any more, and people have to know that.
    Damaged(Message),
    /// It may hold what is on its way, so it is left as it is; and why.
    Unreadable(Message),
}

impl Register {
    /// One of accounts of which nothing is on its way.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            accounts: KnownAccount::all(config),
            ..Self::default()
        }
    }

    /// What the file holds. One that is damaged is kept under another name, and accounts are known by their sessions only;
    /// one that cannot be read is never written. Blocks.
    pub(crate) fn read(folders: &Folders) -> Self {
        let path = folders.known_accounts();
        match read_small(&path) {
            Ok(None) => Self::default(),
            Ok(Some(bytes)) => serde_json::from_slice(&bytes)
                .unwrap_or_else(|damage| Self::instead_of_damaged(&path, &damage)),
            Err(error) => Self::left_alone(&error),
        }
    }

    fn instead_of_damaged(path: &Path, damage: &serde_json::Error) -> Self {
        let kept = &*free_name(path, ".damaged");
        if let Err(error) = rename(path, kept) {
            return Self::left_alone(&error);
        }
        warn!(path = %path.display(), kept = %kept.display(), %damage, "the accounts that ran last are not known");
        Self {
            file: KnownFile::Damaged(words::KnownDamaged { kept, path }.into()),
            ..Self::default()
        }
    }

    fn left_alone(error: &FileError) -> Self {
        warn!(%error, "the accounts that ran last are not known");
        Self {
            file: KnownFile::Unreadable(Message::from(error)),
            ..Self::default()
        }
    }

    /// What people have to know of the file.
    pub(super) fn problem(&self) -> Option<Message> {
        match &self.file {
            KnownFile::Sound => None,
            KnownFile::Damaged(told) => Some(told.clone()),
            KnownFile::Unreadable(cause) => {
                let cause = cause.clone();
                Some(words::KnownUnreadable { cause }.into())
            }
        }
    }

    /// Whether it may hold more than is known.
    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self.file, KnownFile::Unreadable(_))
    }

    /// Notes what is to be carried for these settings, and that the accounts have their new names; gives what did not come
    /// along because that cannot be noted. Does nothing where it is not known what is on its way. Blocks.
    pub(crate) fn begin(&mut self, config: &Config, folders: &Folders) -> Vec<(Rename, Message)> {
        if self.is_unreadable() {
            return Vec::new();
        }
        let wanted = KnownAccount::all(config);
        let residences = self.residences(&wanted, folders);
        let renames = renames(&residences, &wanted);
        if renames.is_empty() {
            return Vec::new();
        }
        let mut taken = BTreeSet::new();
        let free = |name: &str| {
            let mut names = (2..).map(|number: u32| format!("{name}-{number}"));
            let is_free = |name: &String| {
                let is_on_its_way = self.carriages.iter().any(|one| one.has_name(name));
                let is_known = residences.iter().any(|one| one.name == *name)
                    || wanted.iter().any(|one| one.name == *name);
                let is_there = folders.account(name).exists();
                !(is_on_its_way || is_known || is_there) && taken.insert(name.clone())
            };
            names.find(is_free).unwrap_or_else(|| name.to_owned())
        };
        let steps = route(&renames, &residences, &wanted, free);
        for Carriage { from, to, .. } in &steps {
            info!(from, to, "what an account has goes to another name");
        }
        let mut next = self.clone();
        next.follow(&steps);
        next.carriages.extend(steps);
        match self.replace(next, folders) {
            Ok(()) => Vec::new(),
            Err(cause) => renames
                .into_iter()
                .map(|one| (one, cause.clone()))
                .collect(),
        }
    }

    /// The accounts of the settings are those that ran last, unless one of them has another name and that could not be noted:
    /// then it is still known at the next start. Gives of which of them it is not known whether they have exchanged their
    /// names. Blocks.
    pub(crate) fn remember(&mut self, config: &Config, folders: &Folders) -> Vec<Message> {
        let accounts = KnownAccount::all(config);
        let unclear = unclear(&self.accounts, &accounts);
        let next = Self {
            accounts,
            ..self.clone()
        };
        if self.has_to_begin(config, folders) {
            warn!("an account has another name, and what it has comes along at a later start");
        } else if let Err(error) = self.replace(next, folders) {
            warn!(%error, "an account that is renamed before the next start may not be known again");
        }
        let told = unclear.iter().map(|one| {
            let (account, former) = (one.account.as_str(), one.former.as_str());
            words::NamesUnclear { account, former }.into()
        });
        told.collect()
    }

    /// Whether an account that ran has another name in these settings, of which nothing is noted.
    fn has_to_begin(&self, config: &Config, folders: &Folders) -> bool {
        let ran = |name: &str| self.accounts.iter().any(|one| one.name == name);
        let mut renames = self.renames(config, folders).into_iter();
        renames.any(|one| ran(&one.from))
    }

    /// Whether something is on its way from or to this name.
    pub(crate) fn has_on_its_way(&self, name: &str) -> bool {
        self.carriages.iter().any(|one| one.has_name(name))
    }

    /// Makes the steps of these belongings that are left, each after those that it has to wait for. `step` gives what has
    /// come with it. Gives for whom not all came, and why. Blocks.
    pub(crate) fn carry(
        &mut self,
        what: Belonging,
        folders: &Folders,
        mut step: impl FnMut(&Carriage) -> Result<&'static [Belonging], Message>,
    ) -> Vec<(Rename, Message)> {
        let mut failed = BTreeMap::<usize, Message>::new();
        for at in 0..self.carriages.len() {
            if !self.carriages[at].left.contains(&what) {
                continue;
            }
            let outcome = match self.waits_for(at, what) {
                Some(other) => Err(failed.get(&other).cloned()),
                None => step(&self.carriages[at])
                    .and_then(|came| self.note(at, came, folders))
                    .map_err(Some),
            };
            if let Err(Some(cause)) = outcome {
                failed.insert(at, cause);
            }
        }
        let failed = failed
            .into_iter()
            .map(|(at, cause)| (self.carriages[at].rename.clone(), cause))
            .collect();
        self.carriages.retain(|one| !one.left.is_empty());
        failed
    }

    /// The accounts that may have another name in these settings, while nothing is carried. Blocks.
    pub(super) fn renames(&self, config: &Config, folders: &Folders) -> Vec<Rename> {
        let wanted = KnownAccount::all(config);
        renames(&self.residences(&wanted, folders), &wanted)
    }

    /// The step before this one that has to be made first.
    fn waits_for(&self, at: usize, what: Belonging) -> Option<usize> {
        let one = &self.carriages[at];
        if what == Belonging::BackupKey && one.left.contains(&Belonging::Folder) {
            return Some(at);
        }
        let former = self.carriages[..at].iter();
        let mut former = former.enumerate().rev();
        let is_open = |other: &Carriage| other.left.contains(&what) && other.touches(one);
        former
            .find(|(_, other)| is_open(other))
            .map(|(number, _)| number)
    }

    fn note(&mut self, at: usize, came: &[Belonging], folders: &Folders) -> Result<(), Message> {
        let mut next = self.clone();
        next.carriages[at].left.retain(|one| !came.contains(one));
        self.replace(next, folders)
    }

    /// The accounts have the names to which these steps lead.
    fn follow(&mut self, steps: &[Carriage]) {
        for Carriage { from, to, .. } in steps {
            if !self.accounts.iter().any(|one| one.name == *from) {
                continue;
            }
            self.accounts.retain(|one| one.name != *to);
            for one in &mut self.accounts {
                if one.name == *from {
                    one.name.clone_from(to);
                }
            }
        }
    }

    /// What is there under each name, once all of this is carried.
    fn residences(&self, wanted: &[KnownAccount], folders: &Folders) -> Vec<Residence> {
        let mut sources: BTreeMap<String, String> = names_of_folders(folders)
            .into_iter()
            .chain(self.accounts.iter().map(|one| one.name.clone()))
            .chain(wanted.iter().map(|one| one.name.clone()))
            .map(|name| (name.clone(), name))
            .collect();
        let is_open = |one: &&Carriage| one.left.contains(&Belonging::Folder);
        for Carriage { from, to, .. } in self.carriages.iter().filter(is_open) {
            // It may have been moved, and nothing noted.
            let is_there = |source: &&String| folders.account(source).exists();
            if let Some(source) = sources.get(from).filter(is_there).cloned() {
                sources.remove(from);
                sources.insert(to.clone(), source);
            }
        }
        let residence = |(name, source): (String, String)| Residence {
            ran: self.accounts.iter().find(|one| one.name == name).cloned(),
            session: session_of(folders, &source).and_then(|who| i64::try_from(who).ok()),
            has_login: has_login(folders, &source),
            name,
        };
        sources.into_iter().map(residence).collect()
    }

    fn replace(&mut self, next: Self, folders: &Folders) -> Result<(), Message> {
        if let KnownFile::Unreadable(cause) = &self.file {
            return Err(cause.clone());
        }
        if *self == next {
            return Ok(());
        }
        let path = folders.known_accounts();
        let mut noted = next.clone();
        noted.carriages.retain(|one| !one.left.is_empty());
        let bytes = serde_json::to_vec_pretty(&noted)
            .map_err(|error| FileError::new(FileAction::Write, &path, error.into()));
        let written = bytes.and_then(|bytes| write_atomic(&path, &bytes, Access::Owner));
        written.map_err(|error| Message::from(&error))?;
        *self = next;
        Ok(())
    }
}

/// What people are told of an account that is not all under its new name.
pub(crate) fn not_all_came(rename: &Rename, cause: Message) -> Message {
    let (from, to) = (rename.from.as_str(), rename.to.as_str());
    words::RenameFailed { cause, from, to }.into()
}
