//! The quota of actions under way: of each client, and of all of them together.

use std::{collections::HashMap, sync::Arc};

/// Actions of one account that may be under way at once. Frameworks keep tens; beyond this the
/// upstream answers nothing and memory is being filled.
const MAX_ACTIONS: usize = 16_384;
/// Bytes of unsent frames and kept echoes: four frames of the greatest length.
const MAX_BYTES: usize = 256 << 20;
/// The part of both that one client may take, so that it leaves room for others.
const MAX_ACTIONS_PER_CLIENT: usize = 2048;
/// See [`MAX_ACTIONS_PER_CLIENT`].
const MAX_BYTES_PER_CLIENT: usize = 128 << 20;

/// There is no room for another action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum QuotaExceeded {
    /// This client has this many under way, or holds too many bytes with them.
    Client(usize),
    /// All of them together are too many.
    Account,
}

/// What is counted. Who has nothing under way is forgotten.
#[derive(Debug, Default)]
pub(crate) struct InFlightQuota {
    all: InFlight,
    clients: HashMap<Arc<str>, InFlight>,
}

/// What someone has under way.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct InFlight {
    pub(crate) actions: usize,
    pub(crate) bytes: usize,
}

impl InFlight {
    fn grow(&mut self, more: Self) {
        self.actions += more.actions;
        self.bytes += more.bytes;
    }

    fn shrink(&mut self, less: Self) {
        self.actions -= less.actions;
        self.bytes -= less.bytes;
    }

    fn exceeds(self, limit: Self) -> bool {
        self.actions > limit.actions || self.bytes > limit.bytes
    }
}

impl InFlightQuota {
    /// Counts what a client takes in addition, if there is room for it.
    pub(crate) fn take(&mut self, client: &Arc<str>, more: InFlight) -> Result<(), QuotaExceeded> {
        let before = self.clients.get(client).copied().unwrap_or_default();
        let (mut of_client, mut all) = (before, self.all);
        of_client.grow(more);
        all.grow(more);
        let client_limit = InFlight {
            actions: MAX_ACTIONS_PER_CLIENT,
            bytes: MAX_BYTES_PER_CLIENT,
        };
        let limit = InFlight {
            actions: MAX_ACTIONS,
            bytes: MAX_BYTES,
        };
        if of_client.exceeds(client_limit) {
            return Err(QuotaExceeded::Client(before.actions));
        }
        if all.exceeds(limit) {
            return Err(QuotaExceeded::Account);
        }
        self.all = all;
        self.clients.insert(Arc::clone(client), of_client);
        Ok(())
    }

    /// Gives back what a client had taken.
    pub(crate) fn release(&mut self, client: &Arc<str>, less: InFlight) {
        self.all.shrink(less);
        if let Some(in_flight) = self.clients.get_mut(client) {
            in_flight.shrink(less);
            if *in_flight == InFlight::default() {
                self.clients.remove(client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{
        InFlight, InFlightQuota, MAX_ACTIONS_PER_CLIENT, MAX_BYTES_PER_CLIENT, QuotaExceeded,
    };

    const ONE: InFlight = InFlight {
        actions: 1,
        bytes: 10,
    };

    #[test]
    fn a_client_that_takes_all_it_may_leaves_room_for_others() {
        let (mut quota, greedy, other) = (
            InFlightQuota::default(),
            Arc::from("greedy"),
            Arc::from("other"),
        );
        for _ in 0..MAX_ACTIONS_PER_CLIENT {
            quota.take(&greedy, ONE).expect("room");
        }
        assert_eq!(
            quota.take(&greedy, ONE),
            Err(QuotaExceeded::Client(MAX_ACTIONS_PER_CLIENT))
        );
        assert_eq!(quota.take(&other, ONE), Ok(()));
        quota.release(&greedy, ONE);
        assert_eq!(quota.take(&greedy, ONE), Ok(()));
    }

    #[test]
    fn bytes_are_bounded_for_each_client_and_for_all() {
        let large = InFlight {
            actions: 1,
            bytes: MAX_BYTES_PER_CLIENT,
        };
        let (mut quota, [a, b, c]) = (InFlightQuota::default(), ["a", "b", "c"].map(Arc::from));
        assert_eq!(quota.take(&a, large), Ok(()));
        assert_eq!(quota.take(&a, ONE), Err(QuotaExceeded::Client(1)));
        assert_eq!(quota.take(&b, large), Ok(()));
        assert_eq!(quota.take(&c, ONE), Err(QuotaExceeded::Account));
        quota.release(&a, large);
        assert_eq!(quota.take(&c, ONE), Ok(()));
        assert_eq!(
            quota.clients.len(),
            2,
            "who has nothing under way is forgotten"
        );
    }
}
