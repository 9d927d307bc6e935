//! One node per data folder, and one writer at a time of a file that several processes change.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use perpetua_words::{Message, folder};

use crate::{
    Access, FileAction, FileError, Folders, create_private_folder, permit, put_aside,
    read::is_regular, read_small, write_atomic,
};

/// The right to use a data folder, until it is dropped or its process ends, however it ends.
///
/// The lock is the system's own on `run/lock`. Who holds it says so in `run/pid`, a file of its
/// own, because Windows lets nobody read a locked one.
#[derive(Debug)]
pub struct FolderLock {
    lock: Mutex<File>,
    pid_file: PathBuf,
    folders: Folders,
    watch: LockWatch,
}

/// Tells whether the right to use a data folder was lost while it was held. Clones see the same.
#[derive(Clone, Debug, Default)]
pub struct LockWatch(Arc<Mutex<Option<Message>>>);

impl LockWatch {
    /// Another node has the folder as well, as [`FolderLock::renew`] saw it last.
    pub fn problem(&self) -> Option<Message> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn tell(&self, problem: Option<Message>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
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
        let path = folders.run().join("lock");
        let is_file = fs::metadata(&path).is_ok_and(|metadata| metadata.is_file());
        let file = is_file.then(|| File::options().write(true).open(path));
        let file = file.and_then(Result::ok);
        let is_held = file
            .is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
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
        write_pid(&pid_file)?;
        folders.remove_left_behind();
        Ok(Self {
            lock: Mutex::new(file),
            pid_file,
            folders: folders.clone(),
            watch: LockWatch::default(),
        })
    }

    /// Tells, later too, whether another node has taken the folder meanwhile.
    pub fn watch(&self) -> LockWatch {
        self.watch.clone()
    }
}

impl FolderLock {
    /// Makes the lock's files anew where somebody has deleted them, so that no other node takes the folder for free and
    /// programs find this one. Where another process has been quicker, its files stay, and that is an error, which
    /// [`FolderLock::watch`] tells until it is over. Blocks.
    pub fn renew(&self) -> Result<(), LockError> {
        let renewed = self.hold();
        if let Ok(()) | Err(LockError::Held { .. }) = &renewed {
            self.watch.tell(renewed.as_ref().err().map(taken_over));
        }
        renewed
    }

    fn hold(&self) -> Result<(), LockError> {
        let path = self.folders.run().join("lock");
        create_private_folder(&self.folders.run())?;
        let fail = |error| FileError::new(FileAction::Lock, &path, error);
        let file = open_lock(&path).map_err(fail)?;
        match file.try_lock() {
            // Nobody held the file that is there: ours is gone.
            Ok(()) => {
                *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = file;
                Ok(write_pid(&self.pid_file)?)
            }
            Err(TryLockError::WouldBlock) => match self.other() {
                None => Ok(()),
                pid => Err(LockError::Held {
                    folder: self.folders.data().to_owned(),
                    pid,
                }),
            },
            Err(TryLockError::Error(error)) => Err(fail(error).into()),
        }
    }

    /// The other process that says of itself that it holds the lock.
    fn other(&self) -> Option<u32> {
        holder(&self.pid_file).filter(|pid| *pid != process::id())
    }
}

/// What is to be said of it while this node runs on.
fn taken_over(error: &LockError) -> Message {
    match error {
        LockError::Held {
            folder,
            pid: Some(pid),
        } => folder::TakenOver {
            path: folder,
            pid: *pid,
        }
        .into(),
        other => other.into(),
    }
}

/// Says who holds the lock.
fn write_pid(pid_file: &Path) -> Result<(), FileError> {
    put_aside(pid_file)?;
    let pid = process::id().to_string();
    write_atomic(pid_file, pid.as_bytes(), Access::Usual)
}

/// Waits until no other process holds this lock file, which is made if need be with its folder, and holds it until
/// the file is dropped. For changes that read, then write: it is held for moments. Blocks.
pub fn lock_file(path: &Path) -> Result<File, FileError> {
    let fail = |error| FileError::new(FileAction::Lock, path, error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), create_private_folder)?;
    let file = open_lock(path).map_err(fail)?;
    file.lock().map_err(fail)?;
    Ok(file)
}

/// The process that says of itself that it holds the lock.
fn holder(pid_file: &Path) -> Option<u32> {
    let bytes = read_small(pid_file).ok()??;
    str::from_utf8(&bytes).ok()?.trim().parse().ok()
}

/// A lock file holds nothing, and stays: deleting it would let two processes each lock a file of
/// that name. A pipe in its place would be waited for until somebody reads it.
fn open_lock(path: &Path) -> io::Result<File> {
    match fs::metadata(path) {
        Ok(metadata) => is_regular(&metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => permit(FileAction::Write, path)?,
        Err(error) => return Err(error),
    }
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    owner_only(&mut options);
    let file = options.open(path)?;
    close_to_others(&file);
    Ok(file)
}

/// Whoever else could open it would hold it for as long as they like.
#[cfg(unix)]
fn owner_only(options: &mut fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

/// On Windows it inherits its rights from the folder.
#[cfg(windows)]
fn owner_only(_options: &mut fs::OpenOptions) {}

/// Takes the rights of others from one that was made with them. Where that fails, it is somebody else's, and the folder says
/// who may open it.
#[cfg(unix)]
fn close_to_others(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let rights = file.metadata().map(|metadata| metadata.permissions());
    if rights.is_ok_and(|rights| rights.mode() & 0o077 != 0) {
        let _somebody_elses = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
}

/// On Windows the folder's rights count.
#[cfg(windows)]
fn close_to_others(_file: &File) {}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Where somebody has deleted the folder of the lock, what lies there now may be another node's.
        if self.other().is_some() {
            return;
        }
        // Still under the lock. What was too young to be told from a write under way at the start is old now.
        self.folders.remove_left_behind();
        let _ = fs::remove_file(&self.pid_file);
    }
}
