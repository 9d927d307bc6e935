//! Following the node whichever it is, over its ends and beginnings.

use std::{sync::Arc, time::Duration};

use perpetua_client::EventLines;
use perpetua_node::Subscription;
use perpetua_schema::{Event, EventStream, NodeStatus, Rpc, RpcError, Status, Topics};
use tokio::{sync::watch, time::timeout};

use super::{NodeKeeper, NodeState, unless_silent};

/// How long until a stream that another program broke off is begun again.
const FOLLOW_AGAIN_IN: Duration = Duration::from_secs(1);

/// The events of some topics, whoever runs the node.
#[derive(Debug)]
pub enum NodeEvents {
    /// In this program.
    Own(Box<Subscription>),
    /// In another one.
    Other(EventLines),
}

impl EventStream for NodeEvents {
    async fn next(&mut self) -> Option<Event> {
        match self {
            Self::Own(events) => events.next().await,
            Self::Other(events) => events.next().await,
        }
    }
}

impl NodeKeeper {
    /// Follows some topics until the node ends; the error is absent where no node answers.
    pub async fn events(&self, topics: &Topics) -> Result<NodeEvents, Option<RpcError>> {
        let state = self.state.borrow().clone();
        match state {
            NodeState::Own(rpc) => Ok(NodeEvents::Own(Box::new(rpc.subscribe(topics)))),
            NodeState::Other { client, .. } => {
                let events = client.events(topics).await;
                events.map(NodeEvents::Other).map_err(unless_silent)
            }
            NodeState::Starting | NodeState::Failed(_) | NodeState::Ended => Err(None),
        }
    }

    /// How the node stands, and each change; `None` while none runs. Needs a runtime.
    pub fn status(&self) -> watch::Receiver<Option<Arc<NodeStatus>>> {
        let (told, status) = watch::channel(None);
        tokio::spawn(tell_status(self.state(), told));
        status
    }
}

async fn tell_status(
    mut state: watch::Receiver<NodeState>,
    told: watch::Sender<Option<Arc<NodeStatus>>>,
) {
    loop {
        let now = state.borrow_and_update().clone();
        match &now {
            NodeState::Own(rpc) => tell_status_of(rpc, &told).await,
            NodeState::Other { client, .. } => tell_status_of(client, &told).await,
            NodeState::Starting | NodeState::Failed(_) | NodeState::Ended => {}
        }
        told.send_replace(None);
        if told.is_closed() || !begins_again(&mut state).await {
            return;
        }
    }
}

/// Waits until it is worth to follow anew: the state has changed, or another program's node that broke a
/// stream off has had a moment. Says whether there is anything to follow at all.
pub(super) async fn begins_again(state: &mut watch::Receiver<NodeState>) -> bool {
    let is_other = matches!(*state.borrow(), NodeState::Other { .. });
    let changed = state.changed();
    if is_other {
        !matches!(timeout(FOLLOW_AGAIN_IN, changed).await, Ok(Err(_)))
    } else {
        changed.await.is_ok()
    }
}

/// Tells how one node stands until it ends. Snapshots come whole; after any other change it is asked.
async fn tell_status_of(node: &impl Rpc, told: &watch::Sender<Option<Arc<NodeStatus>>>) {
    let Ok(mut events) = node.events(&Topics::default()).await else {
        return;
    };
    while let Some(event) = events.next().await {
        let status = match event {
            Event::Snapshot { status, .. } => *status,
            _ => match node.call(&Status {}).await {
                Ok(status) => status,
                Err(_ending) => continue,
            },
        };
        told.send_replace(Some(Arc::new(status)));
    }
}
