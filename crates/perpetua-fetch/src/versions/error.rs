//! What the folder of installed versions refuses.

use std::path::PathBuf;

use perpetua_fs::FileError;
use perpetua_words::Message;
use thiserror::Error;

/// Nothing was changed, and this is why.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum VersionsError {
    /// There is no such version.
    NotInstalled {
        /// What was asked for.
        id: String,
        /// What there is.
        installed: Vec<String>,
    },
    /// The current version is not removed.
    IsCurrent {
        /// The version.
        id: String,
    },
    /// A version that runs is not removed.
    InUse {
        /// The version.
        id: String,
    },
    /// The last version that brought an account online is not removed.
    LastOnline {
        /// The version.
        id: String,
        /// Whose last one it is.
        accounts: Vec<String>,
    },
    /// There is nothing to go back to.
    NothingBefore,
    /// A version is not what was installed.
    Damaged {
        /// The version.
        id: String,
        /// What was found.
        what: Message,
    },
    /// The record is no record.
    Unreadable {
        /// The record.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file or folder could not be made, read, written or moved.
    File(FileError),
}

impl From<FileError> for VersionsError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}
