//! What an account's messages hold, for the budget of the node.

use std::sync::{Arc, Weak};

use tokio_util::sync::CancellationToken;

use super::{AccountHandle, Shared};
use crate::{
    budget::Meter,
    state::{Holder, Most, UpstreamHolding},
};

/// A handle that keeps no account alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakAccount {
    shared: Weak<Shared>,
}

impl WeakAccount {
    /// The account, if it is still there.
    pub(crate) fn get(&self) -> Option<AccountHandle> {
        let shared = self.shared.upgrade()?;
        Some(AccountHandle { shared })
    }

    pub(crate) fn is_there(&self) -> bool {
        self.shared.strong_count() > 0
    }
}

/// A connection of the upstream, as far as it holds messages.
#[derive(Debug)]
pub(crate) struct UpstreamGuard<'a> {
    account: &'a AccountHandle,
    pub(crate) meter: Meter,
    /// What it holds is needed: it has to end.
    pub(crate) gives_way: CancellationToken,
}

impl Drop for UpstreamGuard<'_> {
    fn drop(&mut self) {
        // Cancelled, it is told apart from those that stay.
        self.gives_way.cancel();
        let mut state = self.account.lock();
        state.upstreams.retain(|one| !one.gives_way.is_cancelled());
    }
}

impl AccountHandle {
    /// From now on the budget looks at this account too.
    pub(super) fn join_budget(&self) {
        let shared = Arc::downgrade(&self.shared);
        self.shared.budget.join(WeakAccount { shared });
    }

    /// Counts what a connection of this account holds.
    pub(crate) fn meter(&self) -> Meter {
        Meter::new(self.shared.budget.clone())
    }

    /// Bytes came that no meter has counted.
    pub(crate) fn came(&self, bytes: usize) {
        self.shared.budget.came(bytes);
    }

    /// What its messages hold.
    pub(crate) fn held_bytes(&self) -> usize {
        self.lock().held_bytes()
    }

    /// The client of its that is to blame for the most.
    pub(crate) fn largest_client(&self) -> Option<Most> {
        self.lock().largest_client()
    }

    /// The connection of its upstream that is.
    pub(crate) fn largest_upstream(&self) -> Option<Most> {
        self.lock().largest_upstream()
    }

    /// Ends what somebody holds because it is needed.
    pub(crate) fn give_way(&self, holder: &Holder) {
        match holder {
            Holder::Client(share) => self.with_state(|state, now| {
                let signals = share.connection.and_then(|id| state.signals.get(&id));
                if let Some(signals) = signals {
                    signals.meter.gives_way();
                }
                state.hub.give_way(share, now);
            }),
            Holder::Upstream(upstream) => {
                upstream.meter.gives_way();
                upstream.gives_way.cancel();
            }
        }
    }

    /// A connection of the upstream holds messages for as long as the guard is kept.
    pub(crate) fn hold_upstream(&self, meter: Meter) -> UpstreamGuard<'_> {
        let gives_way = CancellationToken::new();
        self.lock().upstreams.push(UpstreamHolding {
            meter: meter.clone(),
            gives_way: gives_way.clone(),
        });
        UpstreamGuard {
            account: self,
            meter,
            gives_way,
        }
    }
}
