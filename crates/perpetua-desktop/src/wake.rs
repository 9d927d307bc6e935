//! Time as the program around the page needs it: whether the computer was asleep, and how old a status is
//! although somebody sets the clock.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use perpetua_schema::{AccountStatus, NodeStatus, UpstreamState};
#[cfg(unix)]
use rustix::time::{ClockId, clock_gettime};

use crate::{ButtonAction, standing};

/// How often it is looked.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A gap longer than this was sleep; less is a busy machine.
const GAP: Duration = Duration::from_secs(30);

/// The clocks at the last look.
#[derive(Clone, Copy, Debug)]
pub struct SleepWatch {
    steady: Instant,
    through_sleep: Duration,
}

impl SleepWatch {
    /// Begins now; `through_sleep` is [`through_sleep`].
    pub fn new(steady: Instant, through_sleep: Duration) -> Self {
        Self {
            steady,
            through_sleep,
        }
    }

    /// Looks again; says whether the computer was asleep meanwhile. Some systems stop the steady clock
    /// during sleep and some do not, so the longer of both counts.
    pub fn look(&mut self, steady: Instant, through_sleep: Duration) -> bool {
        let gone = steady.saturating_duration_since(self.steady);
        let gone_through_sleep = through_sleep.saturating_sub(self.through_sleep);
        *self = Self::new(steady, through_sleep);
        gone.max(gone_through_sleep) > LOOK_EVERY + GAP
    }
}

/// A clock that goes on during sleep, and that nobody can set. Only its differences mean something.
///
/// On Linux the clock that counts from the boot is such a one. On macOS it is the monotonic clock of the
/// system; the steady clock of this program stops there during sleep. The steady clock of Windows does not
/// stop, so that there nothing else is asked.
pub fn through_sleep() -> Duration {
    #[cfg(unix)]
    {
        clock_gettime(THROUGH_SLEEP).try_into().unwrap_or_default()
    }
    #[cfg(windows)]
    Duration::ZERO
}

#[cfg(target_os = "linux")]
const THROUGH_SLEEP: ClockId = ClockId::Boottime;
#[cfg(all(unix, not(target_os = "linux")))]
const THROUGH_SLEEP: ClockId = ClockId::Monotonic;

/// The time by which the ages in a status are reckoned. A status holds times of the clock as it went when it
/// came; from then on the steady clock counts, so that nothing gets older or younger when somebody sets it.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatusClock {
    came: Option<Came>,
}

#[derive(Clone, Debug)]
struct Came {
    status: Arc<NodeStatus>,
    steady: Instant,
    ms: i64,
}

impl StatusClock {
    /// Now, in milliseconds since 1970 by the clock as it went when the status came.
    pub(crate) fn now_ms(
        &mut self,
        status: &Arc<NodeStatus>,
        steady: Instant,
        clock_ms: i64,
    ) -> i64 {
        let came = self
            .came
            .take()
            .filter(|came| Arc::ptr_eq(&came.status, status));
        let came = self.came.insert(came.unwrap_or_else(|| Came {
            status: Arc::clone(status),
            steady,
            ms: clock_ms,
        }));
        let since = steady.saturating_duration_since(came.steady).as_millis();
        came.ms
            .saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// What is asked of the node after sleep: who waits for the next attempt need not wait longer.
pub fn after_sleep(status: &NodeStatus) -> Vec<ButtonAction> {
    let waits = |account: &&AccountStatus| {
        account.enabled
            && account.core.is_none()
            && account.upstream.state == UpstreamState::Waiting
    };
    let waiting = status.accounts.iter().filter(waits);
    waiting
        .map(|account| standing::reconnect(&account.name))
        .collect()
}

/// The time in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// The minute of the day here, counted from midnight.
pub(crate) fn minute_of_day() -> u16 {
    let now = jiff::Zoned::now();
    let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
    u16::try_from(minute).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use super::{SleepWatch, StatusClock};
    use crate::made;

    #[test]
    fn sleep_is_noticed_whichever_clock_stood_still() {
        let (start, boot) = (Instant::now(), Duration::from_hours(1));
        let after = Duration::from_secs;
        let look = |steady, slept| {
            SleepWatch::new(start, boot).look(start + after(steady), boot + after(slept))
        };
        assert!(!look(5, 5));
        assert!(!look(20, 20));
        assert!(look(5, 3600));
        assert!(look(3600, 3600));
        let set_back = boot.saturating_sub(after(1800));
        assert!(!SleepWatch::new(start, boot).look(start + after(5), set_back));
    }

    #[cfg(unix)]
    #[test]
    fn the_clock_that_goes_on_during_sleep_is_not_the_one_that_people_set() {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let years = Duration::from_hours(24 * 365 * 20);
        assert!(super::through_sleep() < years && since_1970.expect("later") > years);
        assert!(super::through_sleep() > Duration::ZERO, "it goes");
    }

    #[test]
    fn a_clock_that_is_set_makes_no_status_older_or_younger() {
        let (start, mut clock) = (Instant::now(), StatusClock::default());
        let after = |seconds| start + Duration::from_secs(seconds);
        let status = Arc::new(made::node([]));
        assert_eq!(clock.now_ms(&status, start, 1_000_000), 1_000_000);
        for set_to in [0, 900_000_000] {
            assert_eq!(clock.now_ms(&status, after(5), set_to), 1_005_000);
        }
        // The next status has its times by the clock as it goes now.
        let next = Arc::new(made::node([]));
        assert_eq!(clock.now_ms(&next, after(10), 900_000_000), 900_000_000);
    }
}
