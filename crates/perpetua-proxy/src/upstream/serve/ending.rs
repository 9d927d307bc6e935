//! How a connection to an upstream ends, and what the upstream is told of it.

use perpetua_hub::{FrameSize, LinkFailure, close_reason};
use perpetua_onebot::FrameLimits;
use perpetua_words::{Message as Words, connection as close_words, link as words};
use tokio_tungstenite::tungstenite::{
    self,
    error::{CapacityError, ProtocolError::ResetWithoutClosingHandshake},
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    gate::{HEADWAY_LIMIT, LEAST_BYTES, SKIP_LIMIT, is_endless_frame, is_stalled_message},
    socket,
};

/// How a connection ends: for which reason, and what the upstream is told of it.
pub(super) struct End {
    pub(super) failure: LinkFailure,
    pub(super) close: Option<(u16, Words)>,
}

impl From<LinkFailure> for End {
    fn from(failure: LinkFailure) -> Self {
        let close = match &failure {
            LinkFailure::NotOneBot(_) => Some((1002, close_words::NotOnebot.into())),
            _ => None,
        };
        Self { failure, close }
    }
}

/// What it held was needed.
pub(super) fn held_most() -> End {
    End {
        failure: LinkFailure::EndedByUs(words::HeldMost.into()),
        close: Some((1013, close_words::HeldMost.into())),
    }
}

/// How a connection ended while something was expected from it.
pub(super) enum Gone {
    Closed(Option<CloseFrame>),
    Broken(tungstenite::Error),
    Ended,
}

impl Gone {
    pub(super) fn end(self, limits: &FrameLimits) -> End {
        match self {
            Self::Closed(None) => LinkFailure::Lost(words::WithoutReason.into()).into(),
            Self::Closed(Some(close)) => closed(&close).into(),
            Self::Broken(error) => broken(&error, limits),
            Self::Ended => LinkFailure::Lost(words::Ended.into()).into(),
        }
    }
}

fn closed(close: &CloseFrame) -> LinkFailure {
    let (code, text) = (u16::from(close.code), close.reason.as_str());
    if close.code == CloseCode::Size {
        LinkFailure::RefusedSize(code, text.to_owned())
    } else {
        LinkFailure::Lost(closed_by_it(code, text))
    }
}

pub(super) fn closed_by_it(code: u16, text: &str) -> Words {
    let reason = close_reason(code, text);
    words::ClosedByIt { reason }.into()
}

/// What is wrong with a connection that the WebSocket library gives up: with its bytes, and then we end
/// it and say so, or with the line below it.
fn broken(error: &tungstenite::Error, limits: &FrameLimits) -> End {
    let (cause, close) = match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { size, .. }) => {
            let limit = FrameSize::limit(limits.max_bytes).to_string();
            let cause = if socket::is_one_frame(*size, limits) {
                words::FrameFarTooLarge { limit }.into()
            } else {
                words::MessageTooLarge { limit }.into()
            };
            (cause, (1009, socket::too_large_words(*size, limits)))
        }
        tungstenite::Error::Io(error) if is_endless_frame(error) => {
            let seconds = SKIP_LIMIT.as_secs();
            (
                words::FrameEndless { seconds }.into(),
                (1009, close_words::FrameEndless { seconds }.into()),
            )
        }
        tungstenite::Error::Io(error) if is_stalled_message(error) => {
            let (kib, seconds) = (LEAST_BYTES >> 10, HEADWAY_LIMIT.as_secs());
            (
                words::MessageStalled { kib, seconds }.into(),
                (1008, close_words::MessageStalled { kib, seconds }.into()),
            )
        }
        tungstenite::Error::Utf8(_) => (broke_protocol(error), (1007, close_words::NotUtf8.into())),
        tungstenite::Error::Protocol(protocol) if *protocol != ResetWithoutClosingHandshake => (
            broke_protocol(error),
            (1002, close_words::ProtocolViolation.into()),
        ),
        _ => return lost(error).into(),
    };
    End {
        failure: LinkFailure::EndedByUs(cause),
        close: Some(close),
    }
}

fn broke_protocol(error: &tungstenite::Error) -> Words {
    let text = error.to_string();
    words::BrokeProtocol { text }.into()
}

pub(super) fn lost(error: &tungstenite::Error) -> LinkFailure {
    LinkFailure::Lost(socket::cause(error))
}
