//! Taking over an installation of another program.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::Import`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The installation's folder on the node's machine; nothing in it is changed.
    pub folder: String,
    /// The name of the new account; absent: one is chosen that is free.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub account: Option<String>,
    /// The new account stays off: its old program runs yet, which an import is refused for otherwise.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub disabled: bool,
}

/// The reply to [`crate::Call::Import`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The name of the new account.
    pub account: String,
    /// What was taken over, one by one.
    pub taken: Vec<Message>,
    /// What was not, and why.
    pub not_taken: Vec<Message>,
}
