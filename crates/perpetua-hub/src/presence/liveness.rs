//! Whether the upstream answers: it is asked when it has been silent for a while.
//!
//! ```text
//!           silent for `every`              silent for `patience` more
//!   Alive ──────────────────────► Probing ─────────────────────────────► Hung ──┐
//!     ▲                              │                                   │  ▲   │ asked again
//!     │                              │ the same, and somebody            │  │   │ each `every`
//!     │                              │ supervises the core               │  └───┘
//!     │                              ▼      it answers nowhere           │
//!     │                           Doubted ───────────────────────────────┤
//!     │                              │ it answers elsewhere              │
//!     │                              ▼      nowhere, or too long         │
//!     │                           Blocked ───────────────────────────────┤
//!     └──────────── heard ───────────┴───────────────────────────────────┘
//! ```
//!
//! A link begins as `Probing`: its first question is who is there. After a gap in our own time everybody but `Hung` is
//! asked anew.
//!
//! Lagrange's core asks its signer in the loop that reads its connection, so that no call over this one is
//! answered for as long as a signature takes, and none of this means that the core hangs. Its supervisor is
//! asked to try another connection, and again each `patience`, before the core counts as hung.

use std::time::{Duration, Instant};

use crate::ProbeSettings;

/// No link is given up for blocked that could be waiting for a signature: those take 100 s at most, and what is
/// heard between two of them counts. One that is silent for longer than this has lost its reader.
const LONGEST_BLOCKED: Duration = Duration::from_mins(10);

/// The machine above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Liveness {
    /// Something came.
    Alive { last: Instant },
    /// It was asked, and nothing has come since.
    Probing { since: Instant },
    /// Nothing has come for too long since it was asked; its supervisor looks, and is asked to `again`.
    Doubted { since: Instant, again: Instant },
    /// The same, but it answers elsewhere.
    Blocked { since: Instant, again: Instant },
    /// Nothing has come for too long.
    Hung { asked: Instant },
}

/// What has to be done about the silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// Ask, so that it has something to answer.
    Ask,
    /// Have its supervisor look whether it answers elsewhere.
    Doubt,
    /// From now on it counts as hung.
    Hung,
}

impl Liveness {
    pub(super) fn next_deadline(self, probes: &ProbeSettings) -> Instant {
        match self {
            Self::Alive { last } => last + probes.every,
            Self::Probing { since } => since + probes.patience,
            Self::Doubted { again, .. } | Self::Blocked { again, .. } => again,
            Self::Hung { asked } => asked + probes.every,
        }
    }

    /// What is due at `now`; an upstream is doubted before it counts as hung where somebody `supervises` it.
    pub(super) fn tick(
        &mut self,
        now: Instant,
        probes: &ProbeSettings,
        supervises: bool,
    ) -> Option<Due> {
        if now < self.next_deadline(probes) {
            return None;
        }
        let again = now + probes.patience;
        let (next, due) = match *self {
            Self::Alive { .. } => (Self::Probing { since: now }, Due::Ask),
            Self::Probing { since } if supervises => (Self::Doubted { since, again }, Due::Doubt),
            Self::Doubted { since, .. } if supervises && now < since + LONGEST_BLOCKED => {
                (Self::Doubted { since, again }, Due::Doubt)
            }
            Self::Blocked { since, .. } if supervises && now < since + LONGEST_BLOCKED => {
                (Self::Blocked { since, again }, Due::Doubt)
            }
            Self::Probing { since } | Self::Doubted { since, .. } | Self::Blocked { since, .. } => {
                (Self::Hung { asked: since }, Due::Hung)
            }
            Self::Hung { .. } => (Self::Hung { asked: now }, Due::Ask),
        };
        *self = next;
        Some(due)
    }

    /// Nobody could hear it until now: whatever it owed an answer to, it is asked anew at once. One that counted as hung
    /// before still does.
    pub(super) fn woke(&mut self, now: Instant, probes: &ProbeSettings) {
        if !matches!(self, Self::Hung { .. }) {
            let last = now.checked_sub(probes.every).unwrap_or(now);
            *self = Self::Alive { last };
        }
    }

    /// Its supervisor has looked; gives whether it counts as hung from now on.
    pub(super) fn looked(&mut self, answers: bool) -> bool {
        let (Self::Doubted { since, again } | Self::Blocked { since, again }) = *self else {
            return false;
        };
        *self = if answers {
            Self::Blocked { since, again }
        } else {
            Self::Hung { asked: since }
        };
        !answers
    }

    /// Since when it leaves a question unanswered though it answers elsewhere.
    pub(super) fn blocked_since(self) -> Option<Instant> {
        match self {
            Self::Blocked { since, .. } => Some(since),
            _ => None,
        }
    }
}
