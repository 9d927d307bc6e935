//! The installed versions: one folder each, and `versions.json` that says which is the current one.
//!
//! ```text
//! core/versions.json       what is installed, which is current, which accounts each has brought online,
//!                          and what was given up
//! core/<version-id>/…      the program and what belongs beside it
//! core/.new-…, .old-…      what is being made or removed; swept when nobody installs
//! core/.downloads/         partial downloads, and files that wait for a person's word
//! core/.cache/             listings of releases, to be asked for by ETag
//! ```
//!
//! A folder exists before it is recorded, and is out of the record before it is removed: whatever
//! moment a process dies at, `versions.json` names whole versions only.

mod entry;
mod error;
mod files;
mod folders;
mod gone;
mod lease;
mod locks;
mod proof;
mod record;
mod recover;
mod rolled_back;
mod sweep;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use perpetua_words::Message;

pub use entry::Installed;
pub use error::VersionsError;
pub use lease::VersionLease;

pub(crate) use entry::Entry;
pub(crate) use files::record_files;
pub(crate) use folders::discard;

use crate::Sha256;
use files::Look;
use lease::InUse;
use perpetua_fs::{FileAction, FileError};
use record::Record;

/// The folder of installed versions. A cheap handle: what it tells, it reads from the disk, because
/// another process may change it.
#[derive(Clone, Debug)]
pub struct Versions {
    folder: PathBuf,
    /// Shared by all clones of a handle.
    in_use: InUse,
    /// What was wrong with the record when it was opened.
    problems: Arc<[Message]>,
    /// Why this user could not read the record when it was looked at last.
    unreadable: Arc<Mutex<Option<Message>>>,
}

impl Versions {
    /// Opens the folder, makes it when it is missing, mends a damaged record, and sweeps what broken installations left.
    /// With a record that this user may not read, nothing is mended or swept: it may be whole.
    pub fn open(folder: &Path) -> Result<Self, VersionsError> {
        let mut versions = Self {
            folder: folder.to_owned(),
            in_use: InUse::default(),
            problems: Arc::default(),
            unreadable: Arc::default(),
        };
        for folder in [folder, &versions.downloads(), &versions.cache()] {
            fs::create_dir_all(folder)
                .map_err(|error| FileError::new(FileAction::CreateFolder, folder, error))?;
        }
        if let Some(_installing) = locks::try_installing(folder)? {
            let _lock = locks::record(folder)?;
            if let Err(VersionsError::File(error @ FileError::NotReadable { .. })) = versions.read()
            {
                tracing::warn!(%error, "the installed cores are not known");
            } else {
                versions.problems = recover::recover(folder)?.into();
                sweep::sweep(&versions)?;
            }
        }
        Ok(versions)
    }

    /// What was wrong with the record when the folder was opened, and what became of it, and why it cannot be read now;
    /// for people. Blocks when it could not be read before.
    pub fn problems(&self) -> Vec<Message> {
        if self.unreadable().is_some() {
            // Perhaps nobody else asks for it again.
            drop(self.read());
        }
        let unreadable = self.unreadable();
        self.problems.iter().cloned().chain(unreadable).collect()
    }

    /// The folder itself, `<data>/core`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Result<Vec<Installed>, VersionsError> {
        let record = self.read()?;
        let installed = record.installed.iter().rev();
        Ok(installed.map(|entry| entry.told(&self.folder)).collect())
    }

    /// The one that accounts are started with.
    pub fn current(&self) -> Result<Option<Installed>, VersionsError> {
        let record = self.read()?;
        Ok(self.named(&record, record.current.as_deref()))
    }

    /// The one that [`Versions::roll_back`] goes back to: the last one beside the current that kept an account
    /// online; while there is none, the one that was current before.
    pub fn previous(&self) -> Result<Option<Installed>, VersionsError> {
        let record = self.read()?;
        Ok(record.previous().map(|entry| entry.told(&self.folder)))
    }

    /// Notes that a version has brought an account online; `lasted` that it stayed so for long enough to call the
    /// version good. Such a version is kept until another one has done the same for that account.
    pub fn note_online(&self, id: &str, account: &str, lasted: bool) -> Result<(), VersionsError> {
        // Most times it is known, and nothing has to be written.
        if !self.read()?.note_online(id, account, lasted) {
            return Ok(());
        }
        self.change(|record| {
            record.note_online(id, account, lasted);
            Ok(())
        })
    }

    /// Whether a version has yet to prove itself for an account, and there is one to go back to.
    pub fn is_on_trial(&self, id: &str, account: &str) -> Result<bool, VersionsError> {
        Ok(self.read()?.is_on_trial(id, account))
    }

    /// An account is removed: no version is kept for it any longer.
    pub fn forget_account(&self, account: &str) -> Result<(), VersionsError> {
        if !self.read()?.accounts().contains(account) {
            return Ok(());
        }
        self.change(|record| {
            record.forget_account(account);
            Ok(())
        })
    }

    /// An account has another name.
    pub fn rename_account(&self, from: &str, to: &str) -> Result<(), VersionsError> {
        if !self.read()?.accounts().contains(from) {
            return Ok(());
        }
        self.change(|record| {
            record.rename_account(from, to);
            Ok(())
        })
    }

    /// What is to be said of a file that was given up once, with when and why; for people.
    pub fn rolled_back(&self, sha256: Sha256) -> Result<Option<Message>, VersionsError> {
        Ok(self.read()?.rolled_back_words(sha256))
    }

    /// The same before it is installed. Nothing to a person who has heard it and accepts the file.
    pub(crate) fn objection(
        &self,
        sha256: Sha256,
        accept: Option<Sha256>,
    ) -> Result<Option<Message>, VersionsError> {
        if !self.read()?.is_rolled_back(sha256) {
            return Ok(None);
        }
        self.change(|record| Ok(record.objection(sha256, accept)))
    }

    /// Keeps the files of a version that is about to run, however many are installed after it.
    pub fn lease(&self, id: &str) -> VersionLease {
        self.in_use.lease(id)
    }

    /// Makes an installed version the current one, after a look at its files.
    pub fn use_version(&self, id: &str) -> Result<Installed, VersionsError> {
        self.verify(id)?;
        self.change(|record| {
            let entry = record.entry(id)?;
            let (told, sha256) = (entry.told(&self.folder), entry.sha256);
            record.make_current(id);
            record.take_again(sha256);
            Ok(told)
        })
    }

    /// Goes back from a version that does not work for this account, and remembers that and why; gives the one that is
    /// the current one then. Where another one has taken its place already, nothing is done; neither is it where it keeps
    /// another account online, and `None` says so.
    pub fn roll_back_from(
        &self,
        id: &str,
        account: &str,
        why: &Message,
        now: SystemTime,
    ) -> Result<Option<Installed>, VersionsError> {
        match self.current()? {
            Some(current) if current.id != id => Ok(Some(current)),
            _ if self.read()?.keeps_another(id, account) => Ok(None),
            _ => self
                .go_back(|record| record.give_up(id, why.clone(), now))
                .map(Some),
        }
    }

    /// Makes the version before the current one the current one.
    pub fn roll_back(&self) -> Result<Installed, VersionsError> {
        self.go_back(|_| {})
    }

    /// Goes back to the best version that is whole.
    fn go_back(&self, give_up: impl FnOnce(&mut Record)) -> Result<Installed, VersionsError> {
        let record = self.read()?;
        let mut refused = VersionsError::NothingBefore;
        let mut found = None;
        for entry in record.before() {
            match self.verify(&entry.id) {
                Ok(()) => {
                    found = Some(entry.told(&self.folder));
                    break;
                }
                // The best one says why.
                Err(error) if matches!(refused, VersionsError::NothingBefore) => refused = error,
                Err(_) => {}
            }
        }
        let found = found.ok_or(refused)?;
        self.change(|changed| {
            // Somebody has chosen another one meanwhile.
            if changed.current != record.current {
                return Err(VersionsError::NothingBefore);
            }
            changed.entry(&found.id)?;
            give_up(changed);
            changed.current = Some(found.id.clone());
            changed.previous = None;
            Ok(found)
        })
    }

    /// Removes a version that is not the current one, that nobody runs, and that is no account's last one.
    pub fn remove(&self, id: &str) -> Result<(), VersionsError> {
        self.change(|record| {
            record.entry(id)?;
            if record.current.as_deref() == Some(id) {
                return Err(VersionsError::IsCurrent { id: id.to_owned() });
            }
            if self.in_use.holds(id) {
                return Err(VersionsError::InUse { id: id.to_owned() });
            }
            let accounts = record.accounts().into_iter();
            let accounts: Vec<_> = accounts
                .filter(|account| record.needed_by(account).contains(id))
                .collect();
            if !accounts.is_empty() {
                let id = id.to_owned();
                return Err(VersionsError::LastOnline { id, accounts });
            }
            record.forget(id);
            Ok(())
        })?;
        discard(&self.folder, &self.folder.join(id));
        Ok(())
    }

    /// Looks whether a version still is what was installed, and nothing else is beside it. Files that nobody but this
    /// program has touched are not read again, so it is cheap enough to be done before each start.
    pub fn verify(&self, id: &str) -> Result<(), VersionsError> {
        self.compare(id, Look::AtTouched)
    }

    /// The same, but each byte is read.
    pub fn verify_whole(&self, id: &str) -> Result<(), VersionsError> {
        self.compare(id, Look::AtAll)
    }

    fn compare(&self, id: &str, look: Look) -> Result<(), VersionsError> {
        let record = self.read()?;
        let entry = record.entry(id)?;
        let touched = entry.verify(&self.folder, look)?;
        if !touched.is_empty() {
            self.change(|record| {
                record.entry_mut(id)?.files = touched;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The whole version that was installed from a file with this digest.
    pub(crate) fn installed_from(
        &self,
        sha256: Sha256,
    ) -> Result<Option<Installed>, VersionsError> {
        let record = self.read()?;
        let is_whole = |entry: &Entry| entry.verify(&self.folder, Look::AtTouched).is_ok();
        let same = |entry: &&Entry| entry.sha256 == sha256 && is_whole(entry);
        let found = record.installed.iter().rev().find(same);
        Ok(found.map(|entry| entry.told(&self.folder)))
    }

    /// A name for a new version that no folder has: a version that was damaged keeps its folder
    /// until the new one is recorded.
    pub(crate) fn free_id(&self, tag: &str, sha256: Sha256) -> String {
        let id = entry::id(tag, sha256);
        let taken = |id: &str| self.folder.join(id).exists();
        let numbered = (2..).map(|number| format!("{id}-{number}"));
        let mut ids = std::iter::once(id.clone()).chain(numbered);
        ids.find(|id| !taken(id)).unwrap_or(id)
    }

    /// Records a version whose folder is in place and makes it the current one. Gives those that
    /// are not kept any longer: the current and the one before it are, those that run, and each account's last.
    pub(crate) fn admit(&self, entry: Entry) -> Result<(Installed, Vec<String>), VersionsError> {
        self.change(|record| {
            let told = entry.told(&self.folder);
            let id = entry.id.clone();
            record.take_again(entry.sha256);
            record.installed.push(entry);
            record.make_current(&id);
            Ok((told, record.forget_old(|id| self.in_use.holds(id))))
        })
    }

    /// Partial downloads, and files that wait for a person's word.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.join(".downloads")
    }

    /// Listings of releases.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join(".cache")
    }

    /// The right to install, for one installation at a time on this folder; `None` while another has it.
    pub(crate) fn try_installing(&self) -> Result<Option<fs::File>, VersionsError> {
        Ok(locks::try_installing(&self.folder)?)
    }

    /// Changes the record under its lock; an error changes nothing.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Record) -> Result<T, VersionsError>,
    ) -> Result<T, VersionsError> {
        let _lock = locks::record(&self.folder)?;
        let mut record = self.read()?;
        let done = change(&mut record)?;
        record.write(&self.folder)?;
        Ok(done)
    }

    /// Reads the record, and remembers whether this user may.
    fn read(&self) -> Result<Record, VersionsError> {
        let read = Record::read(&self.folder);
        let told = match &read {
            Err(VersionsError::File(error @ FileError::NotReadable { .. })) => {
                Some(Message::from(error))
            }
            _ => None,
        };
        *self
            .unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = told;
        read
    }

    fn unreadable(&self) -> Option<Message> {
        let unreadable = self.unreadable.lock();
        unreadable.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn named(&self, record: &Record, id: Option<&str>) -> Option<Installed> {
        let entry = record.entry(id?).ok()?;
        Some(entry.told(&self.folder))
    }
}
