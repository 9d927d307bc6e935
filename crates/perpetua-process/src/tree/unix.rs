//! A process group with a watcher in it.
//!
//! ```text
//!  this process ──── write end of a pipe ────► watcher: reads, kills its own group at the end of file
//!       │                                         │ leads
//!       └── starts, waits for ──► program ────► group ◄──── whatever the program starts
//! ```
//!
//! Nobody else holds the write end, so the watcher wakes when this process is gone, however that
//! came about. The watcher leads the group, and is reaped last: as long as it is not, no other group
//! can get the group's number, and killing the group can hit nobody else. Signals of a terminal
//! reach neither, because the group is not the terminal's.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpgid, getpgrp, kill_process, kill_process_group, umask,
    waitid,
};

use super::Started;
use crate::spawn_error::spawn_error;
use crate::stream::Stream;
use crate::{ExitStatus, Identity, Launch, SpawnError, proc_info};

/// Every Unix has this shell; a watcher of our own would be a program to find, and larger.
const SHELL: &str = "/bin/sh";
/// It must outlive whatever asks the group to end politely. `kill 0` means the shell's own group.
const WATCH: &str = "trap '' HUP INT QUIT TERM; read -r _; kill -KILL 0";

/// The group, until its program has ended.
#[derive(Debug)]
pub(crate) struct Tree {
    number: Pid,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    program: Pid,
    group: Group,
}

/// The watcher; when it is dropped, everything in its group is gone and the watcher is reaped.
#[derive(Debug)]
struct Group(Child);

impl Group {
    /// A group with nothing in it but its watcher.
    fn new() -> io::Result<Self> {
        let watcher = Command::new(SHELL)
            .args(["-c", WATCH])
            .process_group(0)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        watcher.map(Self)
    }

    fn number(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    fn kill(&self) {
        // It fails when nothing but zombies is left in the group, which is as good.
        let _ = kill_process_group(self.number(), Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        // A signal that nobody can ignore was just sent to it.
        let _ = self.0.wait();
    }
}

/// Starts a program whose files are for their owner only: a core writes its session with the usual rights, which would
/// rest on those of its folder alone. The mask belongs to this whole process, so it is ours for that moment only: a
/// browser that is opened meanwhile would keep it.
fn spawn_private(command: &mut Command) -> io::Result<Child> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let usual = umask(Mode::RWXG | Mode::RWXO);
    let spawned = command.spawn();
    umask(usual);
    spawned
}

/// Starts the program in a group of its own.
pub(crate) fn start(launch: &Launch) -> Result<Started, SpawnError> {
    let group = Group::new().map_err(|error| match spawn_error(launch, error) {
        full @ (SpawnError::TooMany { .. } | SpawnError::OutOfMemory { .. }) => full,
        _ => SpawnError::Unguarded {
            program: launch.program.clone(),
            cause: perpetua_words::process::NoShell { shell: SHELL }.into(),
        },
    })?;
    let number = group.number();
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .current_dir(&launch.folder)
        .env_clear()
        .envs(launch.environment.iter().cloned())
        .process_group(number.as_raw_pid())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut program = spawn_private(&mut command).map_err(|error| spawn_error(launch, error))?;
    let streams = Stream::of(&mut program);
    let pid = Pid::from_child(&program);
    let running = Mutex::new(Some(Running {
        program: pid,
        group,
    }));
    let tree = Arc::new(Tree { number, running });
    let mut waiter = Waiter {
        program,
        tree: Arc::clone(&tree),
    };
    match streams {
        Ok(streams) => Ok(Started {
            pid: waiter.program.id(),
            tree,
            streams,
            waiter,
        }),
        Err(error) => {
            tree.kill();
            waiter.wait();
            Err(spawn_error(launch, error))
        }
    }
}

impl Tree {
    /// The number of the process group.
    pub(crate) fn group(&self) -> Option<u32> {
        self.number.as_raw_pid().try_into().ok()
    }

    /// Asks the program to end.
    pub(crate) fn ask(&self) {
        if let Some(running) = &*self.running() {
            // The program is not reaped before `running` is taken out, so this is it, or its zombie.
            let _ = kill_process(running.program, Signal::TERM);
        }
    }

    /// Ends everything in the group.
    pub(crate) fn kill(&self) {
        if let Some(running) = &*self.running() {
            running.group.kill();
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        // Whoever panicked held the lock to send a signal, and left nothing half done.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the program.
pub(crate) struct Waiter {
    program: Child,
    tree: Arc<Tree>,
}

impl Waiter {
    /// Waits until the program has ended, ends the rest of the group, and reaps both.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let program = WaitId::Pid(Pid::from_child(&self.program));
        // The program stays a zombie meanwhile, so that nobody else gets its number.
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(program.clone(), look), Err(Errno::INTR)) {}

        let mut running = self.tree.running();
        let group = running.take();
        let status = self.program.wait();
        drop(group);
        drop(running);
        ExitStatus {
            code: status
                .as_ref()
                .ok()
                .and_then(std::process::ExitStatus::code),
            signal: status.ok().and_then(|status| status.signal()),
        }
    }
}

/// Whether a process of a former run is still in the group that was made for it. One of our own group
/// is none: to kill that group would be the end of us.
pub(crate) fn is_in_place(identity: &Identity) -> bool {
    let group = number(Some(identity.pid())).and_then(|pid| getpgid(Some(pid)).ok());
    group.is_some() && group == number(identity.group()) && group != Some(getpgrp())
}

/// Asks a process of a former run to end; says whether there is anything to wait for.
pub(crate) fn ask_leftover(identity: &Identity) -> bool {
    let pid = number(Some(identity.pid()));
    pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok())
}

/// Ends the group of a process of a former run, also when only others are left in it.
/// Waits for nothing; on Windows another program does it.
pub(crate) async fn kill_leftover(identity: &Identity) {
    let Some((group, leader)) = number(identity.group()).zip(identity.group()) else {
        return;
    };
    // The number of a group goes to nobody else while anything is in it. So where the process is
    // gone, and another process has the group's number, nothing is left in the group.
    if is_in_place(identity) || proc_info::look(leader).is_none() {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn number(number: Option<u32>) -> Option<Pid> {
    Pid::from_raw(number?.try_into().ok()?)
}
