//! Where the proxy gets the time from.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use perpetua_hub::ClockReading;

/// Gives moments: monotonic time from tokio (which tests may pause), wall time from the system.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The system's own clock.
    pub fn system() -> Self {
        let wall = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
        };
        Self {
            wall: Arc::new(wall),
        }
    }

    /// Now.
    pub fn now(&self) -> ClockReading {
        ClockReading {
            instant: tokio::time::Instant::now().into_std(),
            unix: (self.wall)(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
