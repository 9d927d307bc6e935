//! What can fail on a disk, sorted by what a person can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A file or folder could not be made, read or written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The user has no home folder, so there is no usual place for the data.
    #[error("no home folder is known for this user; name a folder with `--data-dir`")]
    NoHomeFolder,
    /// The disk, the user's share of it or the largest allowed file is full.
    #[error("cannot {action} `{path}`: the disk is full; free some space (nothing was changed)")]
    DiskFull {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// The folder or the whole file system is not writable for this user.
    #[error(
        "cannot {action} `{path}`: this user may not write there; \
         correct the folder's owner and rights, or choose another with `--data-dir`"
    )]
    NotWritable {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// Anything else the system says.
    #[error("cannot {action} `{path}`")]
    Other {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl FileError {
    /// Whether there is no room left: the disk, the user's share of it, or the largest allowed file.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }

    /// Sorts an error of the system. `action` is a verb, such as `write`.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull {
                action,
                path,
                source,
            },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable {
                    action,
                    path,
                    source,
                }
            }
            _ => Self::Other {
                action,
                path,
                source,
            },
        }
    }
}
