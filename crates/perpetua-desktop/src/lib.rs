//! `perpetua-desktop`: what the desktop program does besides its window. It needs no Tauri.
//!
//! It keeps the node, or shows one that runs already; it says as values what the tray shows, which
//! notifications are due, where the window stands, and how the program starts with the session. The
//! program `perpetua` puts these values on the screen and decides nothing.

mod autostart;
mod core_choice;
mod endings;
mod environment;
mod fonts;
mod image;
mod input_methods;
mod launch;
#[cfg(test)]
mod made;
mod names;
mod no_window;
mod node_keeper;
mod notification;
mod notifier;
mod open;
mod page_language;
mod shell_call;
mod shell_status;
mod shown_node;
mod shown_version;
#[cfg(target_os = "linux")]
mod sockets;
mod standing;
mod start_failure;
mod streams;
mod system_ways;
#[cfg(all(test, target_os = "linux"))]
mod test_bus;
mod tray;
#[cfg(feature = "typescript")]
pub mod typescript;
mod update_status;
mod updater;
mod wake;
mod window_place;
mod window_state;

pub use core_choice::{ChosenFile, CoreChoice};
pub use endings::{Deaths, asked_to_end, to_be_told};
pub use launch::{LaunchArguments, MINIMISED, Relaunch};
pub use names::identifier_of;
pub use no_window::NoWindow;
pub use node_keeper::{KeeperOptions, NodeEvents, NodeKeeper, NodeState, language_of};
pub use notification::{
    Cause, Notification, NotificationButton, NotificationRules, Surroundings, VersionNews,
};
pub use notifier::{DesktopNotifier, NotificationClick, ShownNotification};
pub use page_language::page_language_script;
pub use shell_call::{
    FollowTopics, KnownFolder, Nothing, OpenFolder, OpenSettings, Retried, RetryNode, SetAutostart,
    ShellCall, ShellPage, ShellStream, ShippedText, Way, WriteClipboard,
};
pub use shell_status::{
    Autostart, AutostartState, NodeSituation, NotificationState, NotificationsStatus, ShellEvent,
    ShellStatus, System,
};
pub use shown_node::ShownNode;
pub use shown_version::ShownVersion;
#[cfg(target_os = "linux")]
pub use sockets::display_socket;
pub use standing::{ButtonAction, Headline, Mend, Standing, Tone, headline, standing_of};
pub use start_failure::StartFailure;
pub use streams::{Followed, Streams};
pub use system_ways::{
    ProgramFacts, ShownFolders, SystemWays, channel_missing, clipboard_refused, shipped_notices,
};
#[cfg(target_os = "linux")]
pub use tray::StatusNotifier;
pub use tray::{
    IconKeeper, Ink, MenuEntry, MenuItem, TrayAction, TrayIcon, TrayImage, TrayView,
    is_seen_within, menu_actions, menu_shape, tray_view,
};
pub use update_status::{UpdateStage, UpdateStatus};
pub use updater::{ReadyReport, UpdateInstall, Updater, UpdaterOptions, package_of};
pub use wake::{LOOK_EVERY, SleepWatch, after_sleep, through_sleep};
pub use window_place::{Area, WindowLayout, WindowPlace, lay_out};
pub use window_state::{Entrance, Made, WindowFacts, WindowState, Wish};
