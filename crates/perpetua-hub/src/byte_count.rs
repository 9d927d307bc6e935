//! Bytes of frames that are counted for as long as anybody has them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

/// Counts them; clones share the count.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByteCount(Arc<AtomicUsize>);

/// A frame that counts for as long as a clone of it is there.
struct Counted {
    text: Bytes,
    count: ByteCount,
}

impl ByteCount {
    /// What they hold now.
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts a frame from now on.
    pub(crate) fn count(&self, text: Bytes) -> Bytes {
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        let count = self.clone();
        Bytes::from_owner(Counted { text, count })
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
