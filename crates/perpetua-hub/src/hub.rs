//! The hub: one account's clients, their connections, and the verbs of the driver.

mod broadcast;
mod embedded;
mod extension;
mod from_client;
mod from_upstream;
mod greeting;
mod held;
mod knowledge;
mod login;
mod lost_frames;
mod members;
mod noting;
mod posting;
mod presence;
mod quick;
mod quick_order;
mod refusal;
mod restart;
mod rivals;
mod snapshot;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use uuid::Uuid;

use crate::{
    AccountLimits, ClientSettings, ClockReading, ConnectionId, DialSnapshot, DisconnectReason,
    Outgoing, PostCounts, PostSnapshot, SupervisorSignal, Traffic,
    action::{ActionNumber, Ended, Reached},
    action_table::ActionTable,
    byte_count::ByteCount,
    connection::Connection,
    distributed::DistributedBytes,
    notice::Notices,
    presence::Presence,
    restart::Restart,
    supervisor_signal::PendingSignals,
};
use broadcast::Broadcasts;
use lost_frames::UpstreamSizes;
use noting::{Showings, WaitingLines};
use refusal::Refusal;

pub use embedded::{AskedAction, Asker};
pub use from_client::ClientFrame;
pub use held::{Held, InDriver, Share};
pub use login::OtherAccount;
pub use members::{Admitted, ClientRefused};
pub use noting::NoticeLine;
pub use posting::Taken;
pub use quick_order::QuickOrder;

/// Frames given out by one [`Hub::take`]: enough to fill a socket's buffer, few enough that a
/// connection that is cut off has not taken much with it.
const BATCH_FRAMES: usize = 256;
/// Bytes given out by one [`Hub::take`], not counting the frame that goes beyond it.
const BATCH_BYTES: usize = 256 << 10;

/// One account: routes between its upstream and its clients.
///
/// The driver calls a verb, then looks at [`Hub::woken`], [`Hub::cut_off`], [`Hub::upstream_woken`],
/// [`Hub::presence_woken`], [`Hub::signals_woken`] and [`Hub::due_log_lines`] for what it has to do.
#[derive(Debug)]
pub struct Hub {
    /// What the account is called in the settings, for words about it.
    name: Arc<str>,
    clients: BTreeMap<Arc<str>, Client>,
    connections: BTreeMap<ConnectionId, Connection>,
    next_connection: u64,
    actions: ActionTable,
    broadcasts: Broadcasts,
    random: fastrand::Rng,
    presence: Presence,
    presence_woken: bool,
    restart: Restart,
    signals: PendingSignals,
    upstream: Upstream,
    lines: WaitingLines,
    /// The number of the last event that was routed.
    last_event: u64,
    /// What the events hold that are still somewhere, each of them once.
    events: ByteCount,
    /// What those hold that were put into another format.
    reshaped: ByteCount,
    woken: Vec<ConnectionId>,
    cut_off: Vec<ConnectionId>,
    upstream_woken: bool,
}

/// What is counted at the upstream.
#[derive(Debug, Default)]
struct Upstream {
    events: u64,
    responses: u64,
    late_responses: u64,
    foreign_frames: u64,
    /// Events of other accounts.
    other_accounts_events: u64,
    notices: Notices,
    sizes: UpstreamSizes,
}

/// A client's settings and its counts, which outlive its connections.
#[derive(Debug)]
struct Client {
    settings: ClientSettings,
    /// Since when it has a connection, or has none.
    since: Instant,
    traffic: Traffic,
    distributed: DistributedBytes,
    notices: Notices,
    /// Who has shown its token, and when.
    showings: Showings,
    /// How the ways to it stand, by their places in its settings, if it is one that we dial.
    dials: BTreeMap<usize, DialSnapshot>,
    /// How it stands, if it is one that is posted to.
    post: Option<PostSnapshot>,
    /// What became of the events that were posted to it, whatever its settings were meanwhile.
    posts: PostCounts,
    /// When an action was last asked for over HTTP.
    last_call: Option<Instant>,
}

/// What [`Hub::take`] left behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remaining {
    /// Nothing: the driver is woken when there is more.
    Emptied,
    /// More frames wait.
    More,
    /// The connection has to be closed, with this reason.
    Disconnect(DisconnectReason),
    /// The hub does not know the connection any longer.
    Gone,
}

impl Hub {
    /// A hub without clients, its upstream closed. The seed makes its random ids.
    pub fn new(limits: AccountLimits, seed: u64, now: ClockReading) -> Self {
        Self {
            name: Arc::default(),
            clients: BTreeMap::new(),
            connections: BTreeMap::new(),
            next_connection: 0,
            actions: ActionTable::new(limits),
            broadcasts: Broadcasts::default(),
            random: fastrand::Rng::with_seed(seed),
            presence: Presence::new(now.instant),
            presence_woken: false,
            restart: Restart::default(),
            signals: PendingSignals::default(),
            upstream: Upstream::default(),
            lines: WaitingLines::default(),
            last_event: 0,
            events: ByteCount::default(),
            reshaped: ByteCount::default(),
            woken: Vec::new(),
            cut_off: Vec::new(),
            upstream_woken: false,
        }
    }

    /// The same for the account that is called so in the settings.
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// Changes the limits; actions under way keep their times, and connections the size of their frames.
    pub fn set_limits(&mut self, limits: AccountLimits) {
        self.actions.set_limits(limits);
        for connection in self.connections.values_mut() {
            connection.queue.allow_frames_of(limits.max_frame_size);
        }
    }

    /// The limits that hold for what comes now.
    pub fn limits(&self) -> AccountLimits {
        self.actions.limits()
    }

    /// Fills `batch` with what goes out to a connection next. A heartbeat that is due goes last,
    /// and is made at this moment.
    pub fn take(
        &mut self,
        id: ConnectionId,
        now: ClockReading,
        batch: &mut Vec<Outgoing>,
    ) -> Remaining {
        self.take_at_most(BATCH_FRAMES, id, now, batch)
    }

    /// The same, and no more than so many frames.
    pub fn take_at_most(
        &mut self,
        most: usize,
        id: ConnectionId,
        now: ClockReading,
        batch: &mut Vec<Outgoing>,
    ) -> Remaining {
        let Some(connection) = self.connections.get_mut(&id) else {
            return Remaining::Gone;
        };
        if let Some(cut) = connection.cut {
            return Remaining::Disconnect(cut);
        }
        let (mut frames, mut bytes) = (0, 0);
        while frames < most && bytes < BATCH_BYTES {
            let Some(frame) = connection.queue.pop() else {
                break;
            };
            frames += 1;
            bytes += frame.weight();
            if let Some(number) = frame.event_number() {
                connection.last_event = number;
                connection.events += 1;
            }
            batch.push(frame);
        }
        let emptied = connection.queue.is_empty();
        connection.woken = !emptied;
        connection.sent += frames as u64;
        if std::mem::take(&mut connection.beat_due) {
            connection.sent += 1;
            batch.extend(self.heartbeat_frame(id, now));
        }
        self.tell_unshaped(id, now);
        if emptied {
            Remaining::Emptied
        } else {
            Remaining::More
        }
    }

    /// Gives the action that is sent to the upstream next. It counts as sent from here on.
    ///
    /// After the link has opened, the hub's own `get_login_info` comes first, and nothing else before
    /// the upstream has shown which account it is: what was asked of one must not reach another.
    pub fn take_action(&mut self, now: ClockReading) -> Option<Outgoing> {
        self.take_numbered_action(now).map(|(_, frame)| frame)
    }

    fn take_numbered_action(&mut self, now: ClockReading) -> Option<(ActionNumber, Outgoing)> {
        let may_send = self.takes_actions() || self.actions.probe_is_next();
        if self.presence.link_is_open() && may_send {
            self.actions.send_next(now.instant)
        } else {
            None
        }
    }

    /// Whether the upstream is given actions as soon as its socket has room.
    fn takes_actions(&self) -> bool {
        self.presence.is_proven()
    }

    /// When [`Hub::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        let deadlines = [
            self.actions.next_deadline(),
            self.presence.next_deadline(),
            self.restart.next_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Refuses the actions whose time is up, asks an upstream that is silent, and lets a restart
    /// begin that was asked for.
    pub fn tick(&mut self, now: ClockReading) {
        while let Some(ended) = self.actions.expire_next(now.instant) {
            self.refuse_ended(ended, now);
        }
        self.tick_presence(now);
        if self.restart.tick(now.instant) {
            self.post(SupervisorSignal::RestartWanted);
        }
    }

    /// This process stood still until now: what nobody could hear meanwhile says nothing of the upstream. It is asked anew
    /// before it counts as silent, and what was sent to it has a moment more for its answer, which may have come already.
    pub fn woke(&mut self, now: ClockReading) {
        let before = self.presence.summary();
        self.presence.woke(now.instant);
        self.actions.woke(now.instant);
        self.note_presence(before, now.instant);
    }

    /// Connections for which frames wait since the last call.
    pub fn woken(&mut self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.woken.drain(..)
    }

    /// Connections that have to be closed since the last call; [`Hub::take`] says why.
    pub fn cut_off(&mut self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.cut_off.drain(..)
    }

    /// Whether actions wait for the upstream since the last call.
    pub fn upstream_woken(&mut self) -> bool {
        std::mem::take(&mut self.upstream_woken)
    }

    /// Tells the driver once that frames wait for a connection.
    fn wake(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && !connection.woken
        {
            connection.woken = true;
            self.woken.push(id);
        }
    }

    /// Marks a connection for closing; what waited for it is thrown away.
    fn cut(&mut self, id: ConnectionId, cut: DisconnectReason) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.cut.is_some() {
            return;
        }
        connection.cut = Some(cut);
        connection.dropped += connection.queue.droppable() as u64;
        connection.queue.clear();
        if let Some(client) = self.clients.get_mut(&connection.client) {
            client.traffic.cuts += 1;
        }
        self.cut_off.push(id);
    }

    /// Queues a frame that must arrive at a connection.
    fn deliver(&mut self, id: ConnectionId, frame: Outgoing) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.cut.is_some() {
            return;
        }
        if connection.deliver(frame) {
            self.wake(id);
        } else {
            self.cut(id, DisconnectReason::QueueFull);
        }
    }

    fn random_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Tells a caller that its action has come to nothing, unless it has had a part of the answer:
    /// then a second end would be one too many.
    fn refuse_ended(&mut self, ended: Ended, now: ClockReading) {
        let refusal = match ended.reached {
            Reached::Unsent => {
                let reason = self.presence.account_refusal();
                Refusal::upstream_away(&self.presence.link(), reason)
            }
            Reached::Sent if self.presence.link_is_open() => Refusal::outcome_unknown(),
            Reached::Sent => Refusal::outcome_lost(&self.presence.link()),
            Reached::AnsweredInPart => return,
        };
        self.refuse_caller(ended, &refusal, now);
    }
}
