//! The hub as others see it.

use super::Hub;
use crate::{AccountSnapshot, ClientSnapshot, ConnectionSnapshot, connection::Connection};

impl Hub {
    /// How the account stands now.
    pub fn snapshot(&self) -> AccountSnapshot {
        AccountSnapshot {
            self_id: self.presence.self_id(),
            link: self.presence.link(),
            online: self.online(),
            offline_reason: self.presence.offline_reason(),
            hung: self.presence.hung(),
            managed: self.presence.is_managed(),
            events: self.upstream.events,
            last_event: self.last_event,
            responses: self.upstream.responses,
            late_responses: self.upstream.late_responses,
            foreign_frames: self.upstream.foreign_frames,
            unsent: self.actions.unsent(),
            unanswered: self.actions.unanswered(),
            clients: self
                .clients
                .keys()
                .map(|name| self.client_snapshot(name))
                .collect(),
        }
    }

    fn client_snapshot(&self, name: &str) -> ClientSnapshot {
        let mut traffic = self
            .clients
            .get(name)
            .map(|client| client.traffic.clone())
            .unwrap_or_default();
        let connections = self
            .connections
            .values()
            .filter(|connection| &*connection.client == name);
        for connection in connections.clone() {
            traffic.sent += connection.sent;
            traffic.dropped += connection.dropped;
        }
        ClientSnapshot {
            name: name.to_owned(),
            traffic,
            connections: connections
                .filter(|connection| connection.cut.is_none())
                .map(connection_snapshot)
                .collect(),
        }
    }
}

fn connection_snapshot(connection: &Connection) -> ConnectionSnapshot {
    ConnectionSnapshot {
        app_id: connection.app_id,
        name: connection.name.clone(),
        role: connection.role,
        queued: connection.queue.len(),
        queued_bytes: connection.queue.bytes(),
        last_event: connection.last_event,
        dropped: connection.dropped,
    }
}
