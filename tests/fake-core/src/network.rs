//! What becomes of the connection to QQ, and from when on.

use serde::{Deserialize, Serialize};

/// How the connection to QQ does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// It is there.
    Good,
    /// QQ's name is not found.
    NoName,
    /// There is no way to QQ.
    NoRoute,
    /// QQ refuses it.
    Refused,
    /// It breaks: before the login Lagrange dials for ever, and never logs in.
    Breaks,
    /// QQ ends it; what follows is the same.
    Closes,
    /// Something else than QQ answers; what follows is the same.
    Garbage,
    /// Nobody answers on it.
    Silent,
}

impl Network {
    /// The system's words for it when it ends a connection, or keeps one from coming about; `None` where
    /// there are none.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Good | Self::Silent | Self::Closes => None,
            Self::NoName => Some("Connection timed out"),
            Self::NoRoute => Some("Network is unreachable"),
            Self::Refused => Some("Connection refused"),
            Self::Breaks => Some("Connection reset by peer"),
            Self::Garbage => Some("PackageLength was too long(1213486160)."),
        }
    }

    /// Whether there is a connection, though it may be a silent one.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Good | Self::Silent)
    }
}

/// The part of a run in which something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It connects to QQ.
    Connecting,
    /// It waits for the answer to its session.
    Session,
    /// It shows a QR code.
    QrCode,
    /// The QR code is confirmed, and it logs in with it.
    LoggingIn,
    /// It is logged in and serves.
    Online,
}
