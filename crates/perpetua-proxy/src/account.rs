//! One account: its hub, and who has to be woken when the hub says so.

mod holding;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use perpetua_access::WaitingRoom;
use perpetua_hub::{
    AccountCounts, AccountLimits, AccountSnapshot, Admitted, ClientRefused, ClientSettings,
    ClockReading, ConnectionId, DisconnectReason, Framework, FrameworkDial, Hub, LineBudget,
    LinkState, LogLine, LoggedNotice, NoticeLine, ProbeSettings, SupervisorSignal, Visitor,
};
use perpetua_onebot::FrameLimits;
use perpetua_task::{GapWatch, SupervisedTasks, TaskPanicked};
use perpetua_words::Message;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{
    Clock, FrameBudget, Presence,
    budget::Meter,
    state::{Signals, State, Wakes},
    ticker,
};

pub(crate) use holding::WeakAccount;

/// How deep frames may be nested, from clients and upstreams alike.
pub(crate) const MAX_FRAME_DEPTH: usize = 256;

/// Lines a minute about an upstream that comes and goes: of a restart or two nothing is left out.
const UPSTREAM_LINES: u64 = 10;
/// Lines a minute about an account's connections that come and go: all frameworks may start at once.
const CLIENT_LINES: u64 = 60;

/// A handle to one account; clones lead to the same one.
#[derive(Clone, Debug)]
pub struct AccountHandle {
    shared: Arc<Shared>,
}

/// What an account's tasks belong to.
#[derive(Clone, Debug, Default)]
pub struct AccountTasks {
    /// Every task of the account but its clients' connections is counted here.
    pub tracker: SupervisedTasks,
    /// The clients' connections are counted here: they may say goodbye before the rest ends.
    pub connections: SupervisedTasks,
    /// Ends them all.
    pub cancel: CancellationToken,
    /// Room for those at its ports who have not yet shown that they may come in.
    pub waiting: WaitingRoom,
}

#[derive(Debug)]
struct Shared {
    name: String,
    clock: Clock,
    budget: FrameBudget,
    state: Mutex<State>,
    upstream_wake: Notify,
    deadline_wake: Notify,
    signal_wake: Notify,
    presence: watch::Sender<Presence>,
    self_id: watch::Sender<Option<i64>>,
    upstream_lines: Mutex<LineBudget>,
    client_lines: Mutex<LineBudget>,
    /// Beside the lock, because it is read for each frame of an upstream within the node.
    max_frame_size: AtomicUsize,
}

impl AccountTasks {
    /// No tasks yet, and a waiting room of their own; `on_panic` hears of each task that panics.
    pub fn new(on_panic: impl Fn(TaskPanicked) + Send + Sync + 'static) -> Self {
        let tracker = SupervisedTasks::new(on_panic);
        Self {
            connections: tracker.sibling(),
            tracker,
            cancel: CancellationToken::new(),
            waiting: WaitingRoom::default(),
        }
    }
}

impl AccountHandle {
    /// A new account, its upstream closed; one task, which watches over time limits, begins to run.
    pub fn start(
        name: impl Into<String>,
        limits: AccountLimits,
        clock: Clock,
        budget: FrameBudget,
        seed: u64,
        tasks: &AccountTasks,
    ) -> Self {
        let (now, name) = (clock.now(), name.into());
        let account = Self {
            shared: Arc::new(Shared {
                name: name.clone(),
                clock,
                budget,
                state: Mutex::new(State {
                    hub: Hub::new(limits, seed, now).named(name),
                    signals: HashMap::new(),
                    upstreams: Vec::new(),
                    armed: None,
                    woke: tokio::time::Instant::now(),
                }),
                upstream_wake: Notify::new(),
                deadline_wake: Notify::new(),
                signal_wake: Notify::new(),
                presence: watch::Sender::default(),
                self_id: watch::Sender::default(),
                upstream_lines: Mutex::new(LineBudget::new(UPSTREAM_LINES)),
                client_lines: Mutex::new(LineBudget::new(CLIENT_LINES)),
                max_frame_size: AtomicUsize::new(limits.max_frame_size),
            }),
        };
        account.join_budget();
        tasks.tracker.spawn(
            "time limits",
            ticker::run(account.clone(), tasks.cancel.clone()),
        );
        account
    }

    /// Its name in the settings.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// How it stands now.
    pub fn snapshot(&self) -> AccountSnapshot {
        let state = self.lock();
        AccountSnapshot {
            held_bytes: state.held_bytes(),
            ..state.hub.snapshot()
        }
    }

    /// What only counts, now.
    pub fn counts(&self) -> AccountCounts {
        self.lock().hub.counts()
    }

    /// Whether it can be talked to, from now on. Let go of what is borrowed before you call the account.
    pub fn presence(&self) -> watch::Receiver<Presence> {
        self.shared.presence.subscribe()
    }

    /// The account's id, as soon as it is known. It is for waiting: when it changes, connections are cut before this
    /// says so, and [`AccountHandle::self_id`] is the id of the moment.
    pub(crate) fn known_id(&self) -> watch::Receiver<Option<i64>> {
        self.shared.self_id.subscribe()
    }

    pub(crate) fn self_id(&self) -> Option<i64> {
        self.lock().hub.self_id()
    }

    /// Changes the limits of actions and connections to come.
    pub fn set_limits(&self, limits: AccountLimits) {
        self.with(|hub, _| hub.set_limits(limits));
        let max_frame_size = &self.shared.max_frame_size;
        max_frame_size.store(limits.max_frame_size, Ordering::Relaxed);
    }

    /// What the frames of a connection that opens now are held to.
    pub(crate) fn frame_limits(&self) -> FrameLimits {
        FrameLimits {
            max_bytes: self.shared.max_frame_size.load(Ordering::Relaxed),
            max_depth: MAX_FRAME_DEPTH,
        }
    }

    /// Changes when the upstream is asked whether it is still there; `None`: never.
    pub(crate) fn set_probes(&self, probes: Option<ProbeSettings>) {
        self.with(|hub, now| hub.set_probes(probes, now));
    }

    /// Whether this node supervises the account's core: then [`AccountHandle::next_supervisor_signal`]
    /// gives signals.
    pub fn set_managed(&self, managed: bool) {
        self.with(|hub, _| hub.set_managed(managed));
    }

    /// The account that the settings want to be served; `None`: the one that the upstream is.
    pub fn set_uin(&self, uin: Option<i64>) {
        self.with(|hub, now| hub.set_uin(uin, now));
    }

    /// Something that came from the upstream, or wanted to be it, was refused or lost: it is shown and logged.
    pub fn note_upstream(&self, message: impl Into<Message>) {
        self.with(|hub, now| hub.note_upstream(message, now));
    }

    /// Something that came to or from a client was refused or lost: it is shown and logged.
    pub fn note_client(&self, client: &str, message: impl Into<Message>) {
        self.with(|hub, now| hub.note_client(client, message, now));
    }

    /// The supervisor saw in the core's log that the account was logged out, in these words: clients
    /// are told at once. A good login over a new link ends it.
    pub fn went_offline(&self, reason: impl Into<String>) {
        self.with(|hub, now| hub.went_offline(&reason.into(), now));
    }

    /// The supervisor saw in the core's log that it has lost QQ, for this reason, or that it is back
    /// (`None`).
    pub fn set_interrupted(&self, reason: Option<Message>) {
        self.with(|hub, now| hub.set_interrupted(reason, now));
    }

    /// The supervisor has looked whether the core answers over another connection, as
    /// [`SupervisorSignal::AnswersDoubted`] asks.
    pub fn looked_elsewhere(&self, answers: bool) {
        self.with_state(|state, now| {
            self.follow_gaps(state, now);
            state.hub.looked_elsewhere(answers, now);
        });
    }

    /// The next thing that the supervisor of a managed core has to act on. Of each kind the latest
    /// waits; what concerns a link is forgotten when it closes. For one listener. Safe to cancel.
    pub async fn next_supervisor_signal(&self) -> SupervisorSignal {
        loop {
            if let Some(signal) = self.with(|hub, _| hub.next_signal()) {
                return signal;
            }
            self.shared.signal_wake.notified().await;
        }
    }

    /// Adds a client, or changes one; its listener is the caller's business.
    pub fn set_client(&self, client: &str, settings: ClientSettings) {
        self.with(|hub, now| hub.set_client(client, settings, now));
    }

    /// Takes a client away; its connections are closed at once.
    pub fn remove_client(&self, client: &str) {
        self.with(|hub, _| hub.remove_client(client));
    }

    /// Closes a client's connections; it may come again.
    pub fn cut_client(&self, client: &str, cut: DisconnectReason) {
        self.with(|hub, _| hub.cut_client(client, cut));
    }

    /// What served a client has ended: how the way to it stood is forgotten.
    pub fn forget_way(&self, client: &str) {
        self.with(|hub, _| hub.forget_way(client));
    }

    /// Closes one connection of a client, which may come again; false when there is none with this id.
    pub fn cut_app(&self, client: &str, app_id: &str, cut: DisconnectReason) -> bool {
        let app_id = app_id.parse::<Uuid>();
        app_id.is_ok_and(|app_id| self.with(|hub, _| hub.cut_app(client, app_id, cut)))
    }

    /// Closes every connection.
    pub fn cut_all(&self, cut: DisconnectReason) {
        self.with(|hub, _| hub.cut_all(cut));
    }

    /// Asks the upstream which implementation it is, once for each link that has shown which account it leads to.
    pub fn ask_version(&self) {
        self.with(Hub::ask_version);
    }

    /// Lets a connection in. It leaves when the guard is dropped.
    pub(crate) fn connect(
        &self,
        client: &str,
        visitor: Visitor,
    ) -> Result<Connected, ClientRefused> {
        self.connect_metered(client, visitor, self.meter())
    }

    /// The same for a socket that counts already what its messages hold.
    pub(crate) fn connect_metered(
        &self,
        client: &str,
        visitor: Visitor,
        meter: Meter,
    ) -> Result<Connected, ClientRefused> {
        self.admitted(client, meter, |hub, now| hub.connect(client, visitor, now))
    }

    /// Lets somebody in for one action over HTTP. It leaves when the guard is dropped.
    pub(crate) fn begin_call(&self, client: &str) -> Result<Connected, ClientRefused> {
        self.admitted(client, self.meter(), |hub, now| hub.begin_call(client, now))
    }

    /// How many connections a client may have at once; none when there is no such client.
    pub(crate) fn connection_limit(&self, client: &str) -> usize {
        self.with(|hub, _| hub.connection_limit(client).unwrap_or_default())
    }

    fn admitted(
        &self,
        client: &str,
        meter: Meter,
        admit: impl FnOnce(&mut Hub, ClockReading) -> Result<Admitted, ClientRefused>,
    ) -> Result<Connected, ClientRefused> {
        let signals = Signals::new(meter);
        let (admitted, app_id) = self.with_state(|state, now| {
            let admitted = admit(&mut state.hub, now)?;
            state.signals.insert(admitted.id, signals.clone());
            let app_id = state.hub.app_id(admitted.id).unwrap_or_default();
            Ok((admitted, app_id))
        })?;
        Ok(Connected {
            account: self.clone(),
            client: client.to_owned(),
            id: admitted.id,
            app_id,
            settings: admitted.settings,
            signals,
        })
    }

    /// The line that may be written of an upstream's coming or going, if one may.
    pub(crate) fn upstream_line(&self) -> Option<LogLine> {
        line(&self.shared.upstream_lines, self.now())
    }

    /// The same for connections of clients.
    pub(crate) fn client_line(&self) -> Option<LogLine> {
        line(&self.shared.client_lines, self.now())
    }

    /// The account's id, once it is known; `None` when nobody is to wait for it any more.
    pub(crate) async fn named(&self, no_more: &CancellationToken) -> Option<i64> {
        let mut known = self.known_id();
        loop {
            if let Some(self_id) = self.self_id() {
                return Some(self_id);
            }
            no_more.run_until_cancelled(known.changed()).await?.ok()?;
        }
    }

    /// The framework that a client is for, if the settings name it.
    pub(crate) fn framework_of(&self, client: &str) -> Option<Framework> {
        self.with(|hub, _| hub.framework_of(client))
    }

    /// How a way to a client stands that we dial, the one at this place of its settings.
    pub(crate) fn set_dial(&self, client: &str, place: usize, dial: &FrameworkDial) {
        self.with(|hub, now| {
            hub.set_dial(client, place, dial.state().clone(), dial.failures(), now);
        });
    }

    /// Nobody dials a client any longer.
    pub fn forget_dials(&self, client: &str) {
        self.with(|hub, _| hub.forget_dials(client));
    }

    pub(crate) fn set_link(&self, link: LinkState) {
        self.with(|hub, now| hub.set_link(link, now));
    }

    /// Waits until actions may be waiting for the upstream.
    pub(crate) async fn upstream_woken(&self) {
        self.shared.upstream_wake.notified().await;
    }

    /// Waits until the earliest deadline may have changed.
    pub(crate) async fn deadline_moved(&self) {
        self.shared.deadline_wake.notified().await;
    }

    /// Refuses overdue actions and gives the moment of the next deadline. What was not heard while this process
    /// stood still is nobody's silence.
    pub(crate) fn tick(&self) -> Option<Instant> {
        self.with_state(|state, now| {
            self.follow_gaps(state, now);
            state.hub.tick(now);
            state.armed = state.hub.next_deadline();
            state.armed
        })
    }

    /// Tells the hub of a gap before it judges anybody.
    fn follow_gaps(&self, state: &mut State, now: ClockReading) {
        if let Some(woke) = self.gaps().woke_after(state.woke) {
            state.woke = woke;
            state.hub.woke(now);
        }
    }

    pub(crate) fn now(&self) -> ClockReading {
        self.shared.clock.now()
    }

    /// The gaps in this process's own time.
    pub(crate) fn gaps(&self) -> &GapWatch {
        self.shared.clock.gaps()
    }

    /// Runs one verb of the hub, then wakes whom it concerns.
    pub(crate) fn with<R>(&self, verb: impl FnOnce(&mut Hub, ClockReading) -> R) -> R {
        self.with_state(|state, now| verb(&mut state.hub, now))
    }

    fn with_state<R>(&self, verb: impl FnOnce(&mut State, ClockReading) -> R) -> R {
        let now = self.now();
        let mut state = self.lock();
        let result = verb(&mut state, now);
        let wakes = state.wakes();
        // Whoever is woken may want the lock at once, so they are woken after it is free.
        drop(state);
        self.wake(&wakes);
        result
    }

    fn wake(&self, wakes: &Wakes) {
        wakes.connections.iter().for_each(|wake| wake.notify_one());
        wakes.cut.iter().for_each(CancellationToken::cancel);
        if wakes.upstream {
            self.shared.upstream_wake.notify_one();
        }
        if wakes.deadline {
            self.shared.deadline_wake.notify_one();
        }
        if wakes.signal {
            self.shared.signal_wake.notify_one();
        }
        if wakes.presence {
            self.publish_presence();
        }
        wakes.lines.iter().for_each(|line| self.log(line));
    }

    fn log(&self, NoticeLine { client, notice }: &NoticeLine) {
        let LoggedNotice {
            message,
            count,
            others,
        } = notice;
        let (account, others) = (self.name(), (*others > 0).then_some(others));
        warn!(
            account,
            client = client.as_deref(),
            count,
            others,
            "{message}"
        );
    }

    /// Shows the presence of this moment, which may be newer than the change that was told of. The
    /// account's lock is taken within the watch's, never the other way round.
    fn publish_presence(&self) {
        self.shared.presence.send_if_modified(|shown| {
            let presence = Presence::of(&self.lock().hub);
            let is_new = *shown != presence;
            *shown = presence;
            is_new
        });
        self.shared.self_id.send_if_modified(|shown| {
            let self_id = self.self_id();
            std::mem::replace(shown, self_id) != self_id
        });
    }

    /// A task that panicked inside a verb has left the hub as it was between two statements;
    /// serving on is better for all others than failing with it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever becomes of the task that serves the upstream, a panic as well: the link stands as
/// [`LinkGuard::at_end`] says once this is dropped.
#[derive(Debug)]
pub(crate) struct LinkGuard<'a> {
    account: &'a AccountHandle,
    /// Closed, unless its task knows better.
    pub(crate) at_end: LinkState,
}

impl<'a> LinkGuard<'a> {
    pub(crate) fn new(account: &'a AccountHandle) -> Self {
        Self {
            account,
            at_end: LinkState::Closed,
        }
    }
}

impl Drop for LinkGuard<'_> {
    fn drop(&mut self) {
        self.account.set_link(std::mem::take(&mut self.at_end));
    }
}

fn line(budget: &Mutex<LineBudget>, now: ClockReading) -> Option<LogLine> {
    let mut budget = budget.lock().unwrap_or_else(PoisonError::into_inner);
    budget.take(now.instant)
}

/// A connection that is in the hub; leaves it when dropped.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) account: AccountHandle,
    pub(crate) client: String,
    pub(crate) id: ConnectionId,
    pub(crate) app_id: Uuid,
    /// The client's settings when it was let in.
    pub(crate) settings: ClientSettings,
    pub(crate) signals: Signals,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.account.with_state(|state, now| {
            state.signals.remove(&self.id);
            state.hub.disconnect(self.id, now);
        });
    }
}
