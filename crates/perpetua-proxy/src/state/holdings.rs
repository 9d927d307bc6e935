//! What an account holds in messages, and who holds the most of it.

use std::{collections::HashMap, sync::Arc};

use perpetua_hub::{ConnectionId, InDriver, Share};

use super::{State, UpstreamHolding};

/// A client, or an upstream, and what it is to blame for.
#[derive(Clone, Debug)]
pub(crate) struct Most {
    /// In all.
    pub(crate) bytes: usize,
    /// Its largest part.
    pub(crate) holder: Holder,
}

/// Who can give way.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    Client(Share),
    Upstream(UpstreamHolding),
}

/// All of one client.
struct OfClient {
    bytes: usize,
    largest: Share,
}

impl State {
    /// What the account holds at this moment. What connections hold that are being closed is as good as gone.
    pub(crate) fn held_bytes(&self) -> usize {
        let upstreams = self.upstreams.iter();
        let upstreams = upstreams.filter(|one| !one.gives_way.is_cancelled());
        let of_upstreams: usize = upstreams.map(|one| one.meter.held().own).sum();
        let leaving = self.signals.iter();
        let leaving = leaving.filter(|(id, _)| !self.hub.is_open(**id));
        let events: usize = leaving.map(|(_, one)| one.meter.held().events).sum();
        let of_hub = self.hub.held_bytes(|id| self.beside_the_hub(id));
        of_hub.saturating_sub(events) + of_upstreams
    }

    /// The client that is to blame for the most, all its connections together.
    pub(crate) fn largest_client(&self) -> Option<Most> {
        let mut clients: HashMap<Arc<str>, OfClient> = HashMap::new();
        for share in self.hub.shares(|id| self.beside_the_hub(id)) {
            let bytes = share.bytes;
            match clients.get_mut(&share.client) {
                None => {
                    let largest = share.clone();
                    clients.insert(share.client, OfClient { bytes, largest });
                }
                Some(all) => {
                    all.bytes += bytes;
                    if bytes > all.largest.bytes {
                        all.largest = share;
                    }
                }
            }
        }
        let largest = clients.into_values().max_by_key(|all| all.bytes)?;
        (largest.bytes > 0).then_some(Most {
            bytes: largest.bytes,
            holder: Holder::Client(largest.largest),
        })
    }

    /// The connection of the upstream that sends the most. What is written to it comes from clients, and is not
    /// its own doing.
    pub(crate) fn largest_upstream(&self) -> Option<Most> {
        let upstreams = self.upstreams.iter();
        let upstreams = upstreams.filter(|one| !one.gives_way.is_cancelled());
        let largest = upstreams.max_by_key(|one| one.meter.reading())?;
        let bytes = largest.meter.reading();
        (bytes > 0).then(|| Most {
            bytes,
            holder: Holder::Upstream(largest.clone()),
        })
    }

    fn beside_the_hub(&self, id: ConnectionId) -> InDriver {
        let signals = self.signals.get(&id);
        signals.map_or_else(InDriver::default, |one| one.meter.held())
    }
}
