//! One node per data folder.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::process;

use crate::{Access, FileError, Folders, write_atomic};

/// The right to use a data folder, until it is dropped or its process ends, however it ends.
///
/// The lock is the system's own on `run/lock`. Who holds it says so in `run/pid`, a file of its
/// own, because Windows lets nobody read a locked one.
#[derive(Debug)]
pub struct FolderLock {
    _lock: File,
    pid_file: PathBuf,
}

/// Why a data folder could not be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another node uses the folder.
    #[error(
        "another perpetua{} uses `{folder}`; stop it first, or choose another folder with `--data-dir`",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// The data folder.
        folder: PathBuf,
        /// The other node's process, where it left its number.
        pid: Option<u32>,
    },
    /// The lock's files could not be made or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl FolderLock {
    /// Takes the lock, without waiting. The folders must exist, see [`Folders::create`].
    pub fn acquire(folders: &Folders) -> Result<Self, LockError> {
        let path = folders.run().join("lock");
        let pid_file = folders.run().join("pid");
        let fail = |error| FileError::new("lock", &path, error);
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path);
        let file = file.map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&pid_file).ok();
                return Err(LockError::Held {
                    folder: folders.data().to_owned(),
                    pid: pid.and_then(|text| text.trim().parse().ok()),
                });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error).into()),
        }
        write_atomic(
            &pid_file,
            process::id().to_string().as_bytes(),
            Access::Usual,
        )?;
        Ok(Self {
            _lock: file,
            pid_file,
        })
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Still under the lock. `run/lock` itself stays: deleting it would let two nodes each lock
        // a file of that name.
        let _ = fs::remove_file(&self.pid_file);
    }
}
