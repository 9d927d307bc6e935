//! How many ports are leased, to whom, and how many of them wait for their client.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_access::share_of;

use super::LeaseError;

/// Of one machine, waiting or in use: more programs than run on one.
const OF_PEER: usize = 128;
/// Of all machines; each takes two descriptors.
const IN_ALL: usize = 256;

/// The leases of all accounts of a node. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct LeaseCounts(Arc<Mutex<HashMap<IpAddr, Held>>>);

/// The leases of one share: all addresses of this machine have one.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    waiting: usize,
    all: usize,
}

/// One that waits for its client, until that comes; counted until it is dropped.
#[derive(Debug)]
pub(super) struct CountedLease {
    counts: LeaseCounts,
    share: IpAddr,
    waits: bool,
}

impl LeaseCounts {
    /// One more for somebody at `peer`, of whose leases so many may wait.
    pub(super) fn count(&self, peer: IpAddr, may_wait: usize) -> Result<CountedLease, LeaseError> {
        let share = share_of(peer);
        let mut held = self.lock();
        let own = held.get(&share).copied().unwrap_or_default();
        if own.waiting >= may_wait {
            return Err(LeaseError::TooManyPending(own.waiting));
        }
        let all: usize = held.values().map(|held| held.all).sum();
        if own.all >= OF_PEER || all >= IN_ALL {
            return Err(LeaseError::TooMany(own.all.max(all)));
        }
        held.insert(
            share,
            Held {
                waiting: own.waiting + 1,
                all: own.all + 1,
            },
        );
        drop(held);
        Ok(CountedLease {
            counts: self.clone(),
            share,
            waits: true,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CountedLease {
    /// Whether its client has yet to come.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// Its client has come.
    pub(super) fn is_in_use(&mut self) {
        let waited = std::mem::take(&mut self.waits);
        if let Some(held) = self.counts.lock().get_mut(&self.share) {
            held.waiting -= usize::from(waited);
        }
    }
}

impl Drop for CountedLease {
    fn drop(&mut self) {
        self.is_in_use();
        let mut held = self.counts.lock();
        if let Some(own) = held.get_mut(&self.share) {
            own.all -= 1;
            if own.all == 0 {
                held.remove(&self.share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{IN_ALL, LeaseCounts, LeaseError, OF_PEER};

    /// Far from any of the limits.
    const MANY: usize = 1000;

    #[test]
    fn all_addresses_of_a_machine_have_one_share() {
        for addresses in [
            ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1"],
            [
                "2001:db8::1",
                "2001:db8::2",
                "2001:db8::ffff",
                "2001:db8::3",
            ],
            [
                "203.0.113.7",
                "::ffff:203.0.113.7",
                "203.0.113.7",
                "203.0.113.7",
            ],
        ] {
            let counts = LeaseCounts::default();
            let addresses = addresses.map(|one| one.parse().expect("an address"));
            let mut leases: Vec<_> = addresses[..3]
                .iter()
                .map(|one| counts.count(*one, 3).expect("within the limit"))
                .collect();
            let refused = counts.count(addresses[3], 3).expect_err("one share");
            assert_eq!(refused, LeaseError::TooManyPending(3));
            counts
                .count("198.51.100.1".parse().expect("one"), 3)
                .expect("another");
            // A client that comes leaves room for one more that waits.
            leases[0].is_in_use();
            leases.push(counts.count(addresses[3], 3).expect("room"));
            drop(leases);
            assert!(counts.lock().is_empty(), "nothing is kept of who left");
        }
    }

    #[test]
    fn those_in_use_are_bounded_too_for_one_and_for_all() {
        let counts = LeaseCounts::default();
        let lease = |peer: IpAddr| {
            let mut lease = counts.count(peer, MANY)?;
            lease.is_in_use();
            Ok::<_, LeaseError>(lease)
        };
        let low = |number: usize| number.to_le_bytes()[0];
        let here = |number: usize| IpAddr::from([127, 0, 0, low(number)]);
        let mut held: Vec<_> = (0..OF_PEER)
            .map(|one| lease(here(one)).expect("room"))
            .collect();
        let refused = lease(here(9)).expect_err("its share is taken");
        assert_eq!(refused, LeaseError::TooMany(OF_PEER));
        for number in OF_PEER..IN_ALL {
            let peer = IpAddr::from([203, 0, 113, low(number)]);
            held.push(lease(peer).expect("room"));
        }
        let late = IpAddr::from([198, 51, 100, 1]);
        assert_eq!(
            lease(late).expect_err("all is taken"),
            LeaseError::TooMany(IN_ALL)
        );
        held.pop();
        lease(late).expect("room again");
    }
}
