//! The settings of the network, typed: where the node listens, who may come, and through which proxies it goes out.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Applied;

/// See [`crate::Call::NetworkRead`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct NetworkRead {}

/// What the settings say of the network, every default filled in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSettings {
    /// Where the API and the pages are to be found; another address counts from the next start.
    pub listen: String,
    /// Names by which they may be called, besides IP addresses and `localhost`.
    pub hosts: Vec<String>,
    /// What downloads of cores go through; absent: what the environment says.
    pub download_proxy: Option<ProxyShown>,
    /// What cores reach their signers through.
    pub sign_proxy: SignProxy,
    /// The ports that are leased to programs that ask for one, as `18100-18110`; absent: any free one.
    pub lease_ports: Option<String>,
}

/// A proxy as it may be shown.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyShown {
    /// Its address; that of one that is kept elsewhere is the name of the place.
    pub address: String,
    /// Where the address is kept.
    pub kept: ProxyKept,
}

/// Where the address of a proxy is kept.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKept {
    /// In the settings.
    Settings,
    /// In the secret store, as one with a password is.
    Store,
    /// In a variable of the environment.
    Environment,
    /// In a file of its own.
    File,
}

/// What cores reach their signers through; each account with a core has a setting of its own.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SignProxy {
    /// No account has a core.
    Unused,
    /// It is the same for all accounts with a core.
    Same {
        /// The proxy; absent: none.
        proxy: Option<ProxyShown>,
    },
    /// Accounts differ; a change gives all of them the same.
    Different,
}

/// Some settings of the network, each left as it is when absent.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkChange {
    /// See [`NetworkSettings::listen`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub listen: Option<String>,
    /// See [`NetworkSettings::hosts`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hosts: Option<Vec<String>>,
    /// See [`NetworkSettings::download_proxy`]; empty: none. One with a password is kept in the secret store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub download_proxy: Option<String>,
    /// That of all accounts with a core; empty: none. One with a password is kept in the secret store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub sign_proxy: Option<String>,
    /// See [`NetworkSettings::lease_ports`]; empty: any free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub lease_ports: Option<String>,
}

impl fmt::Debug for NetworkChange {
    /// The address of a proxy may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NetworkChange")
            .field("listen", &self.listen)
            .field("hosts", &self.hosts)
            .field("lease_ports", &self.lease_ports)
            .finish_non_exhaustive()
    }
}

/// See [`crate::Call::NetworkEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkEdit {
    /// What becomes different.
    pub change: NetworkChange,
    /// What the changed settings were when they were looked at; when they are something else by now, the change is
    /// refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<NetworkChange>,
    /// A person knows that other machines can come in then. Without it an address beyond loopback is refused.
    #[serde(default)]
    pub opens: bool,
    /// The host name by which the page that asks was opened; a change after which it could not be opened so any
    /// more is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub keeps_host: Option<String>,
}

/// The reply to [`crate::Call::NetworkEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkEdited {
    /// What that did.
    pub applied: Applied,
    /// The change that takes it back; absent when a secret was stored, what was kept elsewhere was replaced, or
    /// accounts differed.
    pub undo: Option<NetworkChange>,
    /// What the changed settings are now: what the change that takes it back is instead of.
    pub now: NetworkChange,
}
