//! Whether the upstream answers: it is asked when it has been silent for a while.
//!
//! ```text
//!           silent for `every`              silent for `patience` more
//!   Alive ──────────────────────► Probing ─────────────────────────────► Hung ──┐
//!     ▲                              │                                   │  ▲   │ asked again
//!     └─────────── heard ────────────┴───────────────────────────────────┘  └───┘ each `every`
//! ```
//!
//! A link begins as `Probing`: its first question is who is there.

use std::time::Instant;

use crate::ProbeSettings;

/// The machine above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Liveness {
    /// Something came.
    Alive { last: Instant },
    /// It was asked, and nothing has come since.
    Probing { since: Instant },
    /// Nothing has come for too long.
    Hung { asked: Instant },
}

/// What has to be done about the silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// Ask, so that it has something to answer.
    Ask,
    /// From now on it counts as hung.
    Hung,
}

impl Liveness {
    pub(super) fn next_deadline(self, probes: &ProbeSettings) -> Instant {
        match self {
            Self::Alive { last } => last + probes.every,
            Self::Probing { since } => since + probes.patience,
            Self::Hung { asked } => asked + probes.every,
        }
    }

    pub(super) fn tick(&mut self, now: Instant, probes: &ProbeSettings) -> Option<Due> {
        if now < self.next_deadline(probes) {
            return None;
        }
        let (next, due) = match *self {
            Self::Alive { .. } => (Self::Probing { since: now }, Due::Ask),
            Self::Probing { since } => (Self::Hung { asked: since }, Due::Hung),
            Self::Hung { .. } => (Self::Hung { asked: now }, Due::Ask),
        };
        *self = next;
        Some(due)
    }
}
