//! A client's wish to have the core restarted (`set_restart`): one at a time.
//!
//! ```text
//!         wished              its delay is over               the pause is over
//!  Free ─────────► Wished ───────────────────────► Resting ─────────────────────► Free
//! ```

use std::time::{Duration, Instant};

/// How long after a restart has begun no other one may be asked for: a framework that restarts the core
/// whenever something fails would otherwise keep it from ever logging in.
const PAUSE: Duration = Duration::from_secs(5);

/// The machine above.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Restart {
    #[default]
    Free,
    Wished {
        due: Instant,
    },
    Resting {
        until: Instant,
    },
}

impl Restart {
    /// A client wishes it after `delay`; refused, with the time that this holds, while one is under way.
    pub(crate) fn wish(&mut self, delay: Duration, now: Instant) -> Result<(), Duration> {
        let free = match *self {
            Self::Free => now,
            Self::Wished { due } => due + PAUSE,
            Self::Resting { until } => until,
        };
        if free > now {
            return Err(free - now);
        }
        *self = Self::Wished { due: now + delay };
        Ok(())
    }

    /// The moment at which [`Self::tick`] gives true.
    pub(crate) fn next_deadline(self) -> Option<Instant> {
        match self {
            Self::Wished { due } => Some(due),
            Self::Free | Self::Resting { .. } => None,
        }
    }

    /// Whether the restart begins now.
    pub(crate) fn tick(&mut self, now: Instant) -> bool {
        let Self::Wished { due } = *self else {
            return false;
        };
        let begins = due <= now;
        if begins {
            *self = Self::Resting { until: now + PAUSE };
        }
        begins
    }
}
