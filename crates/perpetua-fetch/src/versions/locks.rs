//! Two locks between processes: a short one for the record, a long one for an installation.
//!
//! With one for both, nobody could go back to an older version while a new one is downloaded. Each is the
//! system's own, on a file of its own that stays; it ends with the process, however that ends. A folder that is gone is
//! made anew.

use std::fs::{File, TryLockError};
use std::path::Path;

use perpetua_fs::{FileAction, FileError, create_private_folder};

/// Waits for the record; those who have it write one small file.
pub(super) fn record(folder: &Path) -> Result<File, FileError> {
    create_private_folder(folder)?;
    let path = folder.join(".record.lock");
    let file = open(&path)?;
    file.lock()
        .map_err(|error| FileError::new(FileAction::Lock, &path, error))?;
    Ok(file)
}

/// Takes the right to install, or says that someone else has it.
pub(super) fn try_installing(folder: &Path) -> Result<Option<File>, FileError> {
    create_private_folder(folder)?;
    let path = folder.join(".install.lock");
    let file = open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(FileError::new(FileAction::Lock, &path, error)),
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    options
        .open(path)
        .map_err(|error| FileError::new(FileAction::Lock, path, error))
}
