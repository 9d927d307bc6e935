//! What a disk refuses, in words.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file or folder could not be made, read, written or moved.
#[derive(Debug, thiserror::Error)]
pub struct DiskError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl DiskError {
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether there is no room left: the disk, the user's share of it, or the largest allowed file.
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }
}

/// Whether this error of the system says that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

impl fmt::Display for DiskError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "cannot {} `{}`: ",
            self.action,
            self.path.display()
        )?;
        match self.source.kind() {
            _ if self.is_full() => formatter.write_str("the disk is full; free some space"),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => formatter.write_str(
                "this user may not write there; correct the folder's owner and rights, or choose another with `--data-dir`",
            ),
            _ => write!(formatter, "{}", self.source),
        }
    }
}
