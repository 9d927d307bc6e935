//! `perpetua-fs`: where a node keeps its files, and how they are written so that none is ever half there.
//!
//! [`Folders`] names every path of the data folder, [`write_atomic`] replaces a file whole or not at
//! all, [`read_small`] reads one that is ours and nothing that only looks like it, [`write_changed`] only where it says something else, [`write_atomic_if`] only while somebody wants it, [`rename()`] moves one, [`put_aside`] makes room for one, [`FolderLock`] keeps a second node out of the folder, and [`lock_file`]
//! lets one process at a time change a file. All calls block for as long as the disk takes; a caller
//! inside a runtime puts them on a thread for blocking work.

#[cfg(all(feature = "faults", not(debug_assertions)))]
compile_error!("the feature `faults` of `perpetua-fs` is for tests; no program for people has it");

mod error;
#[cfg(feature = "faults")]
pub mod faults;
mod folders;
mod lock;
mod open_to_others;
mod read;
mod refused;
mod rename;
mod space;
mod write;

pub use error::{FileAction, FileError};
pub use folders::{Folders, create_private_folder};
pub use lock::{FolderLock, LockError, LockWatch, lock_file};
pub use read::{open_regular, open_unlinked, read_bounded, read_small};
pub use refused::permit;
pub use rename::{free_name, put_aside, rename, rename_at_once};
pub use space::{free_space, size_of};
pub use write::{Access, write_atomic, write_atomic_if, write_changed};
