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
//!   no failure. → `Backoff`: this machine stood in the way, or neither a signer nor a name of QQ is to be found.
//! - `Installing` → `Starting`: installed. → `Absent`: failed; tried again after a while, unless a person
//!   has to confirm or to install, who is then told. A core that is gone right after it was installed counts
//!   as a failed installation.
//! - `Starting` moves through its phases with what the core says. One that says nothing new for
//!   `start_timeout` is killed, which is a failure; `Preparing` has three times as long. The time that it waits for a
//!   signature does not count, up to 100 s for each; after these the signer is to blame. A core that asks its signer by
//!   itself may do so in each step of a new login, which has 105 s at least: after 100 s it names a signer that was silent.
//! - `Starting` → `WaitingForScan`: there are both a picture and its time. A core that outlives its QR code
//!   by `start_timeout` is killed. → `WaitingForConfirm`: scanned, or an unusual device has to be
//!   confirmed. → `Starting{LoggingIn}`: confirmed.
//! - A QR code that expired or was cancelled ends the core by itself; a fresh one follows at once. After
//!   `qr_codes` that expired without a person: `GivenUp`; `PersonLooked` leads out. Cancelling counts
//!   towards the ordinary limit of restarts only.
//! - A login that QQ refuses, or that is another account's, → `Refused` once the process is gone. A saved session that
//!   is another account's → `Refused` before there is a process, and stays as it is.
//! - A signature that failed before the login → `Starting` once the process is gone, with another signer if
//!   there is one, and after a few of these in a row → `SignerProblem`.
//! - `Starting{OpeningLink}` → `Online`: logged in, connected, and our link is open.
//! - `Online` → `Reconnecting` → `Online`: the connection or the link was lost and is back. Not back within
//!   `reconnect_grace`: stopped, which is a failure.
//! - `Online`, signing fails: a signer is looked for, and again every `signer_retry`. One that the core can use as
//!   it runs ends that; one that it cannot → restarted, at most once in `signer_retry`.
//! - With a saved session it is started without a signer, too: it comes online and cannot send. One that needs a
//!   signature after all fails → `SignerProblem`, and is not tried again before a signer works.
//! - `Online` → `KickedOffline`: stopped, then `Backoff`; too many kicks within their window → `GivenUp`.
//! - Hung → killed, which is a failure. Too much memory → stopped: a run that had come online was no failed start, so it
//!   waits longer each time, until one was healthy, and is never given up. So it is where the machine's memory ran out
//!   for one that was online, or where somebody killed it, as systems without memory do; no version is judged by that.
//! - The port is taken → stopped and started at once with another one; it counts towards the limit of restarts.
//! - `Stopping`: asked, after `stop_grace` killed, and killed again after each `stop_grace` more. A stop
//!   before there is a process calls the start off; if the process comes all the same, it is stopped.
//!   What an ending core says changes nothing any more.
//! - An exit that nobody wanted → `Backoff`, or `GivenUp` when the limit of restarts says so. A file of the login that
//!   the core crashed on is judged before the next start; one that can be read stays, and this was an ordinary
//!   failure. What no other try mends (an old database, a
//!   missing library, no console, bad settings) → `GivenUp` at once.
//! - Logins that fail `failed_logins` times in a row, and starts that hang, → `GivenUp` however long each
//!   took: QQ restricts accounts that try for ever. Where the network, or QQ itself, is what does not answer
//!   it is tried for ever, with waits of up to a minute: a connection that is refused or breaks before the
//!   login is done (the core would dial again for ever, and log in never), a name that is not found, silence.
//!   So it is where this machine stands in the way, as with a full disk or wrong rights, whether that kept the core from
//!   being started or ended it. These waits count from one start to
//!   the next, so that a start that hung is followed at once; names that are found again end them. Where each start asks
//!   QQ for a login before this machine ends it, the waits grow to 15 minutes.
//! - Two starts in a row that stood still are told. From the first sign that QQ cannot be reached to its first
//!   word there is an `Outage`, whatever the state.
//! - A version that has yet to keep this account online, and crashes within `stable_after` of its start or makes no
//!   progress, `first_minute_failures` times in all, is rolled back, once, and the one before it is tried soon. Where
//!   there is none before it, or it keeps another account online, it goes on failing; where a disk kept it from being
//!   given up, its next failure does that. Starts in which QQ, or a signer, does not answer say nothing of it.
//! - A version that somebody chooses takes the place of one that has not logged in at once.
//! - `Online` for `stable_after` at a stretch: failures are forgotten, and the core has passed its trial.
//!
//! - A restart that is wanted while a start has just begun, or soon after it, is that start, or comes once
//!   `restart_pause` is over: two hundred wishes in ten seconds are a handful of processes.
//!
//! Of wishes the last one wins, also while stopping. What belongs to another generation is ignored.
//!
//! Time. A machine that sleeps lets moments pass that a sleeping core could not use. Whoever drives this machine sees
//! such gaps, and says so ([`LifecycleEvent::Woke`]) before anything else: every time limit of a process (a start, a QR
//! code, coming back, the grace of a stop) is then given anew, in full. Waits (`Backoff`, retries) just end late.
//! Moments that go backwards count as no time passed.

mod failing;
mod history;
mod login;
mod notified;
mod outage;
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
    Reading,
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

    /// Whether a saved session may be tried though no signer works: not after one has turned out to need a
    /// signature, until the account has been online again or has another session.
    pub fn may_start_unsigned(&self) -> bool {
        !self.history.session_needs_signature
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
            LifecycleEvent::RestartNeeded => self.restart_needed(now),
            LifecycleEvent::PersonLooked => self.person_looked(now),
            LifecycleEvent::CoreChanged(change) => self.core_changed(change, now),
            LifecycleEvent::RolledBack(end) => self.history.rolled_back(end),
            LifecycleEvent::InstallFailed(problem) => self.install_failed(problem, now),
            LifecycleEvent::SignersChanged => self.signers_changed(now),
            LifecycleEvent::SessionReplaced => self.history.session_needs_signature = false,
            LifecycleEvent::NetworkBack => self.network_back(now),
            LifecycleEvent::Woke => self.woke(now),
            LifecycleEvent::Launched {
                version,
                is_on_trial,
                asks_signer,
                ..
            } => self.launched(version, is_on_trial, asks_signer, now),
            LifecycleEvent::LaunchFailed(_, failure) => self.launch_failed(failure, now),
            LifecycleEvent::Exited {
                exit, last_lines, ..
            } => self.exited(exit, &last_lines, now),
            said if self.run.as_ref().is_some_and(Run::is_alive) => self.take_said(said, now),
            LifecycleEvent::Read(_, Reading::ConnectionLost(words)) => self.explain_lost(words),
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
            LifecycleEvent::MemoryExceeded { used, limit, .. } => {
                self.memory_exceeded(OfflineReason::TooMuchMemory { used, limit }, now);
            }
            LifecycleEvent::SendUnsigned(_) | LifecycleEvent::SignersDoubted(_) => {
                self.send_failed(now);
            }
            LifecycleEvent::SignerFound(_) => self.signer_found(now),
            LifecycleEvent::SignerBack(_) => self.signer_back(),
            LifecycleEvent::SignerLacking(_, problem) => self.signer_lacking(problem, now),
            LifecycleEvent::SignerMissing(_, problem) => self.signer_missing(problem, now),
            LifecycleEvent::SignatureAwaited(_, since) => self.signature_awaited(since, now),
            _ => {}
        }
    }

    /// A time limit of the run is over.
    fn look_after(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if let Stage::Ending { .. } = run.stage {
            self.escalate(now);
        } else if run.is_out_of_time(now) {
            self.ran_out_of_time(now);
        } else if run.restart_at.is_some_and(|at| at <= now) {
            self.restart_needed(now);
        } else {
            self.prove_if_due(now);
            self.search_if_due(now);
        }
    }
}

/// A moment after another one.
fn later(from: Instant, wait: Duration) -> Instant {
    from + wait.min(LONGEST_WAIT)
}
