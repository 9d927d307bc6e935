//! What an account holds in messages, and who holds the most of it.

use std::collections::HashMap;

use perpetua_hub::{ConnectionId, Waiting};
use tokio_util::sync::CancellationToken;

use super::State;

/// What an account holds.
#[derive(Debug)]
pub(crate) struct Holdings {
    /// In bytes.
    pub(crate) bytes: usize,
    /// Who holds the most of it, if anybody can give way.
    pub(crate) most: Option<Most>,
}

/// A client, or the upstream, with all that is its own.
#[derive(Clone, Debug)]
pub(crate) struct Most {
    /// What it holds in all.
    pub(crate) bytes: usize,
    /// Which of its connections holds the most.
    pub(crate) holder: Holder,
}

/// A connection that can give way.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    Client(ConnectionId),
    /// Whoever serves it waits for this.
    Upstream(CancellationToken),
}

/// All of one client.
struct OfClient {
    bytes: usize,
    largest: (usize, ConnectionId),
}

impl State {
    /// What the account holds at this moment. Connections that are being closed hold nothing any more.
    pub(crate) fn holdings(&self) -> Holdings {
        let mut beside_the_hub = 0;
        let mut clients: HashMap<&str, OfClient> = HashMap::new();
        for Waiting { id, client, bytes } in self.hub.waiting() {
            let metered = self.signals.get(&id).map_or(0, |one| one.meter.bytes());
            beside_the_hub += metered;
            let bytes = bytes + metered;
            let all = clients.entry(client).or_insert_with(|| OfClient {
                bytes: self.hub.actions_hold(client),
                largest: (bytes, id),
            });
            all.bytes += bytes;
            all.largest = all.largest.max((bytes, id));
        }
        let clients = clients.into_values().map(|all| Most {
            bytes: all.bytes,
            holder: Holder::Client(all.largest.1),
        });
        let upstreams = self.upstreams.iter();
        let upstreams = upstreams.filter(|one| !one.gives_way.is_cancelled());
        let upstream_bytes: usize = upstreams.clone().map(|one| one.meter.bytes()).sum();
        let largest = upstreams.max_by_key(|one| one.meter.bytes());
        let upstream = largest.map(|one| Most {
            bytes: upstream_bytes,
            holder: Holder::Upstream(one.gives_way.clone()),
        });
        Holdings {
            bytes: self.hub.held_bytes() + beside_the_hub + upstream_bytes,
            most: clients
                .chain(upstream)
                .filter(|one| one.bytes > 0)
                .max_by_key(|one| one.bytes),
        }
    }
}
