//! How processes are started: a port, so that tests of the driver script a process on mocked time.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use perpetua_process::{
    ExitStatus, Identity, Launch, Line, Lines, Orphan, Process, SpawnError, StillRunning, Usage,
};

use crate::steps::blocking;

/// Starts processes, and ends those that a former run left behind.
pub trait Launcher: Send + Sync + fmt::Debug {
    /// Starts one, within a runtime. Blocks for as long as the system takes.
    fn start(&self, launch: &Launch) -> Result<StartedProcess, SpawnError>;

    /// Ends the process of this identity if it still runs: asked first, killed after `grace`. Says
    /// whether there was one.
    fn end_orphan(
        &self,
        identity: Identity,
        grace: Duration,
    ) -> BoxFuture<'static, Result<bool, StillRunning>>;
}

/// A process that runs, and what it writes.
#[derive(Debug)]
pub struct StartedProcess {
    /// The process.
    pub process: Box<dyn RunningProcess>,
    /// Its lines.
    pub lines: Box<dyn LineSource>,
}

/// A process that runs. Dropping it ends its whole tree.
pub trait RunningProcess: Send + Sync + fmt::Debug {
    /// Its process id.
    fn id(&self) -> u32;

    /// What tells it from every other process of this machine.
    fn identity(&self) -> Identity;

    /// Asks it to end.
    fn stop(&self);

    /// Ends its whole tree at once.
    fn kill(&self);

    /// Waits for its end; may be dropped and called again.
    fn wait(&self) -> BoxFuture<'_, ExitStatus>;

    /// What it takes, where the system tells, which may take it a while.
    fn usage(&self) -> BoxFuture<'static, Option<Usage>>;
}

/// What a process writes.
pub trait LineSource: Send + fmt::Debug {
    /// The next line; `None` after the last one. May be dropped and called again.
    fn next(&mut self) -> BoxFuture<'_, Option<Line>>;
}

/// Starts real processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLauncher;

impl Launcher for SystemLauncher {
    fn start(&self, launch: &Launch) -> Result<StartedProcess, SpawnError> {
        let (process, lines) = Process::start(launch)?;
        Ok(StartedProcess {
            process: Box::new(process),
            lines: Box::new(lines),
        })
    }

    fn end_orphan(
        &self,
        identity: Identity,
        grace: Duration,
    ) -> BoxFuture<'static, Result<bool, StillRunning>> {
        Box::pin(async move {
            match Orphan::find(&identity) {
                None => Ok(false),
                Some(orphan) => orphan.end(grace).await.map(|()| true),
            }
        })
    }
}

impl RunningProcess for Process {
    fn id(&self) -> u32 {
        self.id()
    }

    fn identity(&self) -> Identity {
        self.identity().clone()
    }

    fn stop(&self) {
        self.stop();
    }

    fn kill(&self) {
        self.kill();
    }

    fn wait(&self) -> BoxFuture<'_, ExitStatus> {
        Box::pin(self.wait())
    }

    fn usage(&self) -> BoxFuture<'static, Option<Usage>> {
        let meter = self.usage_meter();
        Box::pin(blocking(move || meter.read()))
    }
}

impl LineSource for Lines {
    fn next(&mut self) -> BoxFuture<'_, Option<Line>> {
        Box::pin(self.next())
    }
}
