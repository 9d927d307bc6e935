//! What is due, and the end of the loop.

use std::ops::ControlFlow;

use tokio::time::{Duration, Instant};
use tracing::warn;

use super::Driver;

/// How often it is looked what the process takes.
pub(super) const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// The end that somebody waits for.
#[derive(Debug)]
pub(super) struct Closing {
    /// When what has not ended is killed; absent once it was.
    kill_at: Option<Instant>,
    /// When the loop ends in any case.
    pub(super) by: Instant,
}

impl Closing {
    pub(super) fn new(kill_at: Instant, by: Instant) -> Self {
        Self {
            kill_at: Some(kill_at),
            by,
        }
    }

    fn due(&self) -> Instant {
        self.kill_at.unwrap_or(self.by)
    }
}

impl Driver {
    /// The earliest moment at which something is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let run = self.run.as_ref();
        [
            self.machine.next_deadline().map(Instant::from_std),
            run.and_then(|run| run.flush_at),
            run.and_then(|run| run.exit.as_ref())
                .map(|(_, drained_by)| *drained_by),
            run.and_then(|run| run.slow_reader.due()),
            run.map(|_| self.usage_due),
            self.keep_due.map(|(_, due)| due),
            self.names_due(),
            self.publisher.due(),
            self.closing.as_ref().map(Closing::due),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due; breaks when there is no time left.
    pub(super) fn due(&mut self, now: Instant) -> ControlFlow<()> {
        if self
            .machine
            .next_deadline()
            .is_some_and(|at| at <= now.into_std())
        {
            let effects = self.machine.tick(now.into_std());
            self.perform_all(effects);
        }
        let flush_at = self.run.as_ref().and_then(|run| run.flush_at);
        if flush_at.is_some_and(|at| at <= now) {
            self.flush_reader();
        }
        self.unfold(|fold| fold.tick(now));
        self.conclude_run(now);
        if self.usage_due <= now {
            self.usage_due = now + MEASURE_EVERY;
            self.measure();
        }
        self.look_names_up(now);
        self.keep_login_if_due(now);
        self.close(now)
    }

    fn close(&mut self, now: Instant) -> ControlFlow<()> {
        let Some(closing) = &mut self.closing else {
            return ControlFlow::Continue(());
        };
        if closing.by <= now {
            warn!(
                account = self.account,
                "no time is left to wait for the core's end"
            );
            return ControlFlow::Break(());
        }
        if closing.kill_at.take_if(|at| *at <= now).is_some() {
            if let Some((_, cancel)) = &self.launch {
                cancel.cancel();
            }
            if let Some(run) = &mut self.run {
                run.process.kill();
            }
        }
        ControlFlow::Continue(())
    }

    /// Ends the loop once it is to end and nothing is left.
    pub(super) fn may_end(&self) -> ControlFlow<()> {
        let is_over = self.closing.is_some()
            && self.run.is_none()
            && self.launch.is_none()
            && self.steps.is_idle();
        if is_over {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
