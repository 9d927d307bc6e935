//! What is announced, and that nothing is announced twice.

use std::time::Instant;

use super::Lifecycle;
use crate::{Announcement, Effect, OfflineReason, State};

/// What everybody has been told.
#[derive(Debug, Default)]
pub(super) struct Told {
    online: bool,
    need: Option<Need>,
}

/// What a person is needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// A core has to be confirmed or installed.
    Core,
    /// No signer works.
    Signer,
    /// A QR code has to be scanned; fresh ones belong to the same need.
    Login,
    /// QQ, or the account of the settings, refuses.
    Refusal,
    /// The brake.
    Brake,
}

impl Lifecycle {
    /// The account can be talked to.
    pub(super) fn announce_online(&mut self, who: u64) {
        if !std::mem::replace(&mut self.told.online, true) {
            self.announce(Announcement::Online { who });
        }
    }

    /// The account cannot be talked to (any more). A run that was healthy until now clears the counts.
    pub(super) fn announce_offline(&mut self, reason: OfflineReason, now: Instant) {
        if let State::Online { since, .. } = self.state
            && now.saturating_duration_since(since) >= self.policy.stable_after
        {
            self.ledger.proved_healthy();
        }
        if std::mem::take(&mut self.told.online) {
            self.announce(Announcement::Offline { reason });
        }
    }

    /// A person is needed.
    pub(super) fn announce_need(&mut self, need: Need) {
        if self.told.need.replace(need) != Some(need) {
            self.announce(Announcement::PersonNeeded);
        }
    }

    /// Whatever a person was needed for is done, or no longer wanted.
    pub(super) fn need_is_met(&mut self) {
        self.told.need = None;
    }

    fn announce(&mut self, announcement: Announcement) {
        self.effects.push(Effect::Announce(announcement));
    }
}
