//! The clock that people set.

use std::{fmt, sync::Arc, time::SystemTime};

/// What the system's clock says, or a test. It may go back and forth by years: it is for what people read, and never
/// tells how long something took or what came later. A cheap clone.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    /// One that says this.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The system's own.
    pub fn system() -> Self {
        Self::new(SystemTime::now)
    }

    /// What it says now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WallClock")
    }
}
