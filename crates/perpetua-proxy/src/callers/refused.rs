//! Why a call is not carried out: what is answered to the program, and what the owner is told.

use std::net::IpAddr;

use http::StatusCode;
use perpetua_hub::{ClientRefused, DisconnectReason, FrameSize};
use perpetua_onebot::form::{BadForm, MOST_PARAMETERS};
use perpetua_words::{Message, call as words, refused as notices};

use crate::{
    gate::{HEADWAY_LIMIT, LEAST_BYTES},
    refused::{Place, Refused},
};

/// How much of a text that somebody sent is shown, in characters.
const MAX_SHOWN: usize = 80;

/// Why a call is not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum CallRefused {
    /// As at any port.
    AtPort(Refused),
    /// Its token is the word that JavaScript has for none.
    TokenUndefined,
    /// It asks for a WebSocket.
    WebSocket,
    /// Actions have a path of one part.
    NoSuchPath(String),
    Method {
        asked: String,
        allowed: &'static str,
    },
    /// A body of another type than JSON or a form.
    Kind(String),
    /// A body of which nothing says what it is.
    NoKind,
    /// A body that is compressed.
    Encoded(String),
    NotJson(Message),
    NotObject,
    /// A whole frame that is no action.
    NoAction,
    NotUtf8,
    TooManyParameters,
    /// A poll that does not say for how long, or how many, in a number.
    NoNumber {
        name: &'static str,
        found: String,
    },
    /// It has `bytes` at least.
    TooLarge {
        bytes: u64,
        limit: usize,
    },
    /// Its body does not come to its end.
    Stalled,
    /// Whoever asked hung up, or broke off its body.
    Left,
    /// The hub has ended it.
    Ended(DisconnectReason),
}

impl From<Refused> for CallRefused {
    fn from(refused: Refused) -> Self {
        Self::AtPort(refused)
    }
}

impl From<ClientRefused> for CallRefused {
    fn from(refused: ClientRefused) -> Self {
        Self::AtPort(Refused::Client(refused))
    }
}

impl From<BadForm> for CallRefused {
    fn from(bad: BadForm) -> Self {
        match bad {
            BadForm::NotUtf8 => Self::NotUtf8,
            BadForm::TooMany => Self::TooManyParameters,
        }
    }
}

impl CallRefused {
    /// The HTTP status of the answer (OneBot v11, "HTTP", "响应").
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::AtPort(Refused::Client(_)) | Self::Ended(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::AtPort(refused) => refused.status(),
            Self::TokenUndefined => StatusCode::FORBIDDEN,
            Self::NoSuchPath(_) => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Kind(_) | Self::NoKind | Self::Encoded(_) => StatusCode::NOT_ACCEPTABLE,
            Self::WebSocket
            | Self::NotJson(_)
            | Self::NotObject
            | Self::NoAction
            | Self::NotUtf8
            | Self::TooManyParameters
            | Self::NoNumber { .. }
            | Self::Left => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The `retcode` of the answer: those of OneBot v11 over WebSocket are the statuses over HTTP, and 1000.
    pub(super) fn retcode(&self) -> i64 {
        1000 + i64::from(self.status().as_u16())
    }

    /// What is said to the program.
    pub(super) fn answer(&self) -> Message {
        match self {
            Self::AtPort(Refused::Tls) => words::PlainOnly.into(),
            Self::AtPort(Refused::TargetWithoutSlash) => words::TargetWithoutSlash.into(),
            Self::AtPort(Refused::NotHttp) | Self::Left => words::NotHttp.into(),
            Self::AtPort(refused) => refused.answer(),
            Self::TokenUndefined => words::TokenUndefined.into(),
            Self::WebSocket => words::Websocket.into(),
            Self::NoSuchPath(path) => words::NoSuchPath {
                path: shortened(path),
            }
            .into(),
            Self::Method { asked, allowed } => words::Method {
                method: shortened(asked),
                allowed: *allowed,
            }
            .into(),
            Self::Kind(kind) => words::Kind {
                kind: shortened(kind),
            }
            .into(),
            Self::NoKind => words::NoKind.into(),
            Self::Encoded(encoding) => words::Encoded {
                encoding: shortened(encoding),
            }
            .into(),
            Self::NotJson(cause) => words::NotJson {
                cause: cause.clone(),
            }
            .into(),
            Self::NotObject => words::NotObject.into(),
            Self::NoAction => words::NoAction.into(),
            Self::NotUtf8 => words::NotUtf8.into(),
            Self::TooManyParameters => words::TooManyParameters {
                limit: MOST_PARAMETERS,
            }
            .into(),
            Self::NoNumber {
                name: name @ "timeout",
                found,
            } => words::PollSeconds {
                name: *name,
                found: shortened(found),
            }
            .into(),
            Self::NoNumber { name, found } => words::PollNumber {
                name: *name,
                found: shortened(found),
            }
            .into(),
            Self::TooLarge { bytes, limit } => words::TooLarge {
                size: FrameSize::of(*bytes, *limit).to_string(),
                limit: FrameSize::limit(*limit).to_string(),
            }
            .into(),
            Self::Stalled => words::Stalled {
                kib: LEAST_BYTES >> 10,
                seconds: HEADWAY_LIMIT.as_secs(),
            }
            .into(),
            Self::Ended(reason) => (*reason).into(),
        }
    }

    /// What the owner is told of it. What the hub has ended is told where it was.
    pub(super) fn notice(&self, peer: IpAddr, account: &str, client: &str) -> Option<Message> {
        let place = Place::Client { account, client };
        Some(match self {
            Self::AtPort(Refused::Tls) => notices::CallerTls { peer }.into(),
            Self::AtPort(Refused::TargetWithoutSlash) => notices::CallerTarget { peer }.into(),
            Self::AtPort(refused) => return refused.notice(peer, place),
            Self::TokenUndefined => notices::TokenUndefined {
                peer,
                account,
                client,
            }
            .into(),
            Self::WebSocket => notices::CallerWebsocket { peer }.into(),
            Self::Ended(_) | Self::Left => return None,
            refused => words::Refused {
                peer,
                cause: refused.answer(),
            }
            .into(),
        })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}
