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

/// How far the wall clock may be off from what is expected of it before it counts as set.
const SET_BY: Duration = Duration::from_secs(2);

/// Where monotonic moments stand on the calendar. One that nothing has happened to stays where it is, and none
/// is in the future, however often somebody sets the clock.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    anchor: ClockReading,
}

impl Calendar {
    /// A calendar of somebody who looks at the clock for the first time.
    pub fn new(now: ClockReading) -> Self {
        Self { anchor: now }
    }

    /// Looks at the clock: one that was set moves all moments with it.
    pub fn follow(&mut self, now: ClockReading) {
        let expected = self.unix(now.instant);
        if expected.abs_diff(now.unix) > SET_BY {
            self.anchor = now;
        }
    }

    /// When a moment was, in milliseconds since the Unix epoch.
    pub fn unix_milliseconds(&self, moment: Instant) -> i64 {
        i64::try_from(self.unix(moment).as_millis()).unwrap_or(i64::MAX)
    }

    fn unix(&self, moment: Instant) -> Duration {
        let ClockReading { instant, unix } = self.anchor;
        match moment.checked_duration_since(instant) {
            Some(later) => unix.saturating_add(later),
            None => unix.saturating_sub(instant.saturating_duration_since(moment)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Calendar, ClockReading};

    fn reading(instant: Instant, unix_ms: u64) -> ClockReading {
        let unix = Duration::from_millis(unix_ms);
        ClockReading { instant, unix }
    }

    #[test]
    fn a_moment_stays_where_it_is_while_the_clock_runs_as_clocks_do() {
        let before = Instant::now();
        let start = before + Duration::from_secs(1);
        let happened = start + Duration::from_secs(5);
        let mut calendar = Calendar::new(reading(start, 1_000_000));
        for (seconds, clock_ms) in [(10, 1_010_000), (20, 1_020_900), (30, 1_029_100)] {
            calendar.follow(reading(start + Duration::from_secs(seconds), clock_ms));
            assert_eq!(calendar.unix_milliseconds(happened), 1_005_000);
        }
        assert_eq!(calendar.unix_milliseconds(before), 999_000);
    }

    #[test]
    fn a_clock_that_is_set_takes_moments_along_and_makes_no_age_negative() {
        let start = Instant::now();
        let later = start + Duration::from_mins(1);
        let mut calendar = Calendar::new(reading(start, 5_000_000));
        for clock_ms in [1_000_000, 9_000_000_000, 60_000] {
            calendar.follow(reading(later, clock_ms));
            let age = clock_ms.cast_signed() - calendar.unix_milliseconds(start);
            assert_eq!(age, 60_000);
        }
    }
}
