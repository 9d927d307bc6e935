//! Whether this process itself stood still: the one place where that is known.
//!
//! ```text
//!  look ── 1 s ── look ── 1 s ── look ──────── 75 s ──────── look
//!                                        └ a gap, which ends here
//! ```
//!
//! A machine that sleeps, a virtual one that is paused, a process that was stopped: nobody was heard meanwhile, and
//! that says nothing of the others. Whoever measures how long somebody has been silent asks here before he judges, and
//! begins anew at the end of the gap, with a fresh question. Some systems stop the steady clock while they sleep:
//! then there is no gap, and no time limit has gone on either.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::every;

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A look that comes so much later than it was to was held up by more than a busy machine.
const GAP: Duration = Duration::from_secs(5);

/// Sees gaps in this process's own time, once [`GapWatch::run`] runs; before that there are none. Clones share what
/// they see.
#[derive(Clone, Debug, Default)]
pub struct GapWatch(Arc<Mutex<Seen>>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The latest look.
    looked: Option<Instant>,
    /// When the latest gap ended.
    woke: Option<Instant>,
}

impl GapWatch {
    /// Looks again and again, until it is dropped.
    pub async fn run(&self) -> ! {
        self.lock().looked = Some(Instant::now());
        let mut timer = every(LOOK_EVERY);
        loop {
            timer.tick().await;
            self.look();
        }
    }

    /// When the latest gap ended, if that was after this moment. It is looked anew: a gap that ends just now is seen by
    /// whoever asks first.
    pub fn woke_after(&self, moment: Instant) -> Option<Instant> {
        self.look();
        self.lock().woke.filter(|woke| *woke > moment)
    }

    /// Gives work this much time from a moment on, and after a gap all of it anew. `None` when it took longer.
    pub async fn within<T>(
        &self,
        limit: Duration,
        mut begun: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        loop {
            match timeout_at(begun + limit, &mut work).await {
                Ok(done) => return Some(done),
                Err(_) => begun = self.woke_after(begun)?,
            }
        }
    }

    fn look(&self) {
        let now = Instant::now();
        let mut seen = self.lock();
        let Some(last) = seen.looked.replace(now) else {
            // Nobody looks again and again, so that nothing follows from a pause between two looks.
            seen.looked = None;
            return;
        };
        if now.saturating_duration_since(last) > LOOK_EVERY + GAP {
            seen.woke = Some(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::time::{Instant, advance, sleep};

    use super::GapWatch;

    /// A watch that looks.
    async fn looking() -> GapWatch {
        let gaps = GapWatch::default();
        let looks = gaps.clone();
        tokio::spawn(async move { looks.run().await });
        sleep(Duration::from_millis(1500)).await;
        gaps
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_passes_in_small_steps_is_no_gap() {
        let gaps = looking().await;
        let begun = Instant::now();
        sleep(Duration::from_hours(1)).await;
        for _ in 0..100 {
            advance(Duration::from_secs(4)).await;
            // Whoever looks is held up for as long, and looks then.
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(gaps.woke_after(begun), None);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_first_after_a_gap_sees_it_and_sees_it_once() {
        for seconds in [7, 75, 8 * 3600] {
            let gaps = looking().await;
            let begun = Instant::now();
            advance(Duration::from_secs(seconds)).await;
            let woke = gaps.woke_after(begun).expect("it is seen");
            assert_eq!(woke, Instant::now(), "{seconds}");
            sleep(Duration::from_mins(1)).await;
            assert_eq!(gaps.woke_after(begun), Some(woke), "{seconds}");
            assert_eq!(gaps.woke_after(woke), None, "{seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_who_does_not_look_sees_gaps() {
        let gaps = GapWatch::default();
        let begun = Instant::now();
        for _ in 0..2 {
            advance(Duration::from_hours(1)).await;
            assert_eq!(gaps.woke_after(begun), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_limit_begins_anew_after_a_gap_and_ends_without_one() {
        let (gaps, limit) = (looking().await, Duration::from_secs(25));
        let begun = Instant::now();
        assert_eq!(gaps.within(limit, begun, pending::<()>()).await, None);
        assert_eq!(begun.elapsed(), limit);
        // The gap ends just before the limit, on it, or long after it.
        for (before, gap) in [(10, 14), (3, 22), (20, 3600)] {
            let limited = gaps.clone();
            let begun = Instant::now();
            let limited = tokio::spawn(async move {
                limited.within(limit, begun, pending::<()>()).await;
                Instant::now()
            });
            sleep(Duration::from_secs(before)).await;
            advance(Duration::from_secs(gap)).await;
            let woke = Instant::now();
            let ended = limited.await.expect("it ends");
            assert_eq!(ended - woke, limit, "{before} {gap}");
        }
    }
}
