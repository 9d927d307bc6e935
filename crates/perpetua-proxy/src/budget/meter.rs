//! What one connection holds beside what waits for it: messages that are being read, and those being written.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use perpetua_hub::{Held, Outgoing};

use super::FrameBudget;

/// Counts them; clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    budget: FrameBudget,
    reading: Arc<AtomicUsize>,
    writing: Arc<AtomicUsize>,
    /// Events that are being written.
    writing_events: Arc<AtomicUsize>,
}

impl Meter {
    /// Of a connection whose messages count here.
    pub(crate) fn new(budget: FrameBudget) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// A part of a message of this size has begun: room is made for all of it. Not to be called while an account
    /// is locked.
    pub(crate) fn reads(&self, bytes: usize) {
        self.reading.fetch_add(bytes, Ordering::Relaxed);
        self.budget.came(bytes);
    }

    /// A message of this size came to its end: whoever has it now counts it.
    pub(crate) fn taken(&self, bytes: usize) {
        // Only its reader takes away, so what it saw is there.
        let read = self.reading.load(Ordering::Relaxed);
        self.reading.fetch_sub(bytes.min(read), Ordering::Relaxed);
    }

    /// These are being written now, and nothing else.
    pub(crate) fn writes(&self, frames: &[Outgoing]) {
        let held: Held = frames.iter().map(Outgoing::held).sum();
        self.writing.store(held.own, Ordering::Relaxed);
        self.writing_events.store(held.events, Ordering::Relaxed);
    }

    /// This much is being written that is no other connection's, and nothing else.
    pub(crate) fn writes_own(&self, bytes: usize) {
        self.writing.store(bytes, Ordering::Relaxed);
        self.writing_events.store(0, Ordering::Relaxed);
    }

    /// What is being read.
    pub(crate) fn reading(&self) -> usize {
        self.reading.load(Ordering::Relaxed)
    }

    /// All that the connection holds.
    pub(crate) fn held(&self) -> Held {
        Held {
            own: self.reading() + self.writing.load(Ordering::Relaxed),
            events: self.writing_events.load(Ordering::Relaxed),
        }
    }
}
