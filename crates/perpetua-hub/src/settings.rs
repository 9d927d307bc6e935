//! What the hub is told about an account and its clients.

use std::time::Duration;

use perpetua_onebot::MessageFormat;

use crate::FrameworkKind;

/// The usual limit of a frame: a file of 45 MB in base64 fits.
pub(crate) const DEFAULT_FRAME_SIZE: usize = 64 << 20;

/// Limits of one account's actions and frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountLimits {
    /// How long a sent action may stay unanswered.
    pub answer: Duration,
    /// How long an action waits for an upstream that is away.
    pub unsent: Duration,
    /// How many bytes one frame may have, from clients and from the upstream alike.
    pub max_frame_size: usize,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self {
            answer: Duration::from_mins(1),
            unsent: Duration::from_secs(8),
            max_frame_size: DEFAULT_FRAME_SIZE,
        }
    }
}

/// When the hub asks an upstream that has been silent whether it is still there (`get_login_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProbeSettings {
    /// The silence after which it is asked; responses and events break it, heartbeats do not.
    pub every: Duration,
    /// The further silence after which the account counts as hung.
    pub patience: Duration,
}

impl Default for ProbeSettings {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(30),
            patience: Duration::from_secs(15),
        }
    }
}

/// Which extras a client's connections get.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ClientProfile {
    /// Plain OneBot v11: pings on, no extension events.
    #[default]
    Standard,
    /// The rules of perpetua's own SDK: extension events on, no control frames.
    Perpetua,
}

/// What happens to a connection whose queue is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OverflowPolicy {
    /// Its oldest events go, counted and reported to it in its heartbeats.
    #[default]
    DropOldest,
    /// It is cut off and told why.
    Disconnect,
}

/// The bounds of one connection's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueLimits {
    /// How many frames may wait.
    pub frames: usize,
    /// How many bytes the events among them may hold together; one alone may always wait. Frames that must
    /// arrive may hold as many too, and at least two of the greatest size of the account.
    pub bytes: usize,
    /// What happens beyond that.
    pub when_full: OverflowPolicy,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            frames: 4096,
            bytes: 64 << 20,
            when_full: OverflowPolicy::DropOldest,
        }
    }
}

/// One client of an account, as the settings (or a lease) describe it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSettings {
    /// Its extras.
    pub profile: ClientProfile,
    /// The bounds of each of its connections' queues.
    pub queue: QueueLimits,
    /// How many connections it may have at once.
    pub max_connections: usize,
    /// How many of its actions may be unanswered at once, over all its connections.
    pub max_pending_actions: usize,
    /// The time between two heartbeats of one connection.
    pub heartbeat: Duration,
    /// The format in which it gets messages; `None`: as they come.
    pub format: Option<MessageFormat>,
    /// Whether its connections carry the client's name; leased ones have none until they set it.
    pub named: bool,
    /// Whether its events are posted, each by itself: then it is greeted in another way.
    pub posted: bool,
    /// The framework that it is for, if the settings name it.
    pub framework: Option<FrameworkKind>,
    /// The servers that we go to for it, each under one name whatever its settings call it.
    pub servers: Vec<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            profile: ClientProfile::Standard,
            queue: QueueLimits::default(),
            max_connections: 8,
            max_pending_actions: 2048,
            heartbeat: Duration::from_secs(5),
            format: None,
            named: true,
            posted: false,
            framework: None,
            servers: Vec::new(),
        }
    }
}
