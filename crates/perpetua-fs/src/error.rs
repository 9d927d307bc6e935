//! What can fail on a disk, sorted by what a person can do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use perpetua_words::{Message, Param, file, folder};

/// What was tried with a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAction {
    /// Finding out where it is.
    Locate,
    /// Opening it.
    Open,
    /// Reading it, or the names in it.
    Read,
    /// Writing it, as a whole or in part.
    Write,
    /// Creating a folder.
    CreateFolder,
    /// Giving it another name.
    Move,
    /// Deleting it.
    Delete,
    /// Locking it.
    Lock,
    /// Giving it the right to be run.
    MakeExecutable,
}

/// A file or folder could not be made, read or written. What was there before is still there.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The user has no home folder, so there is no usual place for the data.
    NoHomeFolder,
    /// Every user of this machine may write to a folder of ours.
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// The disk, the user's share of it or the largest allowed file is full.
    DiskFull {
        /// What was tried.
        action: FileAction,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// The folder or the whole file system is not writable for this user.
    NotWritable {
        /// What was tried.
        action: FileAction,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// The file or the folder is not readable for this user.
    NotReadable {
        /// What was tried.
        action: FileAction,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// Anything else the system says.
    Other {
        /// What was tried.
        action: FileAction,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
}

impl FileError {
    /// Whether there is no room left: the disk, the user's share of it, or the largest allowed file.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }

    /// Whether the disk has no room, or this user not the rights: somebody can change that, and the same is worth trying
    /// again then.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::DiskFull { .. } | Self::NotWritable { .. } | Self::NotReadable { .. }
        )
    }

    /// What the system said.
    pub fn into_cause(self) -> io::Error {
        match self {
            Self::NoHomeFolder => io::ErrorKind::NotFound.into(),
            Self::OpenToOthers { .. } => io::ErrorKind::PermissionDenied.into(),
            Self::DiskFull { cause, .. }
            | Self::NotWritable { cause, .. }
            | Self::NotReadable { cause, .. }
            | Self::Other { cause, .. } => cause,
        }
    }

    /// Sorts an error of the system.
    pub fn new(action: FileAction, path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        let reads = matches!(action, FileAction::Open | FileAction::Read);
        match cause.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull {
                action,
                path,
                cause,
            },
            io::ErrorKind::PermissionDenied if reads => Self::NotReadable {
                action,
                path,
                cause,
            },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if !reads => {
                Self::NotWritable {
                    action,
                    path,
                    cause,
                }
            }
            _ => Self::Other {
                action,
                path,
                cause,
            },
        }
    }
}

impl From<&FileError> for Message {
    fn from(error: &FileError) -> Self {
        match error {
            FileError::NoHomeFolder => folder::NoHome.into(),
            FileError::OpenToOthers { path } => folder::OpenToOthers { path }.into(),
            FileError::DiskFull { action, path, .. } => {
                failed(*action, path, file::DiskFull.into())
            }
            FileError::NotWritable { action, path, .. } => {
                failed(*action, path, file::NotWritable.into())
            }
            FileError::NotReadable { action, path, .. } => {
                failed(*action, path, file::NotReadable.into())
            }
            FileError::Other {
                action,
                path,
                cause,
            } => failed(*action, path, cause.into()),
        }
    }
}

fn failed(action: FileAction, path: &Path, cause: Message) -> Message {
    match action {
        FileAction::Locate => file::CannotLocate { path, cause }.into(),
        FileAction::Open => file::CannotOpen { path, cause }.into(),
        FileAction::Read => file::CannotRead { path, cause }.into(),
        FileAction::Write => file::CannotWrite { path, cause }.into(),
        FileAction::CreateFolder => folder::CannotCreate { path, cause }.into(),
        FileAction::Move => file::CannotMove { path, cause }.into(),
        FileAction::Delete => file::CannotDelete { path, cause }.into(),
        FileAction::Lock => file::CannotLock { path, cause }.into(),
        FileAction::MakeExecutable => file::CannotMakeExecutable { path, cause }.into(),
    }
}

impl From<&FileError> for Param {
    fn from(error: &FileError) -> Self {
        Message::from(error).into()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for FileError {}
