//! How fast it goes, lately.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The rate is that of this time: long enough to be steady, short enough to follow the network.
const WINDOW: Duration = Duration::from_secs(5);
/// Samples are this far apart, so that a fast download does not make many.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// How often it is told: often enough to look alive, seldom enough to cost nothing.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// Bytes over time.
#[derive(Debug)]
pub(crate) struct Meter {
    samples: VecDeque<(Instant, u64)>,
    latest: u64,
    told: Option<Instant>,
}

impl Meter {
    /// Begins; `received` bytes were there before.
    pub(crate) fn new(now: Instant, received: u64) -> Self {
        Self {
            samples: VecDeque::from([(now, received)]),
            latest: received,
            told: None,
        }
    }

    /// So many bytes are there now.
    pub(crate) fn record(&mut self, now: Instant, received: u64) {
        self.latest = received;
        let is_due = |(at, _): &(Instant, u64)| now.duration_since(*at) >= SAMPLE_EVERY;
        if self.samples.back().is_none_or(is_due) {
            self.samples.push_back((now, received));
        }
        // The oldest sample stands at the beginning of the window, so one before it is kept.
        while self.samples.len() > 1 && now.duration_since(self.samples[1].0) >= WINDOW {
            self.samples.pop_front();
        }
    }

    /// Whether it is time to tell how it goes, which is then taken to be done.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self
            .told
            .is_none_or(|told| now.duration_since(told) >= TOLD_EVERY);
        if is_due {
            self.told = Some(now);
        }
        is_due
    }

    /// Bytes a second.
    pub(crate) fn rate(&self, now: Instant) -> u64 {
        let Some((since, before)) = self.samples.front() else {
            return 0;
        };
        let millis = now.duration_since(*since).as_millis().max(1);
        let bytes = u128::from(self.latest.saturating_sub(*before));
        u64::try_from(bytes * 1000 / millis).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Meter, TOLD_EVERY};

    #[test]
    fn it_is_told_at_once_and_then_no_more_often_than_anybody_looks() {
        let start = Instant::now();
        let mut meter = Meter::new(start, 0);
        let due = [0, 1, 2, 3, 4, 5].map(|part| meter.is_due(start + part * TOLD_EVERY / 2));
        assert_eq!(due, [true, false, true, false, true, false]);
    }

    #[test]
    fn the_rate_follows_the_last_seconds_and_counts_no_bytes_that_were_there() {
        let start = Instant::now();
        let mut meter = Meter::new(start, 1_000_000);
        let mut received = 1_000_000;
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 1..=10 {
            received += 1000;
            meter.record(at(second), received);
        }
        assert_eq!(meter.rate(at(10)), 1000);
        for second in 11..=20 {
            received += 5000;
            meter.record(at(second), received);
        }
        assert_eq!(meter.rate(at(20)), 5000);
        assert!(meter.rate(at(30)) < 2000, "nothing came for ten seconds");
    }
}
