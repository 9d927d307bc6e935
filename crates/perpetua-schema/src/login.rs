//! What a person can do about a login beside looking at it.

use serde::{Deserialize, Serialize};

/// See [`crate::Call::LoginNewCode`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginNewCode {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::LoginBackup`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginBackup {
    /// The account's name.
    pub account: String,
}

/// The sealed copy of an account's last good login.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginBackupStatus {
    /// When it was made, in milliseconds since 1970; absent when there is none.
    pub made_ms: Option<i64>,
}

/// See [`crate::Call::LoginForget`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginForget {
    /// The account's name.
    pub account: String,
}
