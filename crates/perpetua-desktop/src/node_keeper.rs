//! Keeps the node of the window: starts it in this process, or shows the one that another program runs.
//!
//! ```text
//!            start fails            node_retry: again, other_port
//!  Starting ─────────────► Failed ─────────────────────────────► Starting
//!     │                      │ ▲                                     │
//!     ▼                      │ │ a part ended; the other ended       ▼
//!    Own ────────────────────┼─┴───────── Other ◄──── node_retry: use_running
//!     │ └────── end ─────────┴──► Ended ◄───┘
//!     └─ node_retry: secrets_file, restart ─► Starting
//! ```

mod follow;
mod other_port;
mod other_version;
mod preferences;
mod rewrite;
mod running;
mod secrets_file;

use std::{sync::Arc, time::Duration};

use perpetua_client::NodeClient;
use perpetua_node::{NodePlace, NodeRpc};
use perpetua_schema::{Call, CallError, ErrorCode, RpcError};
use perpetua_telemetry::LogHandle;
use perpetua_words::Language;
use serde_json::Value;
use tokio::{
    sync::{OnceCell, mpsc, oneshot, watch},
    time::timeout,
};
use tracing::warn;

pub use follow::NodeEvents;
pub use preferences::language_of;
#[cfg(test)]
pub(crate) use preferences::usual;

use crate::{NodeSituation, Retried, StartFailure, Way};
use running::Keeper;

/// Commands that may wait; a person gives one at a time.
const COMMANDS: usize = 4;

/// What a node is kept with.
#[derive(Clone, Debug)]
pub struct KeeperOptions {
    /// Which one.
    pub place: NodePlace,
    /// The program's log, whose levels follow the settings.
    pub log: LogHandle,
    /// The language of the sentences in webhooks.
    pub language: Language,
    /// The commit that the program was built from.
    pub build: &'static str,
}

/// Where the node stands.
#[derive(Clone, Debug)]
pub enum NodeState {
    /// It is being started.
    Starting,
    /// It runs here.
    Own(NodeRpc),
    /// Another program runs it.
    Other {
        /// The way to it.
        client: NodeClient,
        /// Its version.
        version: Option<String>,
    },
    /// Nothing runs.
    Failed(StartFailure),
    /// It has ended, and the program is about to.
    Ended,
}

impl From<&NodeState> for NodeSituation {
    fn from(state: &NodeState) -> Self {
        match state {
            NodeState::Starting | NodeState::Ended => Self::Starting,
            NodeState::Own(_) => Self::Own,
            NodeState::Other { version, .. } => Self::Other {
                version: version.clone(),
            },
            NodeState::Failed(failure) => Self::Failed {
                problem: failure.problem.clone(),
                ways: failure.ways.clone(),
                settings_line: failure.settings_line,
            },
        }
    }
}

/// Who waits for what became of a command.
type Reply = oneshot::Sender<Result<Retried, StartFailure>>;

/// What the keeper is asked for.
#[derive(Debug)]
enum Command {
    Retry(Way, Reply),
    End(oneshot::Sender<()>),
}

/// The node of the window. A cheap clone; when the last one is gone, the node ends.
#[derive(Clone, Debug)]
pub struct NodeKeeper {
    commands: mpsc::Sender<Command>,
    state: watch::Receiver<NodeState>,
    ended: Arc<OnceCell<()>>,
}

impl NodeKeeper {
    /// Begins to start it. Needs a runtime, and waits for nothing.
    pub fn start(options: KeeperOptions) -> Self {
        #[cfg(target_os = "linux")]
        perpetua_node::give_memory_back();
        let (commands, coming) = mpsc::channel(COMMANDS);
        let (told, state) = watch::channel(NodeState::Starting);
        tokio::spawn(Keeper::new(options, told).run(coming));
        let ended = Arc::default();
        Self {
            commands,
            state,
            ended,
        }
    }

    /// Where it stands, and each change.
    pub fn state(&self) -> watch::Receiver<NodeState> {
        self.state.clone()
    }

    /// Waits until it has started or failed to; says whether it failed.
    pub async fn fails_to_start(&self) -> bool {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| !matches!(state, NodeState::Starting));
        settled
            .await
            .is_ok_and(|state| matches!(*state, NodeState::Failed(_)))
    }

    /// Tries a way out of a start that failed, or of secrets that do not come. How it went is the next state.
    pub async fn retry(&self, way: Way) -> Result<Retried, RpcError> {
        let (reply, answer) = oneshot::channel();
        // One that nobody takes any more comes back, and with it what would have told of an answer.
        drop(self.commands.send(Command::Retry(way, reply)).await);
        match answer.await {
            Ok(Ok(retried)) => Ok(retried),
            Ok(Err(failure)) => Err(RpcError::new(ErrorCode::Conflict, failure.problem)),
            Err(_ending) => Ok(Retried::default()),
        }
    }

    /// Ends the node in order; one of another program goes on.
    pub async fn end(&self) {
        let (done, ended) = oneshot::channel();
        drop(self.commands.send(Command::End(done)).await);
        let _ended_already = ended.await;
    }

    /// Ends the node as [`end`](Self::end) does, and waits no longer than this for it. Whoever asks again, in
    /// whichever way the program ends, waits for the same end and adds nothing to its time.
    pub async fn end_within(&self, limit: Duration) {
        let end = async || {
            if timeout(limit, self.end()).await.is_err() {
                warn!("not everything ended in time");
            }
        };
        self.ended.get_or_init(end).await;
    }

    /// Carries out a call of the node by its name; the error is absent where no node answers.
    pub async fn call(&self, name: &str, params: &Value) -> Result<Value, Option<RpcError>> {
        let state = self.state.borrow().clone();
        let params = serde_json::to_vec(params).unwrap_or_default();
        match state {
            NodeState::Own(rpc) => {
                let call = Call::parse(name, &params)?;
                Ok(rpc.dispatch(call).await?)
            }
            NodeState::Other { client, .. } => {
                let reply = client.dispatch(name, params).await.map_err(unless_silent)?;
                // `()` is sent as `null`.
                Ok(serde_json::from_slice(&reply).unwrap_or_default())
            }
            NodeState::Starting | NodeState::Failed(_) | NodeState::Ended => Err(None),
        }
    }
}

/// What the page is told of a call that failed on its way.
fn unless_silent(error: CallError) -> Option<RpcError> {
    match error {
        CallError::Refused(refused) => Some(refused),
        CallError::NoAnswer(_) => None,
        CallError::Foreign(message) => Some(RpcError::new(ErrorCode::Internal, message)),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::{
        sync::{mpsc, watch},
        time::{Instant, sleep},
    };

    use super::{NodeKeeper, NodeState};

    #[tokio::test(start_paused = true)]
    async fn an_end_that_is_asked_for_in_several_ways_takes_its_time_once() {
        let (commands, _that_nobody_takes) = mpsc::channel(4);
        let (_told, state) = watch::channel(NodeState::Starting);
        let keeper = NodeKeeper {
            commands,
            state,
            ended: Arc::default(),
        };
        let (start, limit) = (Instant::now(), Duration::from_secs(10));
        let meanwhile = async {
            sleep(limit / 2).await;
            keeper.end_within(limit).await;
            assert!(start.elapsed() >= limit, "the end had not come yet");
        };
        tokio::join!(keeper.end_within(limit), meanwhile);
        keeper.end_within(limit).await;
        // The timer counts whole milliseconds.
        assert!(start.elapsed() < limit + Duration::from_secs(1));
    }
}
