//! What accounts are made with: handles that all of them share.

use std::net::SocketAddr;

use perpetua_config::{ListenerToken, TokenSource};
use perpetua_proxy::{Clock, Gate};
use perpetua_schema::Event;
use perpetua_secrets::Secret;
use tokio::{sync::broadcast, task::spawn_blocking};

use crate::{
    managed::ManagedContext,
    ports::PortRegistry,
    tokens::{TokenProblem, Tokens},
    webhooks::Notifier,
};

/// Handles that steps work with. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// Where the HTTP side listens.
    pub(crate) api: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) ports: PortRegistry,
    pub(crate) tokens: Tokens,
    pub(crate) watchers: broadcast::Sender<Event>,
    pub(crate) notifier: Notifier,
    pub(crate) managed: ManagedContext,
}

impl Context {
    /// What a listener asks for. Keyrings block, and may wait for a person.
    pub(crate) async fn gate(
        &self,
        token: ListenerToken,
        generated_name: String,
    ) -> Result<Gate, TokenProblem> {
        let tokens = self.tokens.clone();
        blocking(move || tokens.gate(&token, &generated_name)).await
    }

    /// A token that we show.
    pub(crate) async fn find(&self, source: TokenSource) -> Result<Secret, TokenProblem> {
        find(&self.tokens, source).await
    }
}

/// The token at a place.
pub(crate) async fn find(tokens: &Tokens, source: TokenSource) -> Result<Secret, TokenProblem> {
    let tokens = tokens.clone();
    blocking(move || tokens.find(&source)).await
}

/// Runs what blocks on a thread for that.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
