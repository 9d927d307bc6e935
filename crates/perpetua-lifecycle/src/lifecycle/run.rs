//! One start of the core, from the wish for a process to its end.

use std::time::{Duration, Instant};

use perpetua_words::{Message, core as words};

use super::later;
use crate::{Generation, LaunchFailure, LifecycleEffect, LoginRefusal, QrImage, SignerProblem};

/// How long the core waits for a signature (`HttpClient.Timeout`).
pub(super) const LONGEST_SIGNATURE: Duration = Duration::from_secs(100);
/// When a core that asks by itself has said that it had no signature, if that was what it waited for.
const SIGNATURE_MISSED: Duration = Duration::from_secs(105);

/// What is known of the one process that there may be.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) generation: Generation,
    pub(super) stage: Stage,
    /// When the process began, or is to begin.
    pub(super) started: Instant,
    /// The installed version that it is, once there is a process.
    pub(super) version: String,
    /// How long what it does now may take.
    pub(super) deadline: Option<Deadline>,
    /// What its last words make of its end, should it end by itself.
    pub(super) exit_hint: Option<AfterExit>,
    /// When the QR code stops being good, once there is one.
    pub(super) expires: Option<Instant>,
    /// How long it was good when it came.
    pub(super) good_for: Duration,
    /// A picture that came before the line that says how long it is good.
    pub(super) picture: Option<QrImage>,
    /// Who is logged in.
    pub(super) account: Option<u64>,
    /// Whether the core has its connection to QQ.
    pub(super) connected: bool,
    /// Whether we have our link to the core.
    pub(super) linked: bool,
    /// Why nothing can be sent.
    pub(super) signer: Option<SignerProblem>,
    pub(super) search: Search,
    /// When it is to be started anew, as somebody wished shortly after its start.
    pub(super) restart_at: Option<Instant>,
    /// Whether it asks a signer by itself.
    pub(super) asks_signer: bool,
    /// Since when it has waited for a signature.
    signature_since: Option<Instant>,
    /// When it has kept the account online for long enough to call its version good.
    pub(super) proves_at: Option<Instant>,
}

/// How far the process itself is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Asked for; there may be none yet.
    Preparing,
    /// It runs.
    Alive,
    /// It is being ended by us.
    Ending {
        /// What was last done for it.
        method: StopMethod,
        /// When more is done for it.
        again: Instant,
        /// What follows its end.
        after_exit: AfterExit,
    },
}

/// How a process is ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StopMethod {
    /// It is not even started.
    CallOff,
    /// It is asked to.
    Stop,
    /// It has no choice.
    Kill,
}

/// What follows the end of a process.
#[derive(Debug)]
pub(super) enum AfterExit {
    /// Somebody asked for it: it starts again if it is still wanted.
    Asked,
    /// The QR code expired unused: a fresh one.
    CodeExpired,
    /// A person turned the QR code away: a fresh one.
    CodeCanceled,
    /// QQ or we do not let this account in.
    Refused(LoginRefusal),
    /// The signer failed its login: another one may do.
    Unsigned(SignerProblem),
    /// There is no signer to try it with.
    NoSigner(SignerProblem),
    /// Another session took its place; the words.
    Kicked(String),
    /// A failure that another try at once may well mend.
    TryAtOnce(LaunchFailure),
    /// A failure.
    Failed(LaunchFailure),
    /// It was online, and has to be started anew; that is no failed start.
    StartAnew(LaunchFailure),
    /// A failure that no other try mends.
    CannotRun(LaunchFailure),
}

impl From<&AfterExit> for Message {
    /// Why we end the process.
    fn from(after_exit: &AfterExit) -> Self {
        match after_exit {
            AfterExit::Asked => words::OfflineAsked.into(),
            AfterExit::CodeExpired => words::CodeExpired.into(),
            AfterExit::CodeCanceled => words::CodeCanceled.into(),
            AfterExit::Refused(refusal) => refusal.into(),
            AfterExit::Unsigned(problem) | AfterExit::NoSigner(problem) => problem.into(),
            AfterExit::Kicked(text) => words::OfflineKicked { text }.into(),
            AfterExit::TryAtOnce(failure)
            | AfterExit::Failed(failure)
            | AfterExit::StartAnew(failure)
            | AfterExit::CannotRun(failure) => failure.into(),
        }
    }
}

/// The search for a signer that works, while the account is logged in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Search {
    /// None is needed.
    Idle,
    /// The driver looks.
    UnderWay,
    /// None was found; this is when to look again.
    Due(Instant),
}

/// A time limit for something that a healthy core does sooner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    /// From when on it counts.
    from: Instant,
    until: Instant,
    period: Duration,
    /// Whether it is a start's, for which the time does not count that the core waits for a signature.
    is_of_start: bool,
}

impl Run {
    pub(super) fn new(generation: Generation, deadline: Deadline, now: Instant) -> Self {
        Self {
            generation,
            stage: Stage::Preparing,
            started: now,
            version: String::new(),
            deadline: Some(deadline),
            exit_hint: None,
            expires: None,
            good_for: Duration::ZERO,
            picture: None,
            account: None,
            connected: false,
            linked: false,
            signer: None,
            search: Search::Idle,
            restart_at: None,
            asks_signer: false,
            signature_since: None,
            proves_at: None,
        }
    }

    /// How long the next step of its login may take; where a signature may be needed for it, a core that asks its signer
    /// by itself may be waiting for that.
    pub(super) fn step_time(&self, start_timeout: Duration, may_be_signed: bool) -> Duration {
        if self.asks_signer && may_be_signed {
            start_timeout.max(SIGNATURE_MISSED)
        } else {
            start_timeout
        }
    }

    /// It waits for a signature since then, or does not any more.
    pub(super) fn awaits_signature(&mut self, since: Option<Instant>, now: Instant) {
        let former = std::mem::replace(&mut self.signature_since, since);
        if let (Some(former), Some(deadline)) = (former, &mut self.deadline) {
            deadline.stood_still(former, now);
        }
    }

    /// Whether a signature is what it has waited for during its login.
    pub(super) fn lacks_signature(&self) -> bool {
        let is_start = self.deadline.is_some_and(|deadline| deadline.is_of_start);
        is_start && self.account.is_none() && self.signature_since.is_some()
    }

    /// Whether what it does now has taken too long.
    pub(super) fn is_out_of_time(&self, now: Instant) -> bool {
        let since = self.signature_since;
        self.deadline
            .is_some_and(|deadline| deadline.is_over(since, now))
    }

    /// Nobody ran until now: whatever it has to do, or to end, it has its time for anew.
    pub(super) fn woke(&mut self, stop_grace: Duration, now: Instant) {
        if let Some(deadline) = &mut self.deadline {
            deadline.begin_anew(now);
        }
        // The signer had no time either.
        if let Some(since) = &mut self.signature_since {
            *since = now;
        }
        if let Stage::Ending { again, .. } = &mut self.stage {
            *again = (*again).max(later(now, stop_grace));
        }
    }

    /// Whether what it says counts: it runs, and we do not want it to end.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.stage, Stage::Alive)
    }

    /// Whether there is no process of it yet, as far as we know.
    pub(super) fn has_no_process(&self) -> bool {
        matches!(
            self.stage,
            Stage::Preparing
                | Stage::Ending {
                    method: StopMethod::CallOff,
                    ..
                }
        )
    }

    /// When something has to be done about it.
    pub(super) fn due(&self) -> Option<Instant> {
        if let Stage::Ending { again, .. } = self.stage {
            return Some(again);
        }
        let search = match self.search {
            Search::Due(at) => Some(at),
            Search::Idle | Search::UnderWay => None,
        };
        let deadline = self
            .deadline
            .map(|deadline| deadline.due(self.signature_since));
        let dues = [deadline, search, self.restart_at, self.proves_at];
        dues.into_iter().flatten().min()
    }
}

impl StopMethod {
    pub(super) fn effect(self, generation: Generation) -> LifecycleEffect {
        match self {
            Self::CallOff => LifecycleEffect::CallOff(generation),
            Self::Stop => LifecycleEffect::Stop(generation),
            Self::Kill => LifecycleEffect::Kill(generation),
        }
    }

    /// What is done when this has not helped in time. A kill is repeated: it can fail for a moment.
    pub(super) fn next(self) -> Self {
        match self {
            Self::CallOff => Self::CallOff,
            Self::Stop | Self::Kill => Self::Kill,
        }
    }
}

impl Deadline {
    /// A limit of `period`, counted from a moment.
    pub(super) fn new(from: Instant, period: Duration) -> Self {
        Self {
            from,
            until: later(from, period),
            period,
            is_of_start: false,
        }
    }

    /// A limit of `period` for the next step of a start.
    pub(super) fn of_start(from: Instant, period: Duration) -> Self {
        Self {
            is_of_start: true,
            ..Self::new(from, period)
        }
    }

    /// How long it was to be.
    pub(super) fn period(self) -> Duration {
        self.period
    }

    /// When the time is up, while the core waits for a signature since then.
    fn due(self, signature_since: Option<Instant>) -> Instant {
        match signature_since {
            Some(since) if self.is_of_start => self.until.max(later(since, LONGEST_SIGNATURE)),
            _ => self.until,
        }
    }

    /// The core has waited for a signature from then until now.
    fn stood_still(&mut self, since: Instant, now: Instant) {
        if self.is_of_start {
            let counted = now.saturating_duration_since(since.max(self.from));
            self.until = later(self.until, counted);
            self.from = now;
        }
    }

    /// Whether the time is up.
    fn is_over(self, signature_since: Option<Instant>, now: Instant) -> bool {
        now >= self.due(signature_since)
    }

    /// The time before now proves nothing about the core: it is given anew.
    fn begin_anew(&mut self, now: Instant) {
        self.until = self.until.max(later(now, self.period));
        self.from = now;
    }
}
