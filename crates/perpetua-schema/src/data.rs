//! What a node keeps on its disk.

use serde::{Deserialize, Serialize};

/// See [`crate::Call::DataRead`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct DataRead {}

/// Where a node keeps things, and how much room they take.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFacts {
    /// The data folder, on the node's machine.
    pub folder: String,
    /// The settings file, on the node's machine.
    pub settings: String,
    /// Whether the settings file is none of the data folder.
    pub settings_elsewhere: bool,
    /// What the folder holds, each kind once.
    pub uses: Vec<DataUse>,
    /// What is free on the disk of the folder, in bytes, if the system says so.
    pub free: Option<u64>,
    /// Where secrets are kept.
    pub secrets: SecretsPlace,
}

/// How much room one kind of files takes.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataUse {
    /// Which files.
    pub kind: DataKind,
    /// Their sizes together, in bytes.
    pub bytes: u64,
}

/// A kind of files in the data folder.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// The installed cores, and downloads of them.
    Cores,
    /// What the cores of accounts keep: logins and databases.
    Accounts,
    /// Log files.
    Logs,
    /// Everything else, such as the settings.
    Rest,
}

/// Where secrets are kept.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum SecretsPlace {
    /// The keyring of the system.
    Keyring,
    /// A file that only its owner may read.
    File {
        /// On the node's machine.
        path: String,
    },
}
