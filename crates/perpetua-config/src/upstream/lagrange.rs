//! `kind = "lagrange"`.

use std::time::Duration;

use perpetua_words::{Message, core as words};

use crate::{Name, ProxySource};

/// The least memory that a core may be held to, in bytes. The real one was seen to take 83 to 92 MB when idle and 105 to
/// 130 MB with a light load.
pub const LEAST_MEMORY_LIMIT: u64 = 250_000_000;

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
    /// The proxy on the way to the signers.
    pub sign_proxy: Option<ProxySource>,
    /// Who asks the signers.
    pub sign_through: SignThrough,
    /// How long a signer may be silent before the node asks the next one as well.
    pub sign_patience: Duration,
    /// Whether it runs as soon as the node does.
    pub auto_start: bool,
    /// A core that uses more bytes of memory than this is started anew; never less than
    /// [`LEAST_MEMORY_LIMIT`].
    pub memory_limit: Option<u64>,
    /// What the settings say instead, where that is less than a core can live in; bytes.
    pub memory_limit_written: Option<u64>,
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
            sign_through: SignThrough::default(),
            sign_patience: Duration::from_secs(5),
            auto_start: true,
            memory_limit: None,
            memory_limit_written: None,
            start_timeout: Duration::from_mins(1),
            log_messages: false,
        }
    }
}

impl LagrangeUpstream {
    /// What of it is taken otherwise than it is written, for people.
    pub fn remark(&self) -> Option<Message> {
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        self.memory_limit_written.map(|written| {
            words::MemoryLimitRaised {
                least: megabytes(LEAST_MEMORY_LIMIT),
                written: megabytes(written),
            }
            .into()
        })
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

/// Who asks the signers for a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SignThrough {
    /// The node: the core knows no signer, and the next one is asked for the same message when one fails.
    #[default]
    Node,
    /// The core itself, one signer until it is started anew.
    Core,
}
