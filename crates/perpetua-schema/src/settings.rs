//! Reading and changing the settings.

use perpetua_words::{Message, rpc as words};
use serde::{Deserialize, Serialize};

/// The longest settings that are read and written, in bytes of the file and of its text: many times what any node needs.
pub const MAX_SETTINGS_BYTES: usize = 2 * 1024 * 1024;

/// See [`crate::Call::SettingsRead`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SettingsRead {}

/// The settings as written.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettingsText {
    /// The text of `perpetua.toml`.
    pub text: String,
    /// What is wrong with it; the node then runs on the settings before it.
    pub problems: Vec<SettingsProblem>,
}

/// See [`crate::Call::SettingsWrite`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SettingsWrite {
    /// The new text of `perpetua.toml`.
    pub text: String,
    /// The text that was edited; when the file holds another one by now, nothing is changed.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<String>,
    /// A person knows that other machines can open the page and the API then. Without it an address beyond loopback
    /// is refused where there was one of this machine alone.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub opens: bool,
    /// The host name by which the page that asks was opened; a text after which it could not be opened so any more
    /// is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub keeps_host: Option<String>,
}

/// See [`crate::Call::SetClientEnabled`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetClientEnabled {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// Whether it may connect.
    pub enabled: bool,
}

/// What a change of the settings did.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// What was started, stopped or changed, one by one.
    pub changes: Vec<Message>,
    /// What has to wait for the next start of the node, or could not be done, and why.
    pub pending: Vec<Message>,
}

/// One fault in the settings.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsProblem {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// Where in the settings, as `accounts[0].clients[1].listen`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: Message,
}

/// With the place and the key before it.
impl From<&SettingsProblem> for Message {
    fn from(problem: &SettingsProblem) -> Self {
        let (line, column) = (problem.line, problem.column);
        let cause = problem.message.clone();
        match &*problem.path {
            "" => words::SettingsProblem {
                cause,
                column,
                line,
            }
            .into(),
            path => words::SettingsProblemOf {
                cause,
                column,
                line,
                path,
            }
            .into(),
        }
    }
}

/// In English, for logs.
impl std::fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Message::from(self))
    }
}
