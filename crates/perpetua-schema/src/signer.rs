//! Signers: the servers without whose signatures QQ refuses every login.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::Applied;

/// See [`crate::Call::SignerTest`]. With neither field, the first signer of the settings is meant.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerTest {
    /// An address that need not be in the settings.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub url: Option<String>,
    /// The name of a signer of the settings.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
}

impl fmt::Debug for SignerTest {
    /// Some addresses of signers are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignerTest")
            .field("url", &self.url.as_ref().map(|_| "[redacted]"))
            .field("name", &self.name)
            .finish()
    }
}

/// What a signer answered when it was asked.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerReport {
    /// Its name in the settings, if it has one.
    pub name: Option<String>,
    /// Its host and port; the whole address may be a secret.
    pub host: String,
    /// The address of the proxy that it was asked through, without its password; absent: it was asked directly.
    pub through: Option<String>,
    /// The QQ version it signs for, such as `3.2.15-30366`.
    pub version: Option<String>,
    /// The system it signs for, such as `Linux`.
    pub platform: Option<String>,
    /// How long its answer took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Why it cannot be used, for people; absent when it can.
    pub problem: Option<Message>,
    /// What speaks against it although it can be used, for people.
    pub warning: Option<Message>,
}

/// What was measured of a signer since the node runs, for all accounts.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerTimes {
    /// Its name.
    pub name: String,
    /// How often it has signed.
    pub answers: u64,
    /// How often it has not, though it was asked.
    pub failures: u64,
    /// How long its last signature took, in milliseconds.
    pub last_ms: Option<u64>,
    /// The longest time of the last ten minutes that it took, or had taken when another one was faster, in milliseconds.
    pub slowest_ms: Option<u64>,
    /// Why it did not sign the last time that it did not, for people.
    pub last_failure: Option<Message>,
    /// When that was, in milliseconds since 1970.
    pub failed_ms: Option<i64>,
    /// Whether it has not signed since.
    pub fails: bool,
}

/// See [`crate::Call::ListSigners`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ListSigners {}

/// A signer of the settings.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerStatus {
    /// Its name.
    pub name: String,
    /// Its host and port; the whole address may be a secret.
    pub host: String,
    /// What it said when it was last asked since the node runs.
    pub report: Option<SignerReport>,
    /// When that was, in milliseconds since 1970.
    pub asked_ms: Option<i64>,
    /// What was measured of it; absent when its address cannot be had.
    pub times: Option<SignerTimes>,
    /// The accounts whose cores use it now.
    pub used_by: Vec<String>,
    /// Tells its address from another one without saying it; of no use once the node was started anew.
    pub mark: String,
}

/// See [`crate::Call::SignerAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerAdd {
    /// Its name; absent: one that is free is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// Its address; it is kept in the secret store when a part of it looks like a secret.
    pub url: String,
}

impl fmt::Debug for SignerAdd {
    /// Some addresses of signers are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignerAdd")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The reply to [`crate::Call::SignerAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerAdded {
    /// Its name in the settings.
    pub name: String,
    /// What that did.
    pub applied: Applied,
}

/// See [`crate::Call::SignerRemove`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerRemove {
    /// Its name.
    pub name: String,
}

/// See [`crate::Call::SignerEdit`]; what is absent stays as it is.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerEdit {
    /// Its name.
    pub name: String,
    /// Another name; accounts that name it name it so, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub rename: Option<String>,
    /// Another address, kept as [`SignerAdd::url`] is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub url: Option<String>,
    /// The [`SignerStatus::mark`] of the address that this is a change of; when it is another one by now, the change
    /// is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<String>,
}

impl fmt::Debug for SignerEdit {
    /// Some addresses of signers are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignerEdit")
            .field("name", &self.name)
            .field("rename", &self.rename)
            .finish_non_exhaustive()
    }
}

/// See [`crate::Call::SignersOrder`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignersOrder {
    /// The names of all signers, the preferred ones first.
    pub names: Vec<String>,
    /// The order that this is a change of; when it is another one by now, the change is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<Vec<String>>,
}
