//! What has happened lately, and how much: kept in memory, found by a task that looks at the node.

mod core;
mod kept;
mod observer;
mod rates;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use perpetua_hub::{AccountCounts, ClockReading};
use perpetua_schema::{CoreJob, Event, Happening, HappeningTone, NodeStatus, RatesHistory, Topic};
use perpetua_words::{Message, happened as words};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use self::{
    kept::{Found, Kept},
    observer::Observer,
    rates::Rates,
};
use crate::{backend::NodeBackend, status::Moment};

/// How often the node is looked at: nothing that a person wants to know is over sooner.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Changes that come at once are looked at together.
const SETTLE: Duration = Duration::from_millis(200);

/// What is remembered of a node.
#[derive(Debug)]
pub(crate) struct History(Mutex<Remembered>);

#[derive(Debug)]
struct Remembered {
    rates: Rates,
    observer: Observer,
    kept: Kept,
}

impl History {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(Remembered {
            rates: Rates::new(now),
            observer: Observer::default(),
            kept: Kept::default(),
        }))
    }

    /// The latest happenings, newest first.
    pub(crate) fn happenings(&self, limit: usize, at: Moment) -> Vec<Happening> {
        self.lock().kept.latest(limit, at)
    }

    /// How much went through these accounts, whose counters are these now.
    pub(crate) fn rates(
        &self,
        accounts: &[(String, Option<AccountCounts>)],
        now: ClockReading,
        minutes: usize,
    ) -> RatesHistory {
        self.count(accounts, now);
        let names = accounts.iter().map(|(name, _)| &**name);
        self.lock().rates.history(names, minutes)
    }

    /// Notes in a status what each client missed in the last minute.
    pub(crate) fn complete(&self, status: &mut NodeStatus, now: Instant) {
        let remembered = self.lock();
        for account in &mut status.accounts {
            for client in &mut account.clients {
                client.dropped_last_minute =
                    remembered
                        .rates
                        .dropped_lately(&account.name, &client.name, now);
            }
        }
    }

    /// Takes the counters in.
    fn count(&self, accounts: &[(String, Option<AccountCounts>)], now: ClockReading) {
        let mut remembered = self.lock();
        remembered.rates.look(accounts, now.instant, day(now));
    }

    /// Compares how the node stands with how it stood, and gives what followers are to hear.
    fn observe(&self, status: NodeStatus, others: Vec<Found>, at: Moment) -> Vec<Happening> {
        let mut remembered = self.lock();
        let mut found = remembered.observer.look(status, at.now.instant);
        found.extend(others);
        for found in found {
            remembered.kept.add(found, at.now.instant);
        }
        remembered.kept.due(at)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at a node until it ends.
pub(crate) async fn remember(backend: Arc<NodeBackend>, cancel: CancellationToken) {
    cancel.run_until_cancelled(look_on(&backend)).await;
}

async fn look_on(backend: &NodeBackend) {
    let mut settings = backend.events.subscribe(&Topic::Settings);
    let mut jobs = backend.events.subscribe(&Topic::Core);
    let mut available = backend.cores.installer.available();
    let (mut view, mut changed) = (backend.view.clone(), backend.events.state_changes());
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut others = Vec::new();
        tokio::select! {
            _ = ticks.tick() => backend.history.count(&backend.counts(), backend.clock.now()),
            Ok(()) = view.changed() => tokio::time::sleep(SETTLE).await,
            Ok(()) = changed.changed() => tokio::time::sleep(SETTLE).await,
            event = next(&mut settings) => others.extend(told(event)),
            event = next(&mut jobs) => others.extend(told(event)),
            Ok(()) = available.changed() => {
                let release = available.borrow_and_update().clone();
                let offered = release.filter(|release| release.rolled_back.is_none());
                let version = offered.map(|release| release.tag);
                others.extend(version.map(|version| of_node(
                    HappeningTone::Idle,
                    words::CoreAvailable { version },
                )));
            }
        }
        let at = backend.moment();
        let happenings = backend.history.observe(backend.node_status(), others, at);
        for happening in happenings {
            backend.events.send(Event::Happened { happening });
        }
    }
}

/// The next event of a queue; some may have been missed.
async fn next(queue: &mut Receiver<Event>) -> Event {
    loop {
        match queue.recv().await {
            Ok(event) => return event,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// What an event means that no status has.
fn told(event: Event) -> Option<Found> {
    use HappeningTone::{Idle, Ok, You};
    match event {
        Event::Settings { problems } if problems.is_empty() => {
            Some(of_node(Idle, words::SettingsApplied))
        }
        Event::Settings { problems } => {
            let count = problems.len();
            Some(of_node(You, words::SettingsRefused { count }))
        }
        Event::CoreJob { job } => match job {
            CoreJob::Done { version } => Some(of_node(Ok, words::CoreInstalled { version })),
            CoreJob::Failed { problem } => {
                Some(of_node(You, words::CoreNotInstalled { cause: problem }))
            }
            CoreJob::Unconfirmed { name, .. } => {
                Some(of_node(You, words::CoreUnconfirmed { name }))
            }
            CoreJob::Idle | CoreJob::Running(_) => None,
        },
        _ => None,
    }
}

fn of_node(tone: HappeningTone, message: impl Into<Message>) -> Found {
    Found {
        account: None,
        client: None,
        tone,
        message: message.into(),
        counts: None,
        is_apart: false,
    }
}

/// The day here.
fn day(now: ClockReading) -> Date {
    let timestamp = Timestamp::from_second(now.unix_seconds()).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(TimeZone::system()).date()
}
