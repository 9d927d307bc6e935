//! Those who have connected and have not yet said what they want.
//!
//! Each holds a descriptor before it has shown anything, so there are few of them: of one peer, at one port, and at
//! all ports of a node together. Where there is no room, the one that has waited longest gives way to the newest.
//! Whoever has sent what it wants is let in, and nobody's arrival ends it from there on.
//!
//! ```text
//! connected ──► waits ──► its request is whole, and right ──► let in
//!                 ├── too late, or wrong ────────────────────► leaves
//!                 └── no room for a newer one ───────────────► turned out
//! ```

mod reserve;

use std::{
    collections::BTreeMap,
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipnet::Ipv6Net;
use perpetua_words::{Message, refused as words};
use tokio::{sync::watch, time::sleep};

use self::reserve::Reserve;

/// Of one address: more than a program opens before the first of its requests is out.
const OF_PEER: usize = 64;
/// Of this machine, whose reverse proxies bring others along.
const OF_THIS_MACHINE: usize = 256;
/// At one port: more than ever come at once.
const AT_PORT: usize = 128;
/// At all of them.
const IN_ALL: usize = 512;
/// The wait after the system could not give a connection, where nothing else helps.
const PAUSE: Duration = Duration::from_millis(100);
/// The same where a descriptor is about to come free.
const SHORT_PAUSE: Duration = Duration::from_millis(2);
/// What one household or server has of IPv6, at least.
const ONE_NETWORK: u8 = 64;

/// Whose share an address takes: whoever has one address of this machine, or of a network of IPv6, has all of them.
pub fn share_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        peer if peer.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Net::new_assert(address, ONE_NETWORK).network().into(),
    }
}

/// The room of all ports of a node. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct WaitingRoom(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    doors: u64,
    next: u64,
    /// By number: the oldest first.
    taken: BTreeMap<u64, Taken>,
    reserve: Reserve,
}

#[derive(Debug)]
struct Taken {
    share: IpAddr,
    door: u64,
    gives_way: watch::Sender<Option<GaveWay>>,
}

/// What somebody who waited had to leave for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GaveWay {
    /// Newer ones needed the place.
    ToNewer,
    /// The process had no descriptor for a newer one.
    ForDescriptors,
}

impl GaveWay {
    /// What the owner is told of it.
    pub fn notice(self, peer: IpAddr) -> Message {
        match self {
            Self::ToNewer => words::GaveWay { peer }.into(),
            Self::ForDescriptors => words::GaveWayForFiles { peer }.into(),
        }
    }
}

/// The way of one port into the room.
#[derive(Debug)]
pub struct Door {
    room: WaitingRoom,
    number: u64,
}

/// The place of one connection, which it has until it is let in or dropped.
#[derive(Debug)]
pub struct WaitingPlace {
    room: WaitingRoom,
    number: u64,
    is_in: AtomicBool,
    gave_way: watch::Receiver<Option<GaveWay>>,
}

impl WaitingRoom {
    /// The way in for one more port.
    pub fn door(&self) -> Door {
        let mut waiting = self.lock();
        waiting.doors += 1;
        Door {
            room: self.clone(),
            number: waiting.doors,
        }
    }

    /// Keeps some descriptors back, or again, for those who come when the process has no others. To be called from
    /// time to time.
    pub fn keep_reserve(&self) {
        self.lock().reserve.fill();
    }

    /// Leaves a descriptor to whoever comes next: that of the one that has waited longest, or one of the reserve. Gives
    /// whether there was any.
    fn make_way(&self) -> bool {
        let mut waiting = self.lock();
        let Some(oldest) = waiting.taken.keys().next().copied() else {
            return waiting.reserve.spend();
        };
        waiting.turn_out(oldest, GaveWay::ForDescriptors);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    /// A place for somebody at `peer`, if need be that of another.
    pub fn enter(&self, peer: IpAddr) -> WaitingPlace {
        let share = share_of(peer);
        let of_share = if share.is_loopback() {
            OF_THIS_MACHINE
        } else {
            OF_PEER
        };
        let mut waiting = self.room.lock();
        waiting.make_room(of_share, |taken| taken.share == share);
        waiting.make_room(AT_PORT, |taken| taken.door == self.number);
        waiting.make_room(IN_ALL, |_| true);
        let (number, (gives_way, gave_way)) = (waiting.next, watch::channel(None));
        waiting.next += 1;
        let taken = Taken {
            share,
            door: self.number,
            gives_way,
        };
        waiting.taken.insert(number, taken);
        drop(waiting);
        WaitingPlace {
            room: self.room.clone(),
            number,
            is_in: AtomicBool::new(false),
            gave_way,
        }
    }
}

impl Door {
    /// Waits until it is worth another try after the system gave no connection, which `note` is told of. Where it was
    /// for want of a descriptor, somebody makes way first. A peer that left before it was accepted is nothing.
    pub async fn retry_after(&self, error: &io::Error, note: impl FnOnce(Message)) {
        if matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
        ) {
            return;
        }
        note(words::NotAccepted { cause: error }.into());
        let pause = if is_out_of_descriptors(error) && self.room.make_way() {
            SHORT_PAUSE
        } else {
            PAUSE
        };
        sleep(pause).await;
    }
}

/// `EMFILE` and `ENFILE` of Unix, and `WSAEMFILE` of Windows; no other system has errors of these numbers.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    let numbers: &[i32] = if cfg!(windows) { &[10_024] } else { &[24, 23] };
    error
        .raw_os_error()
        .is_some_and(|number| numbers.contains(&number))
}

impl Waiting {
    /// Leaves room for one more among those that count.
    fn make_room(&mut self, limit: usize, counts: impl Fn(&Taken) -> bool) {
        let of_them = self.taken.iter().filter(|(_, taken)| counts(taken));
        let numbers: Vec<_> = of_them.map(|(number, _)| *number).collect();
        let more = (numbers.len() + 1).saturating_sub(limit);
        for number in &numbers[..more] {
            self.turn_out(*number, GaveWay::ToNewer);
        }
    }

    fn turn_out(&mut self, number: u64, why: GaveWay) {
        if let Some(taken) = self.taken.remove(&number) {
            taken.gives_way.send_replace(Some(why));
        }
    }
}

impl WaitingPlace {
    /// It has said what it wants, and may have it: it gives way to nobody from here on, though it were just asked to.
    pub fn let_in(&self) {
        self.is_in.store(true, Ordering::Relaxed);
        self.room.lock().taken.remove(&self.number);
    }

    /// Does what is to be done while it waits, and after that; fails if it had to give way before it was let in.
    pub async fn hold<T>(&self, handshake: impl Future<Output = T>) -> Result<T, GaveWay> {
        tokio::select! {
            // What has come counts before what is full: whoever sends its request at once is never turned out.
            biased;
            done = handshake => Ok(done),
            why = self.turned_out() => Err(why),
        }
    }

    async fn turned_out(&self) -> GaveWay {
        let mut gave_way = self.gave_way.clone();
        // Whoever is let in is never told anything.
        let why = gave_way.wait_for(Option::is_some).await;
        let why = why.ok().and_then(|why| *why);
        match why {
            Some(why) if !self.is_in.load(Ordering::Relaxed) => why,
            _ => pending().await,
        }
    }
}

impl Drop for WaitingPlace {
    fn drop(&mut self) {
        self.room.lock().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, io::ErrorKind, net::IpAddr, time::Duration};

    use tokio::time::Instant;

    use super::{
        AT_PORT, Door, GaveWay, IN_ALL, OF_PEER, OF_THIS_MACHINE, PAUSE, WaitingPlace, WaitingRoom,
    };

    #[test]
    fn each_share_is_bounded_and_its_oldest_gives_way_to_its_newest() {
        for (limit, peers) in [
            (OF_PEER, &["203.0.113.7", "::ffff:203.0.113.7"][..]),
            (OF_PEER, &["2001:db8:0:1::7", "2001:db8:0:1:ffff::1"]),
            (OF_THIS_MACHINE, &["127.0.0.1", "127.8.9.10", "::1"]),
        ] {
            let room = WaitingRoom::default();
            let other = enter(&room.door(), "198.51.100.1");
            let doors: Vec<_> = (0..8).map(|_| room.door()).collect();
            let mut places = Vec::new();
            for number in 0..limit + 9 {
                let peer = peers[number % peers.len()];
                places.push(enter(&doors[number % doors.len()], peer));
            }
            assert_turned_out(&places, 9);
            assert!(other.gave_way.borrow().is_none(), "{peers:?} are no others");
        }
    }

    #[test]
    fn a_port_and_all_of_them_are_bounded_however_many_addresses_come() {
        for (doors, limit) in [(1, AT_PORT), (9, IN_ALL)] {
            let room = WaitingRoom::default();
            let doors: Vec<_> = (0..doors).map(|_| room.door()).collect();
            let enter = |number: usize| {
                let [.., high, low] = number.to_be_bytes();
                let peer = IpAddr::from([203, 0, high, low]);
                doors[number % doors.len()].enter(peer)
            };
            let places: Vec<_> = (0..limit + 40).map(enter).collect();
            assert_turned_out(&places, 40);
            drop(places);
            assert!(room.lock().taken.is_empty(), "nothing is kept of who left");
        }
    }

    #[tokio::test]
    async fn whoever_was_let_in_gives_way_to_nobody() {
        let room = WaitingRoom::default();
        let door = room.door();
        let (before, after) = (enter(&door, "127.0.0.1"), enter(&door, "127.0.0.1"));
        before.let_in();
        let crowd: Vec<_> = (0..2 * AT_PORT)
            .map(|_| enter(&door, "127.0.0.1"))
            .collect();
        // Its request had come by the time it was turned out.
        let handshake = async {
            after.let_in();
            tokio::task::yield_now().await;
        };
        assert_eq!(after.hold(handshake).await, Ok(()));
        assert!(before.gave_way.borrow().is_none());
        let held = crowd[0].hold(pending::<()>()).await;
        assert_eq!(held, Err(GaveWay::ToNewer));
        let last = crowd.last().expect("many");
        assert!(last.gave_way.borrow().is_none());
    }

    #[tokio::test]
    async fn for_want_of_descriptors_the_oldest_gives_way_and_then_the_reserve() {
        let room = WaitingRoom::default();
        room.keep_reserve();
        room.keep_reserve();
        let door = room.door();
        let places = [0, 1, 2].map(|_| enter(&door, "127.0.0.1"));
        places[0].let_in();
        assert!(room.make_way() && room.make_way());
        let turned_out = places.each_ref().map(|place| *place.gave_way.borrow());
        let why = Some(GaveWay::ForDescriptors);
        assert_eq!(turned_out, [None, why, why]);
        let kept = std::iter::repeat_with(|| room.make_way()).take_while(|was| *was);
        assert_eq!(kept.count(), 32);
        room.keep_reserve();
        assert!(room.make_way(), "it is filled again");
    }

    /// As on macOS and Windows, of a peer that has reset before it was accepted.
    #[tokio::test(start_paused = true)]
    async fn a_peer_that_left_before_it_was_accepted_keeps_nobody_waiting() {
        let door = WaitingRoom::default().door();
        let begun = Instant::now();
        for kind in [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset] {
            let note = |message| panic!("{message}");
            door.retry_after(&kind.into(), note).await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let mut told = Vec::new();
        let error = ErrorKind::OutOfMemory.into();
        door.retry_after(&error, |message| told.push(message)).await;
        assert_eq!(begun.elapsed(), PAUSE);
        assert_eq!(told[0].code, "refused.not_accepted");
    }

    fn assert_turned_out(places: &[WaitingPlace], count: usize) {
        for (number, place) in places.iter().enumerate() {
            let why = (number < count).then_some(GaveWay::ToNewer);
            assert_eq!(*place.gave_way.borrow(), why, "{number}");
        }
    }

    fn enter(door: &Door, peer: &str) -> WaitingPlace {
        door.enter(peer.parse().expect("an address"))
    }
}
