//! What can be found out before something is saved: a port, an upstream.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::PortCheck`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortCheck {
    /// An address to listen on, as `127.0.0.1:6700`.
    pub listen: String,
    /// The account whose client or upstream wants it; its own listener then counts as free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub account: Option<String>,
    /// The client that wants it; absent: the account's upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub client: Option<String>,
}

/// The reply to [`crate::Call::PortCheck`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortReport {
    /// Whether it can be listened on.
    #[serde(flatten)]
    pub state: PortState,
    /// The next address that is free, on the same network interface.
    pub next_free: Option<String>,
    /// Whether other machines could reach it.
    pub beyond_loopback: bool,
}

/// Whether an address can be listened on.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PortState {
    /// It can.
    Free,
    /// A client or upstream of this node listens there.
    Ours {
        /// The account.
        account: String,
        /// The client; absent: the account's upstream.
        client: Option<String>,
    },
    /// Another program listens there.
    Taken {
        /// Its name and process id for people, as `node (pid 812)`, if the system tells.
        holder: Option<String>,
    },
    /// It cannot, for another reason.
    Unusable {
        /// Why, and what to do.
        problem: Message,
    },
}

/// See [`crate::Call::UpstreamTest`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamTest {
    /// A WebSocket address, as `ws://127.0.0.1:3001`.
    pub url: String,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<String>,
}

impl fmt::Debug for UpstreamTest {
    /// A token is a secret, and so may an address be.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpstreamTest")
            .finish_non_exhaustive()
    }
}

/// The reply to [`crate::Call::UpstreamTest`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamReport {
    /// The whole address that was tried, as it would be saved; absent when nothing could be tried.
    pub address: Option<String>,
    /// Whether something at that address takes a connection.
    pub reachable: bool,
    /// Whether it takes the token; absent when that is not known.
    pub token_accepted: Option<bool>,
    /// The account that is logged in there.
    pub self_id: Option<i64>,
    /// That account's nickname.
    pub nickname: Option<String>,
    /// The implementation's name and version, as `NapCat.Onebot 4.8.90`.
    pub implementation: Option<String>,
    /// Whether the account is online there; absent when it does not say.
    pub online: Option<bool>,
    /// How long its first answer took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Why it cannot be used, and what to do; absent when it can.
    pub problem: Option<Message>,
}
