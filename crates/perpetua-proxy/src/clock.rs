//! Where the proxy gets the time from.

use std::{fmt, time::UNIX_EPOCH};

use perpetua_hub::ClockReading;
use perpetua_task::{GapWatch, WallClock};

/// Gives moments: monotonic time from tokio (which tests may pause), wall time from the system; and knows when this
/// process itself stood still.
#[derive(Clone)]
pub struct Clock {
    wall: WallClock,
    gaps: GapWatch,
}

impl Clock {
    /// The system's own clock.
    pub fn system() -> Self {
        Self {
            wall: WallClock::system(),
            gaps: GapWatch::default(),
        }
    }

    /// Now.
    pub fn now(&self) -> ClockReading {
        let unix = self.wall.now().duration_since(UNIX_EPOCH);
        ClockReading {
            instant: tokio::time::Instant::now().into_std(),
            unix: unix.unwrap_or_default(),
        }
    }
}

impl Clock {
    /// The gaps in this process's own time, seen once somebody runs it.
    pub fn gaps(&self) -> &GapWatch {
        &self.gaps
    }

    /// The clock that people set.
    pub fn wall(&self) -> &WallClock {
        &self.wall
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
