//! What is said of a framework that is not connected. Pure.

use std::time::Duration;

use perpetua_hub::{DialFailure, DialledWay, RefusalCause, close_reason};
use perpetua_words::{Message, dial as words, link as link_words};
use tokio_tungstenite::tungstenite::{self, protocol::frame::coding::CloseCode};

use crate::{DialSettings, connection::Ended, dialling::OpenFailure, redirection, socket};

/// It took no connection in time.
pub(super) fn silent(limit: Duration) -> OpenFailure {
    let seconds = limit.as_secs();
    OpenFailure::Unusable(link_words::NoAnswer { seconds }.into())
}

/// Why dialling it came to nothing.
pub(super) fn not_opened(
    failure: OpenFailure,
    dial: &DialSettings,
    way: &DialledWay<'_>,
) -> DialFailure {
    match failure {
        OpenFailure::Unusable(cause) => DialFailure::Unreachable(cause),
        OpenFailure::Connect(unreached) if unreached.is_nobody_here() => DialFailure::NobodyHere,
        OpenFailure::Connect(unreached) => DialFailure::Unreachable((&unreached.error).into()),
        OpenFailure::Tls(text) => DialFailure::Tls(text),
        OpenFailure::Upgrade(error) => not_upgraded(&error, dial, way),
    }
}

fn not_upgraded(
    error: &tungstenite::Error,
    dial: &DialSettings,
    way: &DialledWay<'_>,
) -> DialFailure {
    match error {
        tungstenite::Error::Http(answer) => {
            let status = answer.status();
            let address = status
                .is_redirection()
                .then(|| redirection::address(answer.headers(), &dial.url, ["ws", "wss"]));
            match address.flatten() {
                Some(address) => DialFailure::Redirected(address),
                None => refused(status.as_u16(), way),
            }
        }
        tungstenite::Error::Protocol(
            tungstenite::error::ProtocolError::HandshakeIncomplete
            | tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => DialFailure::Unreachable(link_words::Vanished.into()),
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::WrongHttpVersion) => {
            DialFailure::NotWebSocket(words::OldHttp.into())
        }
        tungstenite::Error::AttackAttempt | tungstenite::Error::Capacity(_) => {
            DialFailure::NotWebSocket(words::HeadTooLarge.into())
        }
        tungstenite::Error::Protocol(_)
        | tungstenite::Error::HttpFormat(_)
        | tungstenite::Error::Utf8(_) => {
            let text = error.to_string();
            DialFailure::NotWebSocket(perpetua_words::io::Other { text }.into())
        }
        other => DialFailure::Unreachable(socket::cause(other)),
    }
}

fn refused(status: u16, way: &DialledWay<'_>) -> DialFailure {
    match RefusalCause::of_status(status, way) {
        Some(cause) => DialFailure::Unwanted {
            cause,
            reason: words::Status { status }.into(),
        },
        None => DialFailure::Refused(status),
    }
}

/// It took the connection and closed it at once, with this code and these words.
pub(super) fn closed_at_once(code: u16, text: &str, way: &DialledWay<'_>) -> DialFailure {
    if is_of_its_own_end(code) {
        return DialFailure::Lost(closed_by_it(code, text));
    }
    let reason = close_reason(code, text);
    match RefusalCause::of_close(code, text, way) {
        Some(cause) => DialFailure::Unwanted { cause, reason },
        None => DialFailure::ClosedAtOnce(reason),
    }
}

/// It took the connection and closed it at once, without a word.
pub(super) fn vanished_at_once(cause: Message, way: &DialledWay<'_>) -> DialFailure {
    match RefusalCause::of_silence(way) {
        Some(unwanted) => DialFailure::Unwanted {
            cause: unwanted,
            reason: cause,
        },
        None => DialFailure::ClosedAtOnce(cause),
    }
}

/// Whether a Close frame says that the framework itself ends or starts anew (RFC 6455, 7.4.1; 1012 is registered for a
/// restart): then it is no matter of this connection.
fn is_of_its_own_end(code: u16) -> bool {
    matches!(CloseCode::from(code), CloseCode::Away | CloseCode::Restart)
}

/// Why a connection is over; `is_early`: before it can have been of use.
pub(super) fn over(ended: &Ended, is_early: bool, way: &DialledWay<'_>) -> DialFailure {
    let cause = match ended {
        Ended::Closed { code, text } if is_early => return closed_at_once(*code, text, way),
        Ended::Closed { code, text } => closed_by_it(*code, text),
        Ended::TooLargeForPeer(text) => closed_by_it(CloseCode::Size.into(), text),
        Ended::ByPeer if is_early => return vanished_at_once(words::Left.into(), way),
        Ended::ByPeer => words::Left.into(),
        Ended::Disconnected(cut) => return DialFailure::EndedByUs(*cut),
        Ended::Gone => words::TakesNothing.into(),
        Ended::Broken(cause) if is_early => return vanished_at_once(cause.clone(), way),
        Ended::Broken(cause) | Ended::BadFrame { reason: cause, .. } => cause.clone(),
    };
    DialFailure::Lost(cause)
}

fn closed_by_it(code: u16, text: &str) -> Message {
    words::ClosedByIt {
        reason: close_reason(code, text),
    }
    .into()
}
