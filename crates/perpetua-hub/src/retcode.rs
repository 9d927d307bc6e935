//! The `retcode`s of refusals that the hub itself gives.

/// Why the hub refused an action; the number stands in `retcode` of the response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retcode {
    /// The frame is not an action that can be read.
    Malformed = 1400,
    /// The caller may not do this.
    NotAllowed = 1401,
    /// The frame is larger than the node or the upstream takes; the action was not carried out.
    TooLarge = 1413,
    /// The caller has too many unanswered actions, or asks for a restart too often.
    OverQuota = 1429,
    /// The upstream answered, and its answer cannot be passed on.
    AnswerLost = 1502,
    /// The upstream is away and did not come back in time; the action was never sent.
    UpstreamAway = 1503,
    /// The action was sent and no answer came; it may or may not have been carried out.
    OutcomeUnknown = 1504,
}

impl Retcode {
    /// The number as it stands on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }
}
