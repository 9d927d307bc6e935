//! What the frames of an account hold, and what happens to who gives way.

use super::Hub;
use crate::{ClockReading, ConnectionId, DisconnectReason, connection::Connection};

/// What waits for one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting<'a> {
    /// Which connection it is.
    pub id: ConnectionId,
    /// Whose it is.
    pub client: &'a str,
    /// Bytes.
    pub bytes: usize,
}

impl Hub {
    /// What waits for each connection that is not being closed.
    pub fn waiting(&self) -> impl Iterator<Item = Waiting<'_>> {
        self.open_connections().map(|(id, connection)| Waiting {
            id: *id,
            client: &connection.client,
            bytes: connection.queue.bytes(),
        })
    }

    /// What the actions of a client hold that are under way, in bytes.
    pub fn actions_hold(&self, client: &str) -> usize {
        self.actions.bytes_of(client)
    }

    /// What all frames hold, in bytes. Events are the same ones for every connection, so those of the longest
    /// queue are all of them.
    pub fn held_bytes(&self) -> usize {
        let (mut events, mut others) = (0, 0);
        for (_, Connection { queue, .. }) in self.open_connections() {
            events = queue.event_bytes().max(events);
            others += queue.bytes() - queue.event_bytes();
        }
        events + others + self.actions.bytes()
    }

    /// Cuts a connection off because what it held is needed: nothing of it stays.
    pub fn give_way(&mut self, id: ConnectionId, now: ClockReading) {
        self.cut(id, DisconnectReason::HeldMost);
        self.actions
            .forget_unsent_of(|caller| caller == id, now.instant);
        self.actions.forget_echoes_of(id);
    }

    /// Forgets the actions that were not sent and whose connection has left, because what they hold is needed.
    pub fn forget_actions_of_departed(&mut self, now: ClockReading) {
        let connections = &self.connections;
        self.actions
            .forget_unsent_of(|caller| !connections.contains_key(&caller), now.instant);
    }

    fn open_connections(&self) -> impl Iterator<Item = (&ConnectionId, &Connection)> {
        let connections = self.connections.iter();
        connections.filter(|(_, connection)| connection.cut.is_none())
    }
}
