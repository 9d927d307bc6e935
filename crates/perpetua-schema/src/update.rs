//! Newer versions of the program itself, as far as a node without a window looks for them.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::UpdateCheck`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UpdateCheck {}

/// What is known of newer versions.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateNews {
    /// When it was last asked, in milliseconds since 1970; absent: not yet.
    pub asked_ms: Option<i64>,
    /// The newest version, where it is newer than what runs.
    pub newer: Option<NewerVersion>,
    /// Why it could not be found out, for people.
    pub problem: Option<Message>,
}

/// A newer version of the program.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewerVersion {
    /// Which.
    pub version: String,
    /// What is new in it, in the words of whoever offers it.
    pub notes: String,
    /// Where people find it.
    pub page: Option<String>,
}

/// Which versions of the program are wanted.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionChannel {
    /// Those for everybody.
    #[default]
    Stable,
    /// Those that are tried out, too.
    Beta,
}

/// Whether and which newer versions of the program are looked for.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatePreferences {
    /// Once a day, without being asked; a window's program gets them, too.
    pub check: bool,
    /// Which ones.
    pub channel: VersionChannel,
}
