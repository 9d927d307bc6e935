//! The tray as values: its icon, its tooltip and its menu, from how the node stands and from the language.
//!
//! Whoever shows them compares them with the former ones, so that a changed text is the change of one item.

mod icon;
mod image;
mod items;
mod menu;
#[cfg(target_os = "linux")]
mod panel;
#[cfg(target_os = "linux")]
mod status_notifier;

use std::time::Duration;

use perpetua_schema::{NodeStatus, UiLanguage};
use perpetua_words::Language;
use tokio::{sync::watch, time::timeout};

use crate::standing::{ButtonAction, headline};

pub use icon::{IconKeeper, TrayIcon};
pub use image::{Ink, TrayImage};
pub use items::{menu_actions, menu_shape};
pub use menu::{MenuEntry, MenuItem};
#[cfg(target_os = "linux")]
pub use status_notifier::StatusNotifier;

/// All that a tray shows.
#[derive(Clone, Debug, PartialEq)]
pub struct TrayView {
    /// The icon.
    pub icon: TrayIcon,
    /// The headline, as its tooltip.
    pub tooltip: String,
    /// The menu.
    pub menu: Vec<MenuEntry>,
}

/// What a click does.
#[derive(Clone, Debug, PartialEq)]
pub enum TrayAction {
    /// Opens the window where it was.
    Open,
    /// Does what a button of the pages does.
    Do {
        /// What.
        deed: ButtonAction,
        /// The page that is opened where the node refuses it.
        or_page: String,
    },
    /// Puts an address into the clipboard.
    Copy(String),
    /// Opens the folder of the log files.
    OpenLogs,
    /// Chooses a language.
    Language(UiLanguage),
    /// Ends the program.
    Quit,
}

/// What the tray shows of a node.
///
/// `status` is absent while no node answers, `chosen` is the language of the settings, `now_ms` the time
/// in milliseconds since 1970.
pub fn tray_view(
    status: Option<&NodeStatus>,
    icon: TrayIcon,
    language: Language,
    chosen: UiLanguage,
    now_ms: i64,
) -> TrayView {
    let headline = headline(status, now_ms).title.in_language(language);
    TrayView {
        icon,
        tooltip: headline.clone(),
        menu: menu::menu(status, headline, language, chosen, now_ms),
    }
}

/// Waits until a person sees the icon; `false` when that takes too long, or when there will never be one.
pub async fn is_seen_within(limit: Duration, mut visible: watch::Receiver<bool>) -> bool {
    let seen = visible.wait_for(|visible| *visible);
    matches!(timeout(limit, seen).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests;
