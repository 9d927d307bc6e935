//! Which frames are too large, and which of those are taken out.

use perpetua_onebot::FrameLimits;

/// A frame of this many times the limit, and of this size at least, is not taken out: who announces so much
/// has lost count of its own bytes, and would be read for long without a frame coming out. It goes through,
/// so that the reader ends the connection.
const MAX_SKIPPED_LIMITS: u64 = 8;
const MIN_SKIPPED_BOUND: u64 = 256 << 20;

/// What happens to frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GateRules {
    /// A frame with more bytes than these allow is taken out.
    pub(crate) limits: FrameLimits,
    /// Text frames come out as binary ones, for a reader that itself looks whether they are UTF-8: the
    /// WebSocket library would end the connection over the first that is not.
    pub(crate) text_as_binary: bool,
}

impl GateRules {
    /// For frames of clients, to whom RFC 6455 applies in full.
    pub(crate) fn of_client(limits: FrameLimits) -> Self {
        Self {
            limits,
            text_as_binary: false,
        }
    }

    /// The largest frame that is taken out.
    pub(super) fn max_skipped_bytes(&self) -> u64 {
        max_skipped_bytes(self.limits.max_bytes)
    }

    /// For frames of an upstream, whose connection outlives a text that is not UTF-8.
    pub(crate) fn of_upstream(limits: FrameLimits) -> Self {
        Self {
            limits,
            text_as_binary: true,
        }
    }
}

/// The largest frame that is taken out where this is the limit.
pub(crate) fn max_skipped_bytes(limit: usize) -> u64 {
    (limit as u64)
        .saturating_mul(MAX_SKIPPED_LIMITS)
        .max(MIN_SKIPPED_BOUND)
}
