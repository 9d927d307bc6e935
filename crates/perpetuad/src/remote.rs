//! Talking to the running node, one step at a time.

use std::{ops::ControlFlow, time::Duration};

use perpetua_client::{FindError, NodeClient};
use perpetua_fs::Folders;
use perpetua_node::ExitCode;
use perpetua_schema::{CallError, Event, Method, Rpc as _, Topics};
use perpetua_words::{Message, cli};
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// The node that runs on a data folder.
#[derive(Debug)]
pub(crate) struct Remote {
    node: NodeClient,
    runtime: Runtime,
}

impl Remote {
    /// Finds the node that runs on a folder.
    pub(crate) fn find(folders: &Folders) -> Result<Self, Failure> {
        Ok(Self {
            node: NodeClient::find(folders)?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Carries out one call.
    pub(crate) fn call<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        self.runtime.block_on(self.node.call(call))
    }

    /// What the node answers to one call.
    pub(crate) async fn answer<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        self.node.call(call).await
    }

    /// Lets time pass.
    pub(crate) fn pause(&self, duration: Duration) {
        self.runtime
            .block_on(async { tokio::time::sleep(duration).await });
    }

    /// Does something beside it that takes time.
    pub(crate) fn run<T>(&self, doing: impl Future<Output = T>) -> T {
        self.runtime.block_on(doing)
    }

    /// Follows events of the node until it ends, or `each`, which sees every one, has seen enough.
    /// What happens after `begun` was called is not missed.
    pub(crate) fn follow(
        &self,
        topics: &Topics,
        begun: impl FnOnce(),
        mut each: impl FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), CallError> {
        self.runtime.block_on(async {
            let mut events = self.node.events(topics).await?;
            begun();
            while let Some(event) = events.next().await {
                if each(event).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        match &error {
            FindError::NotRunning { folder } => Self::unavailable(cli::NoNode { folder }),
            FindError::Unreadable { .. } => Self::unavailable(&error),
        }
    }
}

/// What the running node refused, with each mistake of settings that it found; or why it said nothing.
impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Refused(refused) => {
                let details = refused.problems.iter().map(Message::from).collect();
                let exit = ExitCode::of_refusal(refused.code);
                Self::with_details(exit, refused.message.clone(), details)
            }
            CallError::NoAnswer(message) => Self::unavailable(message.clone()),
            CallError::Foreign(message) => Self::new(ExitCode::Internal, message.clone()),
        }
    }
}
