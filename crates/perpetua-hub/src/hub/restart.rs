//! `set_restart`: a client asks for the managed core to be started anew.

use std::time::Duration;

use perpetua_words::hub as words;
use serde::Deserialize;

use super::{
    Hub,
    extension::{Answer, read},
    refusal::Refusal,
};
use crate::{ClockReading, Retcode};

/// The longest delay: beyond it a wish is a mistake in the unit, and would block all others.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// `null` is as good as absent.
#[derive(Default, Deserialize)]
struct SetRestart {
    /// Milliseconds (OneBot v11).
    delay: Option<f64>,
}

impl Hub {
    /// Takes the wish in. When its delay is over it becomes a [`SupervisorSignal`](crate::SupervisorSignal);
    /// the caller does not wait for it.
    pub(super) fn set_restart(
        &mut self,
        params: Option<&str>,
        now: ClockReading,
    ) -> Result<Answer, Refusal> {
        if !self.presence.is_managed() {
            return Err(Refusal::new(Retcode::NotAllowed, words::NotManaged));
        }
        let wish: Option<SetRestart> = read(params)?;
        let delay = delay(&wish.unwrap_or_default())?;
        self.restart.wish(delay, now.instant).map_err(|wait| {
            let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
            Refusal::new(Retcode::OverQuota, words::RestartUnderWay { seconds })
        })?;
        Ok(Answer::UnderWay)
    }
}

fn delay(wish: &SetRestart) -> Result<Duration, Refusal> {
    let delay = Duration::try_from_secs_f64(wish.delay.unwrap_or_default() / 1000.0).ok();
    delay
        .filter(|delay| *delay <= LONGEST_DELAY)
        .ok_or_else(|| {
            let limit = u64::try_from(LONGEST_DELAY.as_millis()).unwrap_or(u64::MAX);
            Refusal::malformed(words::BadDelay { limit })
        })
}
