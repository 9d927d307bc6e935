//! The secrets that the settings name as `{ secret = "…" }`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// See [`crate::Call::SecretSet`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Serialize, Deserialize)]
pub struct SecretSet {
    /// What the settings call it.
    pub name: String,
    /// The secret itself: one line of visible characters.
    pub value: String,
}

/// See [`crate::Call::SecretRemove`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretRemove {
    /// What the settings call it.
    pub name: String,
}

impl fmt::Debug for SecretSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SecretSet")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
