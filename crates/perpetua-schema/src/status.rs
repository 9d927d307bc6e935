//! How a node stands.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{CoreStatus, Framework, UpdateNews};

/// The whole node.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// The node's version.
    pub version: String,
    /// The commit that it was built from, or `unknown`.
    #[serde(default)]
    pub build: String,
    /// Its process id.
    pub pid: u32,
    /// How long this start of it has been running, in seconds. A window's program that starts its node anew counts anew:
    /// every framework had to connect again.
    pub uptime_s: u64,
    /// Where it listens.
    pub api: String,
    /// Its accounts, in the order of the settings.
    pub accounts: Vec<AccountStatus>,
    /// What is wrong with the node itself, for people; for example a settings file that was refused.
    pub problems: Vec<Message>,
    /// Whom its HTTP side refused, newest first.
    pub notices: Vec<NoticeStatus>,
    /// What is known of newer versions; absent where the program around the node looks for them.
    #[serde(default)]
    pub update: Option<UpdateNews>,
}

/// Something that was refused or lost. Equal ones are counted.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeStatus {
    /// What it was and why, for people.
    pub message: Message,
    /// How often it happened.
    pub count: u64,
    /// When it last did, in seconds since 1970.
    pub last_unix_s: i64,
}

/// One account.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Its name in the settings.
    pub name: String,
    /// Whether the settings let it run.
    pub enabled: bool,
    /// The bot's id, once it is known.
    pub self_id: Option<i64>,
    /// The bot's nickname, once it is known.
    pub nickname: Option<String>,
    /// Since when it can be talked to, or cannot, in milliseconds since 1970.
    pub since_ms: i64,
    /// Whether the bot can be talked to, from all that is known.
    pub online: bool,
    /// What is wrong, for people; absent when nothing is.
    pub problem: Option<Message>,
    /// The way to its upstream.
    pub upstream: UpstreamStatus,
    /// Its core, when the node looks after one for it.
    pub core: Option<CoreStatus>,
    /// Events that came from the upstream.
    pub events: u64,
    /// Responses that found their caller.
    pub responses: u64,
    /// Responses that came too late, twice, or for a caller who has left.
    pub late_responses: u64,
    /// Its clients, in the order of the settings, leased ones last.
    pub clients: Vec<ClientStatus>,
}

/// The way to an upstream.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpstreamStatus {
    /// `simulator`, `lagrange`, `onebot` or `onebot-reverse`.
    pub kind: String,
    /// Where the link stands.
    pub state: UpstreamState,
    /// Where it is, or where it has to dial; without secrets.
    pub address: Option<String>,
    /// In how many seconds the next attempt comes, while waiting.
    pub retry_in_s: Option<u64>,
    /// Since when the link stands there, in milliseconds since 1970.
    pub since_ms: i64,
    /// The implementation's name and version, as `NapCat.Onebot 4.8.90`, once it has said so.
    pub implementation: Option<String>,
    /// What in its settings cannot work.
    pub remarks: Vec<Message>,
    /// What was refused there or got lost on the way, newest first.
    pub notices: Vec<NoticeStatus>,
}

/// Where a link stands.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamState {
    /// No connection, and none is being made by us.
    Closed,
    /// A connection is being made.
    Dialling,
    /// Frames flow.
    Open,
    /// The last attempt failed; another will follow.
    Waiting,
}

/// One client.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientStatus {
    /// Its name in the settings.
    pub name: String,
    /// Whether the settings let it connect.
    pub enabled: bool,
    /// `forward`: a framework connects to its port; `reverse`: we connect to a framework; `http`: a program calls its
    /// port; `post`: we post each event to one; `leased`: ports of programs that asked for one.
    pub kind: String,
    /// The framework that it is for; absent where the settings name none.
    pub framework: Option<Framework>,
    /// Whether something is shown there, by it or by us, or signed with.
    pub has_token: bool,
    /// The most events that wait for each of its connections.
    pub queue_events: usize,
    /// The most bytes that wait for each of its connections.
    pub queue_bytes: usize,
    /// Events it missed in the last minute.
    pub dropped_last_minute: u64,
    /// Since when it is there, in milliseconds since 1970.
    pub since_ms: i64,
    /// When an action was last asked for over HTTP, in milliseconds since 1970; absent where none was.
    pub called_ms: Option<i64>,
    /// The address its framework dials, as `127.0.0.1:6700`; absent for leased ports, when it cannot listen, and where
    /// we dial.
    pub listen: Option<String>,
    /// Where we dial or post to, one for each connection, and how that stands; none where the framework dials.
    pub targets: Vec<TargetStatus>,
    /// What is wrong, for people; absent when nothing is.
    pub problem: Option<Message>,
    /// What in its settings cannot work, though each of them is right.
    pub remarks: Vec<Message>,
    /// Its connections.
    pub connections: Vec<ConnectionStatus>,
    /// Frames handed to its sockets.
    pub sent: u64,
    /// Events it missed.
    pub dropped: u64,
    /// Actions it asked for.
    pub actions: u64,
    /// Actions that the node refused.
    pub refusals: u64,
    /// Connections that the node ended.
    pub cuts: u64,
    /// What was refused there or got lost, newest first.
    pub notices: Vec<NoticeStatus>,
}

/// An address of a framework that we dial, or post to.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// As the settings have it, `ws://127.0.0.1:6199/ws`; with `/api` or `/event` behind its path where there are two
    /// connections.
    pub address: String,
    /// Where the way to it stands.
    pub state: TargetState,
    /// Since when it stands there, in milliseconds since 1970.
    pub since_ms: i64,
    /// In how many seconds the next attempt comes, while one is waited for; absent where one comes every few seconds.
    pub retry_in_s: Option<u64>,
    /// How many attempts have failed in a row.
    pub failures: u32,
    /// Why it is not connected, or takes nothing, for people; absent while nothing has failed.
    pub problem: Option<Message>,
    /// What became of the events; absent where it is not posted to.
    pub posts: Option<PostStatus>,
}

/// What became of the events of a client that is posted to, since the node started or it was enabled.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostStatus {
    /// Whether the breaker is open: several attempts in a row have failed, and one is made now and then.
    pub paused: bool,
    /// Whether what it failed on last is posted again by itself; else that event is over.
    pub again: bool,
    /// Taken.
    pub delivered: u64,
    /// Attempts that were repeated.
    pub repeated: u64,
    /// Handed over with an unknown outcome, and not posted again.
    pub unsure: u64,
    /// Not taken, and not posted again.
    pub refused: u64,
}

/// Where the way to a framework stands that we dial.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetState {
    /// Nobody dials: the client is switched off or has a problem.
    Closed,
    /// The account's id has to be known first.
    Unnamed,
    /// A connection is being made, or the first event posted.
    Dialling,
    /// Frames flow, or it took the last event.
    Open,
    /// The last attempt failed; another will follow.
    Waiting,
    /// The framework answers and did not want us the last time: somebody has to look at it. Another attempt follows.
    Refused,
}

/// One connection of a client.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionStatus {
    /// Its own id.
    pub app_id: String,
    /// The name it goes by.
    pub name: Option<String>,
    /// `universal`, `api` or `event`.
    pub role: String,
    /// The address it comes from.
    pub peer: Option<String>,
    /// What its program calls itself (`User-Agent`).
    pub user_agent: Option<String>,
    /// Since when it is open, in milliseconds since 1970.
    pub since_ms: i64,
    /// Frames handed to its socket.
    pub sent: u64,
    /// Frames waiting for it.
    pub queued: usize,
    /// Bytes waiting for it.
    pub queued_bytes: usize,
    /// Events it missed.
    pub dropped: u64,
    /// For how many seconds it has left a ping unanswered while its system takes what is sent: its program
    /// is busy. Absent while it answers.
    pub busy_for_s: Option<u64>,
}
