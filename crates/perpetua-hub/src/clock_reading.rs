//! A point in time, as the driver saw it.

use std::time::{Duration, Instant};

/// "Now" for one call into the hub: the hub itself never looks at a clock.
#[derive(Clone, Copy, Debug)]
pub struct ClockReading {
    /// Monotonic time, for limits and latencies.
    pub instant: Instant,
    /// Time since the Unix epoch, for the `time` of events that the hub makes.
    pub unix: Duration,
}

impl ClockReading {
    /// Whole seconds since the Unix epoch, the unit of `time` in OneBot v11 events.
    pub fn unix_seconds(&self) -> i64 {
        i64::try_from(self.unix.as_secs()).unwrap_or(i64::MAX)
    }

    /// Milliseconds since the Unix epoch, the unit of `time` in perpetua's own events.
    pub fn unix_milliseconds(&self) -> i64 {
        i64::try_from(self.unix.as_millis()).unwrap_or(i64::MAX)
    }
}
