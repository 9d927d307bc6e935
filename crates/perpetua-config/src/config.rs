//! The settings as resolved values: every default filled in, every rule checked.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::IpNet;

use crate::{
    Client, CoreInstallSettings, Hook, LagrangeUpstream, ListenerToken, Name, Notifications,
    Signer, Ui, Updates, Upstream,
};

/// All settings of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The HTTP side: `/api`, `/rpc`, the web UI, `/healthz`, `/metrics`.
    pub api: Api,
    /// What is logged, and how much of it is kept.
    pub log: Log,
    /// Where generated and named secrets are kept.
    pub secrets: SecretsBackend,
    /// What the node may hold.
    pub limits: Limits,
    /// Ports leased through `GET /api/get_ws_port`.
    pub discovery: DiscoverySettings,
    /// The managed core, as it is written; what counts is [`Config::core_install`].
    pub core: CoreInstallSettings,
    /// The signers, the preferred ones first; their names are unique.
    pub signers: Vec<Signer>,
    /// The webhooks that are called when an account goes offline, comes online, or needs a person.
    pub notify: Vec<Hook>,
    /// How the program shows itself.
    pub ui: Ui,
    /// What the desktop is notified of.
    pub notifications: Notifications,
    /// How newer versions of the program come.
    pub updates: Updates,
    /// The bot accounts, in the order of the file; their names are unique.
    pub accounts: Vec<Account>,
}

impl Config {
    /// The account of this name.
    pub fn account(&self, name: &Name) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == *name)
    }

    /// How cores are installed and looked for: for no enabled account that needs one, nobody is asked
    /// whether there is a newer one.
    pub fn core_install(&self) -> CoreInstallSettings {
        let needs_core = |account: &Account| {
            account.enabled && matches!(account.upstream, Upstream::Lagrange(_))
        };
        CoreInstallSettings {
            check_every: self
                .core
                .check_every
                .filter(|_| self.accounts.iter().any(needs_core)),
            ..self.core.clone()
        }
    }

    /// The signers that an account uses, the preferred ones first.
    pub fn signers_of(&self, upstream: &LagrangeUpstream) -> Vec<&Signer> {
        match &upstream.signers {
            None => self.signers.iter().collect(),
            Some(names) => names
                .iter()
                .filter_map(|name| self.signers.iter().find(|signer| signer.name == *name))
                .collect(),
        }
    }
}

/// `[api]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// The address it listens on; `127.0.0.1:8080` unless set.
    pub listen: SocketAddr,
    /// Host names that a request's `Host` may have besides its own address, in lower case, without port.
    pub allow_hosts: Vec<String>,
    /// The reverse proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            allow_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The level of every target that has none of its own.
    pub level: LogLevel,
    /// Levels of single targets (Rust module paths such as `perpetua_proxy`) and what is below them.
    pub targets: BTreeMap<String, LogLevel>,
    /// How lines on stderr look; `None` leaves it to the command line.
    pub format: Option<LogFormat>,
    /// A log file that reaches this many bytes is closed and the next one begun.
    pub max_file_size: u64,
    /// How many log files are kept, the open one included.
    pub max_files: usize,
    /// Log files older than this are deleted; whole days.
    pub max_age: Duration,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            targets: BTreeMap::new(),
            format: None,
            max_file_size: 10_000_000,
            max_files: 7,
            max_age: Duration::from_hours(14 * 24),
        }
    }
}

/// How much is logged; each level holds the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What someone should look at.
    Warn,
    /// Changes of state.
    Info,
    /// What helps to find a fault.
    Debug,
    /// Every frame.
    Trace,
}

/// How a log line looks on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SecretsBackend {
    /// The keyring of the operating system.
    #[default]
    Keyring,
    /// A file in the data folder that only its owner may read, for servers without a keyring.
    File,
}

/// `[limits]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes the messages of all accounts may hold together; four frames of the largest
    /// [`Account::max_frame_size`] may in any case.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 256_000_000,
        }
    }
}

/// `[discovery]`: ports that a program asks for through `GET /api/get_ws_port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoverySettings {
    /// Whether ports are leased at all.
    pub enabled: bool,
    /// The account that a leased port leads to: the written one, else the first of the file; `None`
    /// only when there is no account at all.
    pub account: Option<Name>,
    /// The ports to lease from; `None` takes any free one.
    pub range: Option<RangeInclusive<u16>>,
    /// How long a leased port waits for its client.
    pub wait: Duration,
    /// Addresses that may ask without a token when the API listens beyond loopback.
    pub allow: Vec<IpAddr>,
    /// The token that everyone else needs then. On loopback only one that the settings name is asked for.
    pub token: ListenerToken,
    /// How many leased ports without a client one address may have at once.
    pub pending_per_address: usize,
}

impl DiscoverySettings {
    /// Whether leased ports, and those who ask for one, need the token while the API listens at `api`.
    pub fn asks_for_token(&self, api: IpAddr) -> bool {
        !api.is_loopback() || matches!(self.token, ListenerToken::From(_))
    }
}

/// `[[accounts]]`: one bot account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, unique in the file.
    pub name: Name,
    /// Whether it runs.
    pub enabled: bool,
    /// Where its events come from and its actions go.
    pub upstream: Upstream,
    /// Its clients, in the order of the file; their names are unique within the account.
    pub clients: Vec<Client>,
    /// How long a sent action waits for its response.
    pub action_timeout: Duration,
    /// How long an action waits to be sent while the upstream is away.
    pub unsent_timeout: Duration,
    /// How many bytes a frame may have, from a client or from the upstream.
    pub max_frame_size: usize,
}

impl Account {
    /// The client of this name.
    pub fn client(&self, name: &Name) -> Option<&Client> {
        self.clients.iter().find(|client| client.name == *name)
    }
}
