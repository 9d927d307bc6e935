//! Downloads that nobody vouches for, kept until a person accepts one: nobody downloads it twice.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::{Offer, Sha256};
use perpetua_fs::{Access, FileAction, FileError, read_small, rename, write_atomic};

/// The ending of the file; what tells of it has `.json` after that.
const ENDING: &str = ".waiting";

/// A file that waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) name: String,
    pub(crate) tag: String,
    pub(crate) origin: String,
    pub(crate) sha256: Sha256,
    pub(crate) size: u64,
}

impl Waiting {
    /// Puts a whole download aside. It tells of the file before it moves it: a file that nobody tells
    /// of would stay for good.
    pub(crate) fn put(&self, downloads: &Path, from: &Path) -> Result<(), FileError> {
        let path = self.path(downloads);
        let told = told(&path);
        let text = serde_json::to_vec(self).map_err(io::Error::other);
        let text = text.map_err(|error| FileError::new(FileAction::Write, &told, error))?;
        write_atomic(&told, &text, Access::Usual)?;
        rename(from, &path)
    }

    /// All that wait; what cannot be read does not.
    pub(crate) fn all(downloads: &Path) -> Vec<Self> {
        let Ok(entries) = downloads.read_dir() else {
            return Vec::new();
        };
        let read = |path: PathBuf| -> Option<Self> {
            let waiting: Self = serde_json::from_slice(&read_small(&path).ok()??).ok()?;
            let file = fs::metadata(waiting.path(downloads)).ok()?;
            (file.len() == waiting.size).then_some(waiting)
        };
        let told = entries.flatten().map(|entry| entry.path());
        told.filter(|path| path.to_string_lossy().ends_with(".waiting.json"))
            .filter_map(read)
            .collect()
    }

    /// Whether it is what is offered.
    pub(crate) fn is(&self, offer: &Offer) -> bool {
        self.name == offer.name
            && self.tag == offer.tag
            && self.origin == offer.origin
            && offer.size.is_none_or(|size| size == self.size)
            && offer.sha256.is_none_or(|sha256| sha256 == self.sha256)
    }

    pub(crate) fn path(&self, downloads: &Path) -> PathBuf {
        downloads.join(format!("{}{ENDING}", self.name))
    }
}

fn told(path: &Path) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(".json");
    path.into()
}
