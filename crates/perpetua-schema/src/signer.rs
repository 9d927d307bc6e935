//! Signers: the servers without whose signatures QQ refuses every login.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

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
