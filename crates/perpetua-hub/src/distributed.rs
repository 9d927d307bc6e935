//! What the broadcasts of one client hold: each is one frame for all its receivers, and it is there until the last of
//! them has it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

/// Bytes of one client's broadcasts that may wait. They are held for receivers that may be anybody, so
/// nobody gives way for them.
pub(crate) const MAX_WAITING: usize = 4 << 20;

/// Counts them; clones share the count.
#[derive(Clone, Debug, Default)]
pub(crate) struct DistributedBytes(Arc<AtomicUsize>);

/// A frame that counts for as long as a clone of it is there.
struct Counted {
    text: Bytes,
    count: DistributedBytes,
}

impl DistributedBytes {
    /// What they hold now.
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts a frame from now on, if there is room for it.
    pub(crate) fn count(&self, text: Bytes) -> Option<Bytes> {
        if self.get() + text.len() > MAX_WAITING {
            return None;
        }
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        let count = self.clone();
        Some(Bytes::from_owner(Counted { text, count }))
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.count.0.fetch_sub(self.text.len(), Ordering::Relaxed);
    }
}
