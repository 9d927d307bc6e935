//! `perpetua-backoff`: growing waits between attempts, as a value.
//!
//! Pure: chance is an argument, and whoever asks does the waiting.

use std::time::Duration;

/// Exponential backoff with jitter; a value, so that tests can set the jitter to 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// No wait is longer than this.
    pub longest: Duration,
    /// A wait is shortened by up to this fraction (0.0 to 1.0), so that many nodes do not knock at once.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            jitter: 0.3,
        }
    }
}

impl Backoff {
    /// The wait after `failures` failures in a row (at least 1); `random` is from 0.0 to 1.0.
    pub fn wait(&self, failures: u32, random: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        full.mul_f64(1.0 - self.jitter.clamp(0.0, 1.0) * random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Backoff;

    #[test]
    fn without_jitter_the_wait_doubles_up_to_its_bound() {
        let backoff = Backoff {
            jitter: 0.0,
            ..Backoff::default()
        };
        let waits: Vec<u64> = (1..=8).map(|n| backoff.wait(n, 0.7).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    proptest! {
        #[test]
        fn a_wait_stays_within_its_bounds(failures: u32, random in 0.0..=1.0) {
            let backoff = Backoff::default();
            let wait = backoff.wait(failures, random);
            prop_assert!(wait <= backoff.longest);
            prop_assert!(wait >= backoff.first.mul_f64(1.0 - backoff.jitter - 1e-9));
            prop_assert!(wait > Duration::ZERO);
        }
    }
}
