//! `/proc`.

use procfs::process::{Process, all_processes};

use super::RunningProgram;
use crate::proc_info::without_mark;

pub(super) fn all() -> Vec<RunningProgram> {
    let processes = all_processes().into_iter().flatten().flatten();
    processes.map(|process| told(&process)).collect()
}

/// What cannot be known of a process is that of another user, or of one that has just ended.
fn told(process: &Process) -> RunningProgram {
    let arguments = process.cmdline().unwrap_or_default();
    RunningProgram {
        pid: process.pid().try_into().unwrap_or_default(),
        program: process.exe().ok().map(without_mark),
        folder: process.cwd().ok(),
        arguments: arguments.into_iter().map(Into::into).collect(),
    }
}
