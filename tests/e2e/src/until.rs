//! Waiting for what nobody announces.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_testkit::PATIENCE;
use tokio::time::{Instant, sleep};

/// How often a test asks again.
const POLL: Duration = Duration::from_millis(50);

/// Asks until there is an answer, for as long as [`PATIENCE`]. `what` names it in the error.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, ask).await
}

/// Asks until there is an answer, at most for `limit`. `what` names it in the error.
pub async fn until_within<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        ensure!(Instant::now() < deadline, "{what}: not within {limit:?}");
        sleep(POLL).await;
    }
}
