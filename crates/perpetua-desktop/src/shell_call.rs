//! What the page asks of the window's program itself, beside the calls of the node.

use perpetua_schema::{ErrorCode, RpcError};
use perpetua_words::{Message, rpc as words};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _, Unexpected},
};
use serde_json::Value;

#[cfg(feature = "typescript")]
use crate::{core_choice::ChosenFile, shell_status::ShellStatus};

/// The table of the shell's calls.
macro_rules! shell_calls {
    ($($(#[$doc:meta])* $name:ident $call:ident($params:ty) -> $reply:ty;)*) => {
        /// A call that the program around the page answers, not the node.
        #[derive(Clone, Debug)]
        pub enum ShellCall {
            $($(#[$doc])* $call($params),)*
        }

        impl ShellCall {
            /// The name of every one of them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// Reads a call from its name and its parameters; `None` when the name is the node's affair.
            pub fn parse(name: &str, params: &Value) -> Option<Result<Self, RpcError>> {
                match name {
                    $(stringify!($name) => Some(read(name, params).map(Self::$call)),)*
                    _ => None,
                }
            }
        }

        /// Tells what the table holds.
        #[cfg(feature = "typescript")]
        pub(crate) fn describe(calls: &mut perpetua_schema::typescript::Described) {
            $(calls.call::<$params, $reply>(stringify!($name));)*
        }
    };
}

shell_calls! {
    /// How the program stands: what runs, and what the system lets it do.
    shell_status Status(Nothing) -> ShellStatus;
    /// The page has drawn something: the window may be shown.
    shell_ready Ready(Nothing) -> ();
    /// The page shows another path; the window comes back to it, and nothing is notified that stands there.
    shell_page Page(ShellPage) -> ();
    /// Sends every event of some topics of the node into the channel; answers when the stream has ended.
    follow Follow(FollowTopics) -> ();
    /// Sends every [`crate::ShellEvent`] into the channel; answers when the stream has ended.
    shell_follow FollowShell(ShellStream) -> ();
    /// Ends a stream that `follow` or `shell_follow` began.
    unfollow Unfollow(ShellStream) -> ();
    /// Starts the program with the session, or no longer.
    autostart_set SetAutostart(SetAutostart) -> ShellStatus;
    /// Shows a notification, to see whether the system lets it through.
    notification_test TestNotification(Nothing) -> ShellStatus;
    /// Opens a folder of ours in the system's file manager.
    folder_open OpenFolder(OpenFolder) -> ();
    /// Opens the settings file in an editor, at a line where the editor can.
    settings_open OpenSettings(OpenSettings) -> ();
    /// Asks for the archive of a core in the system's own dialog; answers when it is closed.
    core_choose ChooseCore(Nothing) -> ChosenFile;
    /// Puts a text into the clipboard.
    clipboard_write WriteClipboard(WriteClipboard) -> ();
    /// Tries a way out of a start that failed, or of secrets that do not come.
    node_retry RetryNode(RetryNode) -> Retried;
    /// Looks for a newer version of the program now; what is found is the next status.
    update_look LookForUpdate(Nothing) -> ();
    /// Downloads the newer version that was found; how far it is is in the status.
    update_download DownloadUpdate(Nothing) -> ();
    /// Calls the download of a newer version off.
    update_cancel CancelUpdate(Nothing) -> ();
    /// Ends the program in order, installs the newer version that is ready, and starts it.
    update_install InstallUpdate(Nothing) -> ();
    /// Reads the licences of what the program is made of, as they were shipped with it.
    notices_read ReadNotices(Nothing) -> ShippedText;
    /// Closes the window as its frame does.
    window_close CloseWindow(Nothing) -> ();
    /// Ends the program in order.
    quit Quit(Nothing) -> ();
}

fn read<T: DeserializeOwned>(call: &str, params: &Value) -> Result<T, RpcError> {
    T::deserialize(params).map_err(|error: serde_json::Error| {
        let reason = error.to_string();
        RpcError::new(
            ErrorCode::BadRequest,
            words::WrongParameters { call, reason },
        )
    })
}

/// No parameters.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Nothing {}

/// See [`ShellCall::Page`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShellPage {
    /// Its path, such as `/accounts/main`.
    #[serde(deserialize_with = "page_path")]
    pub path: String,
}

/// The longest path of a page, in bytes: the longest names of an account and a client, percent-encoded, fit in
/// several times.
const LONGEST_PATH: usize = 2048;

/// A path of our pages. The window comes back to it, so it leads nowhere else: `//host` would be another site.
fn page_path<'de, D: Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    let path = String::deserialize(text)?;
    if path.len() > LONGEST_PATH {
        return Err(D::Error::invalid_length(path.len(), &"page path"));
    }
    let is_ours = path.starts_with('/') && !path.starts_with("//");
    if !is_ours || path.contains(|one: char| one == '\\' || one.is_control()) {
        let found = Unexpected::Str(&path);
        return Err(D::Error::invalid_value(found, &"page path"));
    }
    Ok(path)
}

/// See [`ShellCall::Follow`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FollowTopics {
    /// The topics, as in `GET /rpc/events?topics=`.
    pub topics: Vec<String>,
    /// A name for the stream, which nobody else has; ends it.
    pub stream: String,
}

/// See [`ShellCall::Unfollow`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShellStream {
    /// The name of the stream.
    pub stream: String,
}

/// See [`ShellCall::SetAutostart`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SetAutostart {
    /// Whether it starts with the session.
    pub enabled: bool,
}

/// See [`ShellCall::OpenFolder`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OpenFolder {
    /// Which one.
    pub folder: KnownFolder,
}

/// A folder of ours.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownFolder {
    /// The data folder.
    Data,
    /// The folder of the log files.
    Logs,
}

/// See [`ShellCall::OpenSettings`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OpenSettings {
    /// The line, counted from 1.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub line: Option<usize>,
}

/// See [`ShellCall::WriteClipboard`]. It may be a token.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Serialize, Deserialize)]
pub struct WriteClipboard {
    /// The text.
    pub text: String,
}

impl std::fmt::Debug for WriteClipboard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WriteClipboard { text: [redacted] }")
    }
}

/// See [`ShellCall::RetryNode`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RetryNode {
    /// How.
    pub way: Way,
}

/// A way out of a start that failed, of secrets that do not come, or to settings that wait for a start.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Try once more, after something was mended.
    Again,
    /// Listen on another port, which the settings then say.
    OtherPort,
    /// Be the window of the perpetua that uses the data folder.
    UseRunning,
    /// Keep secrets in a file of the data folder from now on, which the settings then say. The node is
    /// started anew for it; nothing is taken out of the keyring.
    SecretsFile,
    /// Start the node that runs here anew, for settings that count from its next start.
    Restart,
}

/// The reply to [`ShellCall::ReadNotices`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedText {
    /// The text; absent where none was shipped.
    pub text: Option<String>,
}

/// The reply to [`ShellCall::RetryNode`]; how it went is the next status.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// What was changed on the way, for people.
    pub changed: Option<Message>,
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{Call, ErrorCode};
    use serde_json::json;

    use super::{KnownFolder, ShellCall, Way};

    #[test]
    fn a_call_is_read_from_its_name_and_parameters() {
        let call = ShellCall::parse("node_retry", &json!({ "way": "other_port" }));
        assert!(
            matches!(call, Some(Ok(ShellCall::RetryNode(retry))) if retry.way == Way::OtherPort)
        );
        let call = ShellCall::parse("folder_open", &json!({ "folder": "logs" }));
        assert!(
            matches!(call, Some(Ok(ShellCall::OpenFolder(open))) if open.folder == KnownFolder::Logs)
        );
        let call = ShellCall::parse("folder_open", &json!({ "folder": "/etc" }));
        assert!(matches!(call, Some(Err(error)) if error.code == ErrorCode::BadRequest));
    }

    #[test]
    fn the_window_comes_back_to_a_path_of_ours_only() {
        let parse = |path: &str| ShellCall::parse("shell_page", &json!({ "path": path }));
        let longest = format!("/{}", "a".repeat(2047));
        for path in [
            "/",
            "/accounts/main?tab=core#log",
            "/accounts/%E5%90%8D",
            &longest,
        ] {
            let call = parse(path);
            assert!(
                matches!(&call, Some(Ok(ShellCall::Page(page))) if page.path == path),
                "{call:?}"
            );
        }
        for path in [
            "",
            "accounts",
            "//host.example",
            "/\\host.example",
            "\\",
            "https://host.example/",
            "javascript:alert(1)",
            "/a\nb",
            &(longest + "a"),
        ] {
            let call = parse(path);
            assert!(
                matches!(&call, Some(Err(error)) if error.code == ErrorCode::BadRequest),
                "{call:?}"
            );
        }
    }

    #[test]
    fn no_name_is_both_the_shells_and_the_nodes() {
        for name in ShellCall::NAMES {
            assert!(!Call::NAMES.contains(name), "{name}");
        }
        assert!(ShellCall::parse("status", &json!({})).is_none());
    }

    #[test]
    fn what_is_copied_is_in_no_log() {
        let call = ShellCall::parse("clipboard_write", &json!({ "text": "secret" }));
        assert!(!format!("{call:?}").contains("secret"));
    }
}
