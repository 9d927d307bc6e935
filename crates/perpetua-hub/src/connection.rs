//! One open connection of a client.

use std::{sync::Arc, time::Instant};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    ClientProfile, ClockReading, DisconnectReason, MessageFormat, Outgoing,
    queue::{Pushed, Queue},
    reshaping::WantedFormat,
};

/// Names one connection for as long as the hub lives; never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionId(pub(crate) u64);

/// Which half of OneBot a connection speaks, by the path it asked for
/// (OneBot v11, "正向 WebSocket": `/`, `/api`, `/event`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// Actions and events.
    #[default]
    Universal,
    /// Actions and their responses only.
    Api,
    /// Events only; what it sends is ignored.
    Event,
}

impl Role {
    pub(crate) fn gets_events(self) -> bool {
        self != Self::Api
    }

    pub(crate) fn may_act(self) -> bool {
        self != Self::Event
    }
}

/// Who connects, as the driver knows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visitor {
    /// Which half of OneBot it asked for.
    pub role: Role,
    /// Where it comes from.
    pub peer: Option<String>,
    /// What its program calls itself.
    pub user_agent: Option<String>,
}

impl From<Role> for Visitor {
    /// Somebody of whom nothing else is known.
    fn from(role: Role) -> Self {
        Self {
            role,
            ..Self::default()
        }
    }
}

/// How far a connection has come in its first words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Greeting {
    /// It waits until the account's id is known.
    Due,
    /// It has had them.
    Given,
    /// It is there for one action: it gets none, nobody is told of it, and it is none of the connections that are
    /// shown.
    OfCall,
}

/// What the hub knows of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Arc<str>,
    pub(crate) app_id: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) role: Role,
    pub(crate) peer: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) since: Instant,
    pub(crate) profile: ClientProfile,
    /// The format in which messages go out to it; `None`: as they come.
    pub(crate) format: Option<WantedFormat>,
    pub(crate) greeting: Greeting,
    pub(crate) queue: Queue,
    /// Frames handed to its socket.
    pub(crate) sent: u64,
    /// Events among them.
    pub(crate) events: u64,
    /// The number of the last event handed to its socket; at first, of the last before it came.
    pub(crate) last_event: u64,
    /// Events it missed.
    pub(crate) dropped: u64,
    /// A heartbeat goes out with the next frames. It is made at that moment, so that it is true.
    pub(crate) beat_due: bool,
    /// The driver was told that frames wait, and has not come for them yet.
    pub(crate) woken: bool,
    /// Since when it leaves its pings unanswered.
    pub(crate) busy_since: Option<ClockReading>,
    pub(crate) cut: Option<DisconnectReason>,
}

/// How other clients see a connection: `client` in perpetua's own events.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Identity {
    pub(crate) app_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_name: Option<String>,
}

impl Connection {
    pub(crate) fn is_greeted(&self) -> bool {
        self.greeting == Greeting::Given
    }

    /// Whether it is there for one action only.
    pub(crate) fn is_call(&self) -> bool {
        self.greeting == Greeting::OfCall
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity {
            app_id: self.app_id,
            client_name: self.name.clone(),
        }
    }

    /// Messages go out to it in this format from now on.
    pub(crate) fn want(&mut self, format: Option<MessageFormat>) {
        if self.format.as_ref().map(WantedFormat::format) != format {
            self.format = format.map(WantedFormat::new);
        }
    }

    /// Queues a frame that must arrive; false when the connection has to be cut off instead.
    #[must_use]
    pub(crate) fn deliver(&mut self, frame: Outgoing) -> bool {
        let pushed = self.queue.push_kept(frame);
        self.settle(pushed)
    }

    /// Queues a frame that may be dropped later; false when the connection has to be cut off instead.
    #[must_use]
    pub(crate) fn offer(&mut self, frame: Outgoing) -> bool {
        let pushed = self.queue.push_droppable(frame);
        self.settle(pushed)
    }

    fn settle(&mut self, pushed: Pushed) -> bool {
        match pushed {
            Pushed::Waiting { dropped } => {
                self.dropped += dropped;
                true
            }
            Pushed::Full => false,
        }
    }
}
