//! The quota of actions under way: of each client, and of all of them together.

use std::{collections::HashMap, sync::Arc};

use crate::settings::DEFAULT_FRAME_SIZE;

/// Actions of one account that may be under way at once. Frameworks keep tens; beyond this the
/// upstream answers nothing and memory is being filled.
const MAX_ACTIONS: usize = 16_384;
/// Bytes of unsent frames and kept echoes, counted in frames of the greatest length.
const MAX_FRAMES: usize = 4;
/// The part of them that one client may take, so that it leaves room for others. How many actions it
/// may have under way is in its settings.
const MAX_FRAMES_PER_CLIENT: usize = 2;

/// There is no room for another action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum QuotaExceeded {
    /// This client has this many under way, as many as it may.
    Actions(usize),
    /// The actions of this client hold too many bytes.
    Bytes,
    /// All of them together are too many.
    Account,
}

/// What is counted. Who has nothing under way is forgotten.
#[derive(Debug)]
pub(crate) struct InFlightQuota {
    /// A frame of the greatest length.
    frame_size: usize,
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
}

impl InFlightQuota {
    /// Nothing is under way; frames may have up to `max_frame_size`.
    pub(crate) fn new(max_frame_size: usize) -> Self {
        Self {
            frame_size: max_frame_size.max(DEFAULT_FRAME_SIZE),
            all: InFlight::default(),
            clients: HashMap::new(),
        }
    }

    /// Frames may have up to `bytes` from now on. A smaller limit leaves room for as many as the usual
    /// one: there are more of them.
    pub(crate) fn set_max_frame_size(&mut self, bytes: usize) {
        self.frame_size = bytes.max(DEFAULT_FRAME_SIZE);
    }

    /// Counts what a client takes in addition, if there is room for it; the client itself may have
    /// `max_actions`.
    pub(crate) fn take(
        &mut self,
        client: &Arc<str>,
        more: InFlight,
        max_actions: usize,
    ) -> Result<(), QuotaExceeded> {
        let before = self.clients.get(client).copied().unwrap_or_default();
        let (mut of_client, mut all) = (before, self.all);
        of_client.grow(more);
        all.grow(more);
        if of_client.actions > max_actions {
            return Err(QuotaExceeded::Actions(before.actions));
        }
        if of_client.bytes > MAX_FRAMES_PER_CLIENT * self.frame_size {
            return Err(QuotaExceeded::Bytes);
        }
        if all.actions > MAX_ACTIONS || all.bytes > MAX_FRAMES * self.frame_size {
            return Err(QuotaExceeded::Account);
        }
        self.all = all;
        self.clients.insert(Arc::clone(client), of_client);
        Ok(())
    }

    /// What all of them hold.
    pub(crate) fn bytes(&self) -> usize {
        self.all.bytes
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

    use super::{InFlight, InFlightQuota, MAX_FRAMES_PER_CLIENT, QuotaExceeded};
    use crate::settings::DEFAULT_FRAME_SIZE;

    /// What each client of these tests may have under way.
    const LIMIT: usize = 100;

    const ONE: InFlight = InFlight {
        actions: 1,
        bytes: 10,
    };

    #[test]
    fn a_client_that_takes_all_it_may_leaves_room_for_others() {
        let (mut quota, greedy, other) = (
            InFlightQuota::new(DEFAULT_FRAME_SIZE),
            Arc::from("greedy"),
            Arc::from("other"),
        );
        for _ in 0..LIMIT {
            quota.take(&greedy, ONE, LIMIT).expect("room");
        }
        assert_eq!(
            quota.take(&greedy, ONE, LIMIT),
            Err(QuotaExceeded::Actions(LIMIT))
        );
        assert_eq!(quota.take(&other, ONE, LIMIT), Ok(()));
        quota.release(&greedy, ONE);
        assert_eq!(quota.take(&greedy, ONE, LIMIT), Ok(()));
    }

    #[test]
    fn bytes_are_bounded_for_each_client_and_for_all() {
        let large = InFlight {
            actions: 1,
            bytes: MAX_FRAMES_PER_CLIENT * DEFAULT_FRAME_SIZE,
        };
        let (mut quota, [a, b, c]) = (InFlightQuota::new(0), ["a", "b", "c"].map(Arc::from));
        assert_eq!(quota.take(&a, large, LIMIT), Ok(()));
        assert_eq!(quota.take(&a, ONE, LIMIT), Err(QuotaExceeded::Bytes));
        assert_eq!(quota.take(&b, large, LIMIT), Ok(()));
        assert_eq!(quota.take(&c, ONE, LIMIT), Err(QuotaExceeded::Account));
        quota.release(&a, large);
        assert_eq!(quota.take(&c, ONE, LIMIT), Ok(()));
        assert_eq!(
            quota.clients.len(),
            2,
            "who has nothing under way is forgotten"
        );
    }

    #[test]
    fn a_frame_of_the_greatest_length_has_room() {
        let largest = InFlight {
            actions: 1,
            bytes: 512_000_000,
        };
        let (mut quota, bot) = (InFlightQuota::new(1_000_000), Arc::from("bot"));
        assert_eq!(quota.take(&bot, largest, LIMIT), Err(QuotaExceeded::Bytes));
        quota.set_max_frame_size(largest.bytes);
        assert_eq!(quota.take(&bot, largest, LIMIT), Ok(()));
    }
}
