//! One start of the core, from the wish for a process to its end.

use std::time::{Duration, Instant};

use perpetua_words::{Message, core as words};

use super::later;
use crate::{Generation, LaunchFailure, LifecycleEffect, LoginRefusal, QrImage, SignerProblem};

/// A tick that comes so much later than it was asked for was held up, most likely because the machine
/// slept, and the core with it.
const HELD_UP: Duration = Duration::from_secs(5);

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
    /// The saved session kills it: without that, at once.
    SessionUnreadable,
    /// A failure that another try at once may well mend.
    TryAtOnce(LaunchFailure),
    /// A failure.
    Failed(LaunchFailure),
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
            AfterExit::SessionUnreadable => words::ExitKeystore.into(),
            AfterExit::TryAtOnce(failure)
            | AfterExit::Failed(failure)
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
    until: Instant,
    period: Duration,
    extended: bool,
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
        let deadline = self.deadline.map(|deadline| deadline.until);
        deadline.into_iter().chain(search).min()
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
            until: later(from, period),
            period,
            extended: false,
        }
    }

    /// How long it was to be.
    pub(super) fn period(self) -> Duration {
        self.period
    }

    /// Whether the time is up. A look that comes much too late proves nothing about the core, so once
    /// it is given the same time again.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        if now < self.until {
            return false;
        }
        if self.extended || now.saturating_duration_since(self.until) <= HELD_UP {
            return true;
        }
        self.until = later(now, self.period);
        self.extended = true;
        false
    }
}
