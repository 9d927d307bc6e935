//! What is published of the running accounts: one value that health, metrics and RPC all read.

use std::{net::SocketAddr, sync::Arc};

use perpetua_config::Config;
use perpetua_proxy::{AccountHandle, Leases};
use perpetua_secrets::Secret;
use perpetua_supervisor::CoreHandle;
use perpetua_words::Message;

use crate::simulator::SimulatorHandle;

/// The node's accounts, as they were last changed.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// In the order of the settings.
    pub(crate) accounts: Vec<AccountView>,
    /// What is wrong with the node itself.
    pub(crate) problems: Vec<Message>,
    /// The settings that it was made from.
    pub(crate) config: Arc<Config>,
    /// The account that leased ports lead to without a name.
    pub(crate) leases_for: Option<String>,
}

impl View {
    pub(crate) fn account(&self, name: &str) -> Option<&AccountView> {
        self.accounts.iter().find(|account| account.name == name)
    }
}

/// One account.
#[derive(Clone, Debug)]
pub(crate) struct AccountView {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// Where the upstream is, or where it has to dial.
    pub(crate) address: Option<String>,
    /// Why the upstream was not started.
    pub(crate) problem: Option<Message>,
    /// Absent when the settings disable the account.
    pub(crate) running: Option<RunningView>,
}

/// An account that runs.
#[derive(Clone, Debug)]
pub(crate) struct RunningView {
    pub(crate) account: AccountHandle,
    pub(crate) leases: Option<Leases>,
    pub(crate) simulator: Option<SimulatorHandle>,
    pub(crate) core: Option<CoreHandle>,
    pub(crate) clients: Vec<ClientView>,
}

/// One client of the settings.
#[derive(Clone, Debug)]
pub(crate) struct ClientView {
    pub(crate) name: String,
    pub(crate) enabled: bool,
    /// Where it is listened for; absent when it is not.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) problem: Option<Message>,
    pub(crate) token: Option<Secret>,
}
