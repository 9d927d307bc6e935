//! Adding, changing and removing clients, and what a framework has to be told.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::Applied;

/// A bot framework that is known by name.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(PartialOrd, Ord, Hash)]
pub enum Framework {
    /// NoneBot2.
    Nonebot,
    /// Koishi.
    Koishi,
    /// AstrBot.
    Astrbot,
    /// Any other program that speaks OneBot v11.
    Other,
}

/// How a framework and an account come together.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewClientKind {
    /// The framework connects to a port of ours.
    Forward,
    /// We connect to the framework.
    Reverse,
    /// The framework calls a port of ours over HTTP.
    Http,
    /// We post each event to the framework.
    Post,
}

/// See [`crate::Call::ClientAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAdd {
    /// The account's name.
    pub account: String,
    /// Its name; absent: one that is free, made from the framework's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// The framework that it is for.
    pub framework: Framework,
    /// See [`ClientConfig::kind`]; absent: `reverse` where there is a `url`, else `forward`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub kind: Option<NewClientKind>,
    /// Where it is waited for; absent: the next address that is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub listen: Option<String>,
    /// Where we dial it, or post to, if it waits for us; then nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub url: Option<String>,
    /// What it has to show; absent: a new random one. Where we dial it: what it is shown, and where we post to it: what
    /// events are signed with; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<String>,
    /// See [`ClientConfig::profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub profile: Option<String>,
    /// See [`ClientConfig::format`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub format: Option<String>,
}

impl fmt::Debug for ClientAdd {
    /// A token is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientAdd")
            .field("account", &self.account)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The reply to [`crate::Call::ClientAdd`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAdded {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// What that did.
    pub applied: Applied,
}

/// See [`crate::Call::ClientRead`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRead {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
}

/// What the settings say of one client, every default filled in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientConfig {
    /// The account's name.
    pub account: String,
    /// Its name.
    pub client: String,
    /// Whether it may connect.
    pub enabled: bool,
    /// `forward`: the framework connects to a port of ours; `reverse`: we connect to it; `http`: it calls a port of ours;
    /// `post`: we post each event to it.
    pub kind: String,
    /// Where it is waited for; absent where we dial.
    pub listen: Option<String>,
    /// Where we dial, or post to; absent where it is waited for, and where there is a list of addresses.
    pub url: Option<String>,
    /// The list of addresses that we dial, where the settings have one; it is changed in their text.
    pub urls: Vec<String>,
    /// Over how many connections we speak to each framework that we dial: `universal` or `split`; absent elsewhere.
    pub roles: Option<String>,
    /// `standard`: plain OneBot v11; `perpetua`: with the events and actions of perpetua's own SDKs.
    pub profile: String,
    /// How many connections it may have at once.
    pub max_connections: usize,
    /// Seconds between two heartbeats.
    pub heartbeat_s: f64,
    /// The most events that wait for it.
    pub queue_events: usize,
    /// The most bytes that wait for it.
    pub queue_bytes: usize,
    /// `drop-oldest` or `disconnect`.
    pub when_full: String,
    /// How it gets messages: `as-sent`, `array` or `string`.
    pub format: String,
    /// The framework that it is for; `other` where the settings name none.
    pub framework: Framework,
}

/// Some settings of a client, each left as it is when absent.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ClientChange {
    /// See [`ClientConfig::listen`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub listen: Option<String>,
    /// See [`ClientConfig::url`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub url: Option<String>,
    /// See [`ClientConfig::roles`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub roles: Option<String>,
    /// See [`ClientConfig::profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub profile: Option<String>,
    /// See [`ClientConfig::max_connections`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub max_connections: Option<usize>,
    /// See [`ClientConfig::heartbeat_s`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub heartbeat_s: Option<f64>,
    /// See [`ClientConfig::queue_events`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub queue_events: Option<usize>,
    /// See [`ClientConfig::queue_bytes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub queue_bytes: Option<usize>,
    /// See [`ClientConfig::when_full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub when_full: Option<String>,
    /// See [`ClientConfig::format`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub format: Option<String>,
    /// See [`ClientConfig::framework`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub framework: Option<Framework>,
}

/// See [`crate::Call::ClientEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientEdit {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// What becomes different.
    pub change: ClientChange,
    /// What the changed settings were when they were looked at; when they are something else by now, the change is
    /// refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub instead_of: Option<ClientChange>,
}

/// The reply to [`crate::Call::ClientEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientEdited {
    /// What that did.
    pub applied: Applied,
    /// The change that takes it back.
    pub undo: ClientChange,
    /// What the changed settings are now: what the change that takes it back is instead of.
    pub now: ClientChange,
}

/// See [`crate::Call::ClientRemove`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRemove {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
}

/// See [`crate::Call::TokenNew`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenNew {
    /// The account's name.
    pub account: String,
    /// The client's name; absent: the account's upstream, which dials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub client: Option<String>,
}

/// See [`crate::Call::ClientCut`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCut {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// The connection; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub app_id: Option<String>,
}

/// See [`crate::Call::Guide`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// Which framework.
    pub framework: Framework,
}

/// What to enter into a framework so that it finds its port.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideText {
    /// Pieces of text to paste, in the order in which they are needed.
    pub snippets: Vec<Snippet>,
    /// What else is to be done or known.
    pub notes: Vec<Message>,
}

/// A piece of text to paste.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The file it belongs into, as `.env`; absent when it is entered on a page of the framework.
    pub file: Option<String>,
    /// What it is written in: `dotenv`, `yaml`, `json` or `text`.
    pub language: String,
    /// The text; the token's place is taken by [`Snippet::TOKEN`].
    pub text: String,
}

impl Snippet {
    /// Stands in a text where the token belongs.
    pub const TOKEN: &str = "{{token}}";
}
