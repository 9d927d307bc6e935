//! What is due from the first process of a container.
//!
//! Whatever loses its parent there becomes a child of the first process, and stays in the table of processes until
//! that takes note of its end. A node waits for its own children alone, so that it runs one below:
//!
//! ```text
//! perpetuad (1) ── the same program again ── cores
//!    │  TERM, INT, HUP are passed on; every end is taken note of
//!    ▼
//! ends as the node below has ended
//! ```

use std::process::ExitCode;

/// Runs the node below this process where this is the first one; `None` where it is not, or where that cannot be
/// done, and this process has to be the node itself.
#[cfg(unix)]
pub(crate) fn stand_in() -> Option<ExitCode> {
    first::is_first().then(first::run_below).flatten()
}

/// Windows has no such process: ends are noted by whoever holds a handle.
#[cfg(windows)]
pub(crate) fn stand_in() -> Option<ExitCode> {
    None
}

#[cfg(unix)]
mod first {
    use std::{
        env, io,
        process::{Command, ExitCode, id},
    };

    use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
    use tokio::{
        runtime::Builder,
        signal::unix::{Signal as Stream, SignalKind, signal},
    };

    /// What shells add to the number of a signal that ended a program.
    const ENDED_BY_SIGNAL: i32 = 128;

    pub(super) fn is_first() -> bool {
        id() == 1
    }

    pub(super) fn run_below() -> Option<ExitCode> {
        let runtime = Builder::new_current_thread().enable_io().build().ok()?;
        runtime.block_on(async {
            let signals = Signals::new().ok()?;
            let node = start().ok()?;
            Some(signals.watch(node).await)
        })
    }

    /// Nobody waits for it alone: its end is taken note of with all the others.
    fn start() -> io::Result<Pid> {
        let mut program = Command::new(env::current_exe()?);
        let node = program.args(env::args_os().skip(1)).spawn()?;
        Ok(Pid::from_child(&node))
    }

    /// What the first process is told. Who does not ask for a signal there never gets it.
    struct Signals {
        ended: Stream,
        terminate: Stream,
        interrupt: Stream,
        hangup: Stream,
    }

    impl Signals {
        fn new() -> io::Result<Self> {
            Ok(Self {
                ended: signal(SignalKind::child())?,
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Until the node has ended.
        async fn watch(mut self, node: Pid) -> ExitCode {
            loop {
                if let Some(status) = note_ends(node) {
                    return code_of(status);
                }
                let passed_on = tokio::select! {
                    _ = self.ended.recv() => continue,
                    _ = self.terminate.recv() => Signal::TERM,
                    _ = self.interrupt.recv() => Signal::INT,
                    _ = self.hangup.recv() => Signal::HUP,
                };
                // One that has ended is noticed at the next turn.
                let _ended = kill_process(node, passed_on);
            }
        }
    }

    /// Takes note of every end so far; gives how the node ended, if it did.
    fn note_ends(node: Pid) -> Option<WaitStatus> {
        let ends = std::iter::from_fn(|| wait(WaitOptions::NOHANG).ok().flatten());
        let of_node = ends.filter(|(ended, _)| *ended == node);
        of_node.map(|(_, status)| status).last()
    }

    fn code_of(status: WaitStatus) -> ExitCode {
        let by_signal = status
            .terminating_signal()
            .map(|number| ENDED_BY_SIGNAL + number);
        let code = status.exit_status().or(by_signal);
        ExitCode::from(
            code.and_then(|code| u8::try_from(code).ok())
                .unwrap_or(u8::MAX),
        )
    }
}
