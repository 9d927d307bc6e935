//! A client of a running account: one type that the rest of the node sees, a file for each kind.

mod port;
mod post;
mod reverse;

use std::net::SocketAddr;

use perpetua_config as config;
use perpetua_hub::DisconnectReason;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_secrets::Secret;
use perpetua_words::Message;

use crate::{context::Context, translate, view::TargetTrial};
use port::{ClientPort, Speaks};
use post::EventPoster;
use reverse::ReverseDialler;

/// A client that runs.
#[derive(Debug)]
pub(crate) enum ClientRuntime {
    /// A framework comes to a port of ours.
    Port(ClientPort),
    /// We post each event to the framework.
    Post(EventPoster),
    /// We connect to the framework.
    Reverse(ReverseDialler),
}

impl ClientRuntime {
    /// Lets the client in, or connects to it, as its settings say. `seed` is for what is random in it.
    pub(crate) async fn open(
        settings: &config::Client,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<Self, Message> {
        match &settings.kind {
            config::ClientKind::Forward(config::ForwardClient { listen, token }) => {
                let (at, speaks) = ((*listen, token), Speaks::WebSocket);
                ClientPort::open(settings, at, speaks, account, tasks, context)
                    .await
                    .map(Self::Port)
            }
            config::ClientKind::Http(config::HttpClient { listen, token }) => {
                let (at, speaks) = ((*listen, token), Speaks::Http);
                ClientPort::open(settings, at, speaks, account, tasks, context)
                    .await
                    .map(Self::Port)
            }
            config::ClientKind::Post(post) => {
                EventPoster::open(settings, post, account, tasks, context, seed)
                    .await
                    .map(Self::Post)
            }
            config::ClientKind::Reverse(reverse) => {
                ReverseDialler::open(settings, reverse, account, tasks, context, seed)
                    .await
                    .map(Self::Reverse)
            }
        }
    }

    /// Takes other bounds over; connections notice nothing.
    pub(crate) fn adjust(settings: &config::Client, account: &AccountHandle) {
        account.set_client(settings.name.as_str(), translate::client(settings));
    }

    /// Ends it and its connections.
    pub(crate) async fn close(self, name: &str, account: &AccountHandle, fate: ClientFate) {
        let cut = || match fate {
            ClientFate::Removed => account.remove_client(name),
            ClientFate::Changed => account.cut_client(name, DisconnectReason::SettingsChanged),
        };
        match (self, fate) {
            (Self::Port(port), ClientFate::Removed) => {
                cut();
                port.stop().await;
            }
            // The port first: who comes again at once must not be let in by the former settings.
            (Self::Port(port), ClientFate::Changed) => {
                port.stop().await;
                cut();
            }
            (Self::Post(poster), _) => {
                let ended = poster.stop();
                cut();
                ended.await;
            }
            // It ends with its connections, and no framework ever sees two.
            (Self::Reverse(dialler), _) => {
                let ended = dialler.stop();
                cut();
                ended.await;
                account.forget_dials(name);
            }
        }
        account.forget_way(name);
    }

    /// Makes and takes no more connections; those that there are stay.
    pub(crate) async fn stop(self) {
        match self {
            Self::Port(port) => port.stop().await,
            Self::Post(poster) => drop(poster.stop()),
            Self::Reverse(dialler) => drop(dialler.stop()),
        }
    }

    /// The address that its framework connects to; `None` for kinds that do not listen.
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        match self {
            Self::Port(port) => Some(port.address()),
            Self::Post(_) | Self::Reverse(_) => None,
        }
    }

    /// What tries it now, address by address; nothing for kinds that come to us.
    pub(crate) fn trials(&self) -> Vec<TargetTrial> {
        match self {
            Self::Port(_) => Vec::new(),
            Self::Post(poster) => vec![poster.trial()],
            Self::Reverse(dialler) => dialler.trials().to_vec(),
        }
    }

    /// What its framework has to show, or is shown, or checks signatures with.
    pub(crate) fn token(&self) -> Option<&Secret> {
        match self {
            Self::Port(port) => port.token(),
            Self::Post(poster) => poster.secret(),
            Self::Reverse(dialler) => dialler.token(),
        }
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
