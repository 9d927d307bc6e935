//! What has happened lately, and how much.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::Happenings`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happenings {
    /// How many of the latest.
    pub limit: usize,
}

/// Something that happened to an account or a client and that its owner may want to know.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// Counts them since the node runs; later ones have greater numbers. One that happens again and again keeps
    /// its number: the newer one with the same takes its place.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// The account that it concerns.
    pub account: Option<String>,
    /// The client that it concerns.
    pub client: Option<String>,
    /// How good or bad it is.
    pub tone: HappeningTone,
    /// What it was, without the name of whom it concerns.
    pub message: Message,
}

/// How good or bad something is that happened.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HappeningTone {
    /// Something works, or works again.
    Ok,
    /// Something goes on by itself.
    Busy,
    /// A person may want to look.
    You,
    /// Something has stopped until a person acts.
    Bad,
    /// Somebody wanted it so.
    Idle,
}

/// See [`crate::Call::ReadRates`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRates {
    /// How many of the latest whole minutes; 60 are kept.
    pub minutes: usize,
}

/// The reply to [`crate::Call::ReadRates`]. Every list has one number for each minute, the oldest first.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatesHistory {
    /// Those of every account.
    pub accounts: Vec<AccountHistory>,
}

/// How much went through one account, for each minute.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHistory {
    /// Its name.
    pub account: String,
    /// Events that came from the upstream.
    pub events: Vec<u32>,
    /// Actions that its clients sent.
    pub actions: Vec<u32>,
    /// Events since midnight, local time, or since the node runs.
    pub events_today: u64,
    /// Events that some client missed since then.
    pub dropped_today: u64,
    /// Its clients.
    pub clients: Vec<ClientHistory>,
}

/// How much went through one client, for each minute.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHistory {
    /// Its name.
    pub client: String,
    /// Events handed to its sockets.
    pub events: Vec<u32>,
    /// Actions that it sent.
    pub actions: Vec<u32>,
    /// Events that it missed since midnight.
    pub dropped_today: u64,
}
