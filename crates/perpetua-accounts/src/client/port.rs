//! `kind = "forward"` and `kind = "http"`: a framework comes to a port of ours, with a WebSocket or with calls.

use std::net::SocketAddr;

use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_config as config;
use perpetua_proxy::{AccountHandle, AccountTasks, ClientListener, serve_callers, serve_clients};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{context::Context, ports::PortOwner, tokens::client_secret_name, translate};

/// What is spoken at a port.
#[derive(Clone, Copy, Debug)]
pub(super) enum Speaks {
    WebSocket,
    Http,
}

/// The open port of a client.
#[derive(Debug)]
pub(crate) struct ClientPort {
    address: SocketAddr,
    token: Option<Secret>,
    /// Dropping the listener closes it.
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl ClientPort {
    pub(super) async fn open(
        settings: &config::Client,
        (listen, token): (SocketAddr, &config::ListenerToken),
        speaks: Speaks,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
    ) -> Result<Self, Message> {
        let name = settings.name.as_str();
        let owner = PortOwner::Client(format!("{}/{name}", account.name()));
        let secret = client_secret_name(account.name(), name);
        let auth = match context.auth(token.clone(), secret).await {
            Ok(auth) => auth,
            Err(problem) => {
                context.ports.close_reserved_of(&owner);
                return Err(Message::from(&problem));
            }
        };
        let token = match &auth {
            Auth::Token(token) => Some(token.clone()),
            Auth::Open => None,
        };
        let listener = context
            .ports
            .bind(&owner, listen)
            .await
            .map_err(|problem| Message::from(&problem))?;
        let address = listener.local_addr().unwrap_or(listen);
        let port = ClientListener {
            account: account.clone(),
            client: name.to_owned(),
            access: AccessPolicy {
                auth,
                origins: Origins::default(),
            },
        };
        account.set_client(name, translate::client(settings));
        let stop = CancellationToken::new();
        let (ends, of_port) = (stop.clone(), tasks.clone());
        let task = match speaks {
            Speaks::WebSocket => tasks.tracker.spawn(
                "client listener",
                serve_clients(listener, port, ends, of_port),
            ),
            Speaks::Http => tasks.tracker.spawn(
                "client listener",
                serve_callers(listener, port, ends, of_port),
            ),
        };
        Ok(Self {
            address,
            token,
            stop: stop.drop_guard(),
            task,
        })
    }

    /// Closes the port; connections are not touched.
    pub(super) async fn stop(self) {
        drop(self.stop);
        let _ended = self.task.await;
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}
