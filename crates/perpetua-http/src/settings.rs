//! What the HTTP side is told.

use std::net::IpAddr;

use ipnet::IpNet;
use perpetua_access::Origins;
use perpetua_secrets::Secret;

/// The rules of one node's HTTP side; they may change while it runs.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// What `/rpc` asks for, and `/healthz` and `/metrics` from other machines.
    pub session_token: Secret,
    /// The names that a `Host` may hold beside IP addresses and `localhost`.
    pub origins: Origins,
    /// The reverse proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may use `/api`.
    pub discovery: Discovery,
}

/// Who may ask for a leased port.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The token that lets anybody ask; without one, from other machines only `allow` may.
    pub token: Option<Secret>,
    /// Whether programs of this machine need it, too.
    pub asks_here: bool,
    /// Addresses that may ask without it.
    pub allow: Vec<IpAddr>,
}
