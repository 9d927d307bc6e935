//! The node as a program in the same process uses it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::future::select_all;
use perpetua_accounts::View;
use perpetua_http::{Answer, Follow};
use perpetua_schema::{
    AccountRates, Call, CallError, Event, EventStream, Method, Rpc, RpcError, Snapshot, Topic,
    Topics,
};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{backend::NodeBackend, changes, snapshots::Snapshots};

/// How often counters are told.
const RATES_EVERY: Duration = Duration::from_secs(1);

/// The control RPC of a running node, without HTTP. A cheap clone.
#[derive(Clone, Debug)]
pub struct NodeRpc(Arc<NodeBackend>);

impl NodeRpc {
    pub(crate) fn new(backend: Arc<NodeBackend>) -> Self {
        Self(backend)
    }

    pub(crate) fn backend(&self) -> &Arc<NodeBackend> {
        &self.0
    }

    /// Carries out a call.
    pub async fn call<M: Method>(&self, call: &M) -> Result<M::Reply, RpcError> {
        call.clone().answer(self.0.as_ref()).await
    }

    /// Carries out a call that was read from its name and its parameters; the reply is JSON of the
    /// call's reply type.
    pub async fn dispatch(&self, call: Call) -> Result<serde_json::Value, RpcError> {
        perpetua_schema::dispatch(self.0.as_ref(), call).await
    }

    /// How the node stands, and each change of it. Snapshots are taken as long as a receiver lives.
    pub fn snapshot(&self) -> watch::Receiver<Arc<Snapshot>> {
        Snapshots::follow(&self.0)
    }

    /// Follows what happens from now on.
    pub fn subscribe(&self, topics: &Topics) -> Subscription {
        Subscription::new(Arc::clone(&self.0), topics)
    }
}

impl Rpc for NodeRpc {
    type Events = Subscription;

    async fn call<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        Ok(self.call(call).await?)
    }

    async fn events(&self, topics: &Topics) -> Result<Subscription, CallError> {
        Ok(self.subscribe(topics))
    }
}

/// The events of some topics, as long as the node runs.
#[derive(Debug)]
pub struct Subscription {
    backend: Arc<NodeBackend>,
    /// Closed when the node has ended.
    view: watch::Receiver<Arc<View>>,
    state: Option<State>,
    queues: Vec<broadcast::Receiver<Event>>,
    rates: Option<Rates>,
    /// What was made and not yet taken.
    made: VecDeque<Event>,
}

/// The topic `state`.
#[derive(Debug)]
struct State {
    coming: watch::Receiver<Arc<Snapshot>>,
    /// What was told last.
    told: Arc<Snapshot>,
}

/// The topic `rates`.
#[derive(Debug)]
struct Rates {
    ticks: Interval,
    told: Vec<AccountRates>,
}

/// What a subscription wakes up for.
enum Woken {
    Ended,
    StateChanged,
    Came(Event),
    Missed(u64),
    Tick,
}

impl Subscription {
    pub(crate) fn new(backend: Arc<NodeBackend>, topics: &Topics) -> Self {
        let state = topics.contains(&Topic::State).then(|| {
            let mut coming = Snapshots::follow(&backend);
            let told = coming.borrow_and_update().clone();
            State { coming, told }
        });
        let queues = topics
            .iter()
            .filter(|topic| **topic != Topic::Rates)
            .map(|topic| backend.events.subscribe(topic));
        Self {
            view: backend.view.clone(),
            queues: queues.collect(),
            made: state.iter().map(State::whole).collect(),
            state,
            rates: topics.contains(&Topic::Rates).then(Rates::new),
            backend,
        }
    }

    /// The next event; `None` when the node has ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.made.pop_front() {
                return Some(event);
            }
            match self.wake().await {
                Woken::Ended => return None,
                Woken::Came(event) => return Some(event),
                Woken::StateChanged => self
                    .made
                    .extend(self.state.iter_mut().flat_map(State::changes)),
                Woken::Missed(count) => {
                    self.made.push_back(Event::Missed { count });
                    self.made.extend(self.state.as_mut().map(State::again));
                }
                Woken::Tick => {
                    let status = self.backend.node_status();
                    self.made.extend(
                        self.rates
                            .as_mut()
                            .and_then(|rates| rates.risen(status.rates())),
                    );
                }
            }
        }
    }

    async fn wake(&mut self) -> Woken {
        let (state, rates) = (&mut self.state, &mut self.rates);
        // The state first: lines that come fast must not hold it up.
        tokio::select! {
            biased;
            () = closed(&mut self.view) => Woken::Ended,
            () = changed(state) => Woken::StateChanged,
            received = received(&mut self.queues) => match received {
                Ok(event) => Woken::Came(event),
                Err(RecvError::Lagged(count)) => Woken::Missed(count),
                Err(RecvError::Closed) => Woken::Ended,
            },
            () = tick(rates) => Woken::Tick,
        }
    }
}

impl EventStream for Subscription {
    async fn next(&mut self) -> Option<Event> {
        self.next().await
    }
}

impl Follow for Subscription {
    fn next(&mut self) -> Answer<'_, Option<Event>> {
        Box::pin(self.next())
    }
}

impl State {
    /// All of it, at first.
    fn whole(&self) -> Event {
        Event::Snapshot {
            generation: self.told.generation,
            status: Box::new(self.told.status.clone()),
        }
    }

    /// All of it, because something was missed.
    fn again(&mut self) -> Event {
        self.told = self.coming.borrow_and_update().clone();
        self.whole()
    }

    fn changes(&mut self) -> Vec<Event> {
        let now = self.coming.borrow_and_update().clone();
        let changes = changes::diff(&self.told, &now);
        self.told = now;
        changes
    }
}

impl Rates {
    fn new() -> Self {
        let mut ticks = interval(RATES_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            ticks,
            told: Vec::new(),
        }
    }

    fn risen(&mut self, accounts: Vec<AccountRates>) -> Option<Event> {
        if self.told == accounts {
            return None;
        }
        self.told.clone_from(&accounts);
        Some(Event::Rates { accounts })
    }
}

/// Waits until the node has ended.
async fn closed(view: &mut watch::Receiver<Arc<View>>) {
    while view.changed().await.is_ok() {}
}

/// Waits for the next snapshot; the end of the node is seen by [`closed`].
async fn changed(state: &mut Option<State>) {
    let lasts = match state {
        Some(state) => state.coming.changed().await.is_ok(),
        None => false,
    };
    if !lasts {
        std::future::pending::<()>().await;
    }
}

async fn received(queues: &mut [broadcast::Receiver<Event>]) -> Result<Event, RecvError> {
    if queues.is_empty() {
        return std::future::pending().await;
    }
    let receiving = queues.iter_mut().map(|queue| Box::pin(queue.recv()));
    select_all(receiving).await.0
}

async fn tick(rates: &mut Option<Rates>) {
    match rates {
        Some(rates) => {
            rates.ticks.tick().await;
        }
        None => std::future::pending().await,
    }
}
