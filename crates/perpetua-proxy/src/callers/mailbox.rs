//! The events that wait for the polls of a client (`get_latest_events`).
//!
//! The first poll opens the queue, which is a connection of the client as others are; all polls share it, and each event
//! is in one answer. It ends some minutes after the last poll: its program is gone, or does not want events any more. An
//! answer that could not be written gives its events back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use perpetua_hub::{DisconnectReason, Outgoing, Remaining, Visitor};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::refused::CallRefused;
use crate::{
    AccountHandle, AccountTasks, ClientListener,
    account::Connected,
    connection::{cut_reason, note},
};

/// How long events wait for the next poll.
const KEPT_FOR: Duration = Duration::from_mins(5);
/// The most events of one answer.
const MOST_EVENTS: usize = 1000;
/// The most bytes of one answer, not counting the event that goes beyond it.
const MOST_BYTES: usize = 8 << 20;

/// The queue of a client's polls, if there is one.
#[derive(Debug)]
pub(super) struct Mailbox {
    account: AccountHandle,
    client: String,
    tasks: AccountTasks,
    /// Cancelled before the hub's connections by the same settings are cut.
    stop: CancellationToken,
    open: Arc<Mutex<Option<Arc<EventQueue>>>>,
}

#[derive(Debug)]
struct EventQueue {
    connected: Connected,
    kept: Mutex<Kept>,
    polls: watch::Sender<Polls>,
}

/// Events that have left the hub.
#[derive(Default, Debug)]
struct Kept {
    answers: u64,
    taken: u64,
    /// By the number of their answer.
    in_answers: BTreeMap<u64, Vec<Numbered>>,
    /// By their own number: they go first, in the order in which they came.
    given_back: BTreeMap<u64, Outgoing>,
}

/// An event by the order in which they came.
#[derive(Clone, Debug)]
struct Numbered {
    number: u64,
    event: Outgoing,
}

/// Who polls.
#[derive(Clone, Copy, Debug)]
struct Polls {
    count: usize,
    last: Instant,
}

/// A poll, until it is dropped.
#[derive(Debug)]
struct Poll(Arc<EventQueue>);

/// Events on their way to whoever polled. Dropped, they wait again.
#[derive(Debug)]
pub(super) struct Handed {
    queue: Arc<EventQueue>,
    number: u64,
    events: Vec<Numbered>,
}

impl Mailbox {
    pub(super) fn new(
        port: &ClientListener,
        tasks: &AccountTasks,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            account: port.account.clone(),
            client: port.client.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
            open: Arc::default(),
        }
    }

    /// Waits up to `timeout` for events, and no longer than until `enough` is cancelled, and gives up to `limit` of them at
    /// once when the first is there. `None`: there is none.
    pub(super) async fn poll(
        &self,
        visitor: Visitor,
        (timeout, enough): (Duration, &CancellationToken),
        limit: usize,
    ) -> Result<Option<Handed>, CallRefused> {
        let until = Instant::now() + timeout;
        let poll = self.begin(visitor)?;
        let signals = &poll.0.connected.signals;
        loop {
            let handed = EventQueue::hand_out(&poll.0, limit)?;
            if handed.is_some() {
                return Ok(handed);
            }
            tokio::select! {
                biased;
                () = signals.cut.cancelled() => {}
                // It may be gone: what comes is another poll's.
                () = enough.cancelled() => return Ok(None),
                () = signals.wake.notified() => {}
                () = sleep_until(until) => return Ok(None),
            }
        }
    }

    fn begin(&self, visitor: Visitor) -> Result<Poll, CallRefused> {
        let mut open = lock(&self.open);
        let queue = match &*open {
            Some(queue) if !queue.connected.signals.cut.is_cancelled() => Arc::clone(queue),
            _ => {
                let queue = self.opened(visitor)?;
                *open = Some(Arc::clone(&queue));
                queue
            }
        };
        queue.polls.send_modify(|polls| polls.count += 1);
        Ok(Poll(queue))
    }

    fn opened(&self, visitor: Visitor) -> Result<Arc<EventQueue>, CallRefused> {
        let connected = self.account.connect(&self.client, visitor)?;
        if self.stop.is_cancelled() {
            // It came in just after the others were cut.
            return Err(CallRefused::Ended(DisconnectReason::SettingsChanged));
        }
        let queue = Arc::new(EventQueue {
            connected,
            kept: Mutex::default(),
            polls: watch::Sender::new(Polls {
                count: 0,
                last: Instant::now(),
            }),
        });
        let keeping = keep(Arc::clone(&self.open), Arc::clone(&queue));
        let keeping = self.tasks.cancel.clone().run_until_cancelled_owned(keeping);
        self.tasks.connections.spawn("client polls", keeping);
        Ok(queue)
    }
}

/// Holds a queue until the hub ends it, or nobody has polled for a while.
async fn keep(open: Arc<Mutex<Option<Arc<EventQueue>>>>, queue: Arc<EventQueue>) {
    let mut polls = queue.polls.subscribe();
    let cut = &queue.connected.signals.cut;
    loop {
        let Polls { count, last } = *polls.borrow_and_update();
        let unused = async {
            match count {
                0 => sleep_until(last + KEPT_FOR).await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cut.cancelled() => {
                note(&queue.connected, &cut_reason(&queue.connected));
                break;
            }
            // Its sender is in the queue.
            _ = polls.changed() => continue,
            () = unused => {}
        }
        let mut open = lock(&open);
        // A poll begins while this is locked.
        if queue.polls.borrow().count == 0 {
            open.take_if(|opened| Arc::ptr_eq(opened, &queue));
            return;
        }
    }
    lock(&open).take_if(|opened| Arc::ptr_eq(opened, &queue));
}

impl EventQueue {
    fn hand_out(queue: &Arc<Self>, limit: usize) -> Result<Option<Handed>, CallRefused> {
        let limit = limit.min(MOST_EVENTS);
        let mut kept = lock(&queue.kept);
        let (mut events, mut bytes) = (Vec::new(), 0);
        while events.len() < limit
            && bytes < MOST_BYTES
            && let Some((number, event)) = kept.given_back.pop_first()
        {
            bytes += event.weight();
            events.push(Numbered { number, event });
        }
        let (account, id) = (&queue.connected.account, queue.connected.id);
        let mut more = true;
        while more && events.len() < limit && bytes < MOST_BYTES {
            let (mut batch, most) = (Vec::new(), limit - events.len());
            let remaining = account.with(|hub, now| hub.take_at_most(most, id, now, &mut batch));
            more = match remaining {
                Remaining::More => true,
                Remaining::Emptied => false,
                Remaining::Disconnect(reason) => {
                    kept.take_back(events);
                    return Err(CallRefused::Ended(reason));
                }
                Remaining::Gone => {
                    kept.take_back(events);
                    return Err(CallRefused::Left);
                }
            };
            bytes += batch.iter().map(Outgoing::weight).sum::<usize>();
            for event in batch {
                let number = kept.taken;
                kept.taken += 1;
                events.push(Numbered { number, event });
            }
        }
        if more || !kept.given_back.is_empty() {
            // For another poll that waits.
            queue.connected.signals.wake.notify_one();
        }
        if events.is_empty() {
            return Ok(None);
        }
        let number = kept.answers;
        kept.answers += 1;
        kept.in_answers.insert(number, events.clone());
        queue.count(&kept);
        drop(kept);
        Ok(Some(Handed {
            queue: Arc::clone(queue),
            number,
            events,
        }))
    }

    /// What has left the hub counts still.
    fn count(&self, kept: &Kept) {
        let in_answers = kept.in_answers.values().flatten();
        let in_answers = in_answers.map(|numbered| &numbered.event);
        let all: Vec<_> = in_answers
            .chain(kept.given_back.values())
            .cloned()
            .collect();
        self.connected.signals.meter.writes(&all);
    }
}

impl Kept {
    /// They wait again, before all others.
    fn take_back(&mut self, events: Vec<Numbered>) {
        let events = events.into_iter();
        self.given_back
            .extend(events.map(|numbered| (numbered.number, numbered.event)));
    }
}

/// What has left the hub and reached nobody is lost. Every answer that is under way holds the queue.
impl Drop for EventQueue {
    fn drop(&mut self) {
        let kept = lock(&self.kept);
        let events = kept.given_back.values();
        let lost = events.filter(|event| event.event_number().is_some());
        let (account, client) = (&self.connected.account, &self.connected.client);
        let lost = lost.count() as u64;
        account.with(|hub, _| hub.lose_events(client, lost));
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.0.polls.send_modify(|polls| {
            polls.count -= 1;
            polls.last = Instant::now();
        });
    }
}

impl Handed {
    /// The events, in their order.
    pub(super) fn events(&self) -> impl Iterator<Item = Outgoing> {
        self.events.iter().map(|numbered| numbered.event.clone())
    }

    /// Their answer was written.
    pub(super) fn arrived(self) {
        let mut kept = lock(&self.queue.kept);
        kept.in_answers.remove(&self.number);
        self.queue.count(&kept);
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        let mut kept = lock(&self.queue.kept);
        let Some(events) = kept.in_answers.remove(&self.number) else {
            return;
        };
        kept.take_back(events);
        self.queue.count(&kept);
        drop(kept);
        self.queue.connected.signals.wake.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
