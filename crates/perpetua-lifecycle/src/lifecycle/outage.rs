//! That QQ cannot be reached: one thing from the first sign of it to the first word of QQ, however many
//! starts lie between.

use std::time::Instant;

use super::{Lifecycle, failing::is_outage};
use crate::{LaunchFailure, LifecycleState, Outage};

impl Lifecycle {
    /// Since when QQ cannot be reached, and how that showed last; `None` while it can, or nobody knows.
    pub fn outage(&self) -> Option<&Outage> {
        self.history.outage.as_ref()
    }

    /// A start or a connection failed. One that fails for another reason has reached QQ, or says nothing
    /// of it.
    pub(super) fn note_outage(&mut self, failure: &LaunchFailure, now: Instant) {
        if !is_outage(failure) {
            self.history.outage = None;
            return;
        }
        let since = self
            .history
            .outage
            .as_ref()
            .map_or(now, |outage| outage.since);
        let failure = failure.clone();
        self.history.outage = Some(Outage { since, failure });
    }

    /// QQ has said something.
    pub(super) fn qq_answered(&mut self) {
        self.history.outage = None;
    }

    /// Whether it waits for nothing but QQ to be reachable: [`NetworkBack`](crate::LifecycleEvent::NetworkBack) ends that.
    pub fn waits_for_network(&self) -> bool {
        matches!(&self.state, LifecycleState::Backoff { failure, .. } if is_outage(failure))
    }

    /// Names are found again that were not: there is no need to wait any longer.
    pub(super) fn network_back(&mut self, now: Instant) {
        if self.waits_for_network() {
            self.launch(now);
        }
    }
}
