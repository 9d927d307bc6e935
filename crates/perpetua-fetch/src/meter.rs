//! How fast it goes, lately.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The rate is that of this time: long enough to be steady, short enough to follow the network.
const WINDOW: Duration = Duration::from_secs(5);
/// Samples are this far apart, so that a fast download does not make many.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// Bytes over time.
#[derive(Debug)]
pub(crate) struct Meter {
    samples: VecDeque<(Instant, u64)>,
    latest: u64,
}

impl Meter {
    /// Begins; `received` bytes were there before.
    pub(crate) fn new(now: Instant, received: u64) -> Self {
        Self {
            samples: VecDeque::from([(now, received)]),
            latest: received,
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

    use super::Meter;

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
