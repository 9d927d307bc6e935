//! A client of a running account: one type that the rest of the node sees, a file for each kind.

mod forward;

use std::net::SocketAddr;

use perpetua_config as config;
use perpetua_hub::DisconnectReason;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_secrets::Secret;
use perpetua_words::Message;

use crate::{context::Context, translate};
use forward::ForwardListener;

/// A client that runs.
#[derive(Debug)]
pub(crate) enum ClientRuntime {
    /// A framework connects to a port of ours.
    Forward(ForwardListener),
}

impl ClientRuntime {
    /// Lets the client in, as its settings say.
    pub(crate) async fn open(
        settings: &config::Client,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
    ) -> Result<Self, Message> {
        match &settings.kind {
            config::ClientKind::Forward(forward) => {
                ForwardListener::open(settings, forward, account, tasks, context)
                    .await
                    .map(Self::Forward)
            }
        }
    }

    /// Takes other bounds over; connections notice nothing.
    pub(crate) fn adjust(settings: &config::Client, account: &AccountHandle) {
        account.set_client(settings.name.as_str(), translate::client(settings));
    }

    /// Ends it and its connections.
    pub(crate) async fn close(self, name: &str, account: &AccountHandle, fate: ClientFate) {
        match fate {
            ClientFate::Removed => {
                account.remove_client(name);
                self.stop().await;
            }
            // The port first: who comes again at once must not be let in by the former settings.
            ClientFate::Changed => {
                self.stop().await;
                account.cut_client(name, DisconnectReason::SettingsChanged);
            }
        }
    }

    /// Takes no more connections; those that there are stay.
    pub(crate) async fn stop(self) {
        match self {
            Self::Forward(listener) => listener.stop().await,
        }
    }

    /// The address that its framework connects to; `None` for kinds that do not listen.
    #[expect(clippy::unnecessary_wraps, reason = "kinds that dial have none")]
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        match self {
            Self::Forward(listener) => Some(listener.address()),
        }
    }

    /// What its framework has to show.
    pub(crate) fn token(&self) -> Option<&Secret> {
        match self {
            Self::Forward(listener) => listener.token(),
        }
    }
}

/// What the settings call a kind of client.
pub(crate) fn kind(kind: &config::ClientKind) -> &'static str {
    match kind {
        config::ClientKind::Forward(_) => "forward",
    }
}

/// Why a client is closed: its connections are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientFate {
    /// It was disabled or taken out of the settings.
    Removed,
    /// It comes again with other settings.
    Changed,
}
