//! A job object that closes with this process.
//!
//! The system ends everything in the job when its last handle is closed, and this process holds the
//! only one: dropping it kills the tree, and so does our own end. The process is put into its job
//! right after its start; a program's first instructions come milliseconds later than that, so
//! nothing it starts escapes.

use std::env;
use std::fmt;
use std::io::Write;
use std::os::windows::io::AsRawHandle;
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use win32job::{ExtendedLimitInfo, Job, JobError};

use super::Started;
use super::pseudo::{self, ConsoleChild};
use crate::spawn_error::spawn_error;
use crate::stream::Stream;
use crate::{Console, ExitStatus, Identity, Launch, SpawnError};

/// `CREATE_NO_WINDOW`: a console program would open a window of its own where we have none. It also
/// keeps the Ctrl+C of our console away from it.
const NO_WINDOW: u32 = 0x0800_0000;
/// What Ctrl+C is on the way into a console.
const CTRL_C: &[u8] = b"\x03";

/// The job, until its program has ended.
#[derive(Debug)]
pub(crate) struct Tree(Mutex<Option<Running>>);

struct Running {
    /// Held, not used: see above.
    _job: Job,
    /// The way into its console, where it has one.
    keyboard: Option<Box<dyn Write + Send>>,
}

impl fmt::Debug for Running {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Running").finish_non_exhaustive()
    }
}

/// Starts the program in a job of its own.
pub(crate) fn start(launch: &Launch) -> Result<Started, SpawnError> {
    let job = job().map_err(|error| unguarded(launch, &error))?;
    match launch.console {
        Console::Pipes => start_with_pipes(launch, job),
        Console::Pseudo { columns } => {
            let started = pseudo::start(launch, columns)?;
            let mut child = started.child;
            let handle = child.handle();
            let guarded = handle.map_or(Ok(()), |handle| job.assign_process(handle as isize));
            // No job takes a program that has ended already, and it needs none.
            if let Err(error) = guarded
                && !child.has_ended()
            {
                // Dropping the child closes its console, which ends it.
                return Err(unguarded(launch, &error));
            }
            let tree = Tree::new(job, Some(started.keyboard));
            Ok(Started {
                pid: child.id(),
                streams: vec![started.conpty_text],
                waiter: Waiter::new(Program::Console(child), &tree),
                tree,
            })
        }
    }
}

fn start_with_pipes(launch: &Launch, job: Job) -> Result<Started, SpawnError> {
    let mut child = Command::new(&launch.program)
        .args(&launch.arguments)
        .current_dir(&launch.folder)
        .env_clear()
        .envs(launch.environment.iter().cloned())
        .creation_flags(NO_WINDOW)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| spawn_error(launch, error))?;
    let guarded = job.assign_process(child.as_raw_handle() as isize);
    // No job takes a program that has ended already, and it needs none.
    if let Err(error) = guarded
        && !matches!(child.try_wait(), Ok(Some(_)))
    {
        let _ = child.kill();
        return Err(unguarded(launch, &error));
    }
    // From here on the job ends the child.
    let streams = Stream::of(&mut child).map_err(|error| spawn_error(launch, error))?;
    let tree = Tree::new(job, None);
    Ok(Started {
        pid: child.id(),
        streams,
        waiter: Waiter::new(Program::Pipes(child), &tree),
        tree,
    })
}

fn job() -> Result<Job, JobError> {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    Job::create_with_limit_info(&limits)
}

fn unguarded(launch: &Launch, error: &JobError) -> SpawnError {
    SpawnError::Unguarded {
        program: launch.program.clone(),
        cause: perpetua_words::io::Other {
            text: error.to_string(),
        }
        .into(),
    }
}

impl Tree {
    fn new(job: Job, keyboard: Option<Box<dyn Write + Send>>) -> Arc<Self> {
        let running = Running {
            _job: job,
            keyboard,
        };
        Arc::new(Self(Mutex::new(Some(running))))
    }

    /// Windows has no groups.
    #[expect(clippy::unused_self, reason = "on Unix it has one")]
    pub(crate) fn group(&self) -> Option<u32> {
        None
    }

    /// Presses Ctrl+C, or ends it where there is no console to press it in.
    pub(crate) fn ask(&self) {
        let mut running = self.running();
        let pressed = match running.as_mut().map(|running| &mut running.keyboard) {
            Some(Some(keyboard)) => keyboard.write_all(CTRL_C).is_ok(),
            Some(None) => false,
            None => true,
        };
        if !pressed {
            *running = None;
        }
    }

    /// Ends everything in the job.
    pub(crate) fn kill(&self) {
        self.end();
    }

    /// The same; says whether it was still to be done.
    fn end(&self) -> bool {
        self.running().take().is_some()
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        // Whoever panicked held the lock to end the tree, and left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the program.
pub(crate) struct Waiter {
    program: Program,
    tree: Arc<Tree>,
}

enum Program {
    Pipes(Child),
    Console(ConsoleChild),
}

impl Waiter {
    fn new(program: Program, tree: &Arc<Tree>) -> Self {
        let tree = Arc::clone(tree);
        Self { program, tree }
    }

    /// Waits until the program has ended, and ends the rest of the job.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let code = match &mut self.program {
            Program::Pipes(child) => child.wait().ok().and_then(|status| status.code()),
            Program::Console(child) => child.wait(),
        };
        let by_itself = self.tree.end();
        ExitStatus {
            // The system gives 0 to what is killed with its job, as if it had ended in order.
            code: code.filter(|_| by_itself),
            signal: None,
        }
    }
}

/// A process is recognised by its identity alone.
pub(crate) fn is_in_place(_: &Identity) -> bool {
    true
}

/// There is no way to ask the process of another console; says so.
pub(crate) fn ask_leftover(_: &Identity) -> bool {
    false
}

/// Ends a process of a former run, and what it started.
pub(crate) async fn kill_leftover(identity: &Identity) {
    let pid = identity.pid().to_string();
    let whole_tree = taskkill(&["/F", "/PID", &pid, "/T"]).await;
    if !whole_tree {
        // It fails as a whole when one child cannot be ended; the process itself may yet be.
        taskkill(&["/F", "/PID", &pid]).await;
    }
}

/// Runs the system's own program for ending others, and says whether it did.
async fn taskkill(arguments: &[&str]) -> bool {
    let system = env::var_os("SystemRoot").map_or_else(|| r"C:\Windows".into(), PathBuf::from);
    let mut command = tokio::process::Command::new(system.join("System32").join("taskkill.exe"));
    command
        .args(arguments)
        .creation_flags(NO_WINDOW)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
