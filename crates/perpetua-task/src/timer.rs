//! A timer for what is done again and again.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// A timer whose first tick comes after one period; a late tick does not make the next ones early.
pub fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::every;

    const PERIOD: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn the_first_tick_comes_after_one_period_and_a_late_one_delays_the_next() {
        let begin = Instant::now();
        let mut timer = every(PERIOD);
        timer.tick().await;
        assert_eq!(begin.elapsed(), PERIOD);
        // Nobody looks for two and a half periods.
        advance(PERIOD * 5 / 2).await;
        timer.tick().await;
        let late = Instant::now();
        timer.tick().await;
        assert_eq!(late.elapsed(), PERIOD);
    }
}
