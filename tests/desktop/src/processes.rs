//! The processes of a desktop: all that have its home in their environment.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A running process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// The name of its program, as the system cuts it: fifteen letters at most.
    pub name: String,
}

/// What processes hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// How many there are.
    pub processes: usize,
    /// Their threads.
    pub threads: usize,
    /// Their open files and sockets.
    pub files: usize,
}

impl Footprint {
    pub(crate) fn of(processes: &[Process]) -> Self {
        let count = |what: &str| {
            let folders = processes
                .iter()
                .map(|process| fs::read_dir(format!("/proc/{}/{what}", process.id)));
            folders.flatten().map(Iterator::count).sum()
        };
        Self {
            processes: processes.len(),
            threads: count("task"),
            files: count("fd"),
        }
    }
}

/// The processes with this home that still run.
pub(crate) fn of_home(home: &Path) -> Vec<Process> {
    let mut entry = b"HOME=".to_vec();
    entry.extend(home.as_os_str().as_bytes());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|process| {
            let id = process.file_name().to_str()?.parse().ok()?;
            let folder = process.path();
            // A process that has ended while we look has neither.
            let environment = fs::read(folder.join("environ")).ok()?;
            let is_ours = environment.split(|byte| *byte == 0).any(|one| one == entry);
            let name = fs::read(folder.join("comm")).ok()?;
            let name = OsStr::from_bytes(name.trim_ascii())
                .to_string_lossy()
                .into_owned();
            is_ours.then_some(Process { id, name })
        })
        .collect()
}

impl Process {
    /// Ends it at once.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    /// Asks it to end, as a session does that ends.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// How many threads it has; 0 once it has ended.
    pub fn threads(&self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.id)).map_or(0, Iterator::count)
    }

    /// Whether it has loaded a file whose path ends like this.
    pub fn has_loaded(&self, end: &str) -> bool {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.id)).unwrap_or_default();
        maps.lines().any(|line| line.ends_with(end))
    }

    fn signal(&self, signal: &str) {
        // The shell has `kill` built in; the program is not on every machine.
        let id = self.id.to_string();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "kill -s \"$0\" \"$1\" 2>/dev/null", signal, &id]);
        let _it_may_have_ended = shell.status();
    }
}
