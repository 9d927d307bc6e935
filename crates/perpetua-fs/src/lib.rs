//! `perpetua-fs`: where a node keeps its files, and how they are written so that none is ever half there.
//!
//! [`Folders`] names every path of the data folder, [`write_atomic`] replaces a file whole or not at
//! all, [`write_atomic_if`] only while somebody wants it, [`rename()`] moves one, [`FolderLock`] keeps a second node out of the folder, and [`lock_file`]
//! lets one process at a time change a file. All calls block for as long as the disk takes; a caller
//! inside a runtime puts them on a thread for blocking work.

mod error;
mod folders;
mod lock;
mod rename;
mod space;
mod write;

pub use error::{FileAction, FileError};
pub use folders::{Folders, create_private_folder};
pub use lock::{FolderLock, LockError, lock_file};
pub use rename::{rename, rename_at_once};
pub use space::{free_space, size_of};
pub use write::{Access, write_atomic, write_atomic_if};
