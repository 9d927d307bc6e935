//! `versions.json`: read whole, written whole.

use std::fs;
use std::io;
use std::path::Path;

use perpetua_fs::{Access, FileAction, FileError, write_atomic};
use serde::{Deserialize, Serialize};

use super::{Entry, VersionsError};

/// The file's name in the folder of versions.
const FILE: &str = "versions.json";

/// What is installed, the oldest first.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) current: Option<String>,
    pub(super) previous: Option<String>,
    pub(super) installed: Vec<Entry>,
}

impl Record {
    /// An absent file says that nothing is installed.
    pub(super) fn read(folder: &Path) -> Result<Self, VersionsError> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(FileError::new(FileAction::Read, &path, error).into()),
        };
        serde_json::from_slice(&text).map_err(|error| VersionsError::Unreadable {
            path,
            reason: error.to_string(),
        })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), VersionsError> {
        let path = folder.join(FILE);
        let text = serde_json::to_vec_pretty(self).map_err(|error| VersionsError::Unreadable {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        Ok(write_atomic(&path, &text, Access::Usual)?)
    }

    pub(super) fn entry(&self, id: &str) -> Result<&Entry, VersionsError> {
        let found = self.installed.iter().find(|entry| entry.id == id);
        found.ok_or_else(|| self.not_installed(id))
    }

    pub(super) fn entry_mut(&mut self, id: &str) -> Result<&mut Entry, VersionsError> {
        let refusal = self.not_installed(id);
        let found = self.installed.iter_mut().find(|entry| entry.id == id);
        found.ok_or(refusal)
    }

    /// The former current one becomes the one to go back to.
    pub(super) fn make_current(&mut self, id: &str) {
        if self.current.as_deref() != Some(id) {
            self.previous = self.current.replace(id.to_owned());
        }
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.installed.retain(|entry| entry.id != id);
        self.previous.take_if(|previous| previous == id);
    }

    /// Forgets all but the current, the one before it, and those in use; gives their names.
    pub(super) fn forget_old(&mut self, in_use: impl Fn(&str) -> bool) -> Vec<String> {
        let kept = [self.current.clone(), self.previous.clone()];
        let is_kept =
            |entry: &mut Entry| kept.contains(&Some(entry.id.clone())) || in_use(&entry.id);
        let old = self.installed.extract_if(.., |entry| !is_kept(entry));
        old.map(|entry| entry.id).collect()
    }

    fn not_installed(&self, id: &str) -> VersionsError {
        VersionsError::NotInstalled {
            id: id.to_owned(),
            installed: self
                .installed
                .iter()
                .map(|entry| entry.id.clone())
                .collect(),
        }
    }
}
