//! What the frames of an account hold, who is to blame for it, and what happens to who gives way.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    iter::Sum,
    ops::Add,
    sync::Arc,
};

use perpetua_words::notice as words;

use super::Hub;
use crate::{ClockReading, ConnectionId, DisconnectReason, connection::Connection};

/// What a connection holds, in bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Held {
    /// What nobody else has: it ends with the connection.
    pub own: usize,
    /// Events. Other connections hold the same ones.
    pub events: usize,
}

/// What a connection holds in the driver, beside what waits for it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct InDriver {
    /// What nobody else has: messages that are read, and those written that are its own.
    pub own: usize,
    /// Events that are being written.
    pub events: usize,
    /// The number of the last of them. Whoever writes up to the same one writes the same ones: no more come behind a
    /// large one.
    pub last_event: u64,
}

/// What one holder is to blame for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// The client.
    pub client: Arc<str>,
    /// Its connection; `None`: what its connections left behind that are gone.
    pub connection: Option<ConnectionId>,
    /// Bytes.
    pub bytes: usize,
}

impl Add for Held {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            own: self.own + other.own,
            events: self.events + other.events,
        }
    }
}

impl Sum for Held {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::add)
    }
}

impl Hub {
    /// What all frames hold, in bytes; `beside` is what a connection holds in the driver. An event counts once for
    /// however many connections it waits, or is written, and for as long as anybody has it.
    pub fn held_bytes(&self, beside: impl Fn(ConnectionId) -> InDriver) -> usize {
        let connections = self.open_connections();
        let own: usize = connections
            .map(|(id, connection)| connection.queue.held().own + beside(*id).own)
            .sum();
        let distributed: usize = self.clients.values().map(|one| one.distributed.get()).sum();
        own + self.events.get() + distributed + self.reshaped.get() + self.actions.bytes()
    }

    /// Who is to blame for what is held. For events that wait it is only the connection for which the most of them wait, for
    /// those that are being written whoever of those that write the same ones has the most waiting, for those in another format
    /// the one that holds the most among those that want one, and for broadcasts nobody.
    pub fn shares(&self, beside: impl Fn(ConnectionId) -> InDriver) -> Vec<Share> {
        let mut left_behind: HashMap<&Arc<str>, usize> = HashMap::new();
        let mut of_actions: HashMap<ConnectionId, usize> = HashMap::new();
        for (id, client, action) in self.actions.of_connections() {
            if self.is_open(id) {
                *of_actions.entry(id).or_default() += action.bytes();
            } else if action.is_unsent() {
                *left_behind.entry(client).or_default() += action.bytes();
            }
        }
        let mut held: Vec<_> = self
            .open_connections()
            .map(|(id, connection)| (*id, connection, connection.queue.held(), beside(*id)))
            .collect();
        held.sort_by_key(|(_, _, waiting, written)| Reverse(waiting.events + written.events));
        let longest = held.first().map(|(id, ..)| *id);
        let longest_reshaped = held
            .iter()
            .find(|(_, connection, ..)| connection.format.is_some())
            .map(|(id, ..)| *id);
        let mut written_up_to = HashSet::new();
        let of_connections = held.iter().map(|(id, connection, waiting, driver)| {
            let mut bytes = waiting.own + driver.own;
            if longest == Some(*id) {
                bytes += waiting.events;
            }
            if written_up_to.insert(driver.last_event) {
                bytes += driver.events;
            }
            if longest_reshaped == Some(*id) {
                bytes += self.reshaped.get();
            }
            Share {
                client: Arc::clone(&connection.client),
                connection: Some(*id),
                bytes: bytes + of_actions.get(id).copied().unwrap_or_default(),
            }
        });
        let of_connections: Vec<_> = of_connections.collect();
        let of_departed = left_behind.into_iter().map(|(client, bytes)| Share {
            client: Arc::clone(client),
            connection: None,
            bytes,
        });
        of_connections.into_iter().chain(of_departed).collect()
    }

    /// Ends what somebody holds because it is needed: nothing of it stays.
    pub fn give_way(&mut self, share: &Share, now: ClockReading) {
        match share.connection {
            Some(id) => {
                self.cut(id, DisconnectReason::HeldMost);
                self.actions
                    .forget_unsent_of(|caller| caller == id, now.instant);
                self.actions.forget_echoes_of(id);
            }
            None => self.forget_actions_left_behind(&share.client, now),
        }
    }

    /// Forgets the actions that were not sent and whose connection has left. Nobody is there who could be told.
    fn forget_actions_left_behind(&mut self, client: &Arc<str>, now: ClockReading) {
        let departed = self
            .actions
            .of_connections()
            .filter(|(id, of, action)| *of == client && action.is_unsent() && !self.is_open(*id));
        let departed: HashSet<ConnectionId> = departed.map(|(id, ..)| id).collect();
        let forgotten = self
            .actions
            .forget_unsent_of(|caller| departed.contains(&caller), now.instant);
        for _ in 0..forgotten {
            self.note_client(client, words::ActionForgotten, now);
        }
    }

    /// Whether this connection is there, and not about to be closed.
    pub fn is_open(&self, id: ConnectionId) -> bool {
        let connection = self.connections.get(&id);
        connection.is_some_and(|one| one.cut.is_none())
    }

    fn open_connections(&self) -> impl Iterator<Item = (&ConnectionId, &Connection)> {
        let connections = self.connections.iter();
        connections.filter(|(_, connection)| connection.cut.is_none())
    }
}
