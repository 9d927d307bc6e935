//! `kind = "lagrange"`.

use std::time::Duration;

use crate::{Name, ProxySource};

/// A Lagrange.OneBot that the node downloads, logs in and supervises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagrangeUpstream {
    /// The only account that may log in, which no other enabled account of the file has; `None` takes
    /// whoever scans.
    pub uin: Option<u64>,
    /// What the core claims to be when its signer does not say.
    pub protocol: Protocol,
    /// The signers to use, in this order, each one of [`Config::signers`](crate::Config::signers); `None` uses all
    /// of those. Never empty.
    pub signers: Option<Vec<Name>>,
    /// The proxy that the core asks its signer through.
    pub sign_proxy: Option<ProxySource>,
    /// Whether it runs as soon as the node does.
    pub auto_start: bool,
    /// A core that uses more bytes of memory than this is started anew.
    pub memory_limit: Option<u64>,
    /// How long a start may make no progress.
    pub start_timeout: Duration,
    /// Whether the texts of messages are kept in the core's log.
    pub log_messages: bool,
}

impl Default for LagrangeUpstream {
    fn default() -> Self {
        Self {
            uin: None,
            protocol: Protocol::default(),
            signers: None,
            sign_proxy: None,
            auto_start: true,
            memory_limit: None,
            start_timeout: Duration::from_mins(1),
            log_messages: false,
        }
    }
}

/// Which QQ client a core claims to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// QQ for Linux.
    #[default]
    Linux,
    /// QQ for Windows.
    Windows,
    /// QQ for macOS.
    Macos,
}
