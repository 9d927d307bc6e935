//! One action on its way: unsent, sent, answered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use perpetua_onebot::EchoSpans;

use crate::{ConnectionId, in_flight_quota::InFlight};

/// The upstream's name for an action: it travels as the echo `"p<n>"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ActionNumber(pub(crate) u64);

impl ActionNumber {
    pub(crate) fn echo(self) -> Box<str> {
        format!("\"p{}\"", self.0).into()
    }

    pub(crate) fn from_echo(raw: &str) -> Option<Self> {
        let digits = raw.strip_prefix("\"p")?.strip_suffix('"')?;
        digits.parse().ok().map(Self)
    }
}

/// Who asked for an action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Caller {
    /// A client's connection.
    Connection {
        id: ConnectionId,
        client: Arc<str>,
        /// How many actions the client may have under way.
        max_pending: usize,
        /// Who hears how it ends.
        answer_for: AnswerFor,
    },
    /// The hub itself asked who the account is.
    LoginProbe,
    /// The hub itself asked which implementation it is.
    VersionQuestion,
}

/// Who hears how the action of a client ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AnswerFor {
    /// The connection that asked.
    Caller,
    /// Nobody, for it is a part of a quick operation, which was answered at once; what fails is shown to the owner.
    Nobody {
        /// Its name.
        action: &'static str,
    },
}

/// What an action asks of the upstream, where the hub may know the answer itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    /// `get_login_info`.
    Login,
    /// `get_status`.
    Status,
    /// `get_version_info`.
    Version,
    /// What was said: the answer holds messages.
    Messages,
    Other,
}

impl Question {
    pub(crate) fn of(action: &str) -> Self {
        match action {
            "get_login_info" => Self::Login,
            "get_status" => Self::Status,
            "get_version_info" => Self::Version,
            "get_msg" | "get_forward_msg" | "get_group_msg_history" | "get_friend_msg_history" => {
                Self::Messages
            }
            _ => Self::Other,
        }
    }
}

/// An action that somebody asks for.
#[derive(Debug)]
pub(crate) struct NewAction {
    pub(crate) caller: Caller,
    /// The caller's own echo, raw.
    pub(crate) echo: Option<Box<str>>,
    pub(crate) text: Bytes,
    pub(crate) spans: EchoSpans,
    /// Replaces the usual limit of an answer.
    pub(crate) answer_limit: Option<Duration>,
    pub(crate) asks: Question,
}

/// An action on its way: first unsent, then sent.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) caller: Caller,
    pub(crate) echo: Option<Box<str>>,
    /// How many bytes its frame has, as it came.
    pub(crate) size: usize,
    pub(crate) asks: Question,
    pub(crate) accepted: Instant,
    /// How long it may stay unanswered once it was sent.
    pub(crate) answer_limit: Duration,
    pub(crate) deadline: Instant,
    pub(crate) stage: Stage,
}

#[derive(Debug)]
pub(crate) enum Stage {
    Unsent {
        text: Bytes,
        spans: EchoSpans,
    },
    Sent {
        since: Instant,
    },
    /// Parts of the answer have come, more may follow.
    AnsweredInPart,
}

impl Pending {
    /// Whether the upstream was not given it.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self.stage, Stage::Unsent { .. })
    }

    /// What it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.in_flight(0).bytes
    }

    pub(crate) fn in_flight(&self, actions: usize) -> InFlight {
        let text = match &self.stage {
            Stage::Unsent { text, .. } => text.len(),
            Stage::Sent { .. } | Stage::AnsweredInPart => 0,
        };
        let echo = self.echo.as_ref().map_or(0, |echo| echo.len());
        InFlight {
            actions,
            bytes: text + echo,
        }
    }
}

/// An action that came to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) caller: Caller,
    /// The caller's own echo, raw.
    pub(crate) echo: Option<Box<str>>,
    /// How many bytes its frame has, as it came.
    pub(crate) size: usize,
    pub(crate) asks: Question,
    /// How long it took since it was accepted.
    pub(crate) took: Duration,
    /// How far it had come.
    pub(crate) reached: Reached,
}

/// How far an action had come when it ended, or when a part of its answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reached {
    /// The upstream was not given it.
    Unsent,
    /// The upstream was given it.
    Sent,
    /// Its caller has had a part of the answer before.
    AnsweredInPart,
}
