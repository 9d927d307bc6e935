//! What an open link has said of which account it leads to, and when it is asked again.
//!
//! Every question has a brake, so that no mix of ids makes a storm of them.

use std::time::{Duration, Instant};

/// The time between two questions that somebody else's frames make the hub ask, and between two changes
/// of the account.
pub(super) const BRAKE: Duration = Duration::from_secs(30);
/// The time after which an upstream is asked again that could not say who it is: it may be starting.
const RETRY: Duration = Duration::from_secs(5);

/// The state of one link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inquiry {
    asked: Instant,
    again: Option<Instant>,
    /// The upstream does not know `get_login_info`: then the first id of the link says who it is.
    unsupported: bool,
    /// The first id that an event of this link named.
    pub(super) first_id: Option<i64>,
    /// The upstream says that it is this account, which may not be served: until it says otherwise, nothing
    /// proves it.
    pub(super) refused: Option<i64>,
}

impl Inquiry {
    pub(super) fn opened(now: Instant) -> Self {
        Self {
            asked: now,
            again: None,
            unsupported: false,
            first_id: None,
            refused: None,
        }
    }

    /// It is asked now.
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked = now;
        self.again = None;
    }

    /// An event has raised the question: it is asked as soon as the brake lets it.
    pub(super) fn raise(&mut self) {
        if !self.unsupported {
            self.again = self.again.or(Some(self.asked + BRAKE));
        }
    }

    /// Its answer was of no use.
    pub(super) fn answered_in_vain(&mut self, now: Instant) {
        self.again = Some(now + RETRY);
    }

    /// It says that it is an account which may not be served, at least not before `again`.
    pub(super) fn refuse(&mut self, self_id: i64, again: Instant) {
        self.refused = Some(self_id);
        self.again = Some(again);
    }

    /// The settings have changed: whatever it had said is asked anew, at once.
    pub(super) fn start_over(&mut self, now: Instant) {
        self.refused = None;
        self.again = Some(now);
    }

    /// It does not know the question. Gives the id that says who it is, if one has come.
    pub(super) fn does_not_know(&mut self) -> Option<i64> {
        self.unsupported = true;
        self.again = None;
        self.first_id
    }

    /// An event names this id; whether that says who the upstream is because nothing else can.
    pub(super) fn names(&mut self, self_id: i64) -> bool {
        let is_first = *self.first_id.get_or_insert(self_id) == self_id;
        is_first && self.unsupported
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.again.is_some_and(|again| again <= now)
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.again
    }
}
