//! Points in time, as the caller's clock tells them.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `unix_ms` milliseconds after the start of 1970.
    pub const fn from_unix_ms(unix_ms: i64) -> Timestamp {
        Self(unix_ms)
    }

    /// Milliseconds since 1970.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, the unit of OneBot events.
    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub(crate) const fn after_seconds(self, seconds: i64) -> Timestamp {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}
