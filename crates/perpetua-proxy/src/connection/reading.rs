//! What a client sends: actions, and frames that are refused one by one.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use perpetua_hub::{ClientFrame, FrameSize, Retcode};
use perpetua_onebot::{FrameLimits, Peek, find_echo, peek};
use perpetua_words::connection as words;
use tokio_tungstenite::tungstenite::{
    self, Message, Utf8Bytes,
    error::{CapacityError, ProtocolError::ResetWithoutClosingHandshake},
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use tracing::trace;

use super::Ended;
use crate::{
    account::Connected,
    gate::{
        HEADWAY_LIMIT, LEAST_BYTES, SKIP_LIMIT, SkippedFrame, SkippedFrames, is_endless_frame,
        is_stalled_message,
    },
    socket,
};

/// Reads actions until the connection ends.
pub(super) async fn read(
    mut stream: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    skipped: &mut SkippedFrames,
    limits: &FrameLimits,
    connected: &Connected,
) -> Ended {
    loop {
        let message = tokio::select! {
            biased;
            Some(frame) = skipped.recv() => {
                refuse_skipped(&frame, limits, connected);
                continue;
            }
            message = stream.next() => message,
        };
        match message {
            Some(Ok(Message::Text(text))) => take(&text, limits, connected).await,
            // Implementations of OneBot take these as well; answers are text.
            Some(Ok(Message::Binary(bytes))) => match Utf8Bytes::try_from(bytes.clone()) {
                Ok(text) => take(&text, limits, connected).await,
                Err(_no_text) => {
                    connected.signals.meter.taken(bytes.len());
                    refuse_binary(&bytes, connected);
                }
            },
            Some(Ok(Message::Close(close))) => return closed(close),
            None => return Ended::ByPeer,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Err(error)) => return read_failed(&error, limits),
        }
    }
}

/// Hands one frame to the hub.
async fn take(text: &Utf8Bytes, limits: &FrameLimits, connected: &Connected) {
    trace!(app_id = %connected.app_id, frame = %text, "from client");
    let meter = &connected.signals.meter;
    let peeked = peek(text, limits);
    let bytes = Bytes::from(text.clone());
    // It is kept beside the frame, and may be nearly all of it.
    let echo = peeked
        .as_ref()
        .ok()
        .and_then(Peek::echo)
        .map_or(0, str::len);
    meter.reads(echo);
    meter.room_for(echo).await;
    let frame = ClientFrame::new(&bytes, &peeked);
    connected.account.with(|hub, now| {
        // From here on the hub counts both.
        meter.taken(bytes.len() + echo);
        hub.from_client(connected.id, frame, now);
    });
}

/// Answers one that was kept away.
pub(super) fn refuse_skipped(frame: &SkippedFrame, limits: &FrameLimits, connected: &Connected) {
    let limit = limits.max_bytes;
    let (size, limit) = (FrameSize::of(frame.bytes, limit), FrameSize::limit(limit));
    let message = words::FrameTooLarge {
        size: size.to_string(),
        limit: limit.to_string(),
    };
    refuse(connected, frame.echo(), message, Retcode::TooLarge);
}

fn refuse_binary(bytes: &[u8], connected: &Connected) {
    let echo = find_echo(bytes);
    refuse(connected, echo, words::BinaryFrame, Retcode::Malformed);
}

fn refuse(
    connected: &Connected,
    echo: Option<&str>,
    message: impl Into<perpetua_words::Message>,
    retcode: Retcode,
) {
    connected
        .account
        .with(|hub, now| hub.refuse_frame(connected.id, echo, message, retcode, now));
}

/// Libraries of clients have limits too; some are lower than the size of a picture.
fn closed(close: Option<CloseFrame>) -> Ended {
    match close {
        Some(CloseFrame {
            code: CloseCode::Size,
            reason,
        }) => Ended::TooLargeForPeer(reason.to_string()),
        Some(CloseFrame { code, reason }) => Ended::Closed {
            code: code.into(),
            text: reason.to_string(),
        },
        None => Ended::ByPeer,
    }
}

fn read_failed(error: &tungstenite::Error, limits: &FrameLimits) -> Ended {
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { size, .. }) => {
            Ended::BadFrame {
                code: 1009,
                reason: socket::too_large_words(*size, limits),
            }
        }
        tungstenite::Error::Io(error) if is_endless_frame(error) => Ended::BadFrame {
            code: 1009,
            reason: words::FrameEndless {
                seconds: SKIP_LIMIT.as_secs(),
            }
            .into(),
        },
        tungstenite::Error::Io(error) if is_stalled_message(error) => Ended::BadFrame {
            code: 1008,
            reason: words::MessageStalled {
                kib: LEAST_BYTES >> 10,
                seconds: HEADWAY_LIMIT.as_secs(),
            }
            .into(),
        },
        tungstenite::Error::Utf8(_) => Ended::BadFrame {
            code: 1007,
            reason: words::NotUtf8.into(),
        },
        tungstenite::Error::Protocol(error) if *error != ResetWithoutClosingHandshake => {
            Ended::BadFrame {
                code: 1002,
                reason: words::ProtocolViolation.into(),
            }
        }
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Ended::ByPeer,
        other => Ended::broken(other),
    }
}
