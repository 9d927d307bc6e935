//! How things end: the program when it is asked to, the page's process too often.

use std::time::{Duration, Instant};

use perpetua_schema::{CoreState, NodeStatus};

/// Deaths of the page's process within this time count together.
const DEATHS_WITHIN: Duration = Duration::from_mins(1);
/// So many of them are too many: loading the page again does not help.
const TOO_MANY_DEATHS: usize = 3;

/// When the process that draws the page has died.
#[derive(Clone, Debug, Default)]
pub struct Deaths(Vec<Instant>);

impl Deaths {
    /// It died; says whether that was too often.
    pub fn happened(&mut self, now: Instant) -> bool {
        self.0
            .retain(|death| now.duration_since(*death) < DEATHS_WITHIN);
        self.0.push(now);
        self.0.len() >= TOO_MANY_DEATHS
    }
}

/// How many clients are told of an end, and how many cores are stopped.
pub fn to_be_told(status: &NodeStatus) -> (usize, usize) {
    let clients = status.accounts.iter().flat_map(|account| &account.clients);
    let connected = clients.filter(|client| !client.connections.is_empty());
    let cores = status
        .accounts
        .iter()
        .filter_map(|account| account.core.as_ref());
    let running = cores.filter(|core| !matches!(core.state, CoreState::Stopped));
    (connected.count(), running.count())
}

/// Waits until the system or the session asks the program to end. Needs a runtime.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::interrupt(),
        ];
        let mut signals: Vec<_> = kinds.into_iter().flat_map(signal).collect();
        std::future::poll_fn(|context| {
            let mut asked = signals.iter_mut().map(|signal| signal.poll_recv(context));
            if asked.any(|asked| asked.is_ready()) {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_c, ctrl_shutdown};
        match (ctrl_c(), ctrl_shutdown()) {
            (Ok(mut interrupt), Ok(mut shutdown)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = shutdown.recv() => {}
            },
            _ => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Deaths;

    #[test]
    fn a_page_that_dies_again_and_again_is_not_loaded_for_ever() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut deaths = Deaths::default();
        assert!(!deaths.happened(at(0)));
        assert!(!deaths.happened(at(50)));
        assert!(!deaths.happened(at(70)));
        assert!(deaths.happened(at(80)));
    }
}
