//! What the broadcasts of one client hold: each is one frame for all its receivers, and it is there until the last of
//! them has it.

use bytes::Bytes;

use crate::byte_count::ByteCount;

/// Bytes of one client's broadcasts that may wait. They are held for receivers that may be anybody, so
/// nobody gives way for them.
pub(crate) const MAX_WAITING: usize = 4 << 20;

/// Counts them; clones share the count.
#[derive(Clone, Debug, Default)]
pub(crate) struct DistributedBytes(ByteCount);

impl DistributedBytes {
    /// What they hold now.
    pub(crate) fn get(&self) -> usize {
        self.0.get()
    }

    /// Counts a frame from now on, if there is room for it.
    pub(crate) fn count(&self, text: Bytes) -> Option<Bytes> {
        (self.get() + text.len() <= MAX_WAITING).then(|| self.0.count(text))
    }
}
