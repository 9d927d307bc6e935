//! macOS and Windows.

use std::path::Path;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::RunningProgram;

pub(super) fn all() -> Vec<RunningProgram> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing()
        .with_exe(UpdateKind::Always)
        .with_cwd(UpdateKind::Always)
        .with_cmd(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind.without_tasks());
    // Where a path is not known it is an empty one here.
    let known = |path: &Path| (!path.as_os_str().is_empty()).then(|| path.to_owned());
    let processes = system.processes().iter();
    processes
        .map(|(pid, process)| RunningProgram {
            pid: pid.as_u32(),
            program: process.exe().and_then(known),
            folder: process.cwd().and_then(known),
            arguments: process.cmd().to_vec(),
        })
        .collect()
}
