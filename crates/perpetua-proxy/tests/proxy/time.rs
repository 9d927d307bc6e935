//! Time that stands still until a test lets it pass.
//!
//! Tokio's paused clock jumps to the next timer whenever nothing can run, and a frame that is on its way
//! through the kernel looks like that. While a blocking task runs it does not jump, so one is held for
//! as long as a test lasts: sockets are as fast as they are, and only the test moves the clock.

use std::{
    pin::pin,
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    time::Duration,
};

use tokio::{task::yield_now, time::Instant};

/// How far the clock moves at once. Each timer of the proxy is far longer, and fires in its order.
const STEP: Duration = Duration::from_millis(100);
/// Turns of the runtime, each with a look at the sockets: enough for a frame to go through the proxy.
const TURNS: usize = 64;
/// No test lasts longer than this on a clock on the wall.
const REAL_PATIENCE: Duration = Duration::from_mins(1);
/// No test waits for longer.
const PATIENCE: Duration = Duration::from_mins(10);

/// Time stands still as long as this lives. Only for `#[tokio::test(start_paused = true)]`.
pub(crate) struct Frozen {
    _release: SyncSender<()>,
}

impl Frozen {
    pub(crate) fn time() -> Self {
        let (release, held) = sync_channel(0);
        tokio::task::spawn_blocking(move || {
            // Time limits do not help where time stands still.
            if held.recv_timeout(REAL_PATIENCE) == Err(RecvTimeoutError::Timeout) {
                eprintln!("what the test waits for does not come about");
                std::process::abort();
            }
        });
        Self { _release: release }
    }

    /// Lets time pass, in small steps, everything running meanwhile.
    pub(crate) async fn pass(&self, duration: Duration) {
        let end = Instant::now() + duration;
        settle().await;
        while Instant::now() < end {
            tokio::time::advance(STEP.min(end - Instant::now())).await;
            settle().await;
        }
    }

    /// Lets time pass until `awaited` has come about; gives it, and how long that took.
    pub(crate) async fn until<T>(&self, awaited: impl Future<Output = T>) -> (T, Duration) {
        let begin = Instant::now();
        let mut awaited = pin!(awaited);
        loop {
            tokio::select! {
                biased;
                outcome = &mut awaited => return (outcome, begin.elapsed()),
                () = settle() => tokio::time::advance(STEP).await,
            }
            assert!(begin.elapsed() < PATIENCE, "it did not come about");
        }
    }
}

/// Lets everything run that can, the clock standing still.
pub(crate) async fn settle() {
    for _ in 0..TURNS {
        yield_now().await;
    }
}

/// Waits in turns of the runtime, not in time, until something holds: some tenths of a second at most, in which the
/// system passes on what was sent.
pub(crate) async fn until_holds(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..200_000 {
        if holds() {
            return;
        }
        yield_now().await;
    }
    panic!("{what} does not hold");
}
