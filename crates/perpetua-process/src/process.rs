//! A running process, as its owner holds it.

use std::path::Path;
use std::sync::{Arc, mpsc::sync_channel};
use std::{fmt, thread};

use tokio::sync::watch;

use crate::spawn_error::spawn_error;
use crate::tree::{self, Started, Tree, Waiter};
use crate::usage::Meter;
use crate::{Identity, Launch, Lines, SpawnError, Usage};

/// How a process ended. On Windows, one that was killed has neither a code nor a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExitStatus {
    /// Its exit code, unless a signal ended it. On Windows, codes above `i32::MAX` are negative.
    pub code: Option<i32>,
    /// The signal that ended it (Unix).
    pub signal: Option<i32>,
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(formatter, "exit code {code}"),
            (None, Some(signal)) => write!(formatter, "signal {signal}"),
            (None, None) => formatter.write_str("no exit code"),
        }
    }
}

/// A process and all that it started.
///
/// When the process itself ends, the rest of its tree is ended too. When this value is dropped, the
/// tree is killed, and reaped by a thread that needs no runtime.
#[derive(Debug)]
pub struct Process {
    identity: Identity,
    tree: Arc<Tree>,
    status: watch::Receiver<Option<ExitStatus>>,
    meter: Arc<Meter>,
}

/// The part of a [`Process`] that ends it, for whoever does not own it. It keeps nothing alive.
#[derive(Clone, Debug)]
pub struct Stopper {
    tree: Arc<Tree>,
}

/// The part of a [`Process`] that reads what it uses.
#[derive(Clone, Debug)]
pub struct UsageMeter {
    meter: Arc<Meter>,
    status: watch::Receiver<Option<ExitStatus>>,
}

impl UsageMeter {
    /// What the process uses now, see [`Process::usage`].
    pub fn read(&self) -> Option<Usage> {
        if self.status.borrow().is_some() {
            return None;
        }
        self.meter.read()
    }
}

impl Process {
    /// Starts a program, within a tokio runtime. It blocks for as long as the system takes: some
    /// milliseconds, more where an antivirus program looks at the file first.
    pub fn start(launch: &Launch) -> Result<(Self, Lines), SpawnError> {
        let (report, status) = watch::channel(None);
        // The thread comes first: a process that nobody can wait for is not even started.
        let (hand_over, waiter) = sync_channel::<Waiter>(1);
        let reaper = thread::Builder::new().name("process-wait".into());
        let reaper = reaper.spawn(move || {
            // An error means that nothing was started.
            if let Ok(mut waiter) = waiter.recv() {
                report.send_replace(Some(waiter.wait()));
            }
        });
        reaper.map_err(|error| spawn_error(launch, error))?;

        let Started {
            pid,
            tree,
            streams,
            waiter,
        } = tree::start(launch)?;
        let identity = Identity::of(pid, tree.group(), &launch.program);
        let meter = Arc::new(Meter::new(pid));
        // It has room, and its receiver waits for it.
        let _ = hand_over.send(waiter);
        let lines = Lines::new(streams, status.clone());
        Ok((
            Self {
                identity,
                tree,
                status,
                meter,
            },
            lines,
        ))
    }

    /// The system's number for the process; it may belong to another one after [`wait`](Self::wait).
    pub fn id(&self) -> u32 {
        self.identity.pid()
    }

    /// What to keep so that a later run recognises the process.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The file that runs, as the system tells it.
    pub fn program(&self) -> &Path {
        self.identity.program()
    }

    /// A handle that stops and kills, and nothing else.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            tree: Arc::clone(&self.tree),
        }
    }

    /// Asks the process to end, see [`Stopper::stop`].
    pub fn stop(&self) {
        self.tree.ask();
    }

    /// Ends the whole tree at once, see [`Stopper::kill`].
    pub fn kill(&self) {
        self.tree.kill();
    }

    /// Waits for the process to end; the rest of its tree is then ended as well. Can be given up and
    /// called again at any time, and gives the same answer each time.
    pub async fn wait(&self) -> ExitStatus {
        let mut status = self.status.clone();
        let ended = status.wait_for(Option::is_some).await;
        // The thread that waits always says something before it goes.
        ended.ok().and_then(|status| *status).unwrap_or(ExitStatus {
            code: None,
            signal: None,
        })
    }

    /// How it ended, if it did.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.status.borrow()
    }

    /// What it uses now; nothing once it has ended. Blocks: well under a millisecond on Linux; elsewhere
    /// the system lists its processes for it, so ask every few seconds, not more often.
    pub fn usage(&self) -> Option<Usage> {
        self.usage_meter().read()
    }

    /// Reads what it uses, for a thread that may block. It keeps nothing alive.
    pub fn usage_meter(&self) -> UsageMeter {
        UsageMeter {
            meter: Arc::clone(&self.meter),
            status: self.status.clone(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.tree.kill();
    }
}

impl Stopper {
    /// Asks the process to end: `SIGTERM` to it alone; on Windows Ctrl+C in its pseudo-console, and
    /// where it has none, the same as [`kill`](Self::kill). Does nothing once it has ended.
    pub fn stop(&self) {
        self.tree.ask();
    }

    /// Ends the process and all that it started, at once. Does nothing once it has ended.
    pub fn kill(&self) {
        self.tree.kill();
    }
}
