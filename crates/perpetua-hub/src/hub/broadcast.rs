//! Which broadcasts went where, so that only their receivers may answer them.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::ConnectionId;

/// Broadcasts remembered; answers to older ones are refused. An answer follows within seconds.
const REMEMBERED: usize = 1024;

/// The last broadcasts of an account.
#[derive(Debug, Default)]
pub(super) struct Broadcasts(VecDeque<Broadcast>);

#[derive(Debug)]
struct Broadcast {
    uuid: Uuid,
    sender: ConnectionId,
    receivers: Vec<ConnectionId>,
}

impl Broadcasts {
    pub(super) fn remember(
        &mut self,
        uuid: Uuid,
        sender: ConnectionId,
        receivers: Vec<ConnectionId>,
    ) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(Broadcast {
            uuid,
            sender,
            receivers,
        });
    }

    /// Whether `sender` really sent the broadcast `uuid` to `receiver`.
    pub(super) fn went(&self, uuid: Uuid, sender: ConnectionId, receiver: ConnectionId) -> bool {
        self.0.iter().any(|one| {
            one.uuid == uuid && one.sender == sender && one.receivers.contains(&receiver)
        })
    }

    /// Forgets what a connection that has left had sent: nobody is there for the answers.
    pub(super) fn forget(&mut self, sender: ConnectionId) {
        self.0.retain(|one| one.sender != sender);
    }
}
