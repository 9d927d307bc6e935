//! Events that a slow reader has not taken in time: each is said to have failed, and comes yet.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::log::{Level, Log};

const FAILED: &str = "[LagrangeWebSvcCollection]: WebService send message failed.";
const TIMED_OUT: &str = "System.TimeoutException: The operation has timed out.";

/// The events of one connection that wait to be written.
#[derive(Default)]
pub(crate) struct Lateness {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    since: VecDeque<Instant>,
    /// So many of them, the oldest, are already said to be late.
    told: usize,
}

impl Lateness {
    /// One more waits. Called in the order of the queue.
    pub(crate) fn queued(&self) {
        self.lock().since.push_back(Instant::now());
    }

    /// The oldest is written.
    pub(crate) fn written(&self) {
        let mut waiting = self.lock();
        waiting.since.pop_front();
        waiting.told = waiting.told.saturating_sub(1);
    }

    /// Says of each event that it is late, once.
    pub(crate) async fn tell(&self, limit: Duration, log: &Log) -> ! {
        let mut ticks = interval((limit / 5).max(Duration::from_millis(1)));
        loop {
            ticks.tick().await;
            for _ in 0..self.newly_late(limit) {
                log.write_with(
                    Level::Warning,
                    crate::services::CATEGORY,
                    6,
                    FAILED,
                    Some(TIMED_OUT),
                );
            }
        }
    }

    fn newly_late(&self, limit: Duration) -> usize {
        let mut waiting = self.lock();
        let is_late = |since: &&Instant| since.elapsed() >= limit;
        let late = waiting.since.iter().take_while(is_late).count();
        let newly = late.saturating_sub(waiting.told);
        waiting.told += newly;
        newly
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
