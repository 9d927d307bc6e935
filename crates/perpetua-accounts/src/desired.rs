//! What the settings want to run. Pure: made of a [`Config`], compared with what runs by the plan.

mod secret_users;

use std::{collections::HashMap, net::SocketAddr};

use ipnet::IpNet;
use perpetua_config::{self as config, Config, Name, TargetAddress};
use perpetua_hub::AccountLimits;

use crate::translate;

pub use secret_users::SecretUser;

/// Everything that is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The enabled accounts, in the order of the file.
    pub(crate) accounts: Vec<DesiredAccount>,
    /// Who is told of accounts.
    pub webhooks: Vec<config::Hook>,
    /// Where cores come from.
    pub cores: config::CoreInstallSettings,
    /// Who may use the HTTP side and lease ports.
    pub access: DesiredAccess,
}

/// An account that is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredAccount {
    /// Its name in the settings.
    pub(crate) name: Name,
    /// How long its actions may take.
    pub(crate) limits: AccountLimits,
    /// Its upstream.
    pub(crate) upstream: DesiredUpstream,
    /// The enabled clients, in the order of the file.
    pub(crate) clients: Vec<config::Client>,
}

/// An account's upstream, with what it takes from other parts of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DesiredUpstream {
    /// What the settings say of it.
    pub(crate) settings: config::Upstream,
    /// The signers of a managed core, the preferred ones first; none for other kinds.
    pub(crate) signers: Vec<config::Signer>,
}

/// The rules of the HTTP side that may change while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredAccess {
    /// The names under which the HTTP side may be asked.
    pub allow_hosts: Vec<String>,
    /// The reverse proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may lease ports.
    pub discovery: config::DiscoverySettings,
}

/// What nobody else can have meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// An address to listen on.
    Port(SocketAddr),
    /// The address of a framework: who comes there twice for one account is lost to it when the first one leaves.
    Framework(TargetAddress),
}

impl Claim {
    /// Whether only one of the two can be had at a time.
    pub(crate) fn clashes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Port(one), Self::Port(other)) => config::clash(*one, *other).is_some(),
            (Self::Framework(one), Self::Framework(other)) => one == other,
            (Self::Port(_), Self::Framework(_)) | (Self::Framework(_), Self::Port(_)) => false,
        }
    }
}

/// What has places of its own.
pub(crate) trait Holds {
    /// Those that the settings name.
    fn places(&self) -> Vec<Claim>;
}

impl Holds for config::Client {
    fn places(&self) -> Vec<Claim> {
        let ports = self.listen().map(Claim::Port).into_iter();
        let frameworks = self.kind.targets().into_iter().map(Claim::Framework);
        ports.chain(frameworks).collect()
    }
}

impl Holds for DesiredUpstream {
    fn places(&self) -> Vec<Claim> {
        self.listen().map(Claim::Port).into_iter().collect()
    }
}

impl DesiredUpstream {
    /// The address that it is waited for on; `None` for a kind that does not listen.
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        match &self.settings {
            config::Upstream::OnebotReverse(reverse) => Some(reverse.listen),
            config::Upstream::Simulator
            | config::Upstream::Lagrange(_)
            | config::Upstream::Onebot(_) => None,
        }
    }
}

impl Desired {
    /// What a configuration wants.
    pub fn new(config: &Config) -> Self {
        let enabled = config.accounts.iter().filter(|account| account.enabled);
        Self {
            accounts: enabled
                .map(|account| DesiredAccount::new(account, config))
                .collect(),
            webhooks: config.notify.clone(),
            cores: config.core_install(),
            access: DesiredAccess {
                allow_hosts: config.api.allow_hosts.clone(),
                trusted_proxies: config.api.trusted_proxies.clone(),
                discovery: config.discovery.clone(),
            },
        }
    }

    /// All accounts by their names, for who looks for each of them.
    pub(crate) fn by_name(&self) -> HashMap<&Name, &DesiredAccount> {
        let accounts = self.accounts.iter();
        accounts.map(|account| (&account.name, account)).collect()
    }

    /// The account of this name, if it is to run.
    pub fn account(&self, name: &Name) -> Option<&DesiredAccount> {
        self.accounts.iter().find(|account| account.name == *name)
    }
}

impl DesiredAccount {
    fn new(account: &config::Account, config: &Config) -> Self {
        let signers = match &account.upstream {
            config::Upstream::Lagrange(lagrange) => {
                config.signers_of(lagrange).into_iter().cloned().collect()
            }
            config::Upstream::Simulator
            | config::Upstream::Onebot(_)
            | config::Upstream::OnebotReverse(_) => Vec::new(),
        };
        let enabled = account.clients.iter().filter(|client| client.enabled);
        Self {
            name: account.name.clone(),
            limits: translate::limits(account),
            upstream: DesiredUpstream {
                settings: account.upstream.clone(),
                signers,
            },
            clients: enabled.cloned().collect(),
        }
    }

    /// The client of this name, if it is to run.
    pub(crate) fn client(&self, name: &Name) -> Option<&config::Client> {
        self.clients.iter().find(|client| client.name == *name)
    }
}
