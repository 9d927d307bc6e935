//! How much each client, and all of them together, have under way.

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
pub(crate) enum Full {
    /// This client has this many under way, or holds too many bytes with them.
    Client(usize),
    /// All of them together are too many.
    Account,
}

/// The account of what is under way. Shares without actions are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    all: Share,
    clients: HashMap<Arc<str>, Share>,
}

/// What someone has under way.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    pub(crate) actions: usize,
    pub(crate) bytes: usize,
}

impl Share {
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

impl Shares {
    /// Counts what a client takes in addition, if there is room for it.
    pub(crate) fn take(&mut self, client: &Arc<str>, more: Share) -> Result<(), Full> {
        let before = self.clients.get(client).copied().unwrap_or_default();
        let (mut of_client, mut all) = (before, self.all);
        of_client.grow(more);
        all.grow(more);
        let client_limit = Share {
            actions: MAX_ACTIONS_PER_CLIENT,
            bytes: MAX_BYTES_PER_CLIENT,
        };
        let limit = Share {
            actions: MAX_ACTIONS,
            bytes: MAX_BYTES,
        };
        if of_client.exceeds(client_limit) {
            return Err(Full::Client(before.actions));
        }
        if all.exceeds(limit) {
            return Err(Full::Account);
        }
        self.all = all;
        self.clients.insert(Arc::clone(client), of_client);
        Ok(())
    }

    /// Gives back what a client had taken.
    pub(crate) fn give_back(&mut self, client: &Arc<str>, less: Share) {
        self.all.shrink(less);
        if let Some(share) = self.clients.get_mut(client) {
            share.shrink(less);
            if *share == Share::default() {
                self.clients.remove(client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Full, MAX_ACTIONS_PER_CLIENT, MAX_BYTES_PER_CLIENT, Share, Shares};

    const ONE: Share = Share {
        actions: 1,
        bytes: 10,
    };

    #[test]
    fn a_client_that_takes_all_it_may_leaves_room_for_others() {
        let (mut shares, greedy, other) =
            (Shares::default(), Arc::from("greedy"), Arc::from("other"));
        for _ in 0..MAX_ACTIONS_PER_CLIENT {
            shares.take(&greedy, ONE).expect("room");
        }
        assert_eq!(
            shares.take(&greedy, ONE),
            Err(Full::Client(MAX_ACTIONS_PER_CLIENT))
        );
        assert_eq!(shares.take(&other, ONE), Ok(()));
        shares.give_back(&greedy, ONE);
        assert_eq!(shares.take(&greedy, ONE), Ok(()));
    }

    #[test]
    fn bytes_are_bounded_for_each_client_and_for_all() {
        let large = Share {
            actions: 1,
            bytes: MAX_BYTES_PER_CLIENT,
        };
        let (mut shares, [a, b, c]) = (Shares::default(), ["a", "b", "c"].map(Arc::from));
        assert_eq!(shares.take(&a, large), Ok(()));
        assert_eq!(shares.take(&a, ONE), Err(Full::Client(1)));
        assert_eq!(shares.take(&b, large), Ok(()));
        assert_eq!(shares.take(&c, ONE), Err(Full::Account));
        shares.give_back(&a, large);
        assert_eq!(shares.take(&c, ONE), Ok(()));
        assert_eq!(
            shares.clients.len(),
            2,
            "who has nothing under way is forgotten"
        );
    }
}
