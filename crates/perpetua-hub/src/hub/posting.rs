//! What a client is given that is posted to: one frame at a time, so that nothing leaves its queue before its turn.

use std::sync::Arc;

use perpetua_words::{Message, connection as words};

use super::{Hub, QuickOrder};
use crate::{
    ClockReading, ConnectionId, DisconnectReason, Outgoing, PostCounts, PostSnapshot, PostTarget,
};

/// What [`Hub::take_one`] gives.
#[derive(Debug)]
pub enum Taken {
    /// The frame that goes out next.
    Frame(Outgoing),
    /// There is none: the driver is woken when there is.
    Nothing,
    /// The connection is over, for this reason if the hub knows one.
    Over(Option<DisconnectReason>),
}

impl Hub {
    /// How a client stands that is posted to.
    pub fn set_post(&mut self, name: &str, target: &PostTarget, now: ClockReading) {
        let Some(client) = self.clients.get_mut(name) else {
            return;
        };
        let state = target.state().clone();
        let same = client.post.as_ref();
        let same = same.filter(|post| post.state.is_like(&state));
        client.post = Some(PostSnapshot {
            since: same.map_or(now.instant, |post| post.since),
            state,
            failures: target.failures(),
        });
        client.posts = target.counts();
    }

    /// What became of the events that were posted to a client so far.
    pub fn post_counts(&self, name: &str) -> PostCounts {
        let client = self.clients.get(name);
        client.map_or_else(PostCounts::default, |client| client.posts)
    }

    /// So many events of a client have left its queue, and reach nobody.
    pub fn lose_events(&mut self, name: &str, count: u64) {
        if let Some(client) = self.clients.get_mut(name) {
            client.traffic.dropped += count;
        }
    }

    /// Why a connection is over that the driver was told to end.
    pub fn cut_of(&self, id: ConnectionId) -> Option<DisconnectReason> {
        self.connections.get(&id)?.cut
    }

    /// Gives the one frame that goes out to a connection next.
    pub fn take_one(&mut self, id: ConnectionId, now: ClockReading) -> Taken {
        let Some(connection) = self.connections.get_mut(&id) else {
            return Taken::Over(None);
        };
        if let Some(cut) = connection.cut {
            return Taken::Over(Some(cut));
        }
        let taken = match connection.queue.pop() {
            None => {
                connection.woken = false;
                Taken::Nothing
            }
            Some(frame) => {
                connection.sent += 1;
                if let Some(number) = frame.event_number() {
                    connection.last_event = number;
                    connection.events += 1;
                }
                Taken::Frame(frame)
            }
        };
        self.tell_unshaped(id, now);
        taken
    }

    /// Does what a client wants that has answered an event so: as actions of its own, which nobody waits for. Its
    /// connection may have ended while it answered.
    ///
    /// # Errors
    /// What is wrong with the operation, or why its first action is not taken: then nothing of it is done.
    pub fn heed(
        &mut self,
        id: ConnectionId,
        client: &str,
        order: Result<QuickOrder, Message>,
        now: ClockReading,
    ) -> Result<(), Message> {
        let Some((client, _)) = self.clients.get_key_value(client) else {
            return Err(words::Removed.into());
        };
        let client = Arc::clone(client);
        let actions = order.and_then(|order| {
            let operated = self.operate(id, &client, order, now);
            operated.map_err(|refusal| refusal.message)
        });
        if let Some(entry) = self.clients.get_mut(&client) {
            let traffic = &mut entry.traffic;
            match &actions {
                Ok(count) => traffic.actions += *count as u64,
                Err(_) => traffic.refusals += 1,
            }
        }
        actions.map(|_| ())
    }

    /// A heartbeat of a connection as it is at this moment.
    pub fn take_heartbeat(&mut self, id: ConnectionId, now: ClockReading) -> Option<Outgoing> {
        let beat = self.heartbeat_frame(id, now)?;
        let connection = self.connections.get_mut(&id)?;
        connection.sent += 1;
        Some(beat)
    }
}
