//! Finding out whether the framework of a client takes us.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::ClientTest`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientTest {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
}

/// What came of one address of a framework.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTested {
    /// The address, as in [`crate::TargetStatus::address`].
    pub address: String,
    /// Whether it takes us.
    pub outcome: TestOutcome,
    /// What there is to say of it, for people.
    pub message: Message,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

/// What a test has found.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// It is reached, and takes us.
    Works,
    /// It is not reached, or does not take us.
    Fails,
    /// Nothing was tested, or nothing has come of it yet.
    Untested,
}
