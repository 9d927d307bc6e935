//! One-time codes, as `perpetuad ui` puts them into a link.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use perpetua_secrets::Secret;

/// How long a code is good: the time to carry a link from a terminal to a browser.
pub const CODE_LIFE: Duration = Duration::from_mins(10);
/// Codes that are remembered, used and late ones among them; the oldest gives way. More than anybody asks for while
/// one is good: a good one that has given way would count as a guess.
const MAX_CODES: usize = 512;

/// The codes that were handed out, newest last. Pure: time and the codes are arguments.
#[derive(Debug, Default)]
pub struct OneTimeCodes(VecDeque<Code>);

#[derive(Debug)]
struct Code {
    text: Secret,
    good_until: Instant,
    is_used: bool,
}

/// What a shown code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Redeemed {
    /// Good, and from now on used.
    Right,
    /// It was right once.
    Used,
    /// Nobody has used it in time.
    Late,
    /// It was never handed out, or long ago: a guess.
    Unknown,
}

impl OneTimeCodes {
    /// Hands a code out.
    pub fn add(&mut self, code: Secret, now: Instant) {
        if self.0.len() >= MAX_CODES {
            self.0.pop_front();
        }
        self.0.push_back(Code {
            text: code,
            good_until: now + CODE_LIFE,
            is_used: false,
        });
    }

    /// Somebody shows a code.
    pub fn redeem(&mut self, shown: &[u8], now: Instant) -> Redeemed {
        let found = self.0.iter_mut().find(|code| code.text.matches(shown));
        match found {
            None => Redeemed::Unknown,
            Some(code) if code.is_used => Redeemed::Used,
            Some(code) if code.good_until <= now => Redeemed::Late,
            Some(code) => {
                code.is_used = true;
                Redeemed::Right
            }
        }
    }

    /// None of them is good any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_secrets::Secret;
    use proptest::prelude::*;

    use super::{CODE_LIFE, MAX_CODES, OneTimeCodes, Redeemed};

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let (mut codes, now) = (OneTimeCodes::default(), Instant::now());
        codes.add(code(1), now);
        codes.add(code(2), now);
        let in_time = now + CODE_LIFE.saturating_sub(Duration::from_millis(1));
        assert_eq!(codes.redeem(b"code-1", in_time), Redeemed::Right);
        assert_eq!(codes.redeem(b"code-1", in_time), Redeemed::Used);
        assert_eq!(codes.redeem(b"code-2", now + CODE_LIFE), Redeemed::Late);
        for guess in ["", "code-", "code-11", "CODE-2", "code-3"] {
            assert_eq!(codes.redeem(guess.as_bytes(), now), Redeemed::Unknown);
        }
        codes.add(code(3), now);
        codes.clear();
        assert_eq!(codes.redeem(b"code-3", now), Redeemed::Unknown);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_newest_is_good() {
        let (mut codes, now) = (OneTimeCodes::default(), Instant::now());
        for number in 0..1000 {
            codes.add(code(number), now);
        }
        assert_eq!(codes.0.len(), MAX_CODES);
        assert_eq!(codes.redeem(b"code-999", now), Redeemed::Right);
        assert_eq!(codes.redeem(b"code-0", now), Redeemed::Unknown);
    }

    proptest! {
        /// Whatever is shown, in whatever order and when, nobody comes in twice by one code.
        #[test]
        fn no_code_lets_in_twice(shown in prop::collection::vec((0_u32..4, 0_u64..300), 0..60)) {
            let (mut codes, mut now) = (OneTimeCodes::default(), Instant::now());
            let begin = now;
            for number in 0..3 {
                codes.add(code(number), now);
            }
            let mut right = Vec::new();
            for (number, pause) in shown {
                now += Duration::from_secs(pause);
                let text = format!("code-{number}");
                if codes.redeem(text.as_bytes(), now) == Redeemed::Right {
                    prop_assert!(now < begin + CODE_LIFE && number < 3);
                    prop_assert!(!right.contains(&number));
                    right.push(number);
                }
            }
        }
    }

    fn code(number: u32) -> Secret {
        Secret::new(&format!("code-{number}")).expect("printable")
    }
}
