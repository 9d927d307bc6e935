//! The frames that the hub makes itself: lifecycle, heartbeats, and who comes and goes.

use perpetua_onebot::compose;
use serde::Serialize;

use super::Hub;
use crate::{
    ClientProfile, ClockReading, ConnectionId, Outgoing,
    connection::{Greeting, Identity},
};

/// `notice/client_status` of the perpetua profile.
#[derive(Serialize)]
struct ClientStatus<'a> {
    time: i64,
    self_id: i64,
    post_type: &'static str,
    notice_type: &'static str,
    client: &'a Identity,
    online: bool,
    self_client: bool,
}

impl Hub {
    /// It is time for a connection's heartbeat.
    pub fn heartbeat(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && connection.is_greeted()
            && connection.role.gets_events()
        {
            connection.beat_due = true;
            self.wake(id);
        }
    }

    /// The first frames of a connection, which must wait until the account's id is known:
    /// frameworks name the bot after it.
    pub(super) fn greet(&mut self, id: ConnectionId, now: ClockReading) {
        let Some(self_id) = self.presence.self_id() else {
            return;
        };
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.greeting != Greeting::Due {
            return;
        }
        connection.greeting = Greeting::Given;
        let identity = connection.identity();
        if connection.role.gets_events() {
            let profile = connection.profile;
            let client = self.clients.get(&connection.client);
            let is_posted = client.is_some_and(|client| client.settings.posted);
            let lifecycle = if is_posted {
                compose::lifecycle_enable(self_id, now.unix_seconds())
            } else {
                compose::lifecycle_connect(self_id, now.unix_seconds())
            };
            self.deliver(id, lifecycle.into());
            if profile == ClientProfile::Perpetua {
                let status = self.client_status(&identity, true, true, now);
                self.deliver(id, status);
            }
            // One that waits may be posted much later, and would tell what is not so any more.
            let beat = self.heartbeat_frame(id, now);
            if let Some(beat) = beat.filter(|_| !is_posted) {
                self.deliver(id, beat);
            }
        }
        self.send_client_status(id, &identity, true, now);
    }

    /// Greets those who came before the account's id was known.
    pub(super) fn greet_waiting(&mut self, now: ClockReading) {
        let waiting = self
            .connections
            .iter()
            .filter(|(_, c)| c.greeting == Greeting::Due && c.cut.is_none());
        for id in waiting.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.greet(id, now);
        }
    }

    /// Tells the perpetua profile's connections that another one came or went.
    pub(super) fn send_client_status(
        &mut self,
        about: ConnectionId,
        identity: &Identity,
        online: bool,
        now: ClockReading,
    ) {
        let listening = self.connections.iter().filter(|(id, connection)| {
            **id != about
                && connection.is_greeted()
                && connection.profile == ClientProfile::Perpetua
                && connection.role.gets_events()
        });
        let listening: Vec<ConnectionId> = listening.map(|(id, _)| *id).collect();
        if listening.is_empty() {
            return;
        }
        let status = self.client_status(identity, online, false, now);
        for id in listening {
            self.deliver(id, status.clone());
        }
    }

    pub(super) fn heartbeat_frame(&self, id: ConnectionId, now: ClockReading) -> Option<Outgoing> {
        let connection = self.connections.get(&id)?;
        let interval = self.clients.get(&connection.client)?.settings.heartbeat;
        let beat = compose::Heartbeat {
            self_id: self.presence.self_id()?,
            time_s: now.unix_seconds(),
            interval_ms: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
            online: self.online(),
            dropped: connection.dropped,
        };
        Some(compose::heartbeat(&beat).into())
    }

    fn client_status(
        &self,
        identity: &Identity,
        online: bool,
        self_client: bool,
        now: ClockReading,
    ) -> Outgoing {
        to_frame(&ClientStatus {
            time: now.unix_milliseconds(),
            self_id: self.presence.self_id().unwrap_or_default(),
            post_type: "notice",
            notice_type: "client_status",
            client: identity,
            online,
            self_client,
        })
    }
}

/// Writes a frame whose every member can be written.
pub(super) fn to_frame(value: &impl Serialize) -> Outgoing {
    serde_json::to_string(value)
        .expect("strings, numbers and bools always serialize")
        .into()
}
