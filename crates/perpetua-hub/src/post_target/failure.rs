//! Why something that was posted was not taken.

use perpetua_words::{Message, dial as dial_words, post as words};
use thiserror::Error;

use crate::{DisconnectReason, framework_dial::tls_failed};

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum PostFailure {
    /// It is an address of this machine, where nobody listens.
    NobodyHere,
    /// There is no way to it, or nobody listens there.
    Unreachable(Message),
    /// It does not speak TLS, or in a way that is not trusted.
    Tls(Message),
    /// The connection ended before the request was written whole.
    Cut(Message),
    /// It answered with an HTTP status other than 2xx and 3xx.
    Status(u16),
    /// It answered with a redirection of this status to this address.
    Redirected(u16, Option<String>),
    /// The request was written whole, and for so many seconds nothing came.
    NoAnswer(u64),
    /// The request was written whole, and then came an end, or something else than HTTP.
    NoHttp(Message),
    /// We ended it.
    Interrupted {
        /// Whether the request was written whole by then.
        is_whole: bool,
        /// Why, as far as the hub knows.
        cut: Option<DisconnectReason>,
    },
}

impl PostFailure {
    /// Whether the event cannot have been handled, and may be taken later. Of the statuses: 408 and 425 say that the request
    /// was not read, 429 and 503 that nobody has time, 502 and 504 that the framework behind the server is not there.
    pub fn is_unhandled(&self) -> bool {
        match self {
            Self::NobodyHere | Self::Unreachable(_) | Self::Tls(_) | Self::Cut(_) => true,
            Self::Status(status) => is_busy(*status),
            Self::Redirected(..)
            | Self::NoAnswer(_)
            | Self::NoHttp(_)
            | Self::Interrupted { .. } => false,
        }
    }

    /// Whether the event may have been handled, though nobody says so.
    pub fn may_be_handled(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer(_) | Self::NoHttp(_) | Self::Interrupted { is_whole: true, .. }
        )
    }

    /// Whether it was about this event, too, and not only about the way there.
    pub(super) fn has_reached(&self) -> bool {
        matches!(self, Self::Cut(_) | Self::Status(_))
    }

    /// Whether the target has read what was posted and answered that it does not take it.
    pub(super) fn is_of_what_was_posted(&self) -> bool {
        match self {
            Self::Status(status) => !is_busy(*status),
            Self::Redirected(..) => true,
            _ => false,
        }
    }

    /// Whether it answers and takes no event of ours: then somebody has to look at it.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Status(status) => *status < 500 && !is_busy(*status),
            Self::Tls(_) | Self::Redirected(..) | Self::NoHttp(_) => true,
            Self::NobodyHere
            | Self::Unreachable(_)
            | Self::Cut(_)
            | Self::NoAnswer(_)
            | Self::Interrupted { .. } => false,
        }
    }
}

fn is_busy(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 502 | 503 | 504)
}

impl From<&PostFailure> for Message {
    fn from(failure: &PostFailure) -> Self {
        match failure {
            PostFailure::NobodyHere => words::NobodyHere.into(),
            PostFailure::Unreachable(cause) => dial_words::Unreachable {
                cause: cause.clone(),
            }
            .into(),
            PostFailure::Tls(text) => tls_failed(text.clone(), |text| words::Tls { text }.into()),
            PostFailure::Cut(cause) => words::Cut {
                cause: cause.clone(),
            }
            .into(),
            PostFailure::Status(status) => of_status(*status),
            PostFailure::Redirected(_, Some(address)) => dial_words::Redirected { address }.into(),
            PostFailure::Redirected(status, None) => {
                words::RedirectedNowhere { status: *status }.into()
            }
            PostFailure::NoAnswer(seconds) => words::NoAnswer { seconds: *seconds }.into(),
            PostFailure::NoHttp(text) => words::NoHttp { text: text.clone() }.into(),
            PostFailure::Interrupted { cut, .. } => ended_by_us(*cut),
        }
    }
}

/// The hub forgets a connection of an account that is gone.
fn ended_by_us(cut: Option<DisconnectReason>) -> Message {
    use DisconnectReason::{
        AccountChanged, AccountRestarted, ApiHalfEnded, CutByOwner, HeldMost, LeaseSilent,
        QueueFull, Removed, SettingsChanged, ShuttingDown, Unanswered, WriteTooSlow,
    };
    match cut {
        Some(QueueFull | WriteTooSlow | Unanswered(_)) => words::EndedFull.into(),
        Some(HeldMost) => words::EndedHeld.into(),
        // The last two are not for those who are posted to.
        Some(Removed | SettingsChanged | CutByOwner | ApiHalfEnded | LeaseSilent) => {
            words::EndedClient.into()
        }
        Some(AccountChanged | AccountRestarted | ShuttingDown) | None => words::EndedAccount.into(),
    }
}

fn of_status(status: u16) -> Message {
    match status {
        401 | 403 => words::Unsigned { status }.into(),
        404 | 405 => words::WrongPath { status }.into(),
        status if is_busy(status) => words::Busy { status }.into(),
        500.. => words::Failed { status }.into(),
        status => words::Refused { status }.into(),
    }
}
