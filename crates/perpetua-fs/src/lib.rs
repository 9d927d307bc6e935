//! `perpetua-fs`: where a node keeps its files, and how they are written so that none is ever half there.
//!
//! [`Folders`] names every path of the data folder, [`write_atomic`] replaces a file whole or not at
//! all, [`rename`] moves one, and [`FolderLock`] keeps a second node out of the folder. All calls block for as long as the
//! disk takes; a caller inside a runtime puts them on a thread for blocking work.

mod error;
mod folders;
mod lock;
mod moving;
mod write;

pub use error::FileError;
pub use folders::{Folders, create_private_folder};
pub use lock::{FolderLock, LockError};
pub use moving::{rename, rename_at_once};
pub use write::{Access, write_atomic};
