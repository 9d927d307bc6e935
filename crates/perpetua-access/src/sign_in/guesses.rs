//! Wrong answers at the sign-in: how many somebody may still give, and for how long a page of theirs is locked.
//!
//! ```text
//!            wrong, some left          wrong, none left
//!   nothing ─────────────────► tried ────────────────────► locked ──┐ wrong: nothing changes
//!      ▲                         │  ▲                        │  ◄────┘
//!      │  right, or an hour      │  └────────────────────────┘
//!      └─────────────────────────┘          its time is over
//! ```
//!
//! A right answer is never asked for its address: what is right has 256 random bits, and whoever has it is the
//! owner, who may sit behind the same address as the guesser. The locks keep a page from being tried at will and
//! tell its user so. Pure: time is an argument.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

/// Wrong answers of one address before it is locked: somebody mistypes a few times.
const ALLOWED: u32 = 5;
/// The same while many addresses guess at once.
const ALLOWED_IN_A_CROWD: u32 = 1;
/// The first lock of an address; each further one is twice as long.
const FIRST_LOCK: Duration = Duration::from_secs(30);
/// The longest lock.
const LONGEST_LOCK: Duration = Duration::from_mins(15);
/// An address that has not guessed for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);
/// One wrong answer in this time, over all addresses, is what people do.
const ONE_IN: Duration = Duration::from_secs(2);
/// How far ahead of that all together may be: thirty wrong answers at once.
const CROWD_AFTER: Duration = Duration::from_mins(1);
/// Addresses that are remembered; the one that guessed longest ago gives way.
const MAX_ADDRESSES: usize = 4096;

/// Who has guessed, and how often.
#[derive(Debug, Default)]
pub struct Guesses {
    addresses: HashMap<IpAddr, Guesser>,
    /// When all wrong answers so far would have been given at the rate of people.
    spread_until: Option<Instant>,
}

/// How an address stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuessStanding {
    /// It may give so many more wrong answers.
    Left(u32),
    /// Its page is locked for so long.
    Locked(Duration),
}

#[derive(Clone, Copy, Debug)]
struct Guesser {
    state: GuesserState,
    /// How often it was locked.
    locks: u32,
    last: Instant,
}

#[derive(Clone, Copy, Debug)]
enum GuesserState {
    Tried { wrong: u32 },
    Locked { until: Instant },
}

impl Guesses {
    /// How an address stands.
    pub fn standing(&self, address: IpAddr, now: Instant) -> GuessStanding {
        let guesser = self.addresses.get(&network(address));
        let guesser = guesser.filter(|guesser| !guesser.is_forgotten(now));
        let wrong = match guesser.map(|guesser| guesser.state) {
            Some(GuesserState::Locked { until }) if until > now => {
                return GuessStanding::Locked(until - now);
            }
            Some(GuesserState::Tried { wrong }) => wrong,
            Some(GuesserState::Locked { .. }) | None => 0,
        };
        GuessStanding::Left(self.allowed(now).saturating_sub(wrong).max(1))
    }

    /// An address gave a wrong answer. While it is locked that changes nothing, so that nobody who
    /// is impatient stays locked for ever.
    pub fn wrong(&mut self, address: IpAddr, now: Instant) -> GuessStanding {
        let spread_until = self.spread_until.map_or(now, |until| until.max(now)) + ONE_IN;
        self.spread_until = Some(spread_until.min(now + 2 * CROWD_AFTER));
        if let locked @ GuessStanding::Locked(_) = self.standing(address, now) {
            return locked;
        }
        let allowed = self.allowed(now);
        let guesser = self.guesser(network(address), now);
        guesser.last = now;
        let wrong = match guesser.state {
            GuesserState::Tried { wrong } => wrong + 1,
            GuesserState::Locked { .. } => 1,
        };
        if wrong < allowed {
            guesser.state = GuesserState::Tried { wrong };
            return GuessStanding::Left(allowed - wrong);
        }
        let lock = FIRST_LOCK.saturating_mul(1 << guesser.locks.min(10));
        let lock = lock.min(LONGEST_LOCK);
        guesser.locks += 1;
        guesser.state = GuesserState::Locked { until: now + lock };
        GuessStanding::Locked(lock)
    }

    /// An address gave the right answer: its mistakes were those of somebody who may.
    pub fn right(&mut self, address: IpAddr) {
        self.addresses.remove(&network(address));
    }

    fn allowed(&self, now: Instant) -> u32 {
        let is_crowd = self
            .spread_until
            .is_some_and(|until| until.saturating_duration_since(now) > CROWD_AFTER);
        if is_crowd {
            ALLOWED_IN_A_CROWD
        } else {
            ALLOWED
        }
    }

    fn guesser(&mut self, address: IpAddr, now: Instant) -> &mut Guesser {
        if self.addresses.len() >= MAX_ADDRESSES && !self.addresses.contains_key(&address) {
            self.make_room(now);
        }
        let unknown = Guesser {
            state: GuesserState::Tried { wrong: 0 },
            locks: 0,
            last: now,
        };
        let guesser = self.addresses.entry(address).or_insert(unknown);
        if guesser.is_forgotten(now) {
            *guesser = unknown;
        }
        guesser
    }

    fn make_room(&mut self, now: Instant) {
        self.addresses
            .retain(|_, guesser| !guesser.is_forgotten(now));
        if self.addresses.len() < MAX_ADDRESSES {
            return;
        }
        let oldest = self.addresses.iter().min_by_key(|(_, one)| one.last);
        if let Some(oldest) = oldest.map(|(address, _)| *address) {
            self.addresses.remove(&oldest);
        }
    }
}

impl Guesser {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= FORGOTTEN_AFTER
    }
}

/// Who counts as one: an IPv4 address, or the 2^64 of IPv6 that one subscriber has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::{Duration, Instant},
    };

    use proptest::prelude::*;

    use super::{
        ALLOWED, FIRST_LOCK, FORGOTTEN_AFTER, GuessStanding, Guesses, LONGEST_LOCK, MAX_ADDRESSES,
        network,
    };

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_address_is_locked_after_five_wrong_answers_and_each_lock_is_longer() {
        let (mut guesses, mut now) = (Guesses::default(), Instant::now());
        let address = address(1);
        for lock in [30, 60, 120, 240, 480, 900, 900] {
            let lock = Duration::from_secs(lock);
            for left in (1..ALLOWED).rev() {
                assert_eq!(guesses.wrong(address, now), GuessStanding::Left(left));
                now += Duration::from_secs(5);
            }
            assert_eq!(guesses.wrong(address, now), GuessStanding::Locked(lock));
            now += lock.saturating_sub(SECOND);
            assert_eq!(guesses.wrong(address, now), GuessStanding::Locked(SECOND));
            now += SECOND;
            assert_eq!(guesses.standing(address, now), GuessStanding::Left(ALLOWED));
        }
    }

    #[test]
    fn a_right_answer_and_an_hour_forgive() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..ALLOWED {
            guesses.wrong(address(1), now);
            guesses.wrong(address(2), now);
        }
        guesses.right(address(1));
        assert_eq!(
            guesses.standing(address(1), now),
            GuessStanding::Left(ALLOWED)
        );
        let later = now + FORGOTTEN_AFTER;
        assert_eq!(
            guesses.standing(address(2), now),
            GuessStanding::Locked(FIRST_LOCK)
        );
        for left in (1..ALLOWED).rev() {
            assert_eq!(guesses.wrong(address(2), later), GuessStanding::Left(left));
        }
        assert_eq!(
            guesses.wrong(address(2), later),
            GuessStanding::Locked(FIRST_LOCK),
            "the first lock again"
        );
    }

    #[test]
    fn in_a_crowd_one_wrong_answer_locks() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        for number in 0..40 {
            guesses.wrong(address(number), now);
        }
        assert_eq!(
            guesses.wrong(address(100), now),
            GuessStanding::Locked(FIRST_LOCK)
        );
        let calm = now + Duration::from_mins(3);
        assert_eq!(
            guesses.standing(address(101), calm),
            GuessStanding::Left(ALLOWED)
        );
    }

    #[test]
    fn one_subscriber_is_one_address() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
        ] {
            let [one, other] = [one, other].map(|text| text.parse().expect("an address"));
            assert_eq!(network(one) == network(other), same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        for number in 0..u32::try_from(MAX_ADDRESSES).expect("small") + 100 {
            guesses.wrong(address(number), now + Duration::from_millis(number.into()));
        }
        assert_eq!(guesses.addresses.len(), MAX_ADDRESSES);
        assert_eq!(guesses.addresses.get(&address(0)).map(|_| ()), None);
    }

    #[test]
    fn ten_a_second_from_fifty_addresses_have_few_tries_and_lock_nobody_else() {
        let (mut guesses, begin) = (Guesses::default(), Instant::now());
        let mut tries = 0;
        for tenth in 0..6000 {
            let now = begin + Duration::from_millis(tenth * 100);
            for number in 0..50 {
                let before = guesses.standing(address(number), now);
                tries += u32::from(matches!(before, GuessStanding::Left(_)));
                guesses.wrong(address(number), now);
            }
            let owner = guesses.standing(address(1000), now);
            assert!(matches!(owner, GuessStanding::Left(_)), "{owner:?}");
        }
        // 300,000 answers in ten minutes: each address had its five, then one for each of five locks.
        assert!(tries <= 50 * (ALLOWED + 5), "{tries}");
    }

    proptest! {
        /// Whoever never guessed is never locked, whatever others do.
        #[test]
        fn only_an_address_that_guessed_is_locked(
            guessing in prop::collection::vec((0_u32..50, 0_u64..2000), 0..400),
        ) {
            let (mut guesses, mut now) = (Guesses::default(), Instant::now());
            for (number, pause) in guessing {
                now += Duration::from_millis(pause);
                guesses.wrong(address(number), now);
                let owner = guesses.standing(address(1000), now);
                prop_assert!(matches!(owner, GuessStanding::Left(left) if left > 0));
            }
        }

        /// Every lock ends by itself, however often it is tried meanwhile.
        #[test]
        fn no_lock_is_drawn_out(pauses in prop::collection::vec(1_u64..5000, 1..300)) {
            let (mut guesses, mut now) = (Guesses::default(), Instant::now());
            let mut locked_until: Option<Instant> = None;
            for pause in pauses {
                now += Duration::from_millis(pause);
                if let GuessStanding::Locked(lock) = guesses.wrong(address(1), now) {
                    prop_assert!(lock > Duration::ZERO && lock <= LONGEST_LOCK);
                    match locked_until.filter(|until| *until > now) {
                        Some(until) => prop_assert_eq!(now + lock, until),
                        None => locked_until = Some(now + lock),
                    }
                } else {
                    prop_assert!(locked_until.is_none_or(|until| until <= now));
                }
            }
        }
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0a00_0000 + number).into()
    }
}
