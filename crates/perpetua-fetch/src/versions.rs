//! The installed versions: one folder each, and `versions.json` that says which is the current one.
//!
//! ```text
//! core/versions.json       what is installed, which is current, which was before it
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
mod folders;
mod lease;
mod locks;
mod record;
mod sweep;

use std::fs;
use std::path::{Path, PathBuf};

pub use entry::Installed;
pub use error::VersionsError;
pub use lease::VersionLease;

pub(crate) use entry::{Entry, record_files};
pub(crate) use folders::discard;

use crate::Sha256;
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
}

impl Versions {
    /// Opens the folder, makes it when it is missing, and sweeps what broken installations left.
    pub fn open(folder: &Path) -> Result<Self, VersionsError> {
        let versions = Self {
            folder: folder.to_owned(),
            in_use: InUse::default(),
        };
        for folder in [folder, &versions.downloads(), &versions.cache()] {
            fs::create_dir_all(folder)
                .map_err(|error| FileError::new(FileAction::CreateFolder, folder, error))?;
        }
        if let Some(_installing) = locks::try_installing(folder)? {
            sweep::sweep(&versions)?;
        }
        Ok(versions)
    }

    /// The folder itself, `<data>/core`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Result<Vec<Installed>, VersionsError> {
        let record = Record::read(&self.folder)?;
        let installed = record.installed.iter().rev();
        Ok(installed.map(|entry| entry.told(&self.folder)).collect())
    }

    /// The one that accounts are started with.
    pub fn current(&self) -> Result<Option<Installed>, VersionsError> {
        let record = Record::read(&self.folder)?;
        Ok(self.named(&record, record.current.as_deref()))
    }

    /// The one that [`Versions::roll_back`] goes back to.
    pub fn previous(&self) -> Result<Option<Installed>, VersionsError> {
        let record = Record::read(&self.folder)?;
        Ok(self.named(&record, record.previous.as_deref()))
    }

    /// Keeps the files of a version that is about to run, however many are installed after it.
    pub fn lease(&self, id: &str) -> VersionLease {
        self.in_use.lease(id)
    }

    /// Makes an installed version the current one, after a look at its files.
    pub fn use_version(&self, id: &str) -> Result<Installed, VersionsError> {
        self.verify(id)?;
        self.change(|record| {
            let entry = record.entry(id)?.told(&self.folder);
            record.make_current(id);
            Ok(entry)
        })
    }

    /// Goes back from a version that does not work; gives the one that is the current one then. Where
    /// another one has taken its place already, nothing is done.
    pub fn roll_back_from(&self, id: &str) -> Result<Installed, VersionsError> {
        match self.current()? {
            Some(current) if current.id != id => Ok(current),
            _ => self.roll_back(),
        }
    }

    /// Makes the version before the current one the current one. There is none before that one
    /// then, so that two failures in a row do not lead back to the first.
    pub fn roll_back(&self) -> Result<Installed, VersionsError> {
        let previous = self.previous()?.ok_or(VersionsError::NothingBefore)?;
        self.verify(&previous.id)?;
        self.change(|record| {
            if record.previous.as_deref() != Some(&previous.id) {
                return Err(VersionsError::NothingBefore);
            }
            record.current = record.previous.take();
            Ok(previous)
        })
    }

    /// Removes a version that is not the current one and that nobody runs.
    pub fn remove(&self, id: &str) -> Result<(), VersionsError> {
        self.change(|record| {
            record.entry(id)?;
            if record.current.as_deref() == Some(id) {
                return Err(VersionsError::IsCurrent { id: id.to_owned() });
            }
            if self.in_use.holds(id) {
                return Err(VersionsError::InUse { id: id.to_owned() });
            }
            record.forget(id);
            Ok(())
        })?;
        discard(&self.folder, &self.folder.join(id));
        Ok(())
    }

    /// Looks whether a version still is what was installed. Files whose size and time are as they
    /// were are not read again, so it is cheap enough to be done before each start.
    pub fn verify(&self, id: &str) -> Result<(), VersionsError> {
        let record = Record::read(&self.folder)?;
        let entry = record.entry(id)?;
        let touched = entry.verify(&self.folder)?;
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
        let record = Record::read(&self.folder)?;
        let same = |entry: &&Entry| entry.sha256 == sha256 && entry.verify(&self.folder).is_ok();
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
    /// are not kept any longer: the current and the one before it are, and those that run.
    pub(crate) fn admit(&self, entry: Entry) -> Result<(Installed, Vec<String>), VersionsError> {
        self.change(|record| {
            let told = entry.told(&self.folder);
            let id = entry.id.clone();
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
        let mut record = Record::read(&self.folder)?;
        let done = change(&mut record)?;
        record.write(&self.folder)?;
        Ok(done)
    }

    fn named(&self, record: &Record, id: Option<&str>) -> Option<Installed> {
        let entry = record.entry(id?).ok()?;
        Some(entry.told(&self.folder))
    }
}
