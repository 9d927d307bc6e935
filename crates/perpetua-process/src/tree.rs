//! A process tree that this process owns: each system's own way to start and end one.

#[cfg(windows)]
mod pseudo;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::sync::Arc;

#[cfg(unix)]
pub(crate) use unix::{Tree, Waiter, ask_leftover, is_in_place, kill_leftover, start};
#[cfg(windows)]
pub(crate) use windows::{Tree, Waiter, ask_leftover, is_in_place, kill_leftover, start};

use crate::stream::Stream;

/// A tree that was just started.
pub(crate) struct Started {
    /// The process itself.
    pub(crate) pid: u32,
    /// What ends it.
    pub(crate) tree: Arc<Tree>,
    /// What it prints.
    pub(crate) streams: Vec<Stream>,
    /// What waits for it, on a thread of its own; until that is done, `pid` belongs to nobody else.
    pub(crate) waiter: Waiter,
}
