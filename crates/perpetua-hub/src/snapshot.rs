//! What an account looks like at one moment, for health, metrics and people.

use std::{collections::BTreeMap, time::Instant};

use perpetua_words::Message;
use uuid::Uuid;

use crate::{
    ClockReading, DialState, Latency, LinkState, Notice, PostCounts, PostState, QueueLimits, Role,
};

/// One account: its upstream and its clients.
#[derive(Clone, Debug)]
pub struct AccountSnapshot {
    /// The bot's id, once it is known.
    pub self_id: Option<i64>,
    /// The bot's nickname, as far as the upstream has told it.
    pub nickname: Option<String>,
    /// The implementation's name and version, once it has said so.
    pub implementation: Option<String>,
    /// The connection to the upstream.
    pub link: LinkState,
    /// Since when the connection is in that state, whatever its data.
    pub link_since: Instant,
    /// Whether the bot can be talked to, from all that is known.
    pub online: bool,
    /// Since when it is online, or is not.
    pub online_since: Instant,
    /// Why it is offline though the upstream is connected, or was: a kick, a heartbeat that says so,
    /// or that it does not answer.
    pub offline_reason: Option<Message>,
    /// The upstream is connected, and does not answer.
    pub hung: bool,
    /// Since when its core answers nothing over the link though it answers elsewhere: it waits for something,
    /// most likely its signer.
    pub blocked_since: Option<Instant>,
    /// Whether this node supervises its core.
    pub managed: bool,
    /// Events that came from the upstream (its heartbeats and lifecycles not counted).
    pub events: u64,
    /// The number of the last event that was routed to clients, counted from 1. A notice that the hub makes
    /// has one too, and one that is held back has none.
    pub last_event: u64,
    /// Responses that found their caller.
    pub responses: u64,
    /// Responses that came too late, twice, or for a caller who has left.
    pub late_responses: u64,
    /// Frames from the upstream that are not OneBot.
    pub foreign_frames: u64,
    /// Events of other accounts, which were left out.
    pub other_accounts_events: u64,
    /// What was refused at the upstream's side, or lost; newest first.
    pub upstream_notices: Vec<Notice>,
    /// How often something was, of every kind.
    pub upstream_noted: u64,
    /// What the frames of the account hold at this moment, in bytes.
    pub held_bytes: usize,
    /// Actions that wait to be sent.
    pub unsent: usize,
    /// Actions that were sent and wait for their answer.
    pub unanswered: usize,
    /// Its clients, by name.
    pub clients: Vec<ClientSnapshot>,
}

/// What only counts, cheaply had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    /// Events that came from the upstream.
    pub events: u64,
    /// Those of its clients, by name.
    pub clients: Vec<ClientCounts>,
}

/// The counts of one client, over all its connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientCounts {
    /// Its name in the settings.
    pub name: String,
    /// Events handed to its sockets.
    pub events: u64,
    /// Events it missed.
    pub dropped: u64,
    /// Actions it asked for.
    pub actions: u64,
}

/// One client with all its connections.
#[derive(Clone, Debug)]
pub struct ClientSnapshot {
    /// Its name in the settings.
    pub name: String,
    /// Since when it has a connection, or has none.
    pub since: Instant,
    /// The bounds of the queue of each connection.
    pub queue: QueueLimits,
    /// What it has seen since the node started.
    pub traffic: Traffic,
    /// What was refused or lost; newest first.
    pub notices: Vec<Notice>,
    /// How often something was, of every kind.
    pub noted: u64,
    /// How the ways to it stand, by their places in its settings, if it is one that we dial.
    pub dials: BTreeMap<usize, DialSnapshot>,
    /// How it stands, if it is one that is posted to.
    pub post: Option<PostSnapshot>,
    /// What became of the events that were posted to it.
    pub posts: PostCounts,
    /// When an action was last asked for over HTTP.
    pub last_call: Option<Instant>,
    /// Its connections, without those that are being closed.
    pub connections: Vec<ConnectionSnapshot>,
}

/// The way to a client that we dial.
#[derive(Clone, Debug)]
pub struct DialSnapshot {
    /// Where it stands.
    pub state: DialState,
    /// Since when it stands there, whatever the data.
    pub since: Instant,
    /// How many attempts have failed in a row.
    pub failures: u32,
}

/// A client that is posted to.
#[derive(Clone, Debug)]
pub struct PostSnapshot {
    /// Where it stands.
    pub state: PostState,
    /// Since when it stands there, whatever the data.
    pub since: Instant,
    /// How many attempts have failed in a row.
    pub failures: u32,
}

/// Counts of one client, over all its connections.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Frames handed to its sockets.
    pub sent: u64,
    /// Events among them.
    pub events: u64,
    /// Events it missed.
    pub dropped: u64,
    /// Actions it asked for.
    pub actions: u64,
    /// Actions that the hub refused.
    pub refusals: u64,
    /// Connections that the node ended.
    pub cuts: u64,
    /// How long its actions took.
    pub latency: Latency,
}

/// One connection.
#[derive(Clone, Debug)]
pub struct ConnectionSnapshot {
    /// Its own id, new for each connection.
    pub app_id: Uuid,
    /// The name it goes by.
    pub name: Option<String>,
    /// Which frames it gets and may send.
    pub role: Role,
    /// Where it comes from.
    pub peer: Option<String>,
    /// What its program calls itself.
    pub user_agent: Option<String>,
    /// Since when it is open.
    pub since: Instant,
    /// Frames handed to its socket.
    pub sent: u64,
    /// Frames waiting for it.
    pub queued: usize,
    /// Bytes waiting for it.
    pub queued_bytes: usize,
    /// The number of the last event handed to its socket; at first, of the last before it came.
    pub last_event: u64,
    /// Events it missed.
    pub dropped: u64,
    /// Since when it leaves its pings unanswered, though its system is there.
    pub busy_since: Option<ClockReading>,
}
