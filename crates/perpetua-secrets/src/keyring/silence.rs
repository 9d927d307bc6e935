//! Whether the keyring is known not to answer. Pure: the time is an argument.

use std::time::{Duration, Instant};

/// How long a keyring that did not answer is not asked again by itself. Who asks for something of several
/// accounts or clients then waits once; and what the node tries again after its thirty seconds is tried.
const LASTS: Duration = Duration::from_secs(20);

/// A keyring that did not answer within its limit, until it does, a person wants it tried, or a while has passed.
#[derive(Debug, Default)]
pub(super) struct Silence {
    until: Option<Instant>,
}

impl Silence {
    /// Somebody has waited in vain.
    pub(super) fn begin(&mut self, now: Instant) {
        self.until = Some(now + LASTS);
    }

    /// It has answered, or is to be asked whatever it did.
    pub(super) fn end(&mut self) {
        self.until = None;
    }

    /// Whether nobody need ask.
    pub(super) fn lasts(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LASTS, Silence};

    #[test]
    fn it_is_known_until_it_is_over_one_way_or_another() {
        let start = Instant::now();
        let mut silence = Silence::default();
        assert!(!silence.lasts(start), "nobody has waited yet");
        silence.begin(start);
        let just_before = LASTS.saturating_sub(Duration::from_millis(1));
        assert!(silence.lasts(start) && silence.lasts(start + just_before));
        assert!(!silence.lasts(start + LASTS), "it is asked again");
        silence.begin(start + LASTS);
        assert!(silence.lasts(start + LASTS));
        silence.end();
        assert!(!silence.lasts(start + LASTS), "it answered");
    }
}
