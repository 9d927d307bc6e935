//! What is published of the running accounts: one value that health, metrics and RPC all read.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use perpetua_config::{self as config, Config, Remark};
use perpetua_hub::QueueLimits;
use perpetua_proxy::{AccountHandle, DialTrial, Leases, PostSettings};
use perpetua_secrets::Secret;
use perpetua_supervisor::CoreHandle;
use perpetua_words::{Message, node as words};

use crate::{simulator::SimulatorHandle, upstream::kind};

/// The node's accounts, as they were last changed.
#[derive(Clone, Debug)]
pub struct View {
    /// In the order of the settings.
    pub accounts: Vec<AccountView>,
    /// What is wrong with the node itself.
    pub problems: Vec<Message>,
    /// The settings that it was made from.
    pub config: Arc<Config>,
    /// What in them cannot work together.
    pub remarks: Vec<Remark>,
    /// The account that leased ports lead to without a name.
    pub leases_for: Option<String>,
}

impl View {
    /// The account of this name.
    pub fn account(&self, name: &str) -> Option<&AccountView> {
        self.accounts.iter().find(|account| account.name == name)
    }
}

/// One account.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Its name in the settings.
    pub name: String,
    /// The kind of its upstream, as the settings call it.
    pub kind: &'static str,
    /// Whether the settings enable it.
    pub enabled: bool,
    /// Where the upstream is, or where it has to dial.
    pub address: Option<String>,
    /// Why the upstream was not started.
    pub problem: Option<Message>,
    /// Since when it does not run, if it does not.
    pub rests_since: Instant,
    /// Absent while it does not run: disabled, or about to be started anew.
    pub running: Option<RunningView>,
}

impl AccountView {
    /// An account that is disabled, or still being stopped before it is started anew.
    pub(crate) fn not_running(settings: &config::Account, since: Instant) -> Self {
        Self {
            name: settings.name.to_string(),
            kind: kind(&settings.upstream),
            enabled: settings.enabled,
            address: None,
            problem: settings.enabled.then(|| words::AccountRestarting.into()),
            rests_since: since,
            running: None,
        }
    }
}

/// An account that runs.
#[derive(Clone, Debug)]
pub struct RunningView {
    /// Its hub.
    pub account: AccountHandle,
    /// Its leased ports, where they can be had.
    pub leases: Option<Leases>,
    /// Its simulator, if that is its upstream.
    pub simulator: Option<SimulatorHandle>,
    /// Its core, if this node manages one.
    pub core: Option<CoreHandle>,
    /// What its upstream has to show, if that dials us.
    pub upstream_token: Option<Secret>,
    /// The clients of the settings, in their order.
    pub clients: Vec<ClientView>,
}

/// One client of the settings.
#[derive(Clone, Debug)]
pub struct ClientView {
    /// Its name in the settings.
    pub name: String,
    /// Whether the settings enable it.
    pub enabled: bool,
    /// Its kind, as the settings call it.
    pub kind: &'static str,
    /// The bounds of the queue of each of its connections.
    pub queue: QueueLimits,
    /// Since when it is not there, if it is not.
    pub rests_since: Instant,
    /// Where it is listened for; absent when it is not.
    pub listen: Option<SocketAddr>,
    /// Where it is dialled or posted to, one address for each connection; none if it comes to us.
    pub dialled: Vec<String>,
    /// What tries whether its framework takes us, for each address; none while nobody goes there.
    pub trials: Vec<TargetTrial>,
    /// The framework that it is for, if the settings name it.
    pub framework: Option<config::Framework>,
    /// Whether the settings want something to be shown there, by it or by us, or signed with.
    pub has_token: bool,
    /// Why it does not run.
    pub problem: Option<Message>,
    /// What its framework has to show, or is shown.
    pub token: Option<Secret>,
}

/// What finds out whether the framework at an address takes us.
#[derive(Clone, Debug)]
pub struct TargetTrial {
    /// The address, as it is shown.
    pub address: String,
    /// How that is done.
    pub way: TrialWay,
}

/// How a framework is tried.
#[derive(Clone, Debug)]
pub enum TrialWay {
    /// It is dialled at once, by its own dialler.
    Dial(DialTrial),
    /// Its address is reached, and nothing is posted there.
    Reach(PostSettings),
}
