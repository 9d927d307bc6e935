//! The brake for an upstream whose links end before they are of use: each of them takes the actions with it
//! that were sent over it, so the next ones wait. One that is killed and started again under load is let in
//! at once.

use std::time::Duration;

use perpetua_backoff::Backoff;
use tokio::time::Instant;

/// A link that lasted this long was healthy, and so was one over which the account was online.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);
/// Links in a row without use that nothing follows from: somebody is setting the upstream up, or restarts it.
const FREE: u32 = 3;
/// The waits after that.
const WAITS: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
    jitter: 0.0,
};
/// After so long without a link, what was before says nothing any longer.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

/// How the last links ended, and when the next one may come.
#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Links in a row without use.
    useless: u32,
    next: Option<Instant>,
}

impl Brake {
    /// A link has ended; at its end the account was online over it, or not.
    pub(super) fn ended(&mut self, lasted: Duration, was_online: bool, now: Instant) {
        let is_forgotten = self
            .next
            .is_some_and(|next| now.saturating_duration_since(next) >= FORGOTTEN_AFTER + lasted);
        let was_of_use = was_online || lasted >= HEALTHY_AFTER;
        if was_of_use || is_forgotten {
            self.useless = 0;
        }
        if !was_of_use {
            self.useless = self.useless.saturating_add(1);
        }
        let wait = match self.useless.checked_sub(FREE) {
            None | Some(0) => Duration::ZERO,
            Some(further) => WAITS.wait(further, 0.0),
        };
        self.next = Some(now + wait);
    }

    /// How long the next link has to wait; `None`: it may come.
    pub(super) fn remaining(&self, now: Instant) -> Option<Duration> {
        let remaining = self.next?.saturating_duration_since(now);
        (!remaining.is_zero()).then_some(remaining)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Brake, FORGOTTEN_AFTER, HEALTHY_AFTER};

    const SHORT: Duration = Duration::from_secs(29);

    #[test]
    fn three_links_without_use_are_free_and_the_waits_then_grow_up_to_a_bound() {
        let (mut brake, mut now) = (Brake::default(), Instant::now());
        for seconds in [0, 0, 0, 1, 2, 4, 8, 16, 30, 30] {
            now += SHORT;
            brake.ended(SHORT, false, now);
            let waited = brake.remaining(now).unwrap_or_default();
            assert_eq!(waited, Duration::from_secs(seconds));
            now += waited;
            assert_eq!(brake.remaining(now), None);
        }
    }

    #[test]
    fn a_link_of_use_and_a_long_pause_make_all_well() {
        for (lasted, was_online, pause) in [
            (HEALTHY_AFTER, false, Duration::ZERO),
            (SHORT, true, Duration::ZERO),
            (Duration::ZERO, true, Duration::ZERO),
            (SHORT, false, FORGOTTEN_AFTER),
        ] {
            let (mut brake, mut now) = (Brake::default(), Instant::now());
            for _ in 0..4 {
                brake.ended(SHORT, false, now);
            }
            now += brake.remaining(now).expect("a wait") + pause + lasted;
            brake.ended(lasted, was_online, now);
            assert_eq!(brake.remaining(now), None, "{lasted:?}");
        }
    }

    #[test]
    fn the_time_of_a_link_itself_is_no_pause() {
        let (mut brake, mut now) = (Brake::default(), Instant::now());
        for _ in 0..4 {
            now += SHORT;
            brake.ended(SHORT, false, now);
        }
        assert!(brake.remaining(now).is_some());
    }
}
