//! What one connection holds beside what waits for it: messages that are being read, and those being written.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::FrameBudget;

/// Counts them; clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    budget: FrameBudget,
    reading: Arc<AtomicUsize>,
    writing: Arc<AtomicUsize>,
}

impl Meter {
    /// Of a connection whose messages count here.
    pub(crate) fn new(budget: FrameBudget) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// A part of a message came in. Not to be called while an account is locked.
    pub(crate) fn read(&self, bytes: usize) {
        self.reading.fetch_add(bytes, Ordering::Relaxed);
        self.budget.came(bytes);
    }

    /// A message of this size came to its end: whoever has it now counts it.
    pub(crate) fn taken(&self, bytes: usize) {
        // Only its reader takes away, so what it saw is there.
        let read = self.reading.load(Ordering::Relaxed);
        self.reading.fetch_sub(bytes.min(read), Ordering::Relaxed);
    }

    /// So much is being written now.
    pub(crate) fn writes(&self, bytes: usize) {
        self.writing.store(bytes, Ordering::Relaxed);
    }

    /// All that the connection holds.
    pub(crate) fn bytes(&self) -> usize {
        self.reading.load(Ordering::Relaxed) + self.writing.load(Ordering::Relaxed)
    }
}
