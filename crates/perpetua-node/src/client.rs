//! One client's port: closed, open, or failed and tried again.

use std::net::SocketAddr;

use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_config::{self as config, ClientKind};
use perpetua_hub::DisconnectReason;
use perpetua_proxy::{AccountHandle, AccountTasks, BindError, ClientListener, serve_clients};
use perpetua_secrets::Secret;
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    error::in_words,
    supplies::Supplies,
    tokens::{TokenProblem, client_secret_name},
    translate,
    view::ClientView,
};

/// Why a client's port is not open.
#[derive(Debug, Error)]
pub(crate) enum ClientProblem {
    #[error(transparent)]
    Token(#[from] TokenProblem),
    #[error(transparent)]
    Bind(#[from] BindError),
}

/// One client of a running account.
#[derive(Debug)]
pub(crate) struct ClientRuntime {
    settings: config::Client,
    port: Port,
}

#[derive(Debug)]
enum Port {
    Disabled,
    Failed(ClientProblem),
    Open {
        address: SocketAddr,
        token: Option<Secret>,
        stop: CancellationToken,
        task: JoinHandle<()>,
    },
}

impl ClientRuntime {
    /// Opens the port as the settings say. What goes wrong is kept, to be shown and tried again.
    pub(crate) async fn start(
        settings: config::Client,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) -> Self {
        let mut client = Self {
            settings,
            port: Port::Disabled,
        };
        client.open(account, tasks, supplies).await;
        client
    }

    pub(crate) fn settings(&self) -> &config::Client {
        &self.settings
    }

    pub(crate) fn problem(&self) -> Option<&ClientProblem> {
        match &self.port {
            Port::Failed(problem) => Some(problem),
            Port::Disabled | Port::Open { .. } => None,
        }
    }

    pub(crate) fn into_problem(self) -> Option<ClientProblem> {
        match self.port {
            Port::Failed(problem) => Some(problem),
            Port::Disabled | Port::Open { .. } => None,
        }
    }

    /// Takes new settings over. Connections stay unless what they rest on has changed.
    pub(crate) async fn change(
        &mut self,
        settings: config::Client,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) {
        let only_bounds = config::Client {
            queue: settings.queue,
            max_connections: settings.max_connections,
            max_pending_actions: settings.max_pending_actions,
            ..self.settings.clone()
        } == settings;
        self.settings = settings;
        if only_bounds {
            if self.settings.enabled {
                account.set_client(
                    self.settings.name.as_str(),
                    translate::client(&self.settings),
                );
            }
            return;
        }
        let cut = if self.settings.enabled {
            DisconnectReason::SettingsChanged
        } else {
            DisconnectReason::Removed
        };
        account.cut_client(self.settings.name.as_str(), cut);
        self.close().await;
        self.open(account, tasks, supplies).await;
    }

    /// Tries again what failed; says whether it worked.
    pub(crate) async fn retry(
        &mut self,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) -> bool {
        if self.problem().is_none() {
            return false;
        }
        self.open(account, tasks, supplies).await;
        self.problem().is_none()
    }

    /// Closes the port and its connections, for good.
    pub(crate) async fn remove(&mut self, account: &AccountHandle) {
        account.remove_client(self.settings.name.as_str());
        self.close().await;
    }

    /// Stops listening; connections are not touched.
    pub(crate) async fn close(&mut self) {
        if let Port::Open { stop, task, .. } = std::mem::replace(&mut self.port, Port::Disabled) {
            stop.cancel();
            let _ended = task.await;
        }
    }

    pub(crate) fn view(&self) -> ClientView {
        let (listen, token) = match &self.port {
            Port::Open { address, token, .. } => (Some(*address), token.clone()),
            Port::Disabled | Port::Failed(_) => (None, None),
        };
        ClientView {
            name: self.settings.name.to_string(),
            enabled: self.settings.enabled,
            listen,
            problem: self.problem().map(|problem| in_words(problem)),
            token,
        }
    }

    async fn open(
        &mut self,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) {
        if !self.settings.enabled {
            self.port = Port::Disabled;
            account.remove_client(self.settings.name.as_str());
            return;
        }
        self.port = match self.listen(account, tasks, supplies).await {
            Ok(port) => port,
            Err(problem) => Port::Failed(problem),
        };
    }

    async fn listen(
        &self,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) -> Result<Port, ClientProblem> {
        let name = self.settings.name.as_str();
        let ClientKind::Forward(forward) = &self.settings.kind;
        let secret_name = client_secret_name(account.name(), name);
        let auth = supplies.gate(forward.token.clone(), secret_name).await?;
        let token = match &auth {
            Auth::Token(token) => Some(token.clone()),
            Auth::Open => None,
        };
        let port_name = format!("{}/{name}", account.name());
        let listener = supplies.ports.bind(&port_name, forward.listen).await?;
        let address = listener.local_addr().unwrap_or(forward.listen);
        let port = ClientListener {
            account: account.clone(),
            client: name.to_owned(),
            access: AccessPolicy {
                auth,
                origins: Origins::default(),
            },
        };
        account.set_client(name, translate::client(&self.settings));
        let stop = CancellationToken::new();
        let task = tokio::spawn(serve_clients(listener, port, stop.clone(), tasks.clone()));
        Ok(Port::Open {
            address,
            token,
            stop,
            task,
        })
    }
}
