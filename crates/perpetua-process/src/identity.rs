//! Which process is meant, beyond its number.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::proc_info;

/// What tells a process from every other one that had or will have its number.
///
/// It is written to a file, so that a later run of this program can find what a former one left
/// running, see [`Orphan`](crate::Orphan).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Identity {
    pid: u32,
    /// The number of its process group, where there are such.
    group: Option<u32>,
    /// When it started, in the system's own words.
    started: String,
    program: PathBuf,
}

impl Identity {
    /// The identity of a child that was just started from the file `program`.
    pub(crate) fn of(pid: u32, group: Option<u32>, program: &Path) -> Self {
        // A child that has already ended may tell neither; then nothing will ever be taken for it.
        let seen = proc_info::look(pid).unwrap_or_default();
        Self {
            pid,
            group,
            started: seen.started,
            program: seen.program.unwrap_or_else(|| program.to_owned()),
        }
    }

    /// The system's number for it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The file that runs, as the system tells it; links are followed.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The number of its process group (Unix).
    #[cfg(unix)]
    pub(crate) fn group(&self) -> Option<u32> {
        self.group
    }

    /// Whether this very process runs now.
    pub(crate) fn runs(&self) -> bool {
        let is_it = |seen: proc_info::Seen| {
            let program = seen.program.as_deref();
            seen.started == self.started
                && program.is_some_and(|program| is_same_file(program, &self.program))
        };
        !self.started.is_empty() && proc_info::look(self.pid).is_some_and(is_it)
    }
}

/// Whether two paths lead to one file. Right after a start a system may not tell which file runs; the
/// identity then has the path by which it was started, and the system's own may be another one.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let same = || Some(one.canonicalize().ok()? == other.canonicalize().ok()?);
    one == other || same().unwrap_or(false)
}
