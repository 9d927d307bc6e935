//! Frames of an upstream: what they are, and what is said of those that cannot be passed on.

use perpetua_hub::{ClockReading, FrameSize, Hub};
use perpetua_onebot::{FrameLimits, MalformedReason, Peek, find_echo, peek};
use perpetua_words::{Message, link as words};
use tracing::{debug, trace};

use crate::{AccountHandle, gate::SkippedFrame};

/// A frame that was looked at.
pub(super) type Looked<'a> = Result<Peek<'a>, LostFrame>;

/// A frame that cannot be passed on.
#[derive(Debug)]
pub(super) struct LostFrame {
    cause: LossCause,
    /// The raw JSON of its echo, if one was found.
    echo: Option<String>,
}

/// Why a frame cannot be passed on.
#[derive(Clone, PartialEq, Eq, Debug)]
enum LossCause {
    /// It is no text.
    NotUtf8,
    /// It cannot be read.
    Malformed(MalformedReason),
    /// It was not read, because it is larger than the limit.
    TooLarge {
        bytes: u64,
        limit: usize,
        account: String,
    },
}

impl From<&LossCause> for Message {
    fn from(cause: &LossCause) -> Self {
        match cause {
            LossCause::NotUtf8 => words::FrameNotUtf8.into(),
            // The place of the fault differs from frame to frame: they are one notice, not many.
            LossCause::Malformed(MalformedReason::Syntax { .. } | MalformedReason::NotAnObject) => {
                words::FrameNotJson.into()
            }
            LossCause::Malformed(reason) => reason.into(),
            LossCause::TooLarge {
                bytes,
                limit,
                account,
            } => words::FrameTooLarge {
                account,
                size: FrameSize::of(*bytes, *limit).to_string(),
                limit: FrameSize::limit(*limit).to_string(),
            }
            .into(),
        }
    }
}

impl LostFrame {
    /// One that the gate has kept away.
    pub(super) fn skipped(frame: &SkippedFrame, limits: &FrameLimits, account: &str) -> Self {
        Self {
            cause: LossCause::TooLarge {
                bytes: frame.bytes,
                limit: limits.max_bytes,
                account: account.to_owned(),
            },
            echo: frame.echo().map(ToOwned::to_owned),
        }
    }

    /// Tells the hub.
    pub(super) fn report(&self, account: &AccountHandle) {
        account.with(|hub, now| self.lose(hub, now));
    }

    /// As [`LostFrame::report`], among other verbs.
    pub(super) fn lose(&self, hub: &mut Hub, now: ClockReading) {
        hub.lose_upstream_frame(&self.cause, self.echo.as_deref(), now);
    }
}

/// What a frame is. Bytes are looked at as text whatever kind of frame brought them: implementations
/// of OneBot send both.
pub(super) fn look<'a>(
    account: &AccountHandle,
    bytes: &'a [u8],
    limits: &FrameLimits,
) -> Looked<'a> {
    match std::str::from_utf8(bytes) {
        Ok(text) => look_at_text(account, text, limits),
        Err(error) => {
            debug!(account = account.name(), reason = %error, "the upstream sent a frame that is no text");
            Err(LostFrame {
                cause: LossCause::NotUtf8,
                echo: find_echo(bytes).map(ToOwned::to_owned),
            })
        }
    }
}

/// As [`look`], of text.
pub(super) fn look_at_text<'a>(
    account: &AccountHandle,
    text: &'a str,
    limits: &FrameLimits,
) -> Looked<'a> {
    trace!(account = account.name(), frame = text, "from upstream");
    peek(text, limits).map_err(|malformed| {
        debug!(account = account.name(), reason = %malformed, "the upstream sent a malformed frame");
        LostFrame {
            cause: LossCause::Malformed(malformed.reason),
            echo: malformed.echo,
        }
    })
}
