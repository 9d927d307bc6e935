//! What is announced, and that nothing is announced twice.

use std::time::Instant;

use super::Lifecycle;
use crate::{Announcement, LifecycleEffect, LifecycleState, OfflineReason};

/// What everybody has been told.
#[derive(Debug, Default)]
pub(super) struct Notified {
    online: bool,
    action: Option<UserAction>,
}

/// What a person is needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum UserAction {
    /// A core has to be confirmed or installed.
    Core,
    /// No signer works.
    Signer,
    /// A QR code has to be scanned; fresh ones belong to the same need.
    Login,
    /// QQ, or the account of the settings, refuses.
    Refusal,
    /// It was given up.
    GivenUp,
    /// It does not come online, and goes on trying.
    Standstill,
}

impl Lifecycle {
    /// The account can be talked to.
    pub(super) fn announce_online(&mut self, who: u64) {
        if !std::mem::replace(&mut self.notified.online, true) {
            self.announce(Announcement::Online { who });
        }
    }

    /// The account cannot be talked to (any more). A run that was healthy until now clears the counts.
    pub(super) fn announce_offline(&mut self, reason: OfflineReason, now: Instant) {
        if let LifecycleState::Online { since, .. } = self.state
            && now.saturating_duration_since(since) >= self.policy.stable_after
        {
            self.history.proved_healthy();
        }
        if std::mem::take(&mut self.notified.online) {
            self.announce(Announcement::Offline { reason });
        }
    }

    /// A person is needed.
    pub(super) fn request_action(&mut self, need: UserAction) {
        if self.notified.action.replace(need) != Some(need) {
            self.announce(Announcement::PersonNeeded);
        }
    }

    /// Whatever a person was needed for is done, or no longer wanted.
    pub(super) fn action_is_done(&mut self) {
        self.notified.action = None;
    }

    fn announce(&mut self, announcement: Announcement) {
        self.effects.push(LifecycleEffect::Announce(announcement));
    }
}
