//! macOS and Windows: there, the time of a start does not change when the clock is set.

use std::time::Duration;

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use super::{Reading, Seen};

/// The process with this number, unless it has ended.
pub(crate) fn look(pid: u32) -> Option<Seen> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind.without_tasks());
    let process = system.process(pid)?;
    if matches!(
        process.status(),
        ProcessStatus::Zombie | ProcessStatus::Dead
    ) {
        return None;
    }
    Some(Seen {
        started: process.start_time().to_string(),
        // Right after a start the system may know of no path, which is an empty one here.
        program: process
            .exe()
            .filter(|program| !program.as_os_str().is_empty())
            .map(Into::into),
    })
}

/// Reads what one process uses.
#[derive(Debug)]
pub(crate) struct Gauge {
    pid: Pid,
    system: System,
}

impl Gauge {
    pub(crate) fn new(pid: u32) -> Self {
        Self {
            pid: Pid::from_u32(pid),
            system: System::new(),
        }
    }

    pub(crate) fn read(&mut self) -> Option<Reading> {
        let kind = ProcessRefreshKind::nothing().with_memory().with_cpu();
        self.system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[self.pid]),
            true,
            kind.without_tasks(),
        );
        let process = self.system.process(self.pid)?;
        Some(Reading {
            memory: process.memory(),
            processor: Duration::from_millis(process.accumulated_cpu_time()),
        })
    }
}
