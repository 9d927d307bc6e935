//! What a process holds, to see whether it grows.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// Descriptors, threads and memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Open files and sockets.
    pub descriptors: usize,
    /// Threads of the system.
    pub threads: u64,
    /// Resident memory in KiB.
    pub resident_kib: u64,
}

impl Footprint {
    /// What a process holds now; `None` on systems without `/proc`, where growth is not measured.
    pub fn of(process: u32) -> Result<Option<Self>> {
        let folder = PathBuf::from("/proc").join(process.to_string());
        if !folder.exists() {
            return Ok(None);
        }
        let status =
            fs::read_to_string(folder.join("status")).context("cannot read a process's status")?;
        let descriptors =
            fs::read_dir(folder.join("fd")).context("cannot list a process's descriptors")?;
        Ok(Some(Self {
            descriptors: descriptors.count(),
            threads: field(&status, "Threads:")?,
            resident_kib: field(&status, "VmRSS:")?,
        }))
    }
}

fn field(status: &str, name: &str) -> Result<u64> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|value| value.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("`{name}` is not in the process's status"))
}
