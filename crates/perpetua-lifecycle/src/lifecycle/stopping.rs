//! From a process to none: how it is ended, and what its end means.

use std::{sync::Arc, time::Instant};

use perpetua_words::Message;

use super::{
    Lifecycle,
    history::Reached,
    later,
    run::{AfterExit, Run, Stage, StopMethod},
};
use crate::{
    Exit, ExitCause, LaunchFailure, LifecycleEffect, LifecycleState, OfflineReason, SettingsFault,
    SignerProblem, StartPhase,
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
        self.history.reached = match run.account {
            Some(_) => Reached::LoggedIn,
            None if self.asks_qq() => Reached::Asked,
            None => Reached::Nobody,
        };
        self.announce_offline(OfflineReason::Exited(exit.clone()), now);
        if let Some((from, why)) = self.failed_on_trial(&run, &exit, now) {
            self.effects.push(LifecycleEffect::RollBack { from, why });
        }
        let after_exit = self.after_exit(run, exit);
        self.conclude(after_exit, last_lines, now);
    }

    /// Whether it has come so far as to be online, by the state that it ends in.
    pub(super) fn was_online(&self) -> bool {
        matches!(
            self.state,
            LifecycleState::Online { .. } | LifecycleState::Reconnecting { .. }
        )
    }

    /// Whether the start has come so far that QQ knows of it.
    fn asks_qq(&self) -> bool {
        let asks = matches!(self.state, LifecycleState::Starting { phase, .. } if phase >= StartPhase::Session);
        asks || self.waits_for_phone()
    }

    /// What follows. What we decided comes first, then what the exit itself proves, then what the core said
    /// shortly before. A file of its login that it crashed on is looked at before the next start, and stays in use if
    /// it can be read: that it crashed proves nothing.
    fn after_exit(&self, run: Run, exit: Exit) -> AfterExit {
        if let Stage::Ending { after_exit, .. } = run.stage {
            return after_exit;
        }
        match &exit.cause {
            cause if self.was_online() && is_of_memory(cause) => {
                AfterExit::StartAnew(LaunchFailure::Exited(exit))
            }
            ExitCause::SignerIncomplete(_) => {
                let problem = SignerProblem::NoneWorks(vec![Message::from(&exit.cause)]);
                AfterExit::Unsigned(problem)
            }
            ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole
            | ExitCause::SettingsUnreadable(SettingsFault::Missing | SettingsFault::Other(_)) => {
                AfterExit::CannotRun(LaunchFailure::Exited(exit))
            }
            _ => match run.exit_hint {
                Some(exit_hint) => exit_hint,
                None if exit.cause == ExitCause::LoginFailed && self.waits_for_phone() => {
                    AfterExit::CodeExpired
                }
                None => AfterExit::Failed(LaunchFailure::Exited(exit)),
            },
        }
    }

    /// Gives a core on trial up that has failed too often, and why. It is judged only by what nothing but itself can
    /// explain: not while QQ cannot be reached or no signer works.
    fn failed_on_trial(
        &mut self,
        run: &Run,
        exit: &Exit,
        now: Instant,
    ) -> Option<(String, Message)> {
        let is_world_away = self.history.outage.is_some() || run.signer.is_some();
        let fails = is_hanging(run) || self.crashes(run, exit, now);
        if is_world_away || !fails {
            return None;
        }
        let why = match &run.stage {
            Stage::Ending {
                after_exit: AfterExit::Failed(failure),
                ..
            } => Message::from(failure),
            _ => Message::from(&LaunchFailure::Exited(exit.clone())),
        };
        let most = self.policy.first_minute_failures;
        let given_up = self.history.failed_on_trial(&run.version, most)?;
        Some((given_up, why))
    }

    /// Whether it crashed within its first minute, unasked, and for no reason that lies in the login, the network or
    /// the account's own files.
    fn crashes(&self, run: &Run, exit: &Exit, now: Instant) -> bool {
        let young = now.saturating_duration_since(run.started) < self.policy.stable_after;
        let its_own_fault = match exit.cause {
            ExitCause::Killed => !self.was_online(),
            ExitCause::Ended
            | ExitCause::MemoryFault
            | ExitCause::Crashed(_)
            | ExitCause::Unknown => true,
            ExitCause::LoginFailed
            | ExitCause::NoNetwork(_)
            | ExitCause::OutOfMemory
            | ExitCause::DiskFull(_)
            | ExitCause::NoAccess(_)
            | ExitCause::SignerIncomplete(_)
            | ExitCause::KeystoreUnreadable
            | ExitCause::SettingsUnreadable(_)
            | ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole => false,
        };
        let unasked = run.exit_hint.is_none() && !matches!(run.stage, Stage::Ending { .. });
        young && its_own_fault && unasked
    }
}

/// Whether the machine's memory ended it, or most likely did: a system that has none left kills, and says not why.
fn is_of_memory(cause: &ExitCause) -> bool {
    matches!(cause, ExitCause::OutOfMemory | ExitCause::Killed)
}

/// Whether it was ended because it made no progress although nobody kept it from that: where QQ or the signer is waited
/// for, that is another failure.
fn is_hanging(run: &Run) -> bool {
    matches!(
        run.stage,
        Stage::Ending {
            after_exit: AfterExit::Failed(
                LaunchFailure::NoProgress(_) | LaunchFailure::WentOffline(OfflineReason::Hung)
            ),
            ..
        }
    )
}
