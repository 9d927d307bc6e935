//! Adding, changing and removing accounts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Applied;

/// See [`crate::Call::AccountAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAdd {
    /// Its name in the settings; absent: one that is free is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// Where its events come from.
    pub upstream: NewUpstream,
}

/// Where the events of a new account come from.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NewUpstream {
    /// The embedded one: simulated people and groups.
    Simulator,
    /// A Lagrange.OneBot that is downloaded, logged in and supervised.
    Lagrange {
        /// The only account that may log in; absent: whoever scans first.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        uin: Option<u64>,
    },
    /// A OneBot v11 implementation that is dialled.
    Onebot {
        /// Its WebSocket address, as `ws://127.0.0.1:3001`.
        url: String,
        /// What it asks for; it is kept in the secret store.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        token: Option<String>,
    },
    /// A OneBot v11 implementation that dials.
    OnebotReverse {
        /// Where it is waited for; absent: the next address that is free.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        listen: Option<String>,
    },
}

impl fmt::Debug for NewUpstream {
    /// A token is a secret, and so may an address be.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Simulator => "Simulator",
            Self::Lagrange { .. } => "Lagrange",
            Self::Onebot { .. } => "Onebot",
            Self::OnebotReverse { .. } => "OnebotReverse",
        })
    }
}

/// The reply to [`crate::Call::AccountAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAdded {
    /// Its name in the settings.
    pub account: String,
    /// What that did.
    pub applied: Applied,
}

/// See [`crate::Call::AccountSettings`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// The account's name.
    pub account: String,
}

/// What the settings say of one account, every default filled in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountConfig {
    /// Its name.
    pub account: String,
    /// Whether it runs.
    pub enabled: bool,
    /// `simulator`, `lagrange`, `onebot` or `onebot-reverse`.
    pub kind: String,
    /// The only account that it may be.
    pub uin: Option<u64>,
    /// Where a `onebot` is dialled, or a `onebot-reverse` waited for; without secrets.
    pub address: Option<String>,
    /// Seconds that a sent action waits for its response.
    pub action_timeout_s: f64,
    /// What only a managed core has.
    pub core: Option<AccountCoreConfig>,
}

/// What the settings say of an account's managed core.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountCoreConfig {
    /// Which QQ client it is: `linux`, `windows` or `macos`.
    pub protocol: String,
    /// The names of the signers that it uses, the preferred ones first; absent: all of them.
    pub signers: Option<Vec<String>>,
    /// Who asks the signers: `node` or `core`.
    pub sign_through: String,
    /// Seconds that a signer may be silent before the node asks the next one as well.
    pub sign_patience_s: f64,
    /// Whether it is started with perpetua.
    pub auto_start: bool,
    /// Seconds that a start may take.
    pub start_timeout_s: f64,
    /// The bytes of memory at which it is started anew; absent: no limit.
    pub memory_limit: Option<u64>,
    /// Whether the texts of messages are kept in its log.
    pub log_messages: bool,
}

/// Some settings of an account, each left as it is when absent.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct AccountChange {
    /// The only account that it may be; 0: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub uin: Option<u64>,
    /// Where a `onebot` is dialled, or a `onebot-reverse` waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub address: Option<String>,
    /// What a `onebot` asks for; empty: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<String>,
    /// See [`AccountConfig::action_timeout_s`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub action_timeout_s: Option<f64>,
    /// See [`AccountCoreConfig::protocol`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub protocol: Option<String>,
    /// See [`AccountCoreConfig::signers`]; empty: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub signers: Option<Vec<String>>,
    /// See [`AccountCoreConfig::sign_through`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub sign_through: Option<String>,
    /// See [`AccountCoreConfig::sign_patience_s`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub sign_patience_s: Option<f64>,
    /// See [`AccountCoreConfig::auto_start`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub auto_start: Option<bool>,
    /// See [`AccountCoreConfig::start_timeout_s`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub start_timeout_s: Option<f64>,
    /// See [`AccountCoreConfig::memory_limit`]; 0: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub memory_limit: Option<u64>,
    /// See [`AccountCoreConfig::log_messages`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub log_messages: Option<bool>,
}

impl fmt::Debug for AccountChange {
    /// A token is a secret, and so may an address be.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccountChange")
            .finish_non_exhaustive()
    }
}

/// See [`crate::Call::AccountEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountEdit {
    /// The account's name.
    pub account: String,
    /// What becomes different.
    pub change: AccountChange,
    /// What the changed settings were when they were looked at, a token left out; when they are something else by now,
    /// the change is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<AccountChange>,
}

/// The reply to [`crate::Call::AccountEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountEdited {
    /// What that did.
    pub applied: Applied,
    /// The whole address that was saved for what was entered; absent when no address was.
    pub address: Option<String>,
    /// The change that takes it back; absent when a secret was replaced.
    pub undo: Option<AccountChange>,
    /// What the changed settings are now, a token left out: what the change that takes it back is instead of.
    pub now: AccountChange,
}

/// See [`crate::Call::AccountRemove`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRemove {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::SetAccountEnabled`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAccountEnabled {
    /// The account's name.
    pub account: String,
    /// Whether it runs.
    pub enabled: bool,
}
