//! What accounts are started with.

use perpetua_access::Auth;
use perpetua_config::{ListenerToken, TokenSource};
use perpetua_proxy::Clock;
use perpetua_schema::Event;
use perpetua_secrets::Secret;
pub(crate) use perpetua_task::blocking;
use tokio::sync::broadcast;

use crate::{
    kept_ports::KeptPorts,
    managed::ManagedSupplies,
    notify::Notifier,
    tokens::{TokenProblem, Tokens},
};

/// The store's name for the token of leased ports beyond loopback.
pub(crate) const DISCOVERY_SECRET: &str = "discovery";

/// What accounts are started with.
#[derive(Debug)]
pub(crate) struct Supplies {
    pub(crate) clock: Clock,
    pub(crate) ports: KeptPorts,
    pub(crate) tokens: Tokens,
    pub(crate) watchers: broadcast::Sender<Event>,
    pub(crate) notifier: Notifier,
    pub(crate) managed: ManagedSupplies,
    pub(crate) random: fastrand::Rng,
}

impl Supplies {
    /// What a listener asks for. Keyrings block, and may wait for a person.
    pub(crate) async fn gate(
        &self,
        token: ListenerToken,
        generated_name: String,
    ) -> Result<Auth, TokenProblem> {
        let tokens = self.tokens.clone();
        blocking(move || tokens.gate(&token, &generated_name)).await
    }

    /// A token that we show.
    pub(crate) async fn find(&self, source: TokenSource) -> Result<Secret, TokenProblem> {
        find(&self.tokens, source).await
    }

    pub(crate) fn seed(&mut self) -> u64 {
        self.random.u64(..)
    }
}

/// The token at a place.
pub(crate) async fn find(tokens: &Tokens, source: TokenSource) -> Result<Secret, TokenProblem> {
    let tokens = tokens.clone();
    blocking(move || tokens.find(&source)).await
}
