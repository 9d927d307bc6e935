//! What a process uses.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::proc_info::Gauge;

/// What a process uses; its children are not counted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Usage {
    /// Its resident memory, in bytes.
    pub memory_bytes: u64,
    /// Its share of one processor since the last time it was asked, or since its start: 100 is one
    /// processor kept busy, and several can be.
    pub cpu_percent: f32,
}

/// Reads the usage of one process from time to time.
#[derive(Debug)]
pub(crate) struct Meter(Mutex<Last>);

#[derive(Debug)]
struct Last {
    gauge: Gauge,
    at: Instant,
    processor: Duration,
}

impl Meter {
    /// For a process that was just started.
    pub(crate) fn new(pid: u32) -> Self {
        Self(Mutex::new(Last {
            gauge: Gauge::new(pid),
            at: Instant::now(),
            processor: Duration::ZERO,
        }))
    }

    /// Nothing when the process is gone.
    pub(crate) fn read(&self) -> Option<Usage> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = last.gauge.read()?;
        let now = Instant::now();
        let cpu_percent = percent(
            reading.processor.saturating_sub(last.processor),
            now - last.at,
        );
        last.at = now;
        last.processor = reading.processor;
        Some(Usage {
            memory_bytes: reading.memory,
            cpu_percent,
        })
    }
}

fn percent(busy: Duration, passed: Duration) -> f32 {
    if passed.is_zero() {
        return 0.0;
    }
    100.0 * busy.div_duration_f32(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_busy_processors_are_two_hundred_percent() {
        let second = Duration::from_secs(1);
        assert!((percent(2 * second, second) - 200.0).abs() < f32::EPSILON);
        assert!(percent(second, Duration::ZERO).abs() < f32::EPSILON);
    }
}
