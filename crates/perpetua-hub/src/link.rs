//! The connection to an upstream: when to dial again, and what to say meanwhile.
//!
//! ```text
//!            dialled             opened
//!  Closed ───────────► Dialling ────────► Open { since }
//!    ▲                    │ failed           │ failed
//!    │ closed             ▼                  ▼
//!    └───────────────── Waiting { until, failure } ──► (wait is over) Dialling
//! ```
//!
//! An upstream that dials us (`onebot-reverse`) has no wait of ours: it is `Closed` or `Open`.
//! Failures in a row make the waits longer; a link that was open for 30 s starts over. One that ended over
//! a single message starts over too, and is replaced at once: but no second time before one has been open
//! for those 30 s. A wrong
//! token is not a failure that passes by itself: the next attempt comes only after five minutes,
//! or when the settings change. Only a token that the node itself gave the upstream is tried again
//! like anything else.

use std::time::{Duration, Instant};

use thiserror::Error;

use perpetua_backoff::Backoff;
use perpetua_words::{Message, link as words};

/// A link that was open this long was healthy: its next failure counts as the first.
pub(crate) const HEALTHY_AFTER: Duration = Duration::from_secs(30);
/// The wait after a wrong token: long enough not to look like an attack on the upstream.
const WRONG_TOKEN_WAIT: Duration = Duration::from_mins(5);

/// Why there is no link. An embedded upstream gives causes of its own.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum LinkFailure {
    /// Nothing answered at the address.
    Unreachable(Message),
    /// It answered, and refused the token.
    WrongToken,
    /// It answered, and wants a token; none was shown.
    TokenMissing,
    /// It answered with this address.
    Redirected(String),
    /// It answered with an HTTP status other than the upgrade.
    Refused(u16),
    /// It speaks something else.
    NotOneBot(Message),
    /// The connection ended.
    Lost(Message),
    /// We ended the connection, over one message of the upstream.
    EndedByUs(Message),
    /// We ended the connection, which was of no more use.
    GivenUp(Message),
    /// The upstream ended the connection over the size of what we had sent: its close code and words.
    RefusedSize(u16, String),
    /// Nothing came for longer than the limit, in seconds.
    Silent(u64),
}

impl From<&LinkFailure> for Message {
    fn from(failure: &LinkFailure) -> Self {
        match failure {
            LinkFailure::Unreachable(cause) => words::Unreachable {
                cause: cause.clone(),
            }
            .into(),
            LinkFailure::WrongToken => words::WrongToken.into(),
            LinkFailure::TokenMissing => words::TokenMissing.into(),
            LinkFailure::Redirected(address) => words::Redirected { address }.into(),
            LinkFailure::Refused(status @ 500..) => words::Failing { status: *status }.into(),
            LinkFailure::Refused(status) => words::Refused { status: *status }.into(),
            LinkFailure::NotOneBot(cause) => words::NotOnebot {
                cause: cause.clone(),
            }
            .into(),
            LinkFailure::Lost(cause) => words::Lost {
                cause: cause.clone(),
            }
            .into(),
            LinkFailure::EndedByUs(cause) | LinkFailure::GivenUp(cause) => words::EndedByUs {
                cause: cause.clone(),
            }
            .into(),
            LinkFailure::RefusedSize(code, text) => words::RefusedSize {
                reason: close_reason(*code, text),
            }
            .into(),
            LinkFailure::Silent(seconds) => words::Silent { seconds: *seconds }.into(),
        }
    }
}

/// What a peer said when it closed a WebSocket: its code, and its words if there were any.
pub fn close_reason(code: u16, text: &str) -> Message {
    if text.trim().is_empty() {
        words::CloseCode { code }.into()
    } else {
        words::CloseReason { code, text }.into()
    }
}

impl LinkFailure {
    /// Whether the upstream is there as before, and only one message was too much.
    fn concerns_one_message(&self) -> bool {
        matches!(self, Self::EndedByUs(_) | Self::RefusedSize(..))
    }
}

/// Where the link stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum LinkState {
    /// No connection, and none is being made by us.
    #[default]
    Closed,
    /// A connection is being made.
    Dialling {
        /// What went wrong at the last attempt.
        last_failure: Option<LinkFailure>,
    },
    /// Frames flow.
    Open {
        /// Since when.
        since: Instant,
    },
    /// No connection; the next attempt comes later.
    Waiting {
        /// When.
        until: Instant,
        /// What went wrong.
        failure: LinkFailure,
    },
}

impl LinkState {
    /// Whether frames flow.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

/// The machine above. The driver dials, and tells it what came of it.
#[derive(Debug)]
pub struct Link {
    backoff: Backoff,
    wrong_token_wait: Option<Duration>,
    random: fastrand::Rng,
    failures: u32,
    /// One has been replaced at once, and none has been healthy since.
    has_replaced: bool,
    state: LinkState,
}

impl Link {
    /// A link that has not been dialled.
    pub fn new(backoff: Backoff, seed: u64) -> Self {
        Self {
            backoff,
            wrong_token_wait: Some(WRONG_TOKEN_WAIT),
            random: fastrand::Rng::with_seed(seed),
            failures: 0,
            has_replaced: false,
            state: LinkState::Closed,
        }
    }

    /// A link to an upstream that has its token from this node: whoever refuses it is not ready, or
    /// is another program on the port of one that has ended.
    pub fn with_own_token(backoff: Backoff, seed: u64) -> Self {
        Self {
            wrong_token_wait: None,
            ..Self::new(backoff, seed)
        }
    }

    /// Where it stands.
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// An attempt begins.
    pub fn dialled(&mut self) {
        let last_failure = match std::mem::take(&mut self.state) {
            LinkState::Waiting { failure, .. } => Some(failure),
            LinkState::Dialling { last_failure } => last_failure,
            LinkState::Closed | LinkState::Open { .. } => None,
        };
        self.state = LinkState::Dialling { last_failure };
    }

    /// The attempt led to a connection.
    pub fn opened(&mut self, now: Instant) {
        self.state = LinkState::Open { since: now };
    }

    /// The attempt failed or the connection ended: gives the moment of the next attempt.
    pub fn failed(&mut self, failure: LinkFailure, now: Instant) -> Instant {
        let is_replaced = self.starts_over(&failure, now);
        self.failures = self.failures.saturating_add(1);
        let wait = match (&failure, self.wrong_token_wait) {
            (LinkFailure::WrongToken | LinkFailure::TokenMissing, Some(wait)) => wait,
            _ if is_replaced => Duration::ZERO,
            _ => self.backoff.wait(self.failures, self.random.f64()),
        };
        let until = now + wait;
        self.state = LinkState::Waiting { until, failure };
        until
    }

    /// Forgets the failures before a link that was healthy, or that ended over one message; gives
    /// whether it is replaced at once.
    fn starts_over(&mut self, failure: &LinkFailure, now: Instant) -> bool {
        let LinkState::Open { since } = self.state else {
            return false;
        };
        if now.duration_since(since) >= HEALTHY_AFTER {
            self.failures = 0;
            self.has_replaced = false;
        }
        let is_replaced = failure.concerns_one_message() && !self.has_replaced;
        if is_replaced {
            self.failures = 0;
            self.has_replaced = true;
        }
        is_replaced
    }

    /// Nobody dials any longer.
    pub fn closed(&mut self) {
        self.state = LinkState::Closed;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Link, LinkFailure, LinkState, WRONG_TOKEN_WAIT};
    use perpetua_backoff::Backoff;
    use proptest::prelude::*;

    #[test]
    fn failures_in_a_row_wait_longer() {
        let mut link = link();
        let now = Instant::now();
        assert_eq!(
            link.failed(unreachable(), now) - now,
            Duration::from_secs(1)
        );
        link.dialled();
        assert_eq!(
            link.failed(unreachable(), now) - now,
            Duration::from_secs(2)
        );
    }

    #[test]
    fn a_short_connection_does_not_reset_the_wait_and_a_healthy_one_does() {
        let mut link = link();
        let now = Instant::now();
        link.failed(unreachable(), now);
        link.opened(now);
        let later = now + Duration::from_secs(29);
        assert_eq!(link.failed(lost(), later) - later, Duration::from_secs(2));
        link.opened(later);
        let healthy = later + Duration::from_secs(30);
        assert_eq!(
            link.failed(lost(), healthy) - healthy,
            Duration::from_secs(1)
        );
    }

    #[test]
    fn a_link_that_ended_over_one_message_is_replaced_at_once_but_not_again_and_again() {
        for failure in over_one_message() {
            let mut link = link();
            let now = Instant::now();
            for seconds in [0, 2, 4, 8] {
                link.opened(now);
                let waited = link.failed(failure.clone(), now) - now;
                assert_eq!(waited, Duration::from_secs(seconds));
            }
            link.opened(now);
            let healthy = now + Duration::from_secs(30);
            assert_eq!(link.failed(failure, healthy), healthy);
        }
    }

    #[test]
    fn a_code_without_words_stands_alone() {
        for text in ["", " "] {
            let words = LinkFailure::RefusedSize(1009, text.into()).to_string();
            assert!(words.contains("(1009)"), "{words}");
        }
        let words = LinkFailure::RefusedSize(1009, "too big".into()).to_string();
        assert!(words.contains("(1009 too big)"), "{words}");
    }

    #[test]
    fn a_link_that_ended_over_one_message_is_replaced_at_once_whatever_had_failed_before_it() {
        for before in [unreachable(), lost(), LinkFailure::Refused(502)] {
            for ended in over_one_message() {
                let mut link = link();
                let now = Instant::now();
                for _ in 0..5 {
                    link.dialled();
                    link.failed(before.clone(), now);
                }
                for seconds in [0, 2, 4, 8] {
                    link.opened(now);
                    let soon = now + Duration::from_secs(29);
                    let waited = link.failed(ended.clone(), soon) - soon;
                    assert_eq!(waited, Duration::from_secs(seconds), "{before} {ended}");
                }
            }
        }
    }

    proptest! {
        /// However dials and short links come: one is replaced at once, and no second.
        #[test]
        fn short_links_are_replaced_at_once_only_once(steps in prop::collection::vec(0..5_usize, 1..50)) {
            let (mut link, now) = (link(), Instant::now());
            let [ended, refused] = over_one_message();
            let kinds = [unreachable(), lost(), LinkFailure::WrongToken, ended, refused];
            let mut replaced = 0;
            for kind in steps {
                link.dialled();
                if kind > 0 {
                    link.opened(now);
                }
                replaced += u32::from(link.failed(kinds[kind].clone(), now) == now);
            }
            prop_assert!(replaced <= 1, "{replaced}");
        }
    }

    #[test]
    fn a_link_that_was_given_up_waits_as_one_that_was_lost() {
        let mut link = link();
        let now = Instant::now();
        link.opened(now);
        let given_up = LinkFailure::GivenUp(perpetua_words::link::StoppedReading.into());
        assert_eq!(link.failed(given_up, now) - now, Duration::from_secs(1));
    }

    #[test]
    fn a_wrong_token_is_not_tried_again_soon() {
        let mut link = link();
        let now = Instant::now();
        assert_eq!(
            link.failed(LinkFailure::WrongToken, now) - now,
            WRONG_TOKEN_WAIT
        );
        assert!(matches!(
            link.state(),
            LinkState::Waiting {
                failure: LinkFailure::WrongToken,
                ..
            }
        ));
    }

    #[test]
    fn a_token_of_our_own_is_tried_again_like_anything_else() {
        let mut link = Link::with_own_token(without_jitter(), 1);
        let now = Instant::now();
        let waited = link.failed(LinkFailure::WrongToken, now) - now;
        assert_eq!(waited, Duration::from_secs(1));
    }

    fn link() -> Link {
        Link::new(without_jitter(), 1)
    }

    fn without_jitter() -> Backoff {
        Backoff {
            jitter: 0.0,
            ..Backoff::default()
        }
    }

    fn over_one_message() -> [LinkFailure; 2] {
        [
            LinkFailure::EndedByUs(perpetua_words::link::Ended.into()),
            LinkFailure::RefusedSize(1009, "too big".into()),
        ]
    }

    fn unreachable() -> LinkFailure {
        LinkFailure::Unreachable(perpetua_words::link::SentNothing.into())
    }

    fn lost() -> LinkFailure {
        LinkFailure::Lost(perpetua_words::link::Ended.into())
    }
}
