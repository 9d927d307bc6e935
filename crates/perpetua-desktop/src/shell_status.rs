//! How the program around the page stands, and what it tells the page.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{shell_call::Way, update_status::UpdateStatus};

/// How the program around the page stands.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShellStatus {
    /// Its version.
    pub version: String,
    /// The commit that it was built from, or `unknown`.
    pub build: String,
    /// The system that it runs on.
    pub system: System,
    /// The perpetua that it shows.
    pub node: NodeSituation,
    /// Whether it starts with the session.
    pub autostart: Autostart,
    /// Whether notifications are shown.
    pub notifications: NotificationsStatus,
    /// Whether its icon can be seen: closing the window then leaves it in the tray.
    pub tray: bool,
    /// The data folder.
    pub data_folder: String,
    /// The folder of the log files.
    pub log_folder: String,
    /// The settings file.
    pub settings_file: String,
    /// Whether a font with Chinese letters was found.
    pub cjk_font: bool,
    /// How it stands towards newer versions of itself.
    pub update: UpdateStatus,
}

/// A system that it runs on.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl System {
    /// The one that this program was built for.
    pub fn this() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Macos
        } else {
            Self::Linux
        }
    }
}

/// Which perpetua the window shows.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NodeSituation {
    /// It is being started.
    Starting,
    /// It runs in this program.
    Own,
    /// Another program runs it, and the window shows it.
    Other {
        /// The version of that program; absent while it does not answer.
        version: Option<String>,
    },
    /// It could not be started, or has ended.
    Failed {
        /// What happened.
        problem: Message,
        /// What can be tried, the likeliest first.
        ways: Vec<Way>,
        /// The line of the settings where they are wrong, counted from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        settings_line: Option<usize>,
    },
}

/// Whether the program starts with the session. This is the system's to keep, not a setting of ours.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Autostart {
    /// Whether.
    pub state: AutostartState,
    /// What keeps it from doing so although it should, or why it cannot be changed.
    pub why: Option<Message>,
}

/// See [`Autostart`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutostartState {
    /// It does.
    On,
    /// It does not.
    Off,
    /// This system has no such thing, or does not let us.
    Unavailable,
}

/// Whether notifications are shown.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsStatus {
    /// Whether.
    pub state: NotificationState,
}

/// See [`NotificationsStatus`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// They are, as far as the system tells.
    Works,
    /// This desktop has nothing that shows them.
    NoService,
    /// The system does not let ours through.
    Blocked,
}

/// What the program tells its page, into the channel of `shell_follow`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ShellEvent {
    /// The page shall go there: a notification or the tray was clicked.
    Navigate {
        /// The path.
        path: String,
    },
    /// The window was hidden, or the computer asleep, and is back: what is shown may be old.
    Shown,
    /// Something of the status has changed.
    Status {
        /// All of it.
        status: Box<ShellStatus>,
    },
    /// The program is ending.
    Quitting {
        /// How many clients are told.
        clients: usize,
        /// How many cores are stopped.
        cores: usize,
        /// How long that may take.
        seconds: u64,
        /// Why, where nobody asked for it.
        why: Option<Message>,
    },
}
