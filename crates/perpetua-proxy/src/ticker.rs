//! Watches over the time limits of an account's actions.

use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::AccountHandle;

/// Refuses each action when its time is up, until cancelled.
pub(crate) async fn run(account: AccountHandle, cancel: CancellationToken) {
    loop {
        let deadline = account.tick();
        let overdue = async {
            match deadline {
                Some(deadline) => sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = account.deadline_moved() => {}
            () = overdue => {}
        }
    }
}
