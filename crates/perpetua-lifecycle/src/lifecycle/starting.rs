//! From a wish to a process: wishes of people and settings, the core's installation, the launch.

use std::time::Instant;

use super::{
    Lifecycle, later,
    run::{Means, Run, Stage, Verdict, Watch},
    telling::Need,
};
use crate::{
    Brakes, Effect, Generation, InstallProblem, LaunchFailure, OfflineReason, Progress, StartPhase,
    State,
};

/// Preparing asks signers and writes files, each with a time limit of its own in the driver: it gets
/// this many times the patience of a phase of the core.
const PREPARING_PATIENCE: u32 = 3;

impl Lifecycle {
    /// It is to run.
    pub(super) fn start_wanted(&mut self, now: Instant) {
        self.wanted = true;
        match self.state {
            State::Stopped | State::Braked { .. } | State::Refused { .. } => self.begin_anew(now),
            State::Absent { .. } => self.install(),
            // A person who asks for it now does not want to wait.
            State::SignerProblem { .. } | State::Backoff { .. } => self.launch(now),
            _ => {}
        }
    }

    /// It is to stop.
    pub(super) fn stop_wanted(&mut self, now: Instant) {
        self.wanted = false;
        self.need_is_met();
        if self.run.is_some() {
            self.end_as_asked(now);
        } else {
            self.state = State::Stopped;
        }
    }

    /// It is to stop and to start.
    pub(super) fn restart_wanted(&mut self, now: Instant) {
        self.wanted = true;
        match self.state {
            _ if self.run.is_some() => self.end_as_asked(now),
            State::Stopped | State::Braked { .. } | State::Refused { .. } => self.begin_anew(now),
            State::Absent { .. } => self.install(),
            State::Installing { .. } => {}
            _ => self.launch(now),
        }
    }

    /// A core is there, or another one than before.
    pub(super) fn core_installed(&mut self, now: Instant) {
        self.ledger.installed();
        match &self.state {
            State::Absent { .. } | State::Installing { .. } => {
                self.need_is_met();
                self.launch(now);
            }
            // That is what its words ask for.
            State::Braked {
                reason:
                    Brakes::Failing {
                        last: LaunchFailure::Damaged(_),
                        ..
                    },
                ..
            } => self.begin_anew(now),
            _ => {}
        }
    }

    /// The installation goes on.
    pub(super) fn install_progressed(&mut self, news: Progress) {
        if let State::Installing { progress } = &mut self.state {
            *progress = news;
        }
    }

    /// The installation came to nothing.
    pub(super) fn install_failed(&mut self, problem: InstallProblem, now: Instant) {
        if matches!(self.state, State::Installing { .. }) {
            self.stay_absent(problem, now);
        }
    }

    /// Asks for a core.
    pub(super) fn install(&mut self) {
        self.state = State::Installing {
            progress: Progress::default(),
        };
        self.effects.push(Effect::Install);
    }

    /// A start that owes nothing to what was before.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.ledger.forget();
        self.need_is_met();
        self.launch(now);
    }

    /// Asks for a process. There is none: each way here comes from a state without a run.
    pub(super) fn launch(&mut self, now: Instant) {
        let generation = Generation(self.last.0 + 1);
        self.last = generation;
        let patience = self.policy.start_timeout.saturating_mul(PREPARING_PATIENCE);
        let watch = Watch::new(now, patience);
        let on_trial = self.ledger.is_on_trial();
        self.run = Some(Run::new(generation, on_trial, watch, now));
        self.state = State::Starting {
            generation,
            phase: StartPhase::Preparing,
            since: now,
        };
        self.effects.push(Effect::Launch(generation));
    }

    /// There is a process.
    pub(super) fn launched(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        match &mut run.stage {
            Stage::Preparing => {
                run.stage = Stage::Alive;
                run.started = now;
                self.ledger.installed_unseen = false;
                self.advance(StartPhase::Launched, now);
            }
            // It was too late to call it off.
            Stage::Ending { means, again, .. } if *means == Means::CallOff => {
                *means = Means::Stop;
                *again = later(now, self.policy.stop_grace);
                self.effects.push(Effect::Stop(run.generation));
            }
            Stage::Alive | Stage::Ending { .. } => {}
        }
    }

    /// There will be no process.
    pub(super) fn launch_failed(&mut self, failure: LaunchFailure, now: Instant) {
        let verdict = match self.run.take_if(|run| run.has_no_process()) {
            None => return,
            Some(Run {
                stage: Stage::Ending { verdict, .. },
                ..
            }) => verdict,
            Some(_) => match failure {
                LaunchFailure::NoCore => return self.no_core(now),
                LaunchFailure::Signer(problem) => Verdict::NoSigner(problem),
                failure @ LaunchFailure::CannotRun(_) => Verdict::CannotRun(failure),
                failure => Verdict::Failed(failure),
            },
        };
        self.conclude(verdict, &[].into(), now);
    }

    /// There is no core to launch. One that vanishes right after it was installed (virus scanners do that)
    /// is not fetched again and again without a pause.
    fn no_core(&mut self, now: Instant) {
        if std::mem::take(&mut self.ledger.installed_unseen) {
            let words = "the core was installed and is gone again; see whether a virus scanner has removed it";
            self.stay_absent(InstallProblem::Failed(words.into()), now);
        } else {
            self.install();
        }
    }

    fn stay_absent(&mut self, problem: InstallProblem, now: Instant) {
        let retry = match problem {
            InstallProblem::Failed(_) => Some(later(now, self.policy.install_retry)),
            InstallProblem::Unconfirmed { .. } | InstallProblem::NotAllowed => {
                self.announce_need(Need::Core);
                None
            }
        };
        self.state = State::Absent {
            problem: Some(problem),
            retry,
        };
    }

    fn end_as_asked(&mut self, now: Instant) {
        self.announce_offline(OfflineReason::Asked, now);
        self.end(Means::Stop, Verdict::Asked, now);
    }
}
