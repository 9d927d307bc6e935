//! What the HTTP side asks of the node behind it.

use std::{net::IpAddr, pin::Pin, time::Duration};

use bytes::Bytes;

use perpetua_hub::AccountSnapshot;
use perpetua_schema::{Call, CoreJob, Event, NodeStatus, RpcError, Topics};
use perpetua_secrets::Secret;
use perpetua_words::Message;

/// A future that a [`Backend`] gives.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The node, as far as HTTP needs it.
pub trait Backend: Send + Sync + 'static {
    /// Carries out a call; the reply is JSON of the call's reply type.
    fn call(&self, call: Call) -> Answer<'_, Result<serde_json::Value, RpcError>>;

    /// Begins to install a core that is uploaded: its file name, which is only shown, and its size in bytes, where
    /// that is known.
    fn receive_core(
        &self,
        name: String,
        size: Option<u64>,
    ) -> Answer<'_, Result<Box<dyn Receive>, RpcError>>;

    /// What happens from now on.
    fn follow(&self, topics: &Topics) -> Box<dyn Follow>;

    /// How the node stands, for `/healthz`; for `/metrics` its cores.
    fn status(&self) -> NodeStatus;

    /// How each account's hub stands, for `/metrics`, with its name.
    fn snapshots(&self) -> Vec<(String, AccountSnapshot)>;

    /// Leases a port to a program at `peer`; the account by name, or the one of the settings.
    fn lease<'a>(
        &'a self,
        peer: IpAddr,
        account: Option<&'a str>,
    ) -> Answer<'a, Result<u16, LeaseRefused>>;

    /// All clients that are connected.
    fn online_clients(&self) -> Vec<OnlineClient>;

    /// What a browser signs in with, or why it cannot be had.
    fn sign_in_token(&self) -> Answer<'_, Result<Secret, Message>>;

    /// Keeps the sessions of browsers for the next run.
    fn sessions_changed(&self) -> Answer<'_, ()>;

    /// The same when some have ended; why the next run would let them in all the same.
    fn sessions_ended(&self) -> Answer<'_, Result<(), Message>>;
}

/// A core that is uploaded. Dropped before it is whole, nothing is left of it.
pub trait Receive: Send {
    /// Takes the next piece; an error has ended the installation too.
    fn take(&mut self, piece: Bytes) -> Answer<'_, Result<(), RpcError>>;

    /// Waits until a person calls the installation off.
    fn called_off(&self) -> Answer<'static, ()>;

    /// Ends the installation, because no more will come; gives what the sender is told.
    fn no_more(self: Box<Self>, why: NoMore) -> RpcError;

    /// All of it has come: the installation goes on by itself. Tells how it stands.
    fn whole(self: Box<Self>) -> Answer<'static, Result<CoreJob, RpcError>>;
}

/// Why no more of an upload will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMore {
    /// A person has called the installation off.
    CalledOff,
    /// The connection broke.
    BrokenOff,
    /// Nothing came for so long.
    Silent(Duration),
}

/// Events of some topics, as they come.
pub trait Follow: Send {
    /// The next one; `None` when the node has ended. Whoever stops waiting for it misses nothing.
    fn next(&mut self) -> Answer<'_, Option<Event>>;
}

/// Why no port is leased, for `msg`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LeaseRefused(pub Message);

/// One entry of `GET /api/get_online_clients`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct OnlineClient {
    /// The connection's own id.
    pub app_id: String,
    /// The name it goes by, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
}
