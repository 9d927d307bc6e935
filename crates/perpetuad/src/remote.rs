//! Talking to the running node.

use std::{ops::ControlFlow, path::PathBuf, time::Duration};

use perpetua_fs::Folders;
use perpetua_node::{ExitCode, StartError};
use perpetua_schema::{Event, Method, RpcError, Session, Status, Topics};
use perpetua_words::{Message, cli, with_causes};
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// Why the running node could not be asked.
#[derive(Debug)]
pub(crate) enum RemoteError {
    NotRunning(PathBuf),
    NoAnswer { api: String, cause: reqwest::Error },
    Foreign(String),
    Refused(RpcError),
}

impl From<&RemoteError> for Message {
    fn from(error: &RemoteError) -> Self {
        match error {
            RemoteError::NotRunning(folder) => cli::NoNode { folder }.into(),
            RemoteError::NoAnswer { api, cause } => cli::NoAnswer {
                api,
                cause: with_causes(cause),
            }
            .into(),
            RemoteError::Foreign(reason) => cli::Foreign { reason }.into(),
            RemoteError::Refused(refused) => refused.message.clone(),
        }
    }
}

impl RemoteError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::Usage,
            Self::NotRunning(_) | Self::NoAnswer { .. } => ExitCode::Unavailable,
            Self::Foreign(_) => ExitCode::Internal,
        }
    }
}

/// The node that runs on a data folder.
#[derive(Debug)]
pub(crate) struct Remote {
    session: Session,
    client: reqwest::Client,
    runtime: Runtime,
}

impl Remote {
    /// Finds the node by the session file in its folder.
    pub(crate) fn find(folders: &Folders) -> Result<Self, Failure> {
        let not_running = || RemoteError::NotRunning(folders.data().to_owned());
        let bytes = std::fs::read(folders.session()).map_err(|_| not_running())?;
        let session = serde_json::from_slice(&bytes).map_err(|_| not_running())?;
        Ok(Self {
            session,
            client: perpetua_fetch::loopback_client().map_err(StartError::from)?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Carries out one call.
    pub(crate) fn call<M: Method>(&self, call: &M) -> Result<M::Reply, RemoteError> {
        self.runtime.block_on(async {
            let url = format!("{}/rpc/{}", self.session.api, M::NAME);
            let request = self
                .client
                .post(url)
                .bearer_auth(&self.session.token)
                .json(call);
            let answer = request
                .send()
                .await
                .map_err(|source| self.no_answer(source))?;
            let ok = answer.status().is_success();
            let body = answer
                .bytes()
                .await
                .map_err(|source| self.no_answer(source))?;
            if ok {
                return serde_json::from_slice(&body)
                    .map_err(|error| RemoteError::Foreign(error.to_string()));
            }
            let refused = serde_json::from_slice(&body)
                .map_err(|error| RemoteError::Foreign(error.to_string()))?;
            Err(RemoteError::Refused(refused))
        })
    }

    /// Whether the node answers at all, rather than having left its session file behind.
    pub(crate) fn is_alive(&self) -> bool {
        !matches!(self.call(&Status {}), Err(RemoteError::NoAnswer { .. }))
    }

    /// Lets time pass.
    pub(crate) fn pause(&self, duration: Duration) {
        self.runtime
            .block_on(async { tokio::time::sleep(duration).await });
    }

    /// Follows events of the node until it ends, or `each`, which sees every one, has seen enough.
    /// What happens after `begun` was called is not missed.
    pub(crate) fn follow(
        &self,
        topics: &Topics,
        begun: impl FnOnce(),
        mut each: impl FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), RemoteError> {
        self.runtime.block_on(async {
            let url = format!("{}/rpc/events?topics={topics}", self.session.api);
            let request = self.client.get(url).bearer_auth(&self.session.token);
            let mut answer = request
                .send()
                .await
                .map_err(|source| self.no_answer(source))?;
            begun();
            let mut waiting = Vec::new();
            // A stream that breaks off means that the node has ended.
            while let Ok(Some(chunk)) = answer.chunk().await {
                waiting.extend_from_slice(&chunk);
                while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = waiting.drain(..=end).collect();
                    if let Ok(event) = serde_json::from_slice(&line)
                        && each(event).is_break()
                    {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })
    }

    fn no_answer(&self, source: reqwest::Error) -> RemoteError {
        RemoteError::NoAnswer {
            api: self.session.api.clone(),
            cause: source,
        }
    }
}
