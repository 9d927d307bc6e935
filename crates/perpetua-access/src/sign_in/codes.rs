//! One-time codes, as `perpetuad ui` puts them into a link.
//!
//! A code says which run of the node made it, as which one and when, under the sign-in token: so it is known for ours
//! however long ago that was, and nothing is remembered of one but that it was used.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use perpetua_secrets::Secret;
use sha2::Sha256;

/// How long a code is good: the time to carry a link from a terminal to a browser.
pub const CODE_LIFE: Duration = Duration::from_mins(10);
/// Used codes that are remembered, more than browsers sign in while one is good. When there are more, no code is good
/// any more that is as old as the oldest of them.
const MAX_USED: usize = 512;
/// What the digest is of, so that it is none of a session.
const PURPOSE: &[u8] = b"perpetua sign-in link";
/// The run, the number, the time.
const FACTS: usize = 3 * size_of::<u64>();

/// The codes that were handed out in this run. Pure: time, the run's number and the token are arguments.
#[derive(Debug)]
pub struct OneTimeCodes {
    run: u64,
    begun: Instant,
    /// The number of the next one.
    next: u64,
    /// Those before it are good no more.
    first_good: u64,
    used: BTreeSet<u64>,
}

/// What a code says.
struct Facts {
    run: u64,
    number: u64,
    /// When it was made, in milliseconds after the run began.
    made: u64,
}

/// What a shown code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Redeemed {
    /// Good, and from now on used.
    Right,
    /// It was right once.
    Used,
    /// Nobody has used it in time, or in the run of the node that made it.
    Late,
    /// It was never handed out under this token: a guess.
    Unknown,
}

impl OneTimeCodes {
    /// None yet. No other run of the node has the same `run`.
    pub fn new(run: u64, now: Instant) -> Self {
        Self {
            run,
            begun: now,
            next: 0,
            first_good: 0,
            used: BTreeSet::new(),
        }
    }

    /// Hands a code out; `None` if no digest can be made with the token, which does not happen.
    pub fn add(&mut self, token: &Secret, now: Instant) -> Option<Secret> {
        let made = now.saturating_duration_since(self.begun).as_millis();
        let facts = Facts {
            run: self.run,
            number: self.next,
            made: u64::try_from(made).unwrap_or(u64::MAX),
        };
        let facts = facts.bytes();
        let digest = keyed(&facts, token)?.finalize().into_bytes();
        self.next += 1;
        Secret::new(&BASE64URL_NOPAD.encode(&[&facts[..], &digest].concat())).ok()
    }

    /// Somebody shows a code.
    pub fn redeem(&mut self, shown: &[u8], token: &Secret, now: Instant) -> Redeemed {
        let Some(facts) = Facts::of(shown, token) else {
            return Redeemed::Unknown;
        };
        if facts.run != self.run {
            return Redeemed::Late;
        }
        if self.used.contains(&facts.number) {
            return Redeemed::Used;
        }
        let age = now.saturating_duration_since(self.begun);
        let age = age.saturating_sub(Duration::from_millis(facts.made));
        if facts.number < self.first_good || age >= CODE_LIFE {
            return Redeemed::Late;
        }
        self.used.insert(facts.number);
        if self.used.len() > MAX_USED
            && let Some(oldest) = self.used.pop_first()
        {
            self.first_good = self.first_good.max(oldest + 1);
        }
        Redeemed::Right
    }

    /// None of them is good any more.
    pub fn clear(&mut self) {
        self.first_good = self.next;
    }
}

impl Facts {
    /// What a code of ours says; `None` when it is none.
    fn of(shown: &[u8], token: &Secret) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(shown).ok()?;
        let (facts, digest) = bytes.split_first_chunk::<FACTS>()?;
        keyed(facts, token)?.verify_slice(digest).ok()?;
        let (numbers, _) = facts.as_chunks();
        let &[run, number, made] = numbers else {
            return None;
        };
        let [run, number, made] = [run, number, made].map(u64::from_be_bytes);
        Some(Self { run, number, made })
    }

    fn bytes(&self) -> [u8; FACTS] {
        let mut bytes = [0; FACTS];
        let numbers = [self.run, self.number, self.made].map(u64::to_be_bytes);
        bytes.copy_from_slice(numbers.as_flattened());
        bytes
    }
}

/// A token of any length makes one.
fn keyed(facts: &[u8], token: &Secret) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).ok()?;
    Some(mac.chain_update(PURPOSE).chain_update(facts))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_secrets::Secret;
    use proptest::prelude::*;

    use super::{CODE_LIFE, MAX_USED, OneTimeCodes, Redeemed};

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let (mut codes, token, now) = new();
        let now = now + Duration::from_mins(3);
        let [first, second] = [0; 2].map(|_| made(&mut codes, &token, now));
        let in_time = now + CODE_LIFE.saturating_sub(Duration::from_millis(1));
        let mut redeem = |code: &Secret, at| codes.redeem(code.expose().as_bytes(), &token, at);
        assert_eq!(redeem(&first, in_time), Redeemed::Right);
        assert_eq!(redeem(&first, in_time), Redeemed::Used);
        assert_eq!(redeem(&first, now + 2 * CODE_LIFE), Redeemed::Used);
        assert_eq!(redeem(&second, now + CODE_LIFE), Redeemed::Late);
        let third = made(&mut codes, &token, now);
        codes.clear();
        let shown = third.expose().as_bytes();
        assert_eq!(codes.redeem(shown, &token, now), Redeemed::Late);
        let used = first.expose().as_bytes();
        assert_eq!(codes.redeem(used, &token, now), Redeemed::Used);
        let fourth = made(&mut codes, &token, now);
        let shown = fourth.expose().as_bytes();
        assert_eq!(
            codes.redeem(shown, &secret("0ther"), now),
            Redeemed::Unknown
        );
        assert_eq!(codes.redeem(shown, &token, now), Redeemed::Right);
    }

    #[test]
    fn whatever_is_changed_of_a_code_makes_a_guess_of_it() {
        let (mut codes, token, now) = new();
        let code = made(&mut codes, &token, now);
        let shown = code.expose().as_bytes();
        for place in 0..shown.len() {
            let mut other = shown.to_vec();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(codes.redeem(&other, &token, now), Redeemed::Unknown);
            let beginning = &shown[..place];
            assert_eq!(codes.redeem(beginning, &token, now), Redeemed::Unknown);
        }
        let longer = [shown, b"AAAA"].concat();
        assert_eq!(codes.redeem(&longer, &token, now), Redeemed::Unknown);
        assert_eq!(codes.redeem(shown, &token, now), Redeemed::Right);
    }

    #[test]
    fn one_of_ours_is_no_guess_however_many_are_newer_and_after_a_restart() {
        let (mut codes, token, now) = new();
        let [unused, used, late] = [0; 3].map(|_| made(&mut codes, &token, now));
        let redeem = |codes: &mut OneTimeCodes, code: &Secret, at| {
            codes.redeem(code.expose().as_bytes(), &token, at)
        };
        assert_eq!(redeem(&mut codes, &used, now), Redeemed::Right);
        for _ in 0..5000 {
            made(&mut codes, &token, now);
        }
        assert_eq!(redeem(&mut codes, &unused, now), Redeemed::Right);
        assert_eq!(redeem(&mut codes, &used, now), Redeemed::Used);
        let later = now + 100 * CODE_LIFE;
        assert_eq!(redeem(&mut codes, &late, later), Redeemed::Late);
        let mut next_run = OneTimeCodes::new(8, later);
        for code in [&unused, &used, &late] {
            assert_eq!(redeem(&mut next_run, code, later), Redeemed::Late);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nobody_comes_in_by_what_is_forgotten() {
        let (mut codes, token, now) = new();
        let all = [0; 2 * MAX_USED].map(|_| made(&mut codes, &token, now));
        for code in &all {
            let shown = code.expose().as_bytes();
            assert_eq!(codes.redeem(shown, &token, now), Redeemed::Right);
            assert!(codes.used.len() <= MAX_USED);
        }
        for code in &all {
            let again = codes.redeem(code.expose().as_bytes(), &token, now);
            assert!(
                matches!(again, Redeemed::Used | Redeemed::Late),
                "{again:?}"
            );
        }
    }

    #[test]
    fn what_was_made_before_all_were_ended_stays_bad_however_many_are_used_before_and_after() {
        let (mut codes, token, now) = new();
        let use_one = |codes: &mut OneTimeCodes| {
            let code = made(codes, &token, now);
            let shown = code.expose().as_bytes();
            assert_eq!(codes.redeem(shown, &token, now), Redeemed::Right);
        };
        use_one(&mut codes);
        let ended = [0; 3].map(|_| made(&mut codes, &token, now));
        codes.clear();
        for _ in 0..=MAX_USED {
            use_one(&mut codes);
            for code in &ended {
                let shown = codes.redeem(code.expose().as_bytes(), &token, now);
                assert_eq!(shown, Redeemed::Late);
            }
        }
    }

    proptest! {
        /// Whatever is shown, in whatever order and when, nobody comes in twice by one code.
        #[test]
        fn no_code_lets_in_twice(shown in prop::collection::vec((0_usize..3, 0_u64..300), 0..60)) {
            let (mut codes, token, begin) = new();
            let mut now = begin;
            let all = [0; 3].map(|_| made(&mut codes, &token, now));
            let mut right = Vec::new();
            for (number, pause) in shown {
                now += Duration::from_secs(pause);
                let shown = all[number].expose().as_bytes();
                if codes.redeem(shown, &token, now) == Redeemed::Right {
                    prop_assert!(now < begin + CODE_LIFE);
                    prop_assert!(!right.contains(&number));
                    right.push(number);
                }
            }
        }

        /// What nobody has made is a guess, whatever it is.
        #[test]
        fn garbage_is_a_guess(shown in prop::collection::vec(any::<u8>(), 0..100)) {
            let (mut codes, token, now) = new();
            prop_assert_eq!(codes.redeem(&shown, &token, now), Redeemed::Unknown);
        }
    }

    fn new() -> (OneTimeCodes, Secret, Instant) {
        let now = Instant::now();
        (OneTimeCodes::new(7, now), secret("t0ken"), now)
    }

    fn made(codes: &mut OneTimeCodes, token: &Secret, now: Instant) -> Secret {
        codes.add(token, now).expect("a code")
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("printable")
    }
}
