//! The hub as others see it.

use super::{Client, Hub, InDriver};
use crate::{
    AccountCounts, AccountSnapshot, ClientCounts, ClientSnapshot, ConnectionSnapshot,
    connection::Connection,
};

impl Hub {
    /// How the account stands now.
    pub fn snapshot(&self) -> AccountSnapshot {
        AccountSnapshot {
            self_id: self.presence.self_id(),
            nickname: self.presence.nickname().map(str::to_owned),
            implementation: self.presence.implementation().map(str::to_owned),
            link: self.presence.link(),
            link_since: self.presence.link_since(),
            online: self.online(),
            online_since: self.presence.online_since(),
            offline_reason: self.presence.offline_reason(),
            hung: self.presence.hung(),
            blocked_since: self.blocked_since(),
            managed: self.presence.is_managed(),
            events: self.upstream.events,
            last_event: self.last_event,
            responses: self.upstream.responses,
            late_responses: self.upstream.late_responses,
            foreign_frames: self.upstream.foreign_frames,
            other_accounts_events: self.upstream.other_accounts_events,
            upstream_notices: self.upstream.notices.iter().cloned().collect(),
            upstream_noted: self.upstream.notices.total(),
            held_bytes: self.held_bytes(|_| InDriver::default()),
            unsent: self.actions.unsent(),
            unanswered: self.actions.unanswered(),
            clients: self
                .clients
                .iter()
                .map(|(name, client)| self.client_snapshot(name, client))
                .collect(),
        }
    }

    /// What only counts.
    pub fn counts(&self) -> AccountCounts {
        let clients = self.clients.iter().map(|(name, client)| {
            let mut counts = ClientCounts {
                name: name.to_string(),
                events: client.traffic.events,
                dropped: client.traffic.dropped,
                actions: client.traffic.actions,
            };
            for connection in self.connections.values() {
                if connection.client == *name {
                    counts.events += connection.events;
                    counts.dropped += connection.dropped;
                }
            }
            counts
        });
        AccountCounts {
            events: self.upstream.events,
            clients: clients.collect(),
        }
    }

    fn client_snapshot(&self, name: &str, client: &Client) -> ClientSnapshot {
        let mut traffic = client.traffic.clone();
        let connections = self
            .connections
            .values()
            .filter(|connection| &*connection.client == name);
        for connection in connections.clone() {
            traffic.sent += connection.sent;
            traffic.events += connection.events;
            traffic.dropped += connection.dropped;
        }
        ClientSnapshot {
            name: name.to_owned(),
            since: client.since,
            queue: client.settings.queue,
            traffic,
            notices: client.notices.iter().cloned().collect(),
            noted: client.notices.total(),
            dials: client.dials.clone(),
            post: client.post.clone(),
            posts: client.posts,
            last_call: client.last_call,
            connections: connections
                .filter(|connection| connection.cut.is_none() && !connection.is_call())
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
        peer: connection.peer.clone(),
        user_agent: connection.user_agent.clone(),
        since: connection.since,
        sent: connection.sent,
        queued: connection.queue.len(),
        queued_bytes: connection.queue.bytes(),
        last_event: connection.last_event,
        dropped: connection.dropped,
        busy_since: connection.busy_since,
    }
}
