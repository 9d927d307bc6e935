//! What the hub answers to an action that it does not carry out.

use perpetua_onebot::compose;
use perpetua_words::{Message, hub as words};

use crate::{FrameSize, LinkState, Outgoing, Retcode, in_flight_quota::QuotaExceeded};

/// A refusal of the hub's own: a number for programs, a sentence for people. Frameworks log it, so
/// the frame has it in English.
#[derive(Debug)]
pub(super) struct Refusal {
    retcode: Retcode,
    pub(super) message: Message,
}

impl Refusal {
    pub(super) fn new(retcode: Retcode, message: impl Into<Message>) -> Self {
        Self {
            retcode,
            message: message.into(),
        }
    }

    pub(super) fn malformed(cause: impl Into<Message>) -> Self {
        let cause = cause.into();
        Self::new(Retcode::Malformed, words::Malformed { cause })
    }

    pub(super) fn outcome_unknown() -> Self {
        Self::new(Retcode::OutcomeUnknown, words::OutcomeUnknown)
    }

    /// The link ended that would have brought the answer.
    pub(super) fn outcome_lost(link: &LinkState) -> Self {
        let cause = failure(link).unwrap_or_else(|| words::NotConnected.into());
        Self::new(Retcode::OutcomeUnknown, words::OutcomeLost { cause })
    }

    pub(super) fn answer_lost(cause: Message) -> Self {
        Self::new(Retcode::AnswerLost, words::AnswerLost { cause })
    }

    /// The upstream takes no frames of `limit` bytes, and this one has at least as many.
    pub(super) fn too_large_for_upstream(bytes: usize, limit: usize) -> Self {
        let size = FrameSize::alone(bytes).to_string();
        let limit = FrameSize::alone(limit).to_string();
        Self::new(
            Retcode::TooLarge,
            words::TooLargeForUpstream { size, limit },
        )
    }

    /// `reason` is why an upstream that is there is not used.
    pub(super) fn upstream_away(link: &LinkState, reason: Option<Message>) -> Self {
        let cause = failure(link).unwrap_or_else(|| match link {
            LinkState::Open { .. } => reason.unwrap_or_else(|| words::TakesNoActions.into()),
            _ => words::NotConnected.into(),
        });
        Self::new(Retcode::UpstreamAway, words::UpstreamAway { cause })
    }

    pub(super) fn frame(&self, echo: Option<&str>) -> Outgoing {
        compose::refusal(self.retcode.number(), &self.message.to_string(), echo).into()
    }
}

/// Why there is no link, as far as it is known.
fn failure(link: &LinkState) -> Option<Message> {
    match link {
        LinkState::Waiting { failure, .. }
        | LinkState::Dialling {
            last_failure: Some(failure),
        } => Some(failure.into()),
        LinkState::Open { .. } | LinkState::Closed | LinkState::Dialling { last_failure: None } => {
            None
        }
    }
}

impl From<QuotaExceeded> for Refusal {
    fn from(exceeded: QuotaExceeded) -> Self {
        match exceeded {
            QuotaExceeded::Actions(count) => {
                Self::new(Retcode::OverQuota, words::TooManyPending { count })
            }
            QuotaExceeded::Bytes => Self::new(Retcode::OverQuota, words::PendingTooLarge),
            QuotaExceeded::Account => Self::new(Retcode::UpstreamAway, words::Overloaded),
        }
    }
}
