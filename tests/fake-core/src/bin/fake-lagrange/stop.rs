//! Being asked to end: signals on Unix, console events on Windows.

use std::io;

use tokio::sync::watch;

use crate::crash::{TASK_CANCELED, crash};

/// Knows whether someone has asked.
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// From now on the system's own way to end the program is off. `heard` is called at the first wish; `deaf` hears none.
    pub(crate) fn listen(deaf: bool, heard: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let (sender, asked) = watch::channel(false);
        tokio::spawn(async move {
            if deaf {
                std::future::pending::<()>().await;
            }
            signals.next().await;
            heard();
            sender.send_replace(true);
            sender.closed().await;
        });
        Ok(Self { asked })
    }

    /// Whether someone has asked.
    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Returns when someone has asked.
    pub(crate) async fn asked(&self) {
        let mut asked = self.asked.clone();
        let _asked = asked.wait_for(|asked| *asked).await;
    }

    /// What the future gives. Someone who asks before it has ended cancels it, and .NET dies of that.
    pub(crate) async fn or<T>(&self, future: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            () = self.asked() => crash(TASK_CANCELED),
            value = future => value,
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
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
struct Signals {
    control_c: tokio::signal::windows::CtrlC,
    control_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Signals {
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
