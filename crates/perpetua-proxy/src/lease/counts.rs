//! How many ports are leased, to whom, and which of them wait for their client.
//!
//! ```text
//!  counted ──► waits ◄──► in use, once a client is let in ──► over
//!                 └── too late, or no room for a newer one ──► over
//! ```

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_access::share_of;
use tokio_util::sync::CancellationToken;

use super::LeaseError;

/// Of one machine, waiting or in use: more programs than run on one.
const OF_PEER: usize = 128;
/// Of all machines; each takes two descriptors.
const IN_ALL: usize = 256;

/// The leases of all accounts of a node. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct LeaseCounts(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    next: u64,
    /// Those that are not over, by number: the oldest first.
    leases: BTreeMap<u64, Held>,
}

#[derive(Debug)]
struct Held {
    /// Whose it is: all addresses of this machine have one share.
    share: IpAddr,
    /// Whether its client has yet to come.
    waits: bool,
    gives_way: CancellationToken,
}

/// One that is counted until it is over, or dropped.
#[derive(Debug)]
pub(super) struct CountedLease {
    counts: LeaseCounts,
    number: u64,
    gives_way: CancellationToken,
    /// Another one gave way to it.
    has_displaced: bool,
}

impl LeaseCounts {
    /// One more for somebody at `peer`, of whose leases so many may wait. Where there is no room, the one that has
    /// waited longest gives way; those in use never do.
    pub(super) fn count(&self, peer: IpAddr, may_wait: usize) -> Result<CountedLease, LeaseError> {
        let share = share_of(peer);
        let mut counted = self.lock();
        let before = counted.leases.len();
        counted.make_room(may_wait, |held| held.share == share && held.waits)?;
        counted.make_room(OF_PEER, |held| held.share == share)?;
        counted.make_room(IN_ALL, |_| true)?;
        let has_displaced = counted.leases.len() < before;
        let (number, gives_way) = (counted.next, CancellationToken::new());
        counted.next += 1;
        let held = Held {
            share,
            waits: true,
            gives_way: gives_way.clone(),
        };
        counted.leases.insert(number, held);
        drop(counted);
        Ok(CountedLease {
            counts: self.clone(),
            number,
            gives_way,
            has_displaced,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// Leaves room for one more among those that count.
    fn make_room(
        &mut self,
        limit: usize,
        counts: impl Fn(&Held) -> bool,
    ) -> Result<(), LeaseError> {
        let of_them = || self.leases.iter().filter(|(_, held)| counts(held));
        let more = (of_them().count() + 1).saturating_sub(limit);
        let waiting = of_them().filter(|(_, held)| held.waits);
        let oldest: Vec<_> = waiting.map(|(number, _)| *number).take(more).collect();
        if oldest.len() < more {
            return Err(LeaseError::TooMany(limit));
        }
        for number in oldest {
            if let Some(held) = self.leases.remove(&number) {
                held.gives_way.cancel();
            }
        }
        Ok(())
    }
}

impl CountedLease {
    /// A client is let in; gives whether it may be: not where another one is, or once the lease is over.
    pub(super) fn take(&self) -> bool {
        let mut counted = self.counts.lock();
        let held = counted.leases.get_mut(&self.number);
        held.is_some_and(|held| std::mem::take(&mut held.waits))
    }

    /// No port is left: whoever has waited longest gives way, unless another one has done so for this lease already.
    /// Gives whether a port is about to become free.
    pub(super) fn make_way(&self) -> bool {
        let mut counted = self.counts.lock();
        let others = counted
            .leases
            .iter()
            .filter(|(number, _)| **number != self.number);
        let oldest = others
            .filter(|(_, held)| held.waits)
            .map(|(number, _)| *number)
            .next();
        let oldest = oldest.filter(|_| !self.has_displaced);
        let displaced = oldest.and_then(|number| counted.leases.remove(&number));
        if let Some(held) = &displaced {
            held.gives_way.cancel();
        }
        self.has_displaced || displaced.is_some()
    }

    /// The client that was let in has not come after all.
    pub(super) fn give_back(&self) {
        if let Some(held) = self.counts.lock().leases.get_mut(&self.number) {
            held.waits = true;
        }
    }

    /// Ends it if no client is let in; gives whether none is.
    pub(super) fn end_if_it_waits(&self) -> bool {
        let mut counted = self.counts.lock();
        let held = counted.leases.get(&self.number);
        let ends = held.is_none_or(|held| held.waits);
        if ends {
            counted.leases.remove(&self.number);
        }
        ends
    }

    /// Its client has left.
    pub(super) fn end(&self) {
        self.counts.lock().leases.remove(&self.number);
    }

    /// Returns when it has given way to a newer one.
    pub(super) async fn gave_way(&self) {
        self.gives_way.cancelled().await;
    }
}

impl Drop for CountedLease {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{CountedLease, IN_ALL, LeaseCounts, LeaseError, OF_PEER};

    /// Far from any of the limits.
    const MANY: usize = 1000;
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn elsewhere(number: usize) -> IpAddr {
        let [.., high, low] = number.to_be_bytes();
        IpAddr::from([203, 0, high, low])
    }

    fn in_use(counts: &LeaseCounts, peer: IpAddr) -> Result<CountedLease, LeaseError> {
        let lease = counts.count(peer, MANY)?;
        assert!(lease.take(), "it is the first");
        Ok(lease)
    }

    fn gave_way(lease: &CountedLease) -> bool {
        lease.gives_way.is_cancelled()
    }

    #[test]
    fn of_all_addresses_of_a_machine_the_oldest_that_waits_gives_way() {
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
            let other = "198.51.100.1".parse().expect("an address");
            let other = counts.count(other, 2).expect("room");
            let leases = addresses.map(|one| {
                let lease = counts.count(one.parse().expect("an address"), 2);
                let lease = lease.expect("somebody gives way");
                // One that is let in is none that waits.
                assert!(one != addresses[0] || lease.take() && !lease.take());
                lease
            });
            let expected = [false, true, false, false];
            let expected = if addresses[0] == addresses[2] {
                [false; 4]
            } else {
                expected
            };
            assert_eq!(leases.each_ref().map(gave_way), expected, "{addresses:?}");
            assert!(!gave_way(&other), "{addresses:?} are no others");
            drop((leases, other));
            assert!(counts.lock().leases.is_empty(), "nothing is kept");
        }
    }

    #[test]
    fn whoever_gave_way_lets_nobody_in_and_who_lets_somebody_in_gives_way_to_nobody() {
        let counts = LeaseCounts::default();
        let count = || counts.count(HERE, 1).expect("room");
        let (first, second) = (count(), count());
        assert!(gave_way(&first) && !first.take());
        first.give_back();
        assert!(!first.take(), "it is over");
        assert!(second.take());
        let third = count();
        assert!(!gave_way(&second) && !second.end_if_it_waits());
        second.give_back();
        assert!(second.end_if_it_waits() && !second.take());
        assert!(third.take() && !gave_way(&third));
        third.end();
        assert!(counts.lock().leases.is_empty());
    }

    #[test]
    fn those_in_use_are_bounded_too_for_one_and_for_all() {
        let counts = LeaseCounts::default();
        let of_another = in_use(&counts, elsewhere(0)).expect("room");
        let mut held: Vec<_> = (0..OF_PEER)
            .map(|_| in_use(&counts, HERE).expect("room"))
            .collect();
        let refused = in_use(&counts, HERE).expect_err("its share is taken");
        assert_eq!(refused, LeaseError::TooMany(OF_PEER));
        for number in OF_PEER + 1..IN_ALL {
            held.push(in_use(&counts, elsewhere(number)).expect("room"));
        }
        let late = || in_use(&counts, elsewhere(MANY));
        assert_eq!(
            late().expect_err("all is taken"),
            LeaseError::TooMany(IN_ALL)
        );
        drop(of_another);
        late().expect("room again");
    }

    #[test]
    fn those_that_wait_keep_nobody_from_either_limit() {
        let counts = LeaseCounts::default();
        let mut waiting: Vec<_> = (0..OF_PEER)
            .map(|_| counts.count(HERE, MANY).expect("room"))
            .collect();
        waiting.push(counts.count(HERE, MANY).expect("one gives way"));
        assert!(gave_way(&waiting[0]) && !gave_way(&waiting[1]));
        for number in OF_PEER..=IN_ALL {
            let peer = elsewhere(number);
            waiting.push(counts.count(peer, MANY).expect("one gives way"));
        }
        let gone = waiting.iter().filter(|lease| gave_way(lease)).count();
        assert_eq!(gone, 2);
        assert_eq!(counts.lock().leases.len(), IN_ALL);
    }
}
