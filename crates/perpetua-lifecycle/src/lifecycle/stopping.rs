//! From a process to none: how it is ended, and what its end means.

use std::{sync::Arc, time::Instant};

use perpetua_words::Message;

use super::{
    Lifecycle, later,
    run::{AfterExit, Run, Stage, StopMethod},
};
use crate::{
    Exit, ExitCause, LaunchFailure, LifecycleEffect, LifecycleState, OfflineReason, SignerProblem,
};

impl Lifecycle {
    /// Ends the run. Where that is under way already only the `after_exit` changes: the last wish wins.
    pub(super) fn end(&mut self, method: StopMethod, after_exit: AfterExit, now: Instant) {
        let Some(run) = &mut self.run else { return };
        let generation = run.generation;
        match &mut run.stage {
            Stage::Ending {
                after_exit: former, ..
            } => *former = after_exit,
            stage => {
                let method = match stage {
                    Stage::Preparing => StopMethod::CallOff,
                    _ => method,
                };
                *stage = Stage::Ending {
                    method,
                    again: later(now, self.policy.stop_grace),
                    after_exit,
                };
                self.effects.push(method.effect(generation));
            }
        }
        if !matches!(self.state, LifecycleState::Stopping { .. }) {
            self.state = LifecycleState::Stopping {
                generation,
                since: now,
            };
        }
    }

    /// It was to end, and has not.
    pub(super) fn escalate(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if let Stage::Ending { method, again, .. } = &mut run.stage {
            *method = method.next();
            *again = later(now, self.policy.stop_grace);
            self.effects.push(method.effect(run.generation));
        }
    }

    /// The process is gone.
    pub(super) fn exited(&mut self, exit: Exit, last_lines: &Arc<[String]>, now: Instant) {
        let Some(run) = self.run.take() else { return };
        self.announce_offline(OfflineReason::Exited(exit.clone()), now);
        if let Some(from) = self.crashed_on_trial(&run, &exit, now) {
            self.effects.push(LifecycleEffect::RollBack { from });
        }
        let after_exit = self.after_exit(run, exit);
        self.conclude(after_exit, last_lines, now);
    }

    /// What follows. What we decided comes first, then what the exit itself proves, then what the core said
    /// shortly before.
    fn after_exit(&self, run: Run, exit: Exit) -> AfterExit {
        if let Stage::Ending { after_exit, .. } = run.stage {
            return after_exit;
        }
        match &exit.cause {
            ExitCause::SignerIncomplete(_) => {
                let problem = SignerProblem::NoneWorks(vec![Message::from(&exit.cause)]);
                AfterExit::Unsigned(problem)
            }
            ExitCause::KeystoreUnreadable if !self.history.session_set_aside => {
                AfterExit::SessionUnreadable
            }
            ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole
            | ExitCause::SettingsUnreadable(_) => AfterExit::CannotRun(LaunchFailure::Exited(exit)),
            _ => match run.exit_hint {
                Some(exit_hint) => exit_hint,
                None if exit.cause == ExitCause::LoginFailed && self.waits_for_phone() => {
                    AfterExit::CodeExpired
                }
                None => AfterExit::Failed(LaunchFailure::Exited(exit)),
            },
        }
    }

    /// Gives a newly installed core up that has crashed too often: within its first minute, unasked, and for
    /// no reason that lies in the login, the network or the account's own files.
    fn crashed_on_trial(&mut self, run: &Run, exit: &Exit, now: Instant) -> Option<String> {
        let young = now.saturating_duration_since(run.started) < self.policy.stable_after;
        let its_own_fault = match exit.cause {
            ExitCause::Ended
            | ExitCause::Killed
            | ExitCause::OutOfMemory
            | ExitCause::MemoryFault
            | ExitCause::Crashed(_)
            | ExitCause::Unknown => true,
            ExitCause::LoginFailed
            | ExitCause::NoNetwork(_)
            | ExitCause::SignerIncomplete(_)
            | ExitCause::KeystoreUnreadable
            | ExitCause::SettingsUnreadable(_)
            | ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole => false,
        };
        let unasked = run.exit_hint.is_none() && !matches!(run.stage, Stage::Ending { .. });
        if !(young && its_own_fault && unasked) {
            return None;
        }
        let most = self.policy.first_minute_crashes;
        self.history.crashed_on_trial(&run.version, most)
    }
}
