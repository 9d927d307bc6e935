//! From a process to none: how it is ended, and what its end means.

use std::{sync::Arc, time::Instant};

use super::{
    Lifecycle, later,
    run::{Means, Run, Stage, Verdict},
};
use crate::{Effect, Exit, ExitCause, LaunchFailure, OfflineReason, State};

impl Lifecycle {
    /// Ends the run. Where that is under way already only the verdict changes: the last wish wins.
    pub(super) fn end(&mut self, means: Means, verdict: Verdict, now: Instant) {
        let Some(run) = &mut self.run else { return };
        let generation = run.generation;
        match &mut run.stage {
            Stage::Ending {
                verdict: former, ..
            } => *former = verdict,
            stage => {
                let means = match stage {
                    Stage::Preparing => Means::CallOff,
                    _ => means,
                };
                *stage = Stage::Ending {
                    means,
                    again: later(now, self.policy.stop_grace),
                    verdict,
                };
                self.effects.push(means.effect(generation));
            }
        }
        if !matches!(self.state, State::Stopping { .. }) {
            self.state = State::Stopping {
                generation,
                since: now,
            };
        }
    }

    /// It was to end, and has not.
    pub(super) fn insist(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if let Stage::Ending { means, again, .. } = &mut run.stage {
            *means = means.next();
            *again = later(now, self.policy.stop_grace);
            self.effects.push(means.effect(run.generation));
        }
    }

    /// The process is gone.
    pub(super) fn exited(&mut self, exit: Exit, last_lines: &Arc<[String]>, now: Instant) {
        let Some(run) = self.run.take() else { return };
        self.announce_offline(OfflineReason::Exited(exit.clone()), now);
        if self.crashed_on_trial(&run, &exit, now) {
            self.effects.push(Effect::RollBack);
        }
        let verdict = self.verdict(run, exit);
        self.conclude(verdict, last_lines, now);
    }

    /// What follows. What we decided comes first, then what the exit itself proves, then what the core said
    /// shortly before.
    fn verdict(&self, run: Run, exit: Exit) -> Verdict {
        if let Stage::Ending { verdict, .. } = run.stage {
            return verdict;
        }
        match exit.cause {
            ExitCause::KeystoreUnreadable if !self.ledger.session_set_aside => {
                Verdict::SessionUnreadable
            }
            ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole
            | ExitCause::SettingsUnreadable(_) => Verdict::CannotRun(LaunchFailure::Exited(exit)),
            _ => match run.omen {
                Some(omen) => omen,
                None if exit.cause == ExitCause::LoginFailed && self.waits_for_phone() => {
                    Verdict::CodeExpired
                }
                None => Verdict::Failed(LaunchFailure::Exited(exit)),
            },
        }
    }

    /// Whether this exit speaks against a newly installed core: within its first minute, unasked, and for no
    /// reason that lies in the login, the network or the account's own files.
    fn crashed_on_trial(&mut self, run: &Run, exit: &Exit, now: Instant) -> bool {
        let young = now.saturating_duration_since(run.started) < self.policy.stable_after;
        let its_own_fault = match exit.cause {
            ExitCause::Ended | ExitCause::Killed | ExitCause::Crashed(_) | ExitCause::Unknown => {
                true
            }
            ExitCause::LoginFailed
            | ExitCause::NoNetwork(_)
            | ExitCause::KeystoreUnreadable
            | ExitCause::SettingsUnreadable(_)
            | ExitCause::LegacyDatabase(_)
            | ExitCause::LibraryMissing(_)
            | ExitCause::NoConsole => false,
        };
        let unasked = run.omen.is_none() && !matches!(run.stage, Stage::Ending { .. });
        run.on_trial
            && young
            && its_own_fault
            && unasked
            && self
                .ledger
                .crashed_on_trial(self.policy.first_minute_crashes)
    }
}
