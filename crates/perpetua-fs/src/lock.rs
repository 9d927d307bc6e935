//! One node per data folder, and one writer at a time of a file that several processes change.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use perpetua_words::{Message, folder};

use crate::{Access, FileAction, FileError, Folders, write_atomic};

/// The right to use a data folder, until it is dropped or its process ends, however it ends.
///
/// The lock is the system's own on `run/lock`. Who holds it says so in `run/pid`, a file of its
/// own, because Windows lets nobody read a locked one.
#[derive(Debug)]
pub struct FolderLock {
    _lock: File,
    pid_file: PathBuf,
    folders: Folders,
}

/// Why a data folder could not be locked.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockError {
    /// Another node uses the folder.
    Held {
        /// The data folder.
        folder: PathBuf,
        /// The other node's process, where it left its number.
        pid: Option<u32>,
    },
    /// The lock's files could not be made or written.
    File(FileError),
}

impl From<FileError> for LockError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<&LockError> for Message {
    fn from(error: &LockError) -> Self {
        match error {
            LockError::Held {
                folder,
                pid: Some(pid),
            } => folder::InUseBy {
                path: folder,
                pid: *pid,
            }
            .into(),
            LockError::Held { folder, pid: None } => folder::InUse { path: folder }.into(),
            LockError::File(error) => error.into(),
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for LockError {}

impl FolderLock {
    /// Whether this process uses the folder at this moment, as far as can be told: somebody does, and
    /// has not left another number. Nothing is made or kept.
    pub fn is_held_by(folders: &Folders, pid: u32) -> bool {
        let file = File::options().write(true).open(folders.run().join("lock"));
        let is_held =
            file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
        is_held && holder(&folders.run().join("pid")).is_none_or(|holder| holder == pid)
    }

    /// Takes the lock, without waiting, and clears away what killed processes have left half written. The
    /// folders must exist, see [`Folders::create`].
    pub fn acquire(folders: &Folders) -> Result<Self, LockError> {
        let path = folders.run().join("lock");
        let pid_file = folders.run().join("pid");
        let fail = |error| FileError::new(FileAction::Lock, &path, error);
        let file = open_lock(&path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    folder: folders.data().to_owned(),
                    pid: holder(&pid_file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error).into()),
        }
        write_atomic(
            &pid_file,
            process::id().to_string().as_bytes(),
            Access::Usual,
        )?;
        folders.remove_left_behind();
        Ok(Self {
            _lock: file,
            pid_file,
            folders: folders.clone(),
        })
    }
}

/// Waits until no other process holds this lock file, which is made if need be, and holds it until
/// the file is dropped. For changes that read, then write: it is held for moments. Blocks.
pub fn lock_file(path: &Path) -> Result<File, FileError> {
    let fail = |error| FileError::new(FileAction::Lock, path, error);
    let file = open_lock(path).map_err(fail)?;
    file.lock().map_err(fail)?;
    Ok(file)
}

/// The process that says of itself that it holds the lock.
fn holder(pid_file: &Path) -> Option<u32> {
    fs::read_to_string(pid_file).ok()?.trim().parse().ok()
}

/// A lock file holds nothing, and stays: deleting it would let two processes each lock a file of
/// that name.
fn open_lock(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Still under the lock. What was too young to be told from a write under way at the start is old now.
        self.folders.remove_left_behind();
        let _ = fs::remove_file(&self.pid_file);
    }
}
