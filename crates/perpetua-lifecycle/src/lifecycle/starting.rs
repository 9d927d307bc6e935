//! From a wish to a process: wishes of people and settings, the core's installation, the launch.

use std::time::Instant;

use perpetua_words::core as words;

use super::{
    Lifecycle, later,
    notified::UserAction,
    run::{AfterExit, Deadline, Run, Stage, StopMethod},
};
use crate::{
    CoreChange, Generation, GiveUpReason, InstallProblem, LaunchFailure, LifecycleEffect,
    LifecycleState, LoginRefusal, OfflineReason, StartPhase,
};

/// Preparing asks signers and writes files, each with a time limit of its own in the driver: it gets
/// this many times the patience of a phase of the core.
const PREPARING_PATIENCE: u32 = 3;

impl Lifecycle {
    /// It is to run.
    pub(super) fn start_wanted(&mut self, now: Instant) {
        self.wanted = true;
        match self.state {
            LifecycleState::Stopped
            | LifecycleState::GivenUp { .. }
            | LifecycleState::Refused { .. } => self.begin_anew(now),
            LifecycleState::Absent { .. } => self.install(),
            // A person who asks for it now does not want to wait.
            LifecycleState::SignerProblem { .. } | LifecycleState::Backoff { .. } => {
                self.launch(now);
            }
            _ => {}
        }
    }

    /// It is to stop.
    pub(super) fn stop_wanted(&mut self, now: Instant) {
        self.wanted = false;
        self.action_is_done();
        self.history.outage = None;
        if self.run.is_some() {
            self.end_as_asked(now);
        } else {
            self.state = LifecycleState::Stopped;
        }
    }

    /// Somebody wishes that it stops and starts.
    pub(super) fn restart_wanted(&mut self, now: Instant) {
        self.wanted = true;
        let is_starting = matches!(self.state, LifecycleState::Starting { .. });
        if let Some(run) = &mut self.run {
            let over = later(run.started, self.policy.restart_pause);
            match run.stage {
                Stage::Preparing | Stage::Alive if over > now => {
                    if !is_starting {
                        run.restart_at = Some(over);
                    }
                    return;
                }
                Stage::Preparing | Stage::Alive | Stage::Ending { .. } => {}
            }
        }
        self.restart_needed(now);
    }

    /// It has to stop and to start.
    pub(super) fn restart_needed(&mut self, now: Instant) {
        self.wanted = true;
        match self.state {
            _ if self.run.is_some() => self.end_as_asked(now),
            LifecycleState::Stopped
            | LifecycleState::GivenUp { .. }
            | LifecycleState::Refused { .. } => self.begin_anew(now),
            LifecycleState::Absent { .. } => self.install(),
            LifecycleState::Installing => {}
            _ => self.launch(now),
        }
    }

    /// A core is there, or another one than before.
    pub(super) fn core_changed(&mut self, change: CoreChange, now: Instant) {
        let version = change.version().map(str::to_owned);
        let is_chosen = !matches!(change, CoreChange::Installed { .. });
        self.history.core_changed(change);
        match &self.state {
            LifecycleState::Absent { .. } | LifecycleState::Installing => {
                self.action_is_done();
                self.launch(now);
            }
            // That is what its words ask for.
            LifecycleState::GivenUp {
                reason:
                    GiveUpReason::Failing {
                        last: LaunchFailure::Damaged(_),
                        ..
                    },
                ..
            } => self.begin_anew(now),
            state if is_chosen && state.yields_to_chosen_core() => {
                self.give_way(version.as_deref(), now);
            }
            _ => {}
        }
    }

    /// A chosen version takes the place of what has not come online.
    fn give_way(&mut self, version: Option<&str>, now: Instant) {
        match &self.state {
            LifecycleState::GivenUp { .. } => self.begin_anew(now),
            LifecycleState::Backoff { .. } => self.launch(now),
            LifecycleState::Starting { phase, .. } if *phase <= StartPhase::Launched => {
                // It has nothing to save, and may not listen.
                self.end_unless_it_runs(version, StopMethod::Kill, now);
            }
            _ => self.end_unless_it_runs(version, StopMethod::Stop, now),
        }
    }

    fn end_unless_it_runs(&mut self, version: Option<&str>, method: StopMethod, now: Instant) {
        let is_another = |run: &Run| version != Some(run.version.as_str());
        if self.run.as_ref().is_some_and(is_another) {
            self.end(method, AfterExit::Asked, now);
        }
    }

    /// The installation came to nothing.
    pub(super) fn install_failed(&mut self, problem: InstallProblem, now: Instant) {
        if matches!(self.state, LifecycleState::Installing) {
            self.stay_absent(problem, now);
        }
    }

    /// Asks for a core.
    pub(super) fn install(&mut self) {
        self.state = LifecycleState::Installing;
        self.effects.push(LifecycleEffect::Install);
    }

    /// A start that owes nothing to what was before.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.history.forget();
        self.action_is_done();
        self.launch(now);
    }

    /// Asks for a process. There is none: each way here comes from a state without a run.
    pub(super) fn launch(&mut self, now: Instant) {
        let generation = Generation(self.last.0 + 1);
        self.last = generation;
        let patience = self.policy.start_timeout.saturating_mul(PREPARING_PATIENCE);
        let deadline = Deadline::new(now, patience);
        self.run = Some(Run::new(generation, deadline, now));
        self.history.started = Some(now);
        self.state = LifecycleState::Starting {
            generation,
            phase: StartPhase::Preparing,
            since: now,
        };
        self.effects.push(LifecycleEffect::Launch(generation));
    }

    /// There is a process.
    pub(super) fn launched(
        &mut self,
        version: String,
        is_on_trial: bool,
        asks_signer: bool,
        now: Instant,
    ) {
        let Some(run) = &mut self.run else { return };
        if is_on_trial {
            self.history.tries(&version);
        }
        run.version = version;
        run.asks_signer = asks_signer;
        match &mut run.stage {
            Stage::Preparing => {
                run.stage = Stage::Alive;
                run.started = now;
                self.history.installed_unseen = false;
                self.advance(StartPhase::Launched, now);
            }
            // It was too late to call it off.
            Stage::Ending { method, again, .. } if *method == StopMethod::CallOff => {
                *method = StopMethod::Stop;
                *again = later(now, self.policy.stop_grace);
                self.effects.push(LifecycleEffect::Stop(run.generation));
            }
            Stage::Alive | Stage::Ending { .. } => {}
        }
    }

    /// There will be no process.
    pub(super) fn launch_failed(&mut self, failure: LaunchFailure, now: Instant) {
        let after_exit = match self.run.take_if(|run| run.has_no_process()) {
            None => return,
            Some(Run {
                stage: Stage::Ending { after_exit, .. },
                ..
            }) => after_exit,
            Some(_) => match failure {
                LaunchFailure::NoCore => return self.no_core(now),
                LaunchFailure::Signer(problem) => AfterExit::NoSigner(problem),
                LaunchFailure::WrongSession { expected, found } => {
                    AfterExit::Refused(LoginRefusal::WrongSession { expected, found })
                }
                failure @ LaunchFailure::CannotRun(_) => AfterExit::CannotRun(failure),
                failure => AfterExit::Failed(failure),
            },
        };
        self.conclude(after_exit, &[].into(), now);
    }

    /// There is no core to launch. One that vanishes right after it was installed (virus scanners do that)
    /// is not fetched again and again without a pause.
    fn no_core(&mut self, now: Instant) {
        if std::mem::take(&mut self.history.installed_unseen) {
            let vanished = InstallProblem::Failed(words::Vanished.into());
            self.stay_absent(vanished, now);
        } else {
            self.install();
        }
    }

    fn stay_absent(&mut self, problem: InstallProblem, now: Instant) {
        let retry = match problem {
            InstallProblem::Failed(_) => Some(later(now, self.policy.install_retry)),
            InstallProblem::Unconfirmed { .. } | InstallProblem::NotAllowed => {
                self.request_action(UserAction::Core);
                None
            }
        };
        self.state = LifecycleState::Absent {
            problem: Some(problem),
            retry,
        };
    }

    fn end_as_asked(&mut self, now: Instant) {
        self.announce_offline(OfflineReason::Asked, now);
        self.end(StopMethod::Stop, AfterExit::Asked, now);
    }
}
