//! What the system tells about any process.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use std::path::PathBuf;
use std::time::Duration;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{Gauge, look};
#[cfg(target_os = "linux")]
pub(crate) use linux::{Gauge, look, without_mark};

/// What tells a process from another one with its number.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// When it started, in words that stay the same however the clock is set.
    pub(crate) started: String,
    /// Its file; unknown where this user may not know it.
    pub(crate) program: Option<PathBuf>,
}

/// What a process has used so far.
pub(crate) struct Reading {
    /// Memory of its own and shared, in bytes.
    pub(crate) memory: u64,
    /// The time of all processors together since its start.
    pub(crate) processor: Duration,
}
