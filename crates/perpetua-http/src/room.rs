//! Who gets a connection.
//!
//! Whoever opens many takes only its own share: each address has one, and this machine has room of
//! its own, where its owner asks `perpetuad status` while strangers fill the rest. Reverse proxies on this machine
//! bring strangers in there too: where all is taken, whoever has shown no token for the longest time gives way. Those
//! who have asked for nothing yet wait in the room of all ports besides ([`perpetua_access::WaitingRoom`]).

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use perpetua_access::share_of;
use perpetua_words::{Message, refused as words};
use tokio_util::sync::CancellationToken;

/// Connections of other machines, far more than browsers and scrapers of one node open.
const MAX_ELSEWHERE: usize = 256;
/// Connections of this machine: its programs, and what reverse proxies on it pass on.
const MAX_HERE: usize = 256;
/// Connections of one address: several browsers, which open six each.
const MAX_OF_ONE: usize = 32;

/// The connections that are open. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// By number: the oldest first.
    taken: BTreeMap<u64, Taken>,
}

#[derive(Debug)]
struct Taken {
    who: Who,
    standing: Standing,
    leaves: CancellationToken,
}

/// What a connection has come to. Whatever is less gives way first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Standing {
    /// Has its answer, and is idle or reads it.
    Answered,
    /// Is asking, or is about to.
    Asking,
    /// Has shown the session token, or belongs to a browser that has signed in.
    Known,
}

/// Whose share a connection takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Who {
    Here,
    Elsewhere(IpAddr),
    /// Speaks for many.
    Proxy,
}

/// Room for one connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    seat: Seat,
    leaves: CancellationToken,
}

/// Where it is told what a connection has come to.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    room: Room,
    number: u64,
}

/// What became of somebody who came.
#[derive(Debug)]
pub(crate) struct Entered {
    /// Its room, if there was any.
    pub(crate) place: Option<Place>,
    /// Why it has none, or why another had to give way.
    pub(crate) full: Option<Message>,
}

impl Room {
    /// Takes room for a connection of `peer`, if need be that of another.
    pub(crate) fn enter(&self, peer: IpAddr, trusted: &[IpNet]) -> Entered {
        let peer = peer.to_canonical();
        let (who, mut open) = (Who::of(peer, trusted), self.lock());
        let (full, is_refused) = match open.full(who) {
            None => (None, false),
            Some(Full::Share { limit }) => {
                let is_refused = !open.turn_out(|other| other == who);
                let told = if is_refused {
                    words::ConnectionsOfPeer { peer, limit }.into()
                } else {
                    words::ConnectionsOfPeerGaveWay { peer, limit }.into()
                };
                (Some(told), is_refused)
            }
            Some(Full::All { limit }) => {
                let is_refused = !open.turn_out(|other| other.is_with(who));
                (Some(all_taken(who, peer, limit, is_refused)), is_refused)
            }
        };
        let place = (!is_refused).then(|| {
            let (number, leaves) = open.take(who);
            let room = self.clone();
            let seat = Seat { room, number };
            Place { seat, leaves }
        });
        drop(open);
        Entered { place, full }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is taken up, and how many that are.
enum Full {
    /// The share of one.
    Share { limit: usize },
    /// What all have together.
    All { limit: usize },
}

/// What became of somebody who came while all was taken: it was refused, or another gave way.
fn all_taken(who: Who, peer: IpAddr, limit: usize, is_refused: bool) -> Message {
    match (who, is_refused) {
        (Who::Here, true) => words::ConnectionsHere { limit }.into(),
        (Who::Here, false) => words::ConnectionsHereGaveWay { limit }.into(),
        (_, true) => words::Connections { peer, limit }.into(),
        (_, false) => words::ConnectionsGaveWay { peer, limit }.into(),
    }
}

impl Open {
    fn full(&self, who: Who) -> Option<Full> {
        let own = self.taken.values().filter(|taken| taken.who == who).count();
        let beside = self.taken.values().filter(|taken| taken.who.is_with(who));
        let (all, limit) = match who {
            Who::Here => (own, MAX_HERE),
            Who::Elsewhere(_) if own >= MAX_OF_ONE => {
                return Some(Full::Share { limit: MAX_OF_ONE });
            }
            Who::Elsewhere(_) | Who::Proxy => (beside.count(), MAX_ELSEWHERE),
        };
        (all >= limit).then_some(Full::All { limit })
    }

    /// Turns out the first to give way of those whose room it is, if there is one.
    fn turn_out(&mut self, is_of_them: impl Fn(Who) -> bool) -> bool {
        let may_go = self
            .taken
            .iter()
            .filter(|(_, taken)| is_of_them(taken.who) && taken.standing != Standing::Known);
        let first = may_go.min_by_key(|(number, taken)| (taken.standing, **number));
        let Some(number) = first.map(|(number, _)| *number) else {
            return false;
        };
        if let Some(taken) = self.taken.remove(&number) {
            taken.leaves.cancel();
        }
        true
    }

    fn take(&mut self, who: Who) -> (u64, CancellationToken) {
        let (number, leaves) = (self.next, CancellationToken::new());
        self.next += 1;
        let taken = Taken {
            who,
            standing: Standing::Asking,
            leaves: leaves.clone(),
        };
        self.taken.insert(number, taken);
        (number, leaves)
    }
}

impl Place {
    /// Where it is told what the connection has come to.
    pub(crate) fn seat(&self) -> Seat {
        self.seat.clone()
    }

    /// Ends when the connection has to give way to another.
    pub(crate) async fn turned_out(&self) {
        self.leaves.cancelled().await;
    }
}

impl Seat {
    /// A request has begun.
    pub(crate) fn asks(&self) {
        self.stand(Standing::Asking);
    }

    /// The request has its answer.
    pub(crate) fn is_answered(&self) {
        self.stand(Standing::Answered);
    }

    /// A request has shown that it may call.
    pub(crate) fn is_known(&self) {
        self.stand(Standing::Known);
    }

    /// A request was refused for want of a right: what an earlier one has shown counts no more.
    pub(crate) fn is_refused(&self) {
        let mut open = self.room.lock();
        if let Some(taken) = open.taken.get_mut(&self.number) {
            taken.standing = Standing::Asking;
        }
    }

    fn stand(&self, standing: Standing) {
        let mut open = self.room.lock();
        let taken = open.taken.get_mut(&self.number);
        if let Some(taken) = taken.filter(|taken| taken.standing != Standing::Known) {
            taken.standing = standing;
        }
    }
}

impl Who {
    /// Whether both take of the same room.
    fn is_with(self, other: Self) -> bool {
        (self == Self::Here) == (other == Self::Here)
    }

    fn of(peer: IpAddr, trusted: &[IpNet]) -> Self {
        match peer {
            _ if peer.is_loopback() => Self::Here,
            _ if trusted.iter().any(|range| range.contains(&peer)) => Self::Proxy,
            _ => Self::Elsewhere(share_of(peer)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seat.room.lock().taken.remove(&self.seat.number);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::{Entered, MAX_ELSEWHERE, MAX_HERE, MAX_OF_ONE, Place, Room, Standing};

    const HERE: &str = "127.0.0.1";

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest() {
        for (stranger, same, other) in [
            ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
            ("2001:db8:0:1::7", "2001:db8:0:1:ffff::1", "2001:db8:0:2::7"),
        ] {
            let room = Room::default();
            let mut taken = fill(&room, stranger, true);
            assert_eq!(taken.len(), MAX_OF_ONE);
            let refused = enter(&room, same);
            assert_eq!(code(&refused), "refused.connections_of_peer");
            assert!(refused.place.is_none());
            assert!(enter(&room, other).full.is_none());
            taken.pop();
            let idle = enter(&room, same);
            assert!(idle.full.is_none());
            let instead = enter(&room, same);
            assert_eq!(code(&instead), "refused.connections_of_peer_gave_way");
            assert!(instead.place.is_some() && is_out(&idle.place.expect("room")));
        }
    }

    #[test]
    fn this_machine_gets_in_while_strangers_have_all_the_rest() {
        let room = Room::default();
        let addresses = (0..=255).map(|last| IpAddr::from([203, 0, 113, last]).to_string());
        let taken: Vec<_> = addresses.flat_map(|one| fill(&room, &one, true)).collect();
        assert_eq!(taken.len(), MAX_ELSEWHERE);
        let refused = enter(&room, "198.51.100.1");
        assert_eq!(code(&refused), "refused.connections");
        assert!(refused.place.is_none(), "all have shown who they are");
        let here = fill(&room, HERE, true);
        assert_eq!(here.len(), MAX_HERE);
        let refused = enter(&room, "::1");
        assert_eq!(code(&refused), "refused.connections_here");
        assert!(refused.place.is_none());
        drop((taken, here));
        assert!(
            room.lock().taken.is_empty(),
            "nothing is remembered of who left"
        );
    }

    #[test]
    fn a_trusted_proxy_speaks_for_many() {
        let (room, proxy) = (Room::default(), IpAddr::from([10, 0, 0, 9]));
        let trusted = ["10.0.0.0/24".parse().expect("a range")];
        let taken: Vec<_> = (0..MAX_ELSEWHERE)
            .map(|_| room.enter(proxy, &trusted).place.expect("room"))
            .collect();
        let entered = room.enter(proxy, &trusted);
        assert_eq!(code(&entered), "refused.connections_gave_way");
        assert!(entered.place.is_some() && is_out(&taken[0]));
        assert!(!taken[1..].iter().any(is_out));
        assert!(enter(&room, HERE).full.is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whoever comes gets in as long as anybody is there who has shown nothing, nobody who is known goes, and of
        /// the others the one goes that stood longest among the idle ones, then among those that ask.
        #[test]
        fn who_gives_way(
            standings in prop::collection::vec(0_u8..3, MAX_HERE),
            more in 1_usize..300,
        ) {
            let room = Room::default();
            let places: Vec<_> = standings.iter().map(|_| enter(&room, HERE)).collect();
            let places: Vec<_> = places.into_iter().filter_map(|one| one.place).collect();
            for (place, standing) in places.iter().zip(&standings) {
                let seat = place.seat();
                match standing {
                    0 => seat.is_answered(),
                    1 => seat.asks(),
                    _ => seat.is_known(),
                }
                if *standing == 2 {
                    seat.is_answered();
                    seat.asks();
                }
            }
            let mut order: Vec<_> = (0..places.len()).filter(|&at| standings[at] < 2).collect();
            order.sort_by_key(|&at| (standings[at], at));
            let mut later = Vec::new();
            for turn in 0..more {
                let entered = enter(&room, HERE);
                let told = if order.is_empty() {
                    "refused.connections_here"
                } else {
                    "refused.connections_here_gave_way"
                };
                prop_assert_eq!(code(&entered), told);
                prop_assert_eq!(entered.place.is_some(), !order.is_empty());
                later.extend(entered.place);
                prop_assert!(room.lock().taken.len() == MAX_HERE);
                let gone = &order[..order.len().min(turn + 1)];
                for (at, place) in places.iter().enumerate() {
                    prop_assert_eq!(is_out(place), gone.contains(&at), "{}", at);
                }
            }
            drop((places, later));
            prop_assert!(room.lock().taken.is_empty());
        }
    }

    #[test]
    fn whoever_is_refused_later_gives_way_as_those_who_have_shown_nothing() {
        for address in [HERE, "203.0.113.7"] {
            let room = Room::default();
            let addresses = (0..=255).map(|last| IpAddr::from([203, 0, 113, last]).to_string());
            let all: Vec<_> = if address == HERE {
                fill(&room, HERE, true)
            } else {
                addresses.flat_map(|one| fill(&room, &one, true)).collect()
            };
            let late = if address == HERE {
                HERE
            } else {
                "198.51.100.1"
            };
            assert!(enter(&room, late).place.is_none());
            let seat = all[7].seat();
            seat.is_refused();
            seat.is_answered();
            assert!(enter(&room, late).place.is_some());
            assert!(is_out(&all[7]));
        }
    }

    #[test]
    fn whoever_was_turned_out_takes_nothing_with_it() {
        let room = Room::default();
        let first = enter(&room, HERE).place.expect("room");
        let rest = fill(&room, HERE, false);
        let instead = enter(&room, HERE).place.expect("room of the first");
        assert!(is_out(&first));
        first.seat().is_known();
        first.seat().is_refused();
        drop(first);
        assert_eq!(room.lock().taken.len(), MAX_HERE);
        let known = room
            .lock()
            .taken
            .values()
            .any(|one| one.standing == Standing::Known);
        assert!(!known);
        drop((rest, instead));
    }

    /// Everything that there is for this address, known or not.
    fn fill(room: &Room, address: &str, is_known: bool) -> Vec<Place> {
        let count = if address == HERE {
            MAX_HERE
        } else {
            MAX_OF_ONE
        };
        let free = count - room.lock().taken.len() % count;
        let places = (0..free).map_while(|_| enter(room, address).place);
        places
            .inspect(|place| {
                if is_known {
                    place.seat().is_known();
                }
            })
            .collect()
    }

    fn is_out(place: &Place) -> bool {
        place.leaves.is_cancelled()
    }

    fn code(entered: &Entered) -> &str {
        entered.full.as_ref().map_or("", |full| &full.code)
    }

    fn enter(room: &Room, address: &str) -> Entered {
        room.enter(address.parse().expect("an address"), &[])
    }
}
