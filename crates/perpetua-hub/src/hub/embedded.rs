//! What an upstream within the node is told beyond the frames: whose an action is, and whom an event reached.
//!
//! Other upstreams use the verbs without it, so it costs them nothing.

use std::sync::Arc;

use bytes::Bytes;
use perpetua_onebot::Peek;

use super::Hub;
use crate::{ClockReading, ConnectionId, Outgoing, action::Caller};

/// An action that is sent to the upstream, and whose it is.
#[derive(Clone, Debug)]
pub struct AskedAction {
    /// The action, with the hub's echo.
    pub frame: Outgoing,
    /// The client that asked for it; `None`: the hub did.
    pub asker: Option<Asker>,
}

/// The client that asked for an action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// Its name.
    pub client: Arc<str>,
    /// Its own echo, raw JSON.
    pub echo: Option<Box<str>>,
}

impl Hub {
    /// As [`Hub::take_action`], and whose it is.
    pub fn take_asked_action(&mut self, now: ClockReading) -> Option<AskedAction> {
        let (number, frame) = self.take_numbered_action(now)?;
        let asker = match self.actions.caller(number) {
            Some((Caller::Connection { id, client, .. }, echo)) => Some(Asker {
                client: self.name_shown(*id, client),
                echo: echo.map(Into::into),
            }),
            Some((Caller::LoginProbe | Caller::VersionQuestion, _)) | None => None,
        };
        Some(AskedAction { frame, asker })
    }

    /// As [`Hub::from_upstream`]; of an event, gives the clients in whose queues it is, each once.
    pub fn from_embedded(
        &mut self,
        text: Bytes,
        peek: &Peek<'_>,
        now: ClockReading,
    ) -> Vec<Arc<str>> {
        let routed_before = self.last_event;
        self.from_upstream(text, peek, now);
        if self.last_event == routed_before {
            return Vec::new();
        }
        let mut clients = Vec::new();
        // Who was cut off because of it, or waits for its greeting, has not got it.
        let reached = self.connections.iter().filter(|(_, connection)| {
            connection.role.gets_events() && connection.is_greeted() && connection.cut.is_none()
        });
        for (id, connection) in reached {
            let client = self.name_shown(*id, &connection.client);
            if !clients.contains(&client) {
                clients.push(client);
            }
        }
        clients
    }

    /// The client's name in the settings; programs on leased ports go by the name that they gave themselves.
    fn name_shown(&self, id: ConnectionId, client: &Arc<str>) -> Arc<str> {
        let named = self
            .clients
            .get(client)
            .is_none_or(|client| client.settings.named);
        let connection = self.connections.get(&id).filter(|_| !named);
        let own = connection.and_then(|connection| connection.name.as_deref());
        own.map_or_else(|| Arc::clone(client), Arc::from)
    }
}
