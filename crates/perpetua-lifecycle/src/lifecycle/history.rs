//! What outlives a run: failures, kicks, QR codes, and the trial of a new core.

use std::{collections::VecDeque, time::Instant};

use crate::{CoreChange, Outage, RestartLimit, RollBackEnd};

/// So many starts in a row that come to nothing, and somebody is told; one alone happens.
const STANDSTILL_TOLD: u32 = 2;

/// The counts behind every limit.
#[derive(Debug, Default)]
pub(super) struct RestartHistory {
    /// Failures since the last healthy run, for the waits between starts.
    pub(super) in_a_row: u32,
    failures: Times,
    kicks: Times,
    /// QR codes in a row that expired while nobody looked.
    pub(super) expired_codes: u32,
    /// Whether a core was installed, and no process of it has been seen since.
    pub(super) installed_unseen: bool,
    /// Logins in a row that a signer failed, without a pause between them.
    pub(super) unsigned_logins: u32,
    /// Whether a saved session has failed for want of a signature, and no login has come since.
    pub(super) session_needs_signature: bool,
    /// When a working signer was last switched to.
    pub(super) signer_switched: Option<Instant>,
    /// Logins in a row that failed, without one that came online between them.
    failed_logins: u32,
    /// Starts in a row that stood still, which nobody was to blame for.
    stood_still: u32,
    /// When the latest start began.
    pub(super) started: Option<Instant>,
    /// How far the process that ended last had come with QQ.
    pub(super) reached: Reached,
    /// Runs since the last healthy one that asked QQ and were ended by this machine.
    asked_in_vain: u32,
    /// That QQ cannot be reached, and since when.
    pub(super) outage: Option<Outage>,
    trial: Trial,
}

/// How far a run came with QQ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Reached {
    /// It had not asked for a login.
    #[default]
    Nobody,
    /// It had asked for a login, and had none.
    Asked,
    /// It had a login.
    LoggedIn,
}

/// Moments, oldest first, no more than a limit counts.
#[derive(Debug, Default)]
struct Times(VecDeque<Instant>);

/// How the core on trial does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
enum Trial {
    /// There is none on trial.
    #[default]
    Over,
    /// This version has failed so often: it crashed in its first minute, or came nowhere.
    Armed { version: String, failures: u32 },
    /// This version failed, and stays: there was none to go back to, or it works for another account.
    Kept { version: String },
    /// It is being given up for the one before it, after so many failures on trial; there had been so many in a row.
    RollingBack {
        version: String,
        failures: u32,
        in_a_row: u32,
    },
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
        self.session_needs_signature = false;
        self.unsigned_logins = 0;
        self.installed_unseen = false;
        self.failed_logins = 0;
        self.stood_still = 0;
        self.outage = None;
    }

    /// It ran well for long enough. Kicks have a window of their own that is longer than that.
    pub(super) fn proved_healthy(&mut self) {
        self.forget_failures();
        self.trial = Trial::Over;
    }

    /// Another version is the current one. One that was installed just now is on trial; of others it is known only when
    /// they start.
    pub(super) fn core_changed(&mut self, change: CoreChange) {
        match change {
            CoreChange::Installed { version } => {
                self.installed_unseen = true;
                self.trial = Trial::Armed {
                    version,
                    failures: 0,
                };
            }
            CoreChange::Chosen { .. } | CoreChange::RolledBack { .. } | CoreChange::Unknown => {
                if let Trial::Armed { .. } | Trial::Kept { .. } = self.trial {
                    self.trial = Trial::Over;
                }
            }
        }
    }

    /// This version runs now, and has yet to prove itself.
    pub(super) fn tries(&mut self, ran: &str) {
        let is_known = match &self.trial {
            Trial::Armed { version, .. } | Trial::Kept { version } => version == ran,
            Trial::Over => false,
            Trial::RollingBack { .. } => true,
        };
        if !is_known {
            self.trial = Trial::Armed {
                version: ran.to_owned(),
                failures: 0,
            };
        }
    }

    /// This version failed. Gives it back when it is on trial and is given up.
    pub(super) fn failed_on_trial(&mut self, ran: &str, most: u32) -> Option<String> {
        let Trial::Armed { version, failures } = &mut self.trial else {
            return None;
        };
        if version != ran {
            return None;
        }
        *failures += 1;
        if *failures < most {
            return None;
        }
        let (version, failures) = (std::mem::take(version), *failures);
        // The old core does not wait for the new one's failures. They stay on the limit, though, which
        // else would never catch a core that is installed and rolled back again and again.
        let in_a_row = std::mem::take(&mut self.in_a_row);
        self.trial = Trial::RollingBack {
            version: version.clone(),
            failures,
            in_a_row,
        };
        Some(version)
    }

    /// The version on trial is not the current one any more, or the same core goes on failing: where it stays, for good;
    /// where it could not be given up now, until its next failure.
    pub(super) fn rolled_back(&mut self, end: RollBackEnd) {
        let Trial::RollingBack {
            version,
            failures,
            in_a_row,
        } = &mut self.trial
        else {
            return;
        };
        let (version, failures, in_a_row) = (std::mem::take(version), *failures, *in_a_row);
        self.trial = match end {
            RollBackEnd::Done => Trial::Over,
            RollBackEnd::Stays => Trial::Kept { version },
            RollBackEnd::Failed => Trial::Armed { version, failures },
        };
        if end != RollBackEnd::Done {
            self.in_a_row = self.in_a_row.saturating_add(in_a_row);
        }
    }

    /// Counts a login that failed; gives how many there were in a row when that is too many.
    pub(super) fn login_failed(&mut self, most: u32) -> Option<u32> {
        self.failed_logins = self.failed_logins.saturating_add(1);
        (self.failed_logins >= most).then_some(self.failed_logins)
    }

    /// Counts a start that stood still, or was none; gives whether it is one that somebody is to be told of.
    pub(super) fn note_standstill(&mut self, stood_still: bool) -> bool {
        self.stood_still = if stood_still {
            self.stood_still.saturating_add(1)
        } else {
            0
        };
        self.stood_still == STANDSTILL_TOLD
    }

    /// Counts a run that this machine ended once it had asked QQ; gives how many there were since the last healthy one.
    pub(super) fn asked_in_vain(&mut self) -> u32 {
        self.asked_in_vain = self.asked_in_vain.saturating_add(1);
        self.asked_in_vain
    }

    /// The account can be talked to.
    pub(super) fn came_online(&mut self) {
        self.failed_logins = 0;
        self.stood_still = 0;
    }

    fn forget_failures(&mut self) {
        self.in_a_row = 0;
        self.asked_in_vain = 0;
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
