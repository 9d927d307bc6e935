//! What accounts are made with: handles that all of them share.

use perpetua_access::{Auth, WaitingRoom};
use perpetua_config::{ListenerToken, TokenSource};
use perpetua_proxy::{Clock, FrameBudget, LeaseCounts};
use perpetua_secrets::Secret;
use perpetua_tls::TlsClient;

use crate::{
    events::Events,
    managed::ManagedContext,
    ports::PortRegistry,
    tokens::{TokenProblem, Tokens},
    webhooks::Notifier,
};

/// Handles that steps work with. A cheap clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The clock.
    pub clock: Clock,
    /// What the messages of all accounts may hold together.
    pub budget: FrameBudget,
    /// For `wss://` upstreams.
    pub tls: TlsClient,
    /// The ports of listeners.
    pub ports: PortRegistry,
    /// Room for those who have come to any of them and have shown nothing yet.
    pub waiting: WaitingRoom,
    /// The ports that are leased, of all accounts.
    pub leases: LeaseCounts,
    /// Where tokens are found.
    pub tokens: Tokens,
    /// Who is told of what happens.
    pub watchers: Events,
    /// The webhooks.
    pub notifier: Notifier,
    /// What managed accounts need besides.
    pub managed: ManagedContext,
}

impl Context {
    /// What a listener asks for. Keyrings block, and may wait for a person.
    pub async fn auth(
        &self,
        token: ListenerToken,
        generated_name: String,
    ) -> Result<Auth, TokenProblem> {
        self.tokens
            .ask(move |tokens| tokens.auth(&token, &generated_name))
            .await
    }

    /// A token that we show.
    pub async fn find(&self, source: TokenSource) -> Result<Secret, TokenProblem> {
        find_token(&self.tokens, source).await
    }

    /// The same where the settings may name none.
    pub async fn find_if_any(
        &self,
        source: Option<&TokenSource>,
    ) -> Result<Option<Secret>, TokenProblem> {
        match source {
            Some(source) => self.find(source.clone()).await.map(Some),
            None => Ok(None),
        }
    }

    /// What something is signed with, where the settings may name nothing.
    pub async fn find_key_if_any(
        &self,
        source: Option<&TokenSource>,
    ) -> Result<Option<Secret>, TokenProblem> {
        let Some(source) = source.cloned() else {
            return Ok(None);
        };
        let found = self.tokens.ask(move |tokens| tokens.find_key(&source));
        found.await.map(Some)
    }
}

/// The token at a place.
pub async fn find_token(tokens: &Tokens, source: TokenSource) -> Result<Secret, TokenProblem> {
    tokens.ask(move |tokens| tokens.find(&source)).await
}
