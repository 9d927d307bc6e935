//! What outlives a run: failures, kicks, QR codes, and the trial of a new core.

use std::{collections::VecDeque, time::Instant};

use crate::RestartLimit;

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
    trial: Trial,
}

/// Moments, oldest first, no more than a limit counts.
#[derive(Debug, Default)]
struct Times(VecDeque<Instant>);

/// How the newly installed core does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Trial {
    /// There is none on trial.
    #[default]
    Over,
    /// It has crashed so often in its first minute.
    Armed { crashes: u32 },
    /// It was given up for the one before it, which is not on trial in turn.
    RolledBack,
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
    }

    /// It ran well for long enough. Kicks have a window of their own that is longer than that.
    pub(super) fn proved_healthy(&mut self) {
        self.forget_failures();
        self.trial = Trial::Over;
    }

    /// A core was installed.
    pub(super) fn installed(&mut self) {
        self.installed_unseen = true;
        self.trial = match self.trial {
            Trial::RolledBack => Trial::Over,
            Trial::Over | Trial::Armed { .. } => Trial::Armed { crashes: 0 },
        };
    }

    /// Whether the core that is started now is on trial.
    pub(super) fn is_on_trial(&self) -> bool {
        matches!(self.trial, Trial::Armed { .. })
    }

    /// A core on trial crashed in its first minute; says whether it is given up.
    pub(super) fn crashed_on_trial(&mut self, most: u32) -> bool {
        let Trial::Armed { crashes } = self.trial else {
            return false;
        };
        let crashes = crashes + 1;
        if crashes < most {
            self.trial = Trial::Armed { crashes };
            return false;
        }
        self.trial = Trial::RolledBack;
        // The old core does not wait for the new one's failures. They stay on the limit, though, which
        // else would never catch a core that is installed and rolled back again and again.
        self.in_a_row = 0;
        true
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
