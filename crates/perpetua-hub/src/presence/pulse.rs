//! Whether the upstream answers: it is asked when it has been silent for a while.
//!
//! ```text
//!           silent for `every`            silent for `patience` more
//!   Heard ──────────────────────► Asked ─────────────────────────────► Hung ──┐
//!     ▲                             │                                   │  ▲  │ asked again
//!     └─────────── heard ───────────┴───────────────────────────────────┘  └──┘ each `every`
//! ```
//!
//! A link begins as `Asked`: its first question is who is there.

use std::time::Instant;

use crate::ProbeSettings;

/// The machine above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pulse {
    /// Something came.
    Heard { last: Instant },
    /// It was asked, and nothing has come since.
    Asked { since: Instant },
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

impl Pulse {
    pub(super) fn next_deadline(self, probes: &ProbeSettings) -> Instant {
        match self {
            Self::Heard { last } => last + probes.every,
            Self::Asked { since } => since + probes.patience,
            Self::Hung { asked } => asked + probes.every,
        }
    }

    pub(super) fn tick(&mut self, now: Instant, probes: &ProbeSettings) -> Option<Due> {
        if now < self.next_deadline(probes) {
            return None;
        }
        let (next, due) = match *self {
            Self::Heard { .. } => (Self::Asked { since: now }, Due::Ask),
            Self::Asked { since } => (Self::Hung { asked: since }, Due::Hung),
            Self::Hung { .. } => (Self::Hung { asked: now }, Due::Ask),
        };
        *self = next;
        Some(due)
    }
}
