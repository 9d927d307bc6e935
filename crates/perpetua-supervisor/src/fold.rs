//! A record that the core writes anew for every event, while somebody reads slowly: the first one is kept, and what
//! follows is counted, with a line a minute.

use std::time::Duration;

use tokio::time::Instant;

/// How long they are counted before a line tells of them.
const COUNTED_FOR: Duration = Duration::from_mins(1);

/// What is known of such records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Fold {
    /// There was none lately.
    #[default]
    Open,
    /// One was kept; so many more have come, and are told of at that moment.
    Counting { more: u64, until: Instant },
}

impl Fold {
    /// One has come; whether it is kept as it is.
    pub(crate) fn keeps(&mut self, now: Instant) -> bool {
        match self {
            Self::Open => {
                *self = Self::begun(now);
                true
            }
            Self::Counting { more, .. } => {
                *more += 1;
                false
            }
        }
    }

    /// When [`Fold::tick`] has something to do.
    pub(crate) fn due(self) -> Option<Instant> {
        match self {
            Self::Open => None,
            Self::Counting { until, .. } => Some(until),
        }
    }

    /// How many have to be told of now. After a minute without one the next is kept again.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<u64> {
        match *self {
            Self::Counting { more, until } if until <= now => {
                *self = if more == 0 {
                    Self::Open
                } else {
                    Self::begun(now)
                };
                (more > 0).then_some(more)
            }
            Self::Open | Self::Counting { .. } => None,
        }
    }

    /// No more will come; how many have not been told of.
    pub(crate) fn finish(&mut self) -> Option<u64> {
        match std::mem::take(self) {
            Self::Counting {
                more: more @ 1.., ..
            } => Some(more),
            Self::Open | Self::Counting { .. } => None,
        }
    }

    fn begun(now: Instant) -> Self {
        Self::Counting {
            more: 0,
            until: now + COUNTED_FOR,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Fold;

    #[test]
    fn the_first_is_kept_and_the_rest_is_a_count_each_minute() {
        let (mut fold, start) = (Fold::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(fold.due(), None);
        assert!(fold.keeps(at(0)));
        for second in 1..=59 {
            assert!(!fold.keeps(at(second)), "{second}");
            assert_eq!(fold.tick(at(second)), None);
        }
        assert_eq!(fold.due(), Some(at(60)));
        assert_eq!(fold.tick(at(60)), Some(59));
        assert!(!fold.keeps(at(61)));
        assert_eq!(fold.tick(at(120)), Some(1));
        assert_eq!(fold.tick(at(180)), None, "there was none");
        assert!(fold.keeps(at(181)), "the first of a new time");
    }

    #[test]
    fn what_was_counted_is_told_at_the_end() {
        let (mut fold, now) = (Fold::default(), Instant::now());
        assert_eq!(fold.finish(), None);
        fold.keeps(now);
        assert_eq!(fold.finish(), None, "it was kept");
        fold.keeps(now);
        fold.keeps(now);
        assert_eq!(fold.finish(), Some(1));
    }
}
