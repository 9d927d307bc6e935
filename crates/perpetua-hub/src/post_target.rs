//! A framework that events are posted to: what an attempt means for the event, and when the next one may be made.
//!
//! ```text
//!                              delivered
//!  Unnamed ─► Untried ───────────────────────► Taking ◄──────────────┐
//!                │ failed                        │ failed            │
//!                ▼                               ▼                   │ delivered
//!             Failing { failure, until } ◄───────┘ ──────────────────┤
//!                │ the fifth in a row                                │
//!                ▼                        its time has come          │
//!             Paused { failure, until } ─────────────────► Probing ──┤
//!                ▲                                           │ failed
//!                └───────────────────────────────────────────┘
//! ```
//!
//! An event that the target cannot have handled is posted again, and the others wait behind it. One that it may have
//! handled never is. Five failures in a row, of whatever kind, open the breaker: nothing is posted for 10 s, then one
//! event; each time that fails the pause is twice as long, up to 5 minutes. One that is taken closes it. Heartbeats are
//! never posted again, and not at all during a pause. One that a target answers with a refusal opens no breaker: many
//! programs take messages and fail on what they do not know.

mod failure;
#[cfg(test)]
mod tests;

use std::{
    mem,
    time::{Duration, Instant},
};

use perpetua_backoff::Backoff;
use perpetua_words::{Message, post as words};

pub use failure::PostFailure;

/// So many failures in a row open the breaker.
const FAILURES_TO_PAUSE: u32 = 5;
/// An event that has reached the target is posted so often at most: one that breaks it, or that no server in front of it
/// lets through, must not keep the others waiting for ever. Where nobody is reached an event waits without end.
const MOST_TRIES: u32 = 10;
/// A target may ask for a longer wait (`Retry-After`), but not for more than this.
const LONGEST_ASKED_WAIT: Duration = Duration::from_mins(5);
/// The waits between attempts for one event.
const AGAIN: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(10),
    jitter: 0.3,
};
/// The pauses.
const PAUSE: Backoff = Backoff {
    first: Duration::from_secs(10),
    longest: Duration::from_mins(5),
    jitter: 0.0,
};

/// Where a target stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum PostState {
    /// Nobody knows yet whose account this is, and a framework has to be told.
    #[default]
    Unnamed,
    /// Nothing has been posted to an end.
    Untried,
    /// It took the last one.
    Taking,
    /// The last attempt failed.
    Failing {
        /// What went wrong.
        failure: PostFailure,
        /// When the same event is posted again; `None`: the next one is, when it comes.
        until: Option<Instant>,
    },
    /// The breaker is open.
    Paused {
        /// What went wrong last.
        failure: PostFailure,
        /// Nothing is posted before.
        until: Instant,
    },
    /// The breaker is open, and one event is being posted.
    Probing {
        /// What went wrong before.
        failure: PostFailure,
    },
}

impl PostState {
    /// Why it takes nothing, as far as anything has failed.
    pub fn failure(&self) -> Option<&PostFailure> {
        match self {
            Self::Unnamed | Self::Untried | Self::Taking => None,
            Self::Failing { failure, .. }
            | Self::Paused { failure, .. }
            | Self::Probing { failure } => Some(failure),
        }
    }

    /// Whether the breaker is open.
    pub fn is_paused(&self) -> bool {
        matches!(self, Self::Paused { .. } | Self::Probing { .. })
    }

    /// Whether what it failed on is posted again.
    pub fn is_repeating(&self) -> bool {
        self.failure().is_some_and(PostFailure::is_unhandled)
    }

    /// Whether it has taken something, and is not given a rest.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Taking | Self::Failing { .. })
    }

    /// When something is posted again that is waited for.
    pub fn until(&self) -> Option<Instant> {
        match self {
            Self::Failing { until, .. } => *until,
            Self::Paused { until, .. } => Some(*until),
            Self::Unnamed | Self::Untried | Self::Taking | Self::Probing { .. } => None,
        }
    }

    /// Whether two are the same, whatever their data; a pause goes on while an event is tried.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.is_paused() && other.is_paused() || mem::discriminant(self) == mem::discriminant(other)
    }
}

/// What became of the events of a client that is posted to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PostCounts {
    /// Taken.
    pub delivered: u64,
    /// Attempts that were repeated.
    pub repeated: u64,
    /// Handed over with an unknown outcome.
    pub unsure: u64,
    /// Not taken, and not posted again.
    pub refused: u64,
}

/// What is posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Posted {
    /// An event, which must arrive.
    Event,
    /// A heartbeat, of which the next one will do as well.
    Heartbeat,
}

/// What follows from an attempt that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AfterFailure {
    /// The same is posted again, not before [`PostTarget::waits_until`] says so.
    Again,
    /// It is over for this one; what there is to say of it.
    Over(Option<Message>),
}

/// The machine above. The driver posts, and tells it what came of it.
#[derive(Debug)]
pub struct PostTarget {
    again: Backoff,
    random: fastrand::Rng,
    /// In a row.
    failures: u32,
    /// Since it last took something.
    pauses: u32,
    /// How often the present event has reached the target.
    tries: u32,
    state: PostState,
    counts: PostCounts,
}

impl PostTarget {
    /// A target that nothing was posted to.
    pub fn new(seed: u64) -> Self {
        Self {
            again: AGAIN,
            random: fastrand::Rng::with_seed(seed),
            failures: 0,
            pauses: 0,
            tries: 0,
            state: PostState::Unnamed,
            counts: PostCounts::default(),
        }
    }

    /// One that goes on counting from here.
    #[must_use]
    pub fn counting_from(self, counts: PostCounts) -> Self {
        Self { counts, ..self }
    }

    /// Where it stands.
    pub fn state(&self) -> &PostState {
        &self.state
    }

    /// What became of the events.
    pub fn counts(&self) -> PostCounts {
        self.counts
    }

    /// How many attempts have failed in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The account's id has to be known first.
    pub fn unnamed(&mut self) {
        self.state = PostState::Unnamed;
    }

    /// The account's id is known.
    pub fn named(&mut self) {
        if self.state == PostState::Unnamed {
            self.state = PostState::Untried;
        }
    }

    /// Nothing is to be posted before this moment.
    pub fn waits_until(&self, now: Instant) -> Option<Instant> {
        self.state.until().filter(|until| *until > now)
    }

    /// Whether a heartbeat is posted now.
    pub fn takes_heartbeats(&self, now: Instant) -> bool {
        self.waits_until(now).is_none()
    }

    /// An attempt begins.
    pub fn began(&mut self) {
        if let PostState::Paused { failure, .. } = &self.state {
            let failure = failure.clone();
            self.state = PostState::Probing { failure };
        }
    }

    /// It took what was posted.
    pub fn took(&mut self, posted: Posted) {
        self.failures = 0;
        self.pauses = 0;
        self.state = PostState::Taking;
        if posted == Posted::Event {
            self.tries = 0;
            self.counts.delivered += 1;
        }
    }

    /// The attempt failed. `asked` is how long the target wants to be left alone.
    pub fn failed(
        &mut self,
        failure: PostFailure,
        asked: Option<Duration>,
        posted: Posted,
        now: Instant,
    ) -> AfterFailure {
        if posted == Posted::Heartbeat && failure.is_of_what_was_posted() {
            self.state = self.with_heartbeat_refused(failure, now);
            return AfterFailure::Over(None);
        }
        self.failures = self.failures.saturating_add(1);
        let after = match posted {
            Posted::Event => self.judge(&failure),
            Posted::Heartbeat => AfterFailure::Over(None),
        };
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED_WAIT);
        let is_paused = self.failures >= FAILURES_TO_PAUSE;
        self.state = if is_paused {
            self.pauses = self.pauses.saturating_add(1);
            let wait = PAUSE.wait(self.pauses, 0.0).max(asked);
            let until = now + wait;
            PostState::Paused { failure, until }
        } else {
            let wait = self.again.wait(self.failures, self.random.f64()).max(asked);
            let is_waiting = after == AfterFailure::Again || !asked.is_zero();
            let until = is_waiting.then(|| now + wait);
            PostState::Failing { failure, until }
        };
        after
    }

    /// The next event tells more: it is posted without a wait.
    fn with_heartbeat_refused(&self, failure: PostFailure, now: Instant) -> PostState {
        if self.state.is_paused() {
            PostState::Paused {
                failure,
                until: now,
            }
        } else {
            PostState::Failing {
                failure,
                until: None,
            }
        }
    }

    /// What is posted is not posted to an end, for a reason of ours.
    pub fn interrupted(&mut self, failure: &PostFailure, posted: Posted) -> AfterFailure {
        match posted {
            Posted::Event => self.over(failure),
            Posted::Heartbeat => AfterFailure::Over(None),
        }
    }

    /// What becomes of an event.
    fn judge(&mut self, failure: &PostFailure) -> AfterFailure {
        if !failure.is_unhandled() {
            return self.over(failure);
        }
        self.tries += u32::from(failure.has_reached());
        if self.tries < MOST_TRIES {
            self.counts.repeated += 1;
            return AfterFailure::Again;
        }
        self.counts.refused += 1;
        let count = mem::take(&mut self.tries);
        let cause = Message::from(failure);
        AfterFailure::Over(Some(words::GivenUp { cause, count }.into()))
    }

    fn over(&mut self, failure: &PostFailure) -> AfterFailure {
        self.tries = 0;
        let cause = Message::from(failure);
        AfterFailure::Over(Some(if failure.may_be_handled() {
            self.counts.unsure += 1;
            words::Unsure { cause }.into()
        } else {
            self.counts.refused += 1;
            words::NotTaken { cause }.into()
        }))
    }
}
