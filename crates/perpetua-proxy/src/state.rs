//! What stands behind an account's lock, and who is woken when it is free again.

mod holdings;

use std::{collections::HashMap, sync::Arc, time::Instant};

use perpetua_hub::{ConnectionId, Hub, NoticeLine};
use smallvec::SmallVec;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::budget::Meter;

pub(crate) use holdings::{Holder, Most};

/// Connections woken by one verb without a detour over the heap.
const WOKEN: usize = 16;

/// A hub, and how its connections are reached.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) hub: Hub,
    pub(crate) signals: HashMap<ConnectionId, Signals>,
    /// The connections of its upstream: two where actions and events come apart.
    pub(crate) upstreams: Vec<UpstreamHolding>,
    /// The moment at which the account's ticker wakes.
    pub(crate) armed: Option<Instant>,
    /// The end of the latest gap in this process's own time that the hub knows of.
    pub(crate) woke: tokio::time::Instant,
}

/// Who has to be woken after a verb.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a bell of its own, and any of them may ring together"
)]
pub(crate) struct Wakes {
    pub(crate) connections: SmallVec<[Arc<Notify>; WOKEN]>,
    pub(crate) cut: Vec<CancellationToken>,
    pub(crate) upstream: bool,
    pub(crate) deadline: bool,
    pub(crate) signal: bool,
    pub(crate) presence: bool,
    /// Lines for the log: written when the lock is free.
    pub(crate) lines: Vec<NoticeLine>,
}

impl State {
    /// What the hub says has changed.
    pub(crate) fn wakes(&mut self) -> Wakes {
        let Self {
            hub,
            signals,
            upstreams: _,
            armed,
            woke: _,
        } = self;
        let reach = |id| signals.get(&id);
        let connections = hub
            .woken()
            .filter_map(reach)
            .map(|one| Arc::clone(&one.wake))
            .collect();
        let cut = hub
            .cut_off()
            .filter_map(reach)
            .map(|one| one.cut.clone())
            .collect();
        let next = hub.next_deadline();
        let earlier = next.is_some_and(|next| armed.is_none_or(|armed| next < armed));
        if earlier {
            *armed = next;
        }
        Wakes {
            connections,
            cut,
            upstream: hub.upstream_woken(),
            deadline: earlier,
            signal: hub.signals_woken(),
            presence: hub.presence_woken(),
            lines: hub.due_log_lines().collect(),
        }
    }
}

/// What a connection of an upstream holds.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamHolding {
    pub(crate) meter: Meter,
    /// Ends it, because what it holds is needed.
    pub(crate) gives_way: CancellationToken,
}

/// How a connection's task is reached, and what it holds itself.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    /// Frames wait.
    pub(crate) wake: Arc<Notify>,
    /// The connection is to be closed now, even in the middle of a write.
    pub(crate) cut: CancellationToken,
    pub(crate) meter: Meter,
}

impl Signals {
    pub(crate) fn new(meter: Meter) -> Self {
        Self {
            wake: Arc::default(),
            cut: CancellationToken::new(),
            meter,
        }
    }
}
