//! The request to end, with the one deadline by which everything has to be over.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::time::Instant;

use tokio_util::sync::CancellationToken;

/// How long something may take to end when nobody named a deadline.
const USUAL: Duration = Duration::from_secs(4);

/// A request to end; a cheap clone, all clones are the same request.
#[derive(Clone, Debug, Default)]
pub struct StopRequest {
    token: CancellationToken,
    deadline: Arc<OnceLock<Instant>>,
}

impl StopRequest {
    /// One that begins with `outer` at the latest.
    pub fn within(outer: &CancellationToken) -> Self {
        Self {
            token: outer.child_token(),
            deadline: Arc::default(),
        }
    }

    /// Asks for the end. Whoever asked first has named the deadline.
    pub fn begin(&self, deadline: Instant) {
        let _named_already = self.deadline.set(deadline);
        self.token.cancel();
    }

    /// Waits until the end is asked for; gives the time that is left for it.
    pub async fn begun(&self) -> Duration {
        self.token.cancelled().await;
        self.time_left()
    }

    /// The time that is left until the deadline.
    pub fn time_left(&self) -> Duration {
        self.deadline.get().map_or(USUAL, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }

    /// Cancelled when the end is asked for.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::StopRequest;

    #[tokio::test]
    async fn the_first_deadline_counts_for_everybody() {
        let stop = StopRequest::default();
        let clone = stop.clone();
        stop.begin(Instant::now() + Duration::from_mins(1));
        stop.begin(Instant::now());
        let left = clone.begun().await;
        assert!(left > Duration::from_secs(50), "{left:?}");
        assert!(clone.token().is_cancelled());
    }
}
