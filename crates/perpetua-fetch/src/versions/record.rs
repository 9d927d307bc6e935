//! `versions.json`: read whole, written whole.

use std::path::Path;

use perpetua_fs::{Access, FileError, read_small, write_atomic};
use perpetua_words::{Message, io};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::rolled_back::RolledBackEntry;
use super::{Entry, VersionsError};

/// The file's name in the folder of versions.
pub(super) const FILE: &str = "versions.json";

/// What is installed, the oldest first.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) current: Option<String>,
    pub(super) previous: Option<String>,
    #[serde(deserialize_with = "whole_entries")]
    pub(super) installed: Vec<Entry>,
    /// Versions that were given up for the one before them, the oldest first, whether they are installed or not.
    #[serde(default, deserialize_with = "those_that_can_be_read")]
    pub(super) rolled_back: Vec<RolledBackEntry>,
    /// Folders of versions that a damaged record did not name: they stay until somebody chooses or removes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) found: Vec<String>,
}

/// What stands in the place of the record.
pub(super) enum Found {
    /// Nothing.
    Absent,
    /// A record, all of which can be used.
    Whole(Record),
    /// Something else, and what could be read of it.
    Damaged {
        record: Record,
        /// What is wrong with it.
        cause: Message,
    },
}

impl Record {
    /// An absent file says that nothing is installed.
    pub(super) fn read(folder: &Path) -> Result<Self, VersionsError> {
        let path = folder.join(FILE);
        let Some(text) = read_small(&path)? else {
            return Ok(Self::default());
        };
        serde_json::from_slice(&text).map_err(|error| VersionsError::Unreadable {
            path,
            reason: error.to_string(),
        })
    }

    /// Looks at what there is. What this user may not read is an error: it may be whole.
    pub(super) fn find(folder: &Path) -> Result<Found, FileError> {
        let damaged = |record, cause| Ok(Found::Damaged { record, cause });
        let text = match read_small(&folder.join(FILE)) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(Found::Absent),
            Err(error) if error.is_refusal() => return Err(error),
            Err(error) => return damaged(Self::default(), (&error.into_cause()).into()),
        };
        let other = |text: String| Message::from(io::Other { text });
        let read = serde_json::from_slice::<Self>(&text);
        let record = match read {
            Ok(record) => record,
            Err(error) => return damaged(Self::default(), other(error.to_string())),
        };
        let value: Value = serde_json::from_slice(&text).unwrap_or_default();
        let entries = value["installed"].as_array().into_iter().flatten();
        let faults: Vec<String> = entries
            .filter_map(|value| Entry::read(value.clone()).err())
            .collect();
        if faults.is_empty() {
            Ok(Found::Whole(record))
        } else {
            damaged(record, other(faults.join("; ")))
        }
    }

    /// The name of the current version if it is not installed, or was only found.
    pub(super) fn lost_current(&self) -> Option<String> {
        let current = self.current.clone()?;
        let is_lost = self.entry(&current).is_err() || self.found.contains(&current);
        is_lost.then_some(current)
    }

    /// The versions that could take the place of a current one that is gone, the best first: the one that was online
    /// last, the one that was current before, then the newest. None that was only found.
    pub(super) fn instead_of_current(&self) -> Vec<&Entry> {
        let is_known =
            |entry: &&Entry| !self.found.contains(&entry.id) && !self.is_rolled_back(entry.sha256);
        let mut all: Vec<&Entry> = self.installed.iter().rev().filter(is_known).collect();
        let last_turn = |entry: &Entry| {
            let online = entry.online.iter().flatten();
            online.map(|(_, one)| one.turn).max()
        };
        all.sort_by_key(|entry| {
            let was_current = self.previous.as_ref() == Some(&entry.id);
            std::cmp::Reverse((last_turn(entry), was_current))
        });
        all
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

    /// The former current one becomes the one to go back to, unless it never did its work and the one before it did.
    pub(super) fn make_current(&mut self, id: &str) {
        if self.current.as_deref() == Some(id) {
            return;
        }
        self.found.retain(|found| found != id);
        let former = self.current.replace(id.to_owned());
        let is_kept = |kept: &str| kept != id && self.is_good(kept);
        let keeps = self.previous.as_deref().is_some_and(is_kept);
        if !keeps || former.as_deref().is_some_and(|former| self.is_good(former)) {
            self.previous = former;
        }
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.installed.retain(|entry| entry.id != id);
        self.found.retain(|found| found != id);
        self.previous.take_if(|previous| previous == id);
    }

    /// Forgets all but the current one, the one to go back to, those that accounts need, and those in use;
    /// gives their names.
    pub(super) fn forget_old(&mut self, in_use: impl Fn(&str) -> bool) -> Vec<String> {
        let previous = self.previous().map(|entry| entry.id.clone());
        let mut kept: Vec<String> = self.current.clone().into_iter().chain(previous).collect();
        kept.extend(self.found.iter().cloned());
        kept.extend(self.accounts().iter().flat_map(|one| self.needed_by(one)));
        let is_kept = |entry: &mut Entry| kept.contains(&entry.id) || in_use(&entry.id);
        let old = self.installed.extract_if(.., |entry| !is_kept(entry));
        let old: Vec<String> = old.map(|entry| entry.id).collect();
        self.previous.take_if(|previous| old.contains(previous));
        old
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

/// The entries that can be used; the others are no versions.
fn whole_entries<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    let values = Vec::<Value>::deserialize(from)?.into_iter();
    Ok(values.filter_map(|value| Entry::read(value).ok()).collect())
}

/// Those that this program knows how to read.
fn those_that_can_be_read<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let values = Vec::<Value>::deserialize(from)?.into_iter();
    Ok(values
        .filter_map(|value| serde_json::from_value(value).ok())
        .collect())
}
