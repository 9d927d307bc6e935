//! How a node stands at one moment, and what only counts.

use serde::{Deserialize, Serialize};

use crate::NodeStatus;

/// How a node stands. While somebody follows it, there is a new one at each change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Counts the changes since the node runs; two snapshots with the same differ in counters and
    /// in what time alone changes.
    pub generation: u64,
    /// All of it.
    pub status: NodeStatus,
}

/// The counters of one account since it runs.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRates {
    /// Its name.
    pub account: String,
    /// Events that came from the upstream.
    pub events: u64,
    /// Responses that found their caller.
    pub responses: u64,
    /// Those of its clients.
    pub clients: Vec<ClientRates>,
}

/// The counters of one client since it runs.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRates {
    /// Its name.
    pub client: String,
    /// Frames handed to its sockets.
    pub sent: u64,
    /// Events it missed.
    pub dropped: u64,
    /// Actions it asked for.
    pub actions: u64,
    /// Actions that the node refused.
    pub refusals: u64,
    /// Frames waiting for its connections.
    pub queued: usize,
}

impl NodeStatus {
    /// The counters alone.
    pub fn rates(&self) -> Vec<AccountRates> {
        let accounts = self.accounts.iter().map(|account| AccountRates {
            account: account.name.clone(),
            events: account.events,
            responses: account.responses,
            clients: account
                .clients
                .iter()
                .map(|client| ClientRates {
                    client: client.name.clone(),
                    sent: client.sent,
                    dropped: client.dropped,
                    actions: client.actions,
                    refusals: client.refusals,
                    queued: client.connections.iter().map(|one| one.queued).sum(),
                })
                .collect(),
        });
        accounts.collect()
    }
}
