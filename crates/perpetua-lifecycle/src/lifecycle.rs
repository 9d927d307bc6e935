//! The machine.
//!
//! ```text
//!            start                no core               failed
//!  Stopped ────────► Starting ────────────► Installing ────────► Absent { problem, retry }
//!     ▲              Preparing ◄─────────────────┘  ▲               │
//!     │ stop            │ │ no signer   installed   └───────────────┘ retry
//!     │                 │ └───────────► SignerProblem { retry } ──► (retry, other signers) Starting
//!     │                 ▼ launched
//!     │         Launched ► Session ► Connecting ──► WaitingForScan ──► WaitingForConfirm
//!     │                       │                          expired ► (fresh) Starting
//!     │                       ▼                                             │ confirmed
//!     │                  OpeningLink ◄── LoggingIn ◄────────────────────────┘
//!     │                       │ link opened
//!     │         back          ▼            kicked
//!     │  Reconnecting ◄───► Online ──────────────────► KickedOffline
//!     │        │ too long     │ hung, memory, signer found   │
//!     │        ▼              ▼                              │
//!     └──── Stopping ◄──── (also from each state above       │ exited
//!              │            that has a process)              │
//!              ▼ exited                                      ▼
//!      Starting, Refused, SignerProblem, Backoff { until }, GivenUp { reason, last lines }
//! ```
//!
//! There is a process, or may be one, in `Starting`, `WaitingForScan`, `WaitingForConfirm`, `Online`,
//! `KickedOffline`, `Reconnecting` and `Stopping`, and in no other state. `Launch` is asked for only
//! where there is none, so an account never has two.
//!
//! - `Stopped`, `GivenUp`, `Refused` → `Starting`: a person or the settings want it; counts begin anew.
//! - `Starting{Preparing}` → `Installing`: there is no core. → `SignerProblem`: no signer works; that is
//!   no failure. → `Backoff`: this machine stood in the way.
//! - `Installing` → `Starting`: installed. → `Absent`: failed; tried again after a while, unless a person
//!   has to confirm or to install, who is then told. A core that is gone right after it was installed counts
//!   as a failed installation.
//! - `Starting` moves through its phases with what the core says. One that says nothing new for
//!   `start_timeout` is killed, which is a failure; `Preparing` has three times as long.
//! - `Starting` → `WaitingForScan`: there are both a picture and its time. A core that outlives its QR code
//!   by `start_timeout` is killed. → `WaitingForConfirm`: scanned, or an unusual device has to be
//!   confirmed. → `Starting{LoggingIn}`: confirmed.
//! - A QR code that expired or was cancelled ends the core by itself; a fresh one follows at once. After
//!   `qr_codes` that expired without a person: `GivenUp`; `PersonLooked` leads out. Cancelling counts
//!   towards the ordinary limit of restarts only.
//! - A login that QQ refuses, or that is another account's, → `Refused` once the process is gone.
//! - A signature that failed before the login → `Starting` once the process is gone, with another signer if
//!   there is one, and after a few of these in a row → `SignerProblem`.
//! - `Starting{OpeningLink}` → `Online`: logged in, connected, and our link is open.
//! - `Online` → `Reconnecting` → `Online`: the connection or the link was lost and is back. Not back within
//!   `reconnect_grace`: stopped, which is a failure.
//! - `Online`, signing fails: a signer is looked for, and again every `signer_retry`; one is found →
//!   restarted, at most once in `signer_retry`.
//! - `Online` → `KickedOffline`: stopped, then `Backoff`; too many kicks within their window → `GivenUp`.
//! - Hung → killed; too much memory → stopped; both are failures.
//! - The port is taken → stopped and started at once with another one; it counts towards the limit of restarts.
//! - `Stopping`: asked, after `stop_grace` killed, and killed again after each `stop_grace` more. A stop
//!   before there is a process calls the start off; if the process comes all the same, it is stopped.
//!   What an ending core says changes nothing any more.
//! - An exit that nobody wanted → `Backoff`, or `GivenUp` when the limit of restarts says so. A session file that cannot be
//!   read is set aside once, and the start is tried at once. What no other try mends (an old database, a
//!   missing library, no console, bad settings) → `GivenUp` at once.
//! - Logins that fail `failed_logins` times in a row, and starts that hang, → `GivenUp` however long each
//!   took: QQ restricts accounts that try for ever. Where the network, or QQ itself, is what does not answer
//!   it is tried for ever, with waits of up to a minute: a connection that is refused or breaks before the
//!   login is done (the core would dial again for ever, and log in never), a name that is not found, silence.
//! - A version that was installed just now and crashes `first_minute_crashes` times within `stable_after` of
//!   its start is rolled back, once, and the one before it is tried soon. Where there is none before it,
//!   it goes on failing. A version that somebody chose or went back to is not on trial.
//! - `Online` for `stable_after` at a stretch: failures are forgotten, and a new core has passed its trial.
//!
//! Of wishes the last one wins, also while stopping. What belongs to another generation is ignored.
//!
//! Time. A machine that sleeps makes ticks late, or lets moments pass that a sleeping core could
//! not use. So a time limit that a healthy core keeps (a start, a QR code, coming back) and that is looked
//! at more than five seconds too late is given once more, in full. Waits (`Backoff`, retries) and the
//! grace of a stop just end late. Moments that go backwards count as no time passed.

mod failing;
mod history;
mod login;
mod notified;
mod reading;
mod run;
mod running;
mod starting;
mod stopping;

use std::time::{Duration, Instant};

use perpetua_words::Message;

use self::{
    history::RestartHistory,
    notified::Notified,
    run::{Run, Stage, StopMethod},
};
use crate::{
    Generation, LifecycleEffect, LifecycleEvent, LifecyclePolicy, LifecycleState, OfflineReason,
};

/// No wait is longer, so that a moment can always be told.
const LONGEST_WAIT: Duration = Duration::from_hours(24 * 365);

/// The life of one account's core, drawn at the top of `lifecycle.rs`.
#[derive(Debug)]
pub struct Lifecycle {
    policy: LifecyclePolicy,
    random: fastrand::Rng,
    wanted: bool,
    state: LifecycleState,
    last: Generation,
    run: Option<Run>,
    history: RestartHistory,
    notified: Notified,
    /// What the event at hand has led to so far.
    effects: Vec<LifecycleEffect>,
}

impl Lifecycle {
    /// A core that nobody wants to run yet. The seed makes the jitter of its waits.
    pub fn new(policy: LifecyclePolicy, seed: u64) -> Self {
        Self {
            policy,
            random: fastrand::Rng::with_seed(seed),
            wanted: false,
            state: LifecycleState::Stopped,
            last: Generation::default(),
            run: None,
            history: RestartHistory::default(),
            notified: Notified::default(),
            effects: Vec::new(),
        }
    }

    /// Changes the limits; waits under way keep theirs.
    pub fn set_policy(&mut self, policy: LifecyclePolicy) {
        self.policy = policy;
    }

    /// Where it stands.
    pub fn state(&self) -> &LifecycleState {
        &self.state
    }

    /// Why the process is being ended by us; `None` while it is not.
    pub fn ending(&self) -> Option<Message> {
        match &self.run.as_ref()?.stage {
            Stage::Ending { after_exit, .. } => Some(after_exit.into()),
            Stage::Preparing | Stage::Alive => None,
        }
    }

    /// Takes what happened; gives what is to be done, in order.
    pub fn handle(&mut self, event: LifecycleEvent, now: Instant) -> Vec<LifecycleEffect> {
        let current = self.run.as_ref().map(|run| run.generation);
        let generation = event.generation();
        if generation.is_none() || generation == current {
            self.take(event, now);
        }
        std::mem::take(&mut self.effects)
    }

    /// When [`Lifecycle::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        match self.state {
            LifecycleState::Absent { retry, .. } => retry,
            LifecycleState::SignerProblem { retry, .. } => Some(retry),
            LifecycleState::Backoff { until, .. } => Some(until),
            _ => self.run.as_ref().and_then(Run::due),
        }
    }

    /// Does what is due; nothing when it comes early.
    pub fn tick(&mut self, now: Instant) -> Vec<LifecycleEffect> {
        if self.next_deadline().is_some_and(|due| due <= now) {
            match self.state {
                LifecycleState::Absent { .. } => self.install(),
                LifecycleState::SignerProblem { .. } | LifecycleState::Backoff { .. } => {
                    self.launch(now);
                }
                _ => self.look_after(now),
            }
        }
        std::mem::take(&mut self.effects)
    }

    fn take(&mut self, event: LifecycleEvent, now: Instant) {
        match event {
            LifecycleEvent::StartWanted => self.start_wanted(now),
            LifecycleEvent::StopWanted => self.stop_wanted(now),
            LifecycleEvent::RestartWanted => self.restart_wanted(now),
            LifecycleEvent::PersonLooked => self.person_looked(now),
            LifecycleEvent::CoreChanged(change) => self.core_changed(change, now),
            LifecycleEvent::RolledBack { succeeded } => self.history.rolled_back(succeeded),
            LifecycleEvent::InstallFailed(problem) => self.install_failed(problem, now),
            LifecycleEvent::SignersChanged => self.signers_changed(now),
            LifecycleEvent::Launched { version, .. } => self.launched(version, now),
            LifecycleEvent::LaunchFailed(_, failure) => self.launch_failed(failure, now),
            LifecycleEvent::Exited {
                exit, last_lines, ..
            } => self.exited(exit, &last_lines, now),
            said if self.run.as_ref().is_some_and(Run::is_alive) => self.take_said(said, now),
            _ => {}
        }
    }

    /// What is said by or about a process that runs and is to run.
    fn take_said(&mut self, event: LifecycleEvent, now: Instant) {
        let logged_in = self.run.as_ref().is_some_and(|run| run.account.is_some());
        match event {
            LifecycleEvent::Read(_, reading) => self.read(reading, now),
            LifecycleEvent::QrShown(_, picture) => self.code_shown(picture),
            LifecycleEvent::LinkOpened(_) => self.link_changed(true, now),
            LifecycleEvent::LinkLost(_) => self.link_changed(false, now),
            LifecycleEvent::AnswersStopped(_) if logged_in => {
                self.end_as_failed(StopMethod::Kill, OfflineReason::Hung, now);
            }
            LifecycleEvent::MemoryExceeded(_, bytes) => {
                self.end_as_failed(StopMethod::Stop, OfflineReason::TooMuchMemory(bytes), now);
            }
            LifecycleEvent::SendUnsigned(_) => self.send_failed(now),
            LifecycleEvent::SignerFound(_) => self.signer_found(now),
            LifecycleEvent::SignerBack(_) => self.signer_back(),
            LifecycleEvent::SignerMissing(_, problem) => self.signer_missing(problem, now),
            _ => {}
        }
    }

    /// A time limit of the run is over.
    fn look_after(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if let Stage::Ending { .. } = run.stage {
            self.escalate(now);
        } else if run
            .deadline
            .as_mut()
            .is_some_and(|deadline| deadline.is_over(now))
        {
            self.ran_out_of_time(now);
        } else {
            self.search_if_due(now);
        }
    }
}

/// A moment after another one.
fn later(from: Instant, wait: Duration) -> Instant {
    from + wait.min(LONGEST_WAIT)
}
