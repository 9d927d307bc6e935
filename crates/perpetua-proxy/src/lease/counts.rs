//! How many ports are leased, to whom, and which of them wait for their client.
//!
//! ```text
//!  counted ──► waits ◄──► let in ──► served, by a client that has come ──► over
//!                 │                     └── silent, and no room for a newer one ──► over
//!                 └── too late, or no room for a newer one ──► over
//! ```

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use perpetua_access::share_of;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::LeaseError;
use crate::activity::LastActivity;

/// Of one machine, waiting or in use: more programs than run on one.
const OF_PEER: usize = 128;
/// Of all machines; each takes two descriptors.
const IN_ALL: usize = 256;
/// A client that has sent nothing for so long may have to give way to a newer one, but only where there is no room.
const SILENT: Duration = Duration::from_mins(1);

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
    standing: Standing,
    gives_way: CancellationToken,
}

/// How far a lease has come.
#[derive(Debug)]
enum Standing {
    /// Its client has yet to come.
    Waits,
    /// Its client is being let in.
    LetIn,
    /// Its client is there.
    Served(LastActivity),
}

impl Held {
    fn waits(&self) -> bool {
        matches!(self.standing, Standing::Waits)
    }

    /// Since when its client has sent nothing.
    fn silent_since(&self) -> Option<Instant> {
        match &self.standing {
            Standing::Served(activity) => Some(activity.last()),
            Standing::Waits | Standing::LetIn => None,
        }
    }
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
    /// waited longest gives way, then the one whose client has been silent longest: so nobody shuts others out by what is
    /// not used. Where others have the most of all, they give way in any case.
    pub(super) fn count(&self, peer: IpAddr, may_wait: usize) -> Result<CountedLease, LeaseError> {
        let share = share_of(peer);
        let mut counted = self.lock();
        let before = counted.leases.len();
        counted.make_room(may_wait, None, |held| held.share == share && held.waits())?;
        counted.make_room(OF_PEER, None, |held| held.share == share)?;
        let greedy = counted.greedier_than(share);
        counted.make_room(IN_ALL, greedy, |_| true)?;
        let has_displaced = counted.leases.len() < before;
        let (number, gives_way) = (counted.next, CancellationToken::new());
        counted.next += 1;
        let held = Held {
            share,
            standing: Standing::Waits,
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
    /// Whoever has the most leases, if that is more than this one would have with one more.
    fn greedier_than(&self, share: IpAddr) -> Option<IpAddr> {
        let mut of_shares: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for held in self.leases.values() {
            *of_shares.entry(held.share).or_default() += 1;
        }
        let own = of_shares.get(&share).copied().unwrap_or_default();
        let most = of_shares.into_iter().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count > own + 1)
            .map(|(share, _)| share)
    }

    /// Leaves room for one more among those that count. Clients of `greedy` give way though they are not silent.
    fn make_room(
        &mut self,
        limit: usize,
        greedy: Option<IpAddr>,
        counts: impl Fn(&Held) -> bool,
    ) -> Result<(), LeaseError> {
        let of_them = || self.leases.iter().filter(|(_, held)| counts(held));
        let more = (of_them().count() + 1).saturating_sub(limit);
        let waiting = of_them().filter(|(_, held)| held.waits());
        let waiting = waiting.map(|(number, _)| *number);
        let may_go =
            |held: &Held, since: Instant| since.elapsed() >= SILENT || greedy == Some(held.share);
        let served = of_them().filter_map(|(number, held)| {
            let since = held.silent_since()?;
            may_go(held, since).then_some((since, *number))
        });
        let mut served: Vec<_> = served.collect();
        served.sort_unstable();
        let served = served.into_iter().map(|(_, number)| number);
        let giving_way: Vec<_> = waiting.chain(served).take(more).collect();
        if giving_way.len() < more {
            return Err(LeaseError::TooMany(limit));
        }
        for number in giving_way {
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
        let held = held.filter(|held| held.waits());
        held.map(|held| held.standing = Standing::LetIn).is_some()
    }

    /// Its client has come; `activity` tells when it sent something.
    pub(super) fn serve(&self, activity: LastActivity) {
        if let Some(held) = self.counts.lock().leases.get_mut(&self.number) {
            held.standing = Standing::Served(activity);
        }
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
            .filter(|(_, held)| held.waits())
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
            held.standing = Standing::Waits;
        }
    }

    /// Ends it if no client is let in; gives whether none is.
    pub(super) fn end_if_it_waits(&self) -> bool {
        let mut counted = self.counts.lock();
        let held = counted.leases.get(&self.number);
        let ends = held.is_none_or(Held::waits);
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

    use tokio::time::advance;

    use super::{CountedLease, IN_ALL, LeaseCounts, LeaseError, OF_PEER, SILENT};
    use crate::activity::LastActivity;

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

    /// With a client that was heard just now.
    fn served(counts: &LeaseCounts, peer: IpAddr) -> (CountedLease, LastActivity) {
        let lease = in_use(counts, peer).expect("room");
        let activity = LastActivity::now();
        lease.serve(activity.clone());
        (lease, activity)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_been_silent_longest_gives_way_where_a_share_is_taken() {
        let counts = LeaseCounts::default();
        let held: Vec<_> = (0..OF_PEER).map(|_| served(&counts, HERE)).collect();
        let (_elsewhere, _) = served(&counts, elsewhere(0));
        advance(SILENT / 2).await;
        let refused = counts.count(HERE, MANY).expect_err("all are in use");
        assert_eq!(refused, LeaseError::TooMany(OF_PEER));
        for (_, activity) in held.iter().skip(2) {
            activity.note();
        }
        held[0].1.note();
        advance(SILENT / 2).await;
        let newer = in_use(&counts, HERE).expect("one is silent");
        let gone: Vec<_> = held.iter().map(|(lease, _)| gave_way(lease)).collect();
        assert!(gone[1] && gone.iter().filter(|gone| **gone).count() == 1);
        in_use(&counts, HERE).expect_err("no other is");
        drop(newer);
        in_use(&counts, HERE).expect("room again");
    }

    #[tokio::test(start_paused = true)]
    async fn those_with_the_most_give_way_to_those_with_few_though_they_are_in_use() {
        let counts = LeaseCounts::default();
        let mut held: Vec<_> = (0..OF_PEER).map(|_| served(&counts, HERE)).collect();
        advance(SILENT / 10).await;
        held.extend((OF_PEER..IN_ALL).map(|_| served(&counts, elsewhere(0))));
        for number in 1..=10 {
            let newcomer = served(&counts, elsewhere(number));
            let gone = held.iter().filter(|(lease, _)| gave_way(lease)).count();
            assert_eq!(gone, number);
            held.push(newcomer);
        }
        assert!(held.iter().skip(IN_ALL).all(|(lease, _)| !gave_way(lease)));
    }
}
