//! Snapshots of a node, taken only while somebody follows them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use perpetua_schema::{NodeStatus, Snapshot};
use tokio::{sync::watch, time::sleep};

use crate::{backend::NodeBackend, changes};

/// The time between two snapshots: a person sees no delay, and nothing changes more often than four
/// times a second for those who follow it.
const PAUSE: Duration = Duration::from_millis(250);

/// The latest snapshot of a node.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    /// An empty one before anybody has followed it.
    latest: watch::Sender<Arc<Snapshot>>,
    /// Whether the task that takes them runs.
    taken: Mutex<bool>,
}

impl Snapshots {
    /// The present snapshot, and those that come.
    pub(crate) fn follow(backend: &Arc<NodeBackend>) -> watch::Receiver<Arc<Snapshot>> {
        let snapshots = &backend.snapshots;
        let mut taken = snapshots
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !*taken {
            snapshots.take(backend.node_status());
            *taken = true;
            tokio::spawn(take_while_followed(Arc::clone(backend)));
        }
        snapshots.latest.subscribe()
    }

    /// Takes a snapshot in; says whether it differs in more than counters.
    fn take(&self, status: NodeStatus) -> bool {
        self.latest.send_if_modified(|latest| {
            let changed = changes::differ(&latest.status, &status);
            *latest = Arc::new(Snapshot {
                generation: latest.generation + u64::from(changed),
                status,
            });
            changed
        })
    }

    /// Whether the task may end, because nobody follows.
    fn let_go(&self) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = self.latest.receiver_count() > 0;
        !*taken
    }
}

/// Looks at the node as long as somebody wants to know and the node runs.
async fn take_while_followed(backend: Arc<NodeBackend>) {
    let (mut view, mut changes) = (backend.view.clone(), backend.events.state_changes());
    while view.has_changed().is_ok() && !backend.snapshots.let_go() {
        view.mark_unchanged();
        changes.mark_unchanged();
        if backend.snapshots.take(backend.node_status()) {
            sleep(PAUSE).await;
        } else {
            tokio::select! {
                _ = changes.changed() => {}
                _ = view.changed() => {}
                () = sleep(PAUSE) => {}
            }
        }
    }
}
