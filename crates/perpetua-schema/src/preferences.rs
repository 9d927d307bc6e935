//! The settings of the program itself, typed: its language and what it notifies of.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{Applied, UpdatePreferences, VersionChannel};

/// See [`crate::Call::PreferencesRead`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct PreferencesRead {}

/// The settings of the program itself, every default filled in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The language of window, tray and notifications.
    pub language: UiLanguage,
    /// What the desktop is notified of.
    pub notifications: NotificationPreferences,
    /// The webhooks, in the order of the settings.
    pub webhooks: Vec<WebhookShown>,
    /// Whether and which newer versions are looked for.
    pub updates: UpdatePreferences,
}

/// A language that the program can be shown in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Copy, Default)]
pub enum UiLanguage {
    /// The one of the system.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// What the desktop is notified of.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationPreferences {
    /// The kinds that are shown.
    pub kinds: Vec<NotificationKind>,
    /// When nothing is shown, in local time; absent: never.
    pub quiet_hours: Option<QuietHours>,
}

/// A kind of notification.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(PartialOrd, Ord, Hash)]
pub enum NotificationKind {
    /// QQ ended a session.
    Kicked,
    /// A phone has to scan a code.
    ScanNeeded,
    /// An account has stopped until a person acts: refused, given up, cannot send.
    Stopped,
    /// An account whose outage was notified is back.
    BackOnline,
    /// There is a newer version of the program.
    NewVersion,
}

/// A span of each day, which may go over midnight.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Copy)]
pub struct QuietHours {
    /// Its first minute, counted from midnight.
    pub from_minute: u16,
    /// The first minute after it, counted from midnight.
    pub to_minute: u16,
}

/// A webhook as it may be shown.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookShown {
    /// Its host and port; the whole address may be a secret.
    pub host: String,
}

/// See [`crate::Call::PreferencesEdit`]; each setting is left as it is when absent.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PreferencesEdit {
    /// See [`Preferences::language`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub language: Option<UiLanguage>,
    /// See [`NotificationPreferences::kinds`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub notification_kinds: Option<Vec<NotificationKind>>,
    /// See [`NotificationPreferences::quiet_hours`]; both minutes alike: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub quiet_hours: Option<QuietHours>,
    /// See [`UpdatePreferences::check`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub update_check: Option<bool>,
    /// See [`UpdatePreferences::channel`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub update_channel: Option<VersionChannel>,
}

/// The reply to [`crate::Call::PreferencesEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferencesEdited {
    /// What that did.
    pub applied: Applied,
    /// The change that takes it back.
    pub undo: PreferencesEdit,
}

/// See [`crate::Call::WebhookTest`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookTest {
    /// Which one, counted from 0 in the order of the settings.
    pub index: usize,
}

/// The reply to [`crate::Call::WebhookTest`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReport {
    /// The status that it answered with.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// Why it did not take the notification, and what to do; absent when it did.
    pub problem: Option<Message>,
}
