//! The one way for a program to use a node, in the same process or over HTTP.

use std::fmt;

use perpetua_words::Message;

use crate::{Event, Method, RpcError, Topics};

/// A node as a program sees it: written once against this, it runs with either way to the node.
pub trait Rpc: Sync {
    /// What [`Rpc::events`] gives.
    type Events: EventStream;

    /// Carries out one call.
    fn call<M: Method>(&self, call: &M)
    -> impl Future<Output = Result<M::Reply, CallError>> + Send;

    /// Follows what happens from now on.
    fn events(
        &self,
        topics: &Topics,
    ) -> impl Future<Output = Result<Self::Events, CallError>> + Send;
}

/// Events as they come.
pub trait EventStream: Send {
    /// The next one; `None` when the node has ended.
    fn next(&mut self) -> impl Future<Output = Option<Event>> + Send;
}

/// Why a call has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The node refused it, or failed.
    Refused(RpcError),
    /// Nobody answers.
    NoAnswer(Message),
    /// The answer cannot be understood: it is from another version, or from another program.
    Foreign(Message),
}

impl From<RpcError> for CallError {
    fn from(refused: RpcError) -> Self {
        Self::Refused(refused)
    }
}

impl From<&CallError> for Message {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::Refused(refused) => refused.message.clone(),
            CallError::NoAnswer(message) | CallError::Foreign(message) => message.clone(),
        }
    }
}

/// In English, for logs.
impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => write!(formatter, "{refused}"),
            Self::NoAnswer(message) | Self::Foreign(message) => write!(formatter, "{message}"),
        }
    }
}

impl std::error::Error for CallError {}
