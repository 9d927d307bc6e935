//! `/proc`: two small files a look, and no list of all processes.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use procfs::process::Process;
use procfs::sys::kernel::random::boot_id;

use super::{Reading, Seen};

/// What the system adds to the path of a file that was deleted or replaced while it runs.
const DELETED: &[u8] = b" (deleted)";

/// The process with this number, unless it has ended.
pub(crate) fn look(pid: u32) -> Option<Seen> {
    let process = Process::new(pid.try_into().ok()?).ok()?;
    let stat = process.stat().ok()?;
    if matches!(stat.state, 'Z' | 'X') {
        return None;
    }
    // Counted from the start of the machine: a time of day would change whenever the clock is set.
    let boot = boot_id().ok()?;
    Some(Seen {
        started: format!("{}@{}", stat.starttime, boot.trim()),
        program: process.exe().ok().map(without_mark),
    })
}

/// The path of a program that may be deleted or replaced.
pub(crate) fn without_mark(program: PathBuf) -> PathBuf {
    match program.as_os_str().as_bytes().strip_suffix(DELETED) {
        Some(path) => OsString::from_vec(path.to_vec()).into(),
        None => program,
    }
}

/// Reads what one process uses. It stays with that process even when its number goes to another.
#[derive(Debug)]
pub(crate) struct Gauge(Option<Process>);

impl Gauge {
    pub(crate) fn new(pid: u32) -> Self {
        let pid = pid.try_into().ok();
        Self(pid.and_then(|pid| Process::new(pid).ok()))
    }

    pub(crate) fn read(&mut self) -> Option<Reading> {
        let stat = self.0.as_ref()?.stat().ok()?;
        let ticks = stat.utime + stat.stime;
        Some(Reading {
            memory: stat.rss * procfs::page_size(),
            processor: Duration::from_millis(ticks * 1000 / procfs::ticks_per_second()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_is_still_itself() {
        assert_eq!(
            without_mark("/srv/core (deleted)".into()),
            PathBuf::from("/srv/core")
        );
        assert_eq!(without_mark("/srv/core".into()), PathBuf::from("/srv/core"));
    }
}
