//! What outlives a run: failures, kicks, QR codes, and the trial of a new core.

use std::{collections::VecDeque, time::Instant};

use crate::{CoreChange, RestartLimit};

/// The counts behind every limit.
#[derive(Debug, Default)]
pub(super) struct RestartHistory {
    /// Failures since the last healthy run, for the waits between starts.
    pub(super) in_a_row: u32,
    failures: Times,
    kicks: Times,
    /// QR codes in a row that expired while nobody looked.
    pub(super) expired_codes: u32,
    /// Whether the session was set aside, and no login has come since.
    pub(super) session_set_aside: bool,
    /// Whether a core was installed, and no process of it has been seen since.
    pub(super) installed_unseen: bool,
    /// Logins in a row that a signer failed, without a pause between them.
    pub(super) unsigned_logins: u32,
    /// When a working signer was last switched to.
    pub(super) signer_switched: Option<Instant>,
    /// Logins in a row that failed, without one that came online between them.
    failed_logins: u32,
    trial: Trial,
}

/// Moments, oldest first, no more than a limit counts.
#[derive(Debug, Default)]
struct Times(VecDeque<Instant>);

/// How the newly installed core does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
enum Trial {
    /// There is none on trial.
    #[default]
    Over,
    /// This version has crashed so often in its first minute.
    Armed { version: String, crashes: u32 },
    /// It is being given up for the one before it; there had been so many failures in a row.
    RollingBack { in_a_row: u32 },
}

impl RestartHistory {
    /// Counts a failure; gives how many there were when that is too many.
    pub(super) fn failed(&mut self, limit: RestartLimit, now: Instant) -> Option<u32> {
        self.failures.note(limit, now)
    }

    /// Counts a kick; gives how many there were when that is too many.
    pub(super) fn kicked(&mut self, limit: RestartLimit, now: Instant) -> Option<u32> {
        self.kicks.note(limit, now)
    }

    /// A person begins anew.
    pub(super) fn forget(&mut self) {
        self.forget_failures();
        self.kicks = Times::default();
        self.expired_codes = 0;
        self.session_set_aside = false;
        self.unsigned_logins = 0;
        self.installed_unseen = false;
        self.failed_logins = 0;
    }

    /// It ran well for long enough. Kicks have a window of their own that is longer than that.
    pub(super) fn proved_healthy(&mut self) {
        self.forget_failures();
        self.trial = Trial::Over;
    }

    /// Another version is the current one. Only one that was installed just now is on trial: what was
    /// chosen or gone back to ran before.
    pub(super) fn core_changed(&mut self, change: CoreChange) {
        match change {
            CoreChange::Installed { version } => {
                self.installed_unseen = true;
                self.trial = Trial::Armed {
                    version,
                    crashes: 0,
                };
            }
            CoreChange::Chosen | CoreChange::RolledBack => {
                if let Trial::Armed { .. } = self.trial {
                    self.trial = Trial::Over;
                }
            }
        }
    }

    /// This version crashed in its first minute. Gives it back when it is on trial and is given up.
    pub(super) fn crashed_on_trial(&mut self, ran: &str, most: u32) -> Option<String> {
        let Trial::Armed { version, crashes } = &mut self.trial else {
            return None;
        };
        if version != ran {
            return None;
        }
        *crashes += 1;
        if *crashes < most {
            return None;
        }
        let version = std::mem::take(version);
        // The old core does not wait for the new one's failures. They stay on the limit, though, which
        // else would never catch a core that is installed and rolled back again and again.
        let in_a_row = std::mem::take(&mut self.in_a_row);
        self.trial = Trial::RollingBack { in_a_row };
        Some(version)
    }

    /// The version on trial is not the current one any more, or there is nothing before it and the
    /// same core goes on failing.
    pub(super) fn rolled_back(&mut self, succeeded: bool) {
        if let Trial::RollingBack { in_a_row } = self.trial {
            self.trial = Trial::Over;
            if !succeeded {
                self.in_a_row = self.in_a_row.saturating_add(in_a_row);
            }
        }
    }

    /// Counts a login that failed; gives how many there were in a row when that is too many.
    pub(super) fn login_failed(&mut self, most: u32) -> Option<u32> {
        self.failed_logins = self.failed_logins.saturating_add(1);
        (self.failed_logins >= most).then_some(self.failed_logins)
    }

    /// The account can be talked to.
    pub(super) fn came_online(&mut self) {
        self.failed_logins = 0;
    }

    fn forget_failures(&mut self) {
        self.in_a_row = 0;
        self.failures = Times::default();
    }
}

impl Times {
    fn note(&mut self, limit: RestartLimit, now: Instant) -> Option<u32> {
        self.0.push_back(now);
        while self.0.len() > 1
            && (self.0.len() > limit.failures as usize
                || now.saturating_duration_since(self.0[0]) > limit.within)
        {
            self.0.pop_front();
        }
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        (count >= limit.failures).then_some(count)
    }
}
