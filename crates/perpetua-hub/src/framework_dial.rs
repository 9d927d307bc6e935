//! The way to a framework that we dial: when to dial it again, and what to say meanwhile.
//!
//! ```text
//!          the id is known        opened
//!  Unnamed ───────────► Dialling ───────► Open { since }
//!     AwaitsApi ────────► ▲     │ failed       │ failed
//!     the wait is over   │     ▼              │
//!                      Waiting { until, failure } ◄──┘
//! ```
//!
//! Where a framework is spoken to over two connections, the one for events awaits that for actions.
//!
//! The waits grow with each failure; a connection that was open for 30 s starts over. Some failures do not make them
//! grow. A framework of this machine that nobody has started, or that ended, is about to be started: it is asked
//! every 3 s at most, so that it is found within 5 s of its start. One that goes on listening and ends connection
//! after connection has not ended, so the waits grow after some of them. And an end that the account or its owner
//! wanted is nobody's failure.

mod refusal_cause;
mod rival;

use std::time::{Duration, Instant};

use perpetua_backoff::Backoff;
use perpetua_words::{Message, dial as words};
use thiserror::Error;

use crate::{DisconnectReason, link::HEALTHY_AFTER};
pub use refusal_cause::{DialledWay, RefusalCause};
pub use rival::Rival;

/// The longest wait for a program of this machine that is not started. Windows takes 2 s to say that nobody listens.
const LONGEST_WAIT_HERE: Duration = Duration::from_secs(3);

/// So many short connections in a row may be those of a program of this machine that somebody works on.
const MOST_LOST_HERE: u32 = 5;

/// Why a framework is not connected.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum DialFailure {
    /// It is an address of this machine, where nobody listens.
    NobodyHere,
    /// There is no way to it, or nobody listens there.
    Unreachable(Message),
    /// Something takes connections there and does not answer for so many seconds.
    NoUpgrade(u64),
    /// It does not speak TLS, or in a way that is not trusted.
    Tls(Message),
    /// It answered with this address.
    Redirected(String),
    /// It does not want us, and how it says so tells why.
    Unwanted {
        /// Why.
        cause: RefusalCause,
        /// What it said.
        reason: Message,
    },
    /// It answered with an HTTP status other than the upgrade.
    Refused(u16),
    /// It answered with something else.
    NotWebSocket(Message),
    /// It took the connection and ended it before it was of any use, in these words.
    ClosedAtOnce(Message),
    /// A connection that had been of use ended.
    Lost(Message),
    /// We ended the connection.
    EndedByUs(DisconnectReason),
    /// It failed so, and another client of the account may be why.
    Beside(Box<DialFailure>, Rival),
}

impl DialFailure {
    /// Whether it answers and does not want us: then somebody has to look at it.
    pub fn is_refusal(&self) -> bool {
        match self {
            // A server whose framework is not started says 502 to 504.
            Self::Refused(status) => *status < 500,
            Self::Tls(_)
            | Self::Redirected(_)
            | Self::Unwanted { .. }
            | Self::NotWebSocket(_)
            | Self::ClosedAtOnce(_) => true,
            Self::Beside(failure, _) => failure.is_refusal(),
            Self::NobodyHere
            | Self::Unreachable(_)
            | Self::NoUpgrade(_)
            | Self::Lost(_)
            | Self::EndedByUs(_) => false,
        }
    }
}

impl DialFailure {
    /// Whether a framework that lets an account in once may say so to the second one.
    pub fn may_be_anothers(&self) -> bool {
        match self {
            Self::Refused(400 | 403 | 409) | Self::ClosedAtOnce(_) => true,
            Self::Unwanted { cause, .. } => matches!(cause, RefusalCause::NonebotRefused { .. }),
            _ => false,
        }
    }

    /// The same failure beside another client, if there is one.
    #[must_use]
    pub fn beside(self, rival: Option<Rival>) -> Self {
        match rival {
            Some(rival) => Self::Beside(Box::new(self), rival),
            None => self,
        }
    }
}

impl From<&DialFailure> for Message {
    fn from(failure: &DialFailure) -> Self {
        match failure {
            DialFailure::NobodyHere => words::NobodyHere.into(),
            DialFailure::Unreachable(cause) => words::Unreachable {
                cause: cause.clone(),
            }
            .into(),
            DialFailure::NoUpgrade(seconds) => words::NoUpgrade { seconds: *seconds }.into(),
            DialFailure::Tls(text) => tls_failed(text.clone(), |text| words::Tls { text }.into()),
            DialFailure::Redirected(address) => words::Redirected { address }.into(),
            DialFailure::Unwanted { cause, reason } => cause.told(reason.clone()),
            DialFailure::Refused(status) => match status {
                404 => words::WrongPath.into(),
                200..=299 => words::WebPage { status: *status }.into(),
                status => words::Refused { status: *status }.into(),
            },
            DialFailure::NotWebSocket(text) => words::NotWebsocket { text: text.clone() }.into(),
            DialFailure::ClosedAtOnce(reason) => words::ClosedAtOnce {
                reason: reason.clone(),
            }
            .into(),
            DialFailure::Lost(cause) => words::Lost {
                cause: cause.clone(),
            }
            .into(),
            DialFailure::EndedByUs(cut) => words::EndedByUs {
                cause: Message::from(*cut),
            }
            .into(),
            DialFailure::Beside(failure, rival) => rival.told(Self::from(&**failure)),
        }
    }
}

/// Each cause with its own remedy; `unlike` is for what is no matter of a certificate.
pub(crate) fn tls_failed(text: Message, unlike: impl FnOnce(Message) -> Message) -> Message {
    match &*text.code {
        "link.other_certificate" => words::OtherCertificate { text }.into(),
        "io.certificate_issuer" | "io.certificate_name" | "io.certificate_time" => {
            words::CertificateRefused { text }.into()
        }
        _ => unlike(text),
    }
}

/// Where the way to a framework stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum DialState {
    /// Nobody knows yet whose account this is, and a framework has to be told.
    #[default]
    Unnamed,
    /// It carries events, and the connection for actions has to be open before: a framework that hears something wants
    /// to answer it.
    AwaitsApi,
    /// A connection is being made.
    Dialling {
        /// What went wrong at the last attempt.
        last_failure: Option<DialFailure>,
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
        failure: DialFailure,
    },
}

impl DialState {
    /// Why there is no connection, as far as anything has failed.
    pub fn failure(&self) -> Option<&DialFailure> {
        match self {
            Self::Dialling { last_failure } => last_failure.as_ref(),
            Self::Waiting { failure, .. } => Some(failure),
            Self::Unnamed | Self::AwaitsApi | Self::Open { .. } => None,
        }
    }
}

/// The machine above. The driver dials, and tells it what came of it.
#[derive(Debug)]
pub struct FrameworkDial {
    backoff: Backoff,
    random: fastrand::Rng,
    /// Those in a row that make the waits grow.
    growing: u32,
    /// Those in a row of a framework of this machine that is not started, or has ended.
    here: u32,
    /// Short connections in a row of a framework of this machine that listened all the while.
    lost_here: u32,
    /// The framework of the last connection runs on this machine.
    is_here: bool,
    state: DialState,
}

impl FrameworkDial {
    /// A framework that has not been dialled.
    pub fn new(backoff: Backoff, seed: u64) -> Self {
        Self {
            backoff,
            random: fastrand::Rng::with_seed(seed),
            growing: 0,
            here: 0,
            lost_here: 0,
            is_here: false,
            state: DialState::Unnamed,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> &DialState {
        &self.state
    }

    /// How many attempts and short connections have failed in a row.
    pub fn failures(&self) -> u32 {
        self.growing.saturating_add(self.here)
    }

    /// The account's id has to be known first.
    pub fn unnamed(&mut self) {
        self.state = DialState::Unnamed;
    }

    /// The connection for actions has to be open first.
    pub fn awaits_api(&mut self) {
        self.state = DialState::AwaitsApi;
    }

    /// An attempt begins.
    pub fn dialled(&mut self) {
        let last_failure = self.state.failure().cloned();
        self.state = DialState::Dialling { last_failure };
    }

    /// The framework has been asked for long and has not answered. It may yet, until this moment: it is asked no second time
    /// before.
    pub fn unanswered(&mut self, failure: DialFailure, until: Instant) {
        self.state = DialState::Waiting { until, failure };
    }

    /// The framework has taken the connection, and kept it. `is_here`: it runs on this machine.
    pub fn opened(&mut self, is_here: bool, now: Instant) {
        self.is_here = is_here;
        self.state = DialState::Open { since: now };
    }

    /// The attempt failed or the connection ended: gives the moment of the next attempt.
    pub fn failed(&mut self, failure: DialFailure, now: Instant) -> Instant {
        if let DialState::Open { since } = self.state
            && now.duration_since(since) >= HEALTHY_AFTER
        {
            self.growing = 0;
            self.here = 0;
            self.lost_here = 0;
        }
        let until = now + self.wait_after(&failure);
        self.state = DialState::Waiting { until, failure };
        until
    }

    fn wait_after(&mut self, failure: &DialFailure) -> Duration {
        match failure {
            DialFailure::NobodyHere => {
                self.lost_here = 0;
                self.wait_here()
            }
            DialFailure::Lost(_) if self.is_here && self.lost_here < MOST_LOST_HERE => {
                self.lost_here += 1;
                self.wait_here()
            }
            DialFailure::EndedByUs(
                DisconnectReason::AccountChanged
                | DisconnectReason::CutByOwner
                | DisconnectReason::ApiHalfEnded,
            ) => self.backoff.wait(1, self.random.f64()),
            _ => {
                self.growing = self.growing.saturating_add(1);
                self.backoff.wait(self.growing, self.random.f64())
            }
        }
    }

    fn wait_here(&mut self) -> Duration {
        self.here = self.here.saturating_add(1);
        let here = Backoff {
            longest: self.backoff.longest.min(LONGEST_WAIT_HERE),
            ..self.backoff
        };
        here.wait(self.here, self.random.f64())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_backoff::Backoff;
    use perpetua_words::link;
    use proptest::prelude::*;

    use super::{DialFailure, DialState, FrameworkDial, LONGEST_WAIT_HERE};
    use crate::DisconnectReason;

    fn dial() -> FrameworkDial {
        let backoff = Backoff {
            jitter: 0.0,
            ..Backoff::default()
        };
        FrameworkDial::new(backoff, 1)
    }

    fn closed() -> DialFailure {
        DialFailure::ClosedAtOnce(link::Vanished.into())
    }

    fn lost() -> DialFailure {
        DialFailure::Lost(link::Ended.into())
    }

    /// The seconds of waiting after each of these failures, one after the other.
    fn waits(dial: &mut FrameworkDial, failures: &[DialFailure]) -> Vec<u64> {
        let now = Instant::now();
        let waits = failures.iter().map(|failure| {
            dial.dialled();
            (dial.failed(failure.clone(), now) - now).as_secs()
        });
        waits.collect()
    }

    #[test]
    fn waits_grow_to_a_minute_whatever_fails() {
        let failures = [
            DialFailure::Unreachable(link::Ended.into()),
            DialFailure::NoUpgrade(30),
            DialFailure::Refused(403),
            closed(),
            lost(),
            DialFailure::EndedByUs(DisconnectReason::QueueFull),
            closed(),
        ];
        assert_eq!(waits(&mut dial(), &failures), [1, 2, 4, 8, 16, 32, 60]);
    }

    #[test]
    fn where_nobody_listens_here_the_waits_stay_short_and_other_failures_are_remembered() {
        let nobody = || DialFailure::NobodyHere;
        let mut dial = dial();
        assert_eq!(waits(&mut dial, &[closed(), closed()]), [1, 2]);
        assert_eq!(waits(&mut dial, &vec![nobody(); 5]), [1, 2, 3, 3, 3]);
        assert_eq!(dial.failures(), 7);
        assert_eq!(waits(&mut dial, &[closed(), nobody()]), [4, 3]);
    }

    #[test]
    fn a_framework_of_this_machine_that_is_started_again_and_again_is_found_soon_each_time() {
        let (mut dial, now) = (dial(), Instant::now());
        for seconds in [1, 3, 3, 3, 3, 3, 3, 3] {
            dial.dialled();
            dial.opened(true, now);
            assert!((dial.failed(lost(), now) - now).as_secs() <= seconds);
            assert!(waits(&mut dial, &[DialFailure::NobodyHere])[0] <= 3);
        }
        // One that takes connections and ends them at once is another thing.
        assert_eq!(waits(&mut dial, &[closed(), closed(), closed()]), [1, 2, 4]);
    }

    #[test]
    fn one_of_this_machine_that_goes_on_listening_and_ends_every_connection_is_dialled_less_and_less()
     {
        let (mut dial, now) = (dial(), Instant::now());
        let waits: Vec<u64> = std::iter::repeat_with(|| {
            dial.dialled();
            dial.opened(true, now);
            (dial.failed(lost(), now) - now).as_secs()
        })
        .take(12)
        .collect();
        assert_eq!(waits, [1, 2, 3, 3, 3, 1, 2, 4, 8, 16, 32, 60]);
    }

    #[test]
    fn a_short_connection_does_not_reset_the_waits_and_a_healthy_one_does() {
        let mut dial = dial();
        let now = Instant::now();
        assert_eq!(waits(&mut dial, &[lost(), lost()]), [1, 2]);
        for (seconds, wait) in [(29, 4), (30, 1)] {
            dial.opened(false, now);
            let end = now + Duration::from_secs(seconds);
            assert_eq!((dial.failed(lost(), end) - end).as_secs(), wait);
        }
    }

    #[test]
    fn an_end_that_was_wanted_is_no_failure() {
        let mut dial = dial();
        for cut in [
            DisconnectReason::AccountChanged,
            DisconnectReason::CutByOwner,
            DisconnectReason::ApiHalfEnded,
        ] {
            let ended = DialFailure::EndedByUs(cut);
            assert_eq!(waits(&mut dial, &vec![ended; 3]), [1, 1, 1]);
        }
        assert_eq!(dial.failures(), 0);
    }

    #[test]
    fn an_attempt_remembers_what_failed_before_it() {
        let mut dial = dial();
        dial.dialled();
        assert_eq!(dial.state().failure(), None);
        dial.failed(closed(), Instant::now());
        dial.dialled();
        assert_eq!(dial.state().failure(), Some(&closed()));
        dial.opened(false, Instant::now());
        assert_eq!(dial.state().failure(), None);
        dial.unnamed();
        assert_eq!(*dial.state(), DialState::Unnamed);
        dial.awaits_api();
        assert_eq!(*dial.state(), DialState::AwaitsApi);
    }

    proptest! {
        /// Whatever happened before: a program that is started here is found soon.
        #[test]
        fn nobody_here_never_waits_long(before in prop::collection::vec(0..4_usize, 0..40), seed: u64) {
            let mut dial = FrameworkDial::new(Backoff::default(), seed);
            let now = Instant::now();
            let kinds = [DialFailure::NobodyHere, closed(), lost(), DialFailure::Refused(403)];
            for kind in before {
                dial.dialled();
                let until = dial.failed(kinds[kind].clone(), now);
                prop_assert!(until > now && until - now <= Duration::from_mins(1));
            }
            prop_assert!(dial.failed(DialFailure::NobodyHere, now) - now <= LONGEST_WAIT_HERE);
        }
    }
}
