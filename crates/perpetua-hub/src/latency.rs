//! How long actions took, in fixed buckets.

use std::time::Duration;

/// Upper bounds of the buckets, in milliseconds; one more bucket holds what is slower.
pub const LATENCY_BOUNDS_MS: [u64; 14] = [
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
];

/// A histogram of the time from an action's arrival to its response.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Latency {
    /// How many actions fell into each bucket; the last has no upper bound.
    pub buckets: [u64; LATENCY_BOUNDS_MS.len() + 1],
    /// All of them together.
    pub sum: Duration,
}

impl Latency {
    /// Counts one answered action.
    pub fn record(&mut self, took: Duration) {
        let bucket =
            LATENCY_BOUNDS_MS.partition_point(|bound| Duration::from_millis(*bound) < took);
        self.buckets[bucket] += 1;
        self.sum += took;
    }

    /// How many actions were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LATENCY_BOUNDS_MS, Latency};

    #[test]
    fn a_time_falls_into_the_first_bucket_that_holds_it() {
        let mut latency = Latency::default();
        latency.record(Duration::from_millis(1));
        latency.record(Duration::from_micros(1001));
        latency.record(Duration::from_hours(1));
        assert_eq!(latency.buckets[0], 1);
        assert_eq!(latency.buckets[1], 1);
        assert_eq!(latency.buckets[LATENCY_BOUNDS_MS.len()], 1);
        assert_eq!(latency.count(), 3);
    }
}
