//! A frame that is taken out: its bytes are swallowed, but for the first and the last. Pure.

use perpetua_onebot::find_echo_in_pieces;

use super::{header::Announced, scanner::pass};

/// What is kept of the beginning and of the end of a frame that is taken out: an `echo` stands there.
pub(super) const KEPT_BYTES: usize = 1 << 10;

/// A frame that was taken out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SkippedFrame {
    /// How many it held.
    pub(crate) bytes: u64,
    /// The first of them, without mask.
    pub(crate) head: Vec<u8>,
    /// The last of them, without mask.
    pub(crate) tail: Vec<u8>,
}

impl SkippedFrame {
    /// The raw JSON of its echo, if one was found in what was kept of it.
    pub(crate) fn echo(&self) -> Option<&str> {
        find_echo_in_pieces(&self.head, &self.tail)
    }
}

/// One that is being taken out.
#[derive(Debug)]
pub(super) struct Skipping {
    bytes: u64,
    pub(super) rest: u64,
    mask: [u8; 4],
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Skipping {
    pub(super) fn of(announced: &Announced) -> Self {
        Self {
            bytes: announced.payload_bytes,
            rest: announced.payload_bytes,
            mask: announced.mask,
            head: Vec::with_capacity(KEPT_BYTES),
            tail: Vec::with_capacity(2 * KEPT_BYTES),
        }
    }

    /// Swallows a part of the payload; gives how much belongs to it.
    pub(super) fn take(&mut self, rest: &[u8]) -> usize {
        let (used, _) = pass(&mut self.rest, rest.len());
        let part = &rest[..used];
        let missing = (KEPT_BYTES - self.head.len()).min(part.len());
        self.head.extend_from_slice(&part[..missing]);
        self.tail
            .extend_from_slice(&part[part.len().saturating_sub(KEPT_BYTES)..]);
        if self.tail.len() > KEPT_BYTES {
            self.tail.drain(..self.tail.len() - KEPT_BYTES);
        }
        used
    }

    pub(super) fn report(&mut self) -> SkippedFrame {
        let (mut head, mut tail) = (
            std::mem::take(&mut self.head),
            std::mem::take(&mut self.tail),
        );
        unmask(&mut head, self.mask, 0);
        let tail_begin = self.bytes - tail.len() as u64;
        unmask(&mut tail, self.mask, tail_begin);
        SkippedFrame {
            bytes: self.bytes,
            head,
            tail,
        }
    }
}

/// Takes the mask off bytes that stand at `offset` in their payload.
fn unmask(bytes: &mut [u8], mask: [u8; 4], offset: u64) {
    let begin = usize::try_from(offset % 4).unwrap_or_default();
    for (byte, mask) in bytes.iter_mut().zip(mask.iter().cycle().skip(begin)) {
        *byte ^= mask;
    }
}
