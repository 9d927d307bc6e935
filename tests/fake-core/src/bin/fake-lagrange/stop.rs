//! Being asked to end: signals on Unix, console events on Windows.

use std::io;

/// Waits to be asked. `deaf` never notices.
pub(crate) struct Stop {
    deaf: bool,
    asked: Asked,
}

impl Stop {
    /// From now on the system's own way to end the program is off.
    pub(crate) fn listen(deaf: bool) -> io::Result<Self> {
        Ok(Self {
            deaf,
            asked: Asked::listen()?,
        })
    }

    /// Returns when someone asks.
    pub(crate) async fn asked(&mut self) {
        self.asked.next().await;
        while self.deaf {
            self.asked.next().await;
        }
    }
}

#[cfg(unix)]
struct Asked {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Asked {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Asked {
    control_c: tokio::signal::windows::CtrlC,
    control_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Asked {
    fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        Ok(Self {
            control_c: ctrl_c()?,
            control_break: ctrl_break()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.control_c.recv() => {}
            _ = self.control_break.recv() => {}
        }
    }
}
