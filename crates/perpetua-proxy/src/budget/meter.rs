//! What one connection holds beside what waits for it: messages that are being read, and those being written.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use perpetua_hub::{InDriver, Outgoing};
use tokio::time::{Instant, sleep};

use super::FrameBudget;

/// From this size on a message waits for its room: smaller ones are read and written without a look.
const LARGE: usize = 64 << 10;
/// How often somebody who waits for room asks for it.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(5);
/// How long room is waited for: whoever gives way has let go long before.
pub(crate) const ROOM_WITHIN: Duration = Duration::from_secs(1);

/// Counts them; clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    counts: Arc<Counts>,
}

/// What is counted, for as long as its connection is there: its socket has a clone, too.
#[derive(Debug, Default)]
struct Counts {
    budget: FrameBudget,
    reading: AtomicUsize,
    writing: AtomicUsize,
    /// Events that are being written, and the number of the last of them.
    writing_events: AtomicUsize,
    last_event: AtomicU64,
    /// What it held when it had to give way, until it has let go of it.
    leaving: AtomicUsize,
}

impl Drop for Counts {
    fn drop(&mut self) {
        self.budget.let_go(*self.leaving.get_mut());
    }
}

impl Meter {
    /// Of a connection whose messages count here.
    pub(crate) fn new(budget: FrameBudget) -> Self {
        let mut counts = Counts::default();
        counts.budget = budget;
        Self {
            counts: Arc::new(counts),
        }
    }

    /// A part of a message of this size has begun: room is made for all of it. Not to be called while an account
    /// is locked.
    pub(crate) fn reads(&self, bytes: usize) {
        self.counts.reading.fetch_add(bytes, Ordering::Relaxed);
        self.counts.budget.came(bytes);
    }

    /// A message of this size came to its end: whoever has it now counts it.
    pub(crate) fn taken(&self, bytes: usize) {
        // Only its reader takes away, so what it saw is there.
        let reading = &self.counts.reading;
        let read = reading.load(Ordering::Relaxed);
        reading.fetch_sub(bytes.min(read), Ordering::Relaxed);
    }

    /// These are being written now, and nothing else.
    pub(crate) fn writes(&self, frames: &[Outgoing]) {
        let (mut own, mut events, mut last_event) = (0, 0, 0);
        for frame in frames {
            let held = frame.held();
            own += held.own;
            events += held.events;
            last_event = frame.event_number().unwrap_or(last_event);
        }
        self.counts.writing.store(own, Ordering::Relaxed);
        self.counts.writing_events.store(events, Ordering::Relaxed);
        self.counts.last_event.store(last_event, Ordering::Relaxed);
    }

    /// This much is being written that is no other connection's, and nothing else.
    pub(crate) fn writes_own(&self, bytes: usize) {
        self.counts.writing.store(bytes, Ordering::Relaxed);
        self.counts.writing_events.store(0, Ordering::Relaxed);
    }

    /// The bytes of a frame that is being written. A copy that has to be made of it counts before it is made, for as long
    /// as both are there. Safe to cancel: the frame is lost then.
    pub(crate) async fn brought_out(&self, frame: Outgoing) -> Bytes {
        if frame.bytes_to_make() < LARGE {
            return frame.into_bytes();
        }
        // In a place of its own, so that nothing large is moved for the others.
        Box::pin(self.brought_out_in_room(frame)).await
    }

    async fn brought_out_in_room(&self, frame: Outgoing) -> Bytes {
        let made = frame.bytes_to_make();
        let _reserved = self.reserved(made);
        self.counts.budget.came(made);
        self.room_for(made).await;
        frame.into_bytes()
    }

    /// Waits until somebody who gave way for a message of this size has let go of what it held, if it is a large one.
    pub(crate) async fn room_for(&self, bytes: usize) {
        let until = Instant::now() + ROOM_WITHIN;
        while bytes >= LARGE && self.lacks_room() && Instant::now() < until {
            sleep(ASK_EVERY).await;
        }
    }

    /// Whether a message of this size waits for room at all.
    pub(crate) fn is_large(bytes: usize) -> bool {
        bytes >= LARGE
    }

    /// Whether somebody gave way and has not let go yet of what it held.
    pub(crate) fn lacks_room(&self) -> bool {
        self.counts.budget.lacks_room()
    }

    /// It has to give way. What it holds is no longer counted, but it is there until it is let go of.
    pub(crate) fn gives_way(&self) {
        let held = self.held();
        let bytes = held.own + held.events;
        self.counts.budget.leaves(bytes);
        let before = self.counts.leaving.swap(bytes, Ordering::Relaxed);
        self.counts.budget.let_go(before);
    }

    /// Nothing is being written any more.
    pub(crate) fn wrote(&self) {
        self.writes(&[]);
        let leaving = &self.counts.leaving;
        let before = leaving.load(Ordering::Relaxed);
        let still = before.min(self.reading());
        leaving.store(still, Ordering::Relaxed);
        self.counts.budget.let_go(before - still);
    }

    /// Nothing is held any more by whoever reads and writes.
    pub(crate) fn let_go(&self) {
        self.counts.reading.store(0, Ordering::Relaxed);
        self.writes(&[]);
        let leaving = self.counts.leaving.swap(0, Ordering::Relaxed);
        self.counts.budget.let_go(leaving);
    }

    /// What is being read.
    pub(crate) fn reading(&self) -> usize {
        self.counts.reading.load(Ordering::Relaxed)
    }

    /// All that the connection holds.
    pub(crate) fn held(&self) -> InDriver {
        let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        InDriver {
            own: self.reading() + load(&self.counts.writing),
            events: load(&self.counts.writing_events),
            last_event: self.counts.last_event.load(Ordering::Relaxed),
        }
    }

    fn reserved(&self, bytes: usize) -> Reserved<'_> {
        self.counts.writing.fetch_add(bytes, Ordering::Relaxed);
        Reserved {
            writing: &self.counts.writing,
            bytes,
        }
    }
}

/// Room for a copy, until it is dropped.
struct Reserved<'a> {
    writing: &'a AtomicUsize,
    bytes: usize,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.writing.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
