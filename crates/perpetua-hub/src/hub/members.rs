//! Who belongs to the hub: clients as the settings name them, and their connections.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    mem,
    sync::Arc,
};

use perpetua_words::{Message, connection as words};
use thiserror::Error;
use uuid::Uuid;

use super::{Client, Hub, noting::Showings};
use crate::{
    ClientSettings, ClockReading, ConnectionId, DialSnapshot, DialState, DisconnectReason,
    FrameworkKind, PostCounts, Role, Traffic, Visitor,
    connection::{Connection, Greeting},
    distributed::DistributedBytes,
    notice::Notices,
    queue::Queue,
    reshaping::WantedFormat,
};

/// Why a connection is not let in.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum ClientRefused {
    /// The settings name no such client, or no longer.
    Unknown,
    /// It has as many connections as it may have.
    TooManyConnections {
        /// How many it may have.
        limit: usize,
    },
}

impl From<&ClientRefused> for Message {
    fn from(refused: &ClientRefused) -> Self {
        match refused {
            ClientRefused::Unknown => words::Removed.into(),
            ClientRefused::TooManyConnections { limit } => words::TooMany { limit: *limit }.into(),
        }
    }
}

/// A connection that was let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Admitted {
    /// Its name for the driver.
    pub id: ConnectionId,
    /// The settings of its client at this moment, by which it is served for as long as it is open.
    pub settings: ClientSettings,
}

impl Hub {
    /// Adds a client, or gives an existing one other settings. Its open connections take over the
    /// bounds of their queues and the format of messages at once; the rest holds for those to come.
    pub fn set_client(&mut self, name: &str, settings: ClientSettings, now: ClockReading) {
        let own = self.connections.iter().filter(|(_, c)| &*c.client == name);
        for id in own.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.tell_unshaped(id, now);
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.queue.set_limits(settings.queue);
                connection.want(settings.format);
            }
        }
        match self.clients.entry(Arc::from(name)) {
            Entry::Occupied(mut entry) => entry.get_mut().settings = settings,
            Entry::Vacant(entry) => {
                entry.insert(Client {
                    settings,
                    since: now.instant,
                    traffic: Traffic::default(),
                    distributed: DistributedBytes::default(),
                    notices: Notices::default(),
                    showings: Showings::default(),
                    dials: BTreeMap::new(),
                    post: None,
                    posts: PostCounts::default(),
                    last_call: None,
                });
            }
        }
    }

    /// How a way to a client stands that we dial, the one at this place of its settings, and how many attempts have
    /// failed in a row.
    pub fn set_dial(
        &mut self,
        name: &str,
        place: usize,
        state: DialState,
        failures: u32,
        now: ClockReading,
    ) {
        let Some(client) = self.clients.get_mut(name) else {
            return;
        };
        let is_same =
            |dial: &DialSnapshot| mem::discriminant(&dial.state) == mem::discriminant(&state);
        let same = client.dials.get(&place).filter(|dial| is_same(dial));
        let since = same.map_or(now.instant, |dial| dial.since);
        let dial = DialSnapshot {
            state,
            since,
            failures,
        };
        client.dials.insert(place, dial);
    }

    /// Nobody dials a client any longer.
    pub fn forget_dials(&mut self, name: &str) {
        if let Some(client) = self.clients.get_mut(name) {
            client.dials.clear();
        }
    }

    /// The framework that a client is for, if the settings name it.
    pub fn framework_of(&self, name: &str) -> Option<FrameworkKind> {
        self.clients.get(name)?.settings.framework
    }

    /// What served a client has ended: how the way to it stood says nothing any more. What was counted stays.
    pub fn forget_way(&mut self, name: &str) {
        if let Some(client) = self.clients.get_mut(name) {
            client.dials.clear();
            client.post = None;
            client.last_call = None;
        }
    }

    /// Takes a client away and cuts off its connections.
    pub fn remove_client(&mut self, name: &str) {
        self.cut_client(name, DisconnectReason::Removed);
        self.clients.remove(name);
    }

    /// Cuts off all connections of one client.
    pub fn cut_client(&mut self, name: &str, cut: DisconnectReason) {
        let ids = self.connections.iter().filter(|(_, c)| &*c.client == name);
        for id in ids.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.cut(id, cut);
        }
    }

    /// Cuts off everyone.
    pub fn cut_all(&mut self, cut: DisconnectReason) {
        for id in self.connections.keys().copied().collect::<Vec<_>>() {
            self.cut(id, cut);
        }
    }

    /// Cuts off the connection of a client that has this id; false when there is none.
    pub fn cut_app(&mut self, name: &str, app_id: Uuid, cut: DisconnectReason) -> bool {
        let mut connections = self.connections.iter();
        let found = connections.find(|(_, one)| &*one.client == name && one.app_id == app_id);
        let Some(id) = found.map(|(id, _)| *id) else {
            return false;
        };
        self.cut(id, cut);
        true
    }

    /// Cuts off one connection, for a reason that the driver found.
    pub fn cut_connection(&mut self, id: ConnectionId, cut: DisconnectReason) {
        self.cut(id, cut);
    }

    /// Whether the client may have one more connection; asked before the WebSocket upgrade.
    pub fn admits(&self, client: &str) -> Result<(), ClientRefused> {
        let settings = &self
            .clients
            .get(client)
            .ok_or(ClientRefused::Unknown)?
            .settings;
        let open = self
            .connections
            .values()
            .filter(|c| &*c.client == client && c.cut.is_none() && !c.is_call());
        if open.count() >= settings.max_connections {
            return Err(ClientRefused::TooManyConnections {
                limit: settings.max_connections,
            });
        }
        Ok(())
    }

    /// Lets a connection in and greets it, at once if the account's id is known.
    pub fn connect(
        &mut self,
        client: &str,
        visitor: Visitor,
        now: ClockReading,
    ) -> Result<Admitted, ClientRefused> {
        self.admits(client)?;
        let had_none = !self.is_connected(client);
        if let Some(peer) = &visitor.peer {
            self.token_was_shown(client, peer, now);
        }
        let admitted = self.add(client, visitor, Greeting::Due, now)?;
        if had_none && let Some(entry) = self.clients.get_mut(client) {
            entry.since = now.instant;
        }
        self.greet(admitted.id, now);
        Ok(admitted)
    }

    /// Lets a program in for one action, which it asks for over HTTP. It gets nothing but the answer, counts for no
    /// connection of its client, and nobody is told of it.
    pub fn begin_call(
        &mut self,
        client: &str,
        now: ClockReading,
    ) -> Result<Admitted, ClientRefused> {
        let admitted = self.add(client, Role::Api.into(), Greeting::OfCall, now)?;
        if let Some(entry) = self.clients.get_mut(client) {
            entry.last_call = Some(now.instant);
        }
        Ok(admitted)
    }

    /// How many connections a client may have at once; `None` when there is no such client.
    pub fn connection_limit(&self, client: &str) -> Option<usize> {
        let client = self.clients.get(client)?;
        Some(client.settings.max_connections)
    }

    fn add(
        &mut self,
        client: &str,
        visitor: Visitor,
        greeting: Greeting,
        now: ClockReading,
    ) -> Result<Admitted, ClientRefused> {
        let Visitor {
            role,
            peer,
            user_agent,
        } = visitor;
        let app_id = self.random_uuid();
        let (name, entry) = self
            .clients
            .get_key_value(client)
            .ok_or(ClientRefused::Unknown)?;
        let max_frame_size = self.actions.limits().max_frame_size;
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let settings = entry.settings.clone();
        let connection = Connection {
            client: Arc::clone(name),
            app_id,
            name: entry.settings.named.then(|| client.to_owned()),
            role,
            peer,
            user_agent,
            since: now.instant,
            profile: entry.settings.profile,
            format: entry.settings.format.map(WantedFormat::new),
            greeting,
            queue: Queue::new(entry.settings.queue, max_frame_size),
            sent: 0,
            events: 0,
            last_event: self.last_event,
            dropped: 0,
            beat_due: false,
            woken: false,
            busy_since: None,
            cut: None,
        };
        self.connections.insert(id, connection);
        Ok(Admitted { id, settings })
    }

    /// A connection has ended. Its actions run on; their answers find nobody.
    pub fn disconnect(&mut self, id: ConnectionId, now: ClockReading) {
        // One that took a single answer never asks for another frame, which would tell.
        self.tell_unshaped(id, now);
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        let is_still_connected = self.is_connected(&connection.client);
        if let Some(client) = self.clients.get_mut(&connection.client) {
            if !is_still_connected && !connection.is_call() {
                client.since = now.instant;
            }
            client.traffic.sent += connection.sent;
            client.traffic.events += connection.events;
            client.traffic.dropped += connection.dropped + connection.queue.droppable() as u64;
        }
        self.broadcasts.forget(id);
        self.actions.forget_echoes_of(id);
        if connection.is_greeted() {
            self.send_client_status(id, &connection.identity(), false, now);
        }
    }

    pub(super) fn is_connected(&self, client: &str) -> bool {
        self.connections
            .values()
            .any(|connection| &*connection.client == client && !connection.is_call())
    }

    /// Whether a connection leaves its pings unanswered though its system is there, and since when; `None`: it
    /// does not. It is shown, and nothing else follows from it.
    pub fn set_busy(&mut self, id: ConnectionId, since: Option<ClockReading>) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.busy_since = since;
        }
    }

    /// The account's id, once it is known.
    pub fn self_id(&self) -> Option<i64> {
        self.presence.self_id()
    }

    /// The id under which a connection is known to other clients.
    pub fn app_id(&self, id: ConnectionId) -> Option<Uuid> {
        self.connections
            .get(&id)
            .map(|connection| connection.app_id)
    }
}
