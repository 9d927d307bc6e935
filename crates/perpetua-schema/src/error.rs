//! What goes wrong in a call: a code for programs, a message for people.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::SettingsProblem;

/// A failed call, as JSON: `{"code": …, "message": …, "problems": […]}`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcError {
    /// What the caller can branch on.
    pub code: ErrorCode,
    /// What failed and what to do, for people.
    pub message: Message,
    /// Where the settings are wrong, with [`ErrorCode::InvalidSettings`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "typescript",
        ts(optional, as = "Option<Vec<SettingsProblem>>")
    )]
    pub problems: Vec<SettingsProblem>,
}

impl RpcError {
    /// An error without further detail.
    pub fn new(code: ErrorCode, message: impl Into<Message>) -> Self {
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
        }
    }
}

/// In English, for logs, with a line for each problem.
impl fmt::Display for RpcError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.message)?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(formatter, "\n{problem}"))
    }
}

impl std::error::Error for RpcError {}

/// The kinds of failure that a UI treats differently.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The call itself is wrong.
    BadRequest,
    /// No session token, or a wrong one.
    Unauthorized,
    /// Whoever it is, this may not be asked in this way or from there; signing in changes nothing.
    Forbidden,
    /// No such call, account, client, group or person.
    NotFound,
    /// The new settings are wrong; nothing was changed.
    InvalidSettings,
    /// Something else came first: the settings were changed by someone meanwhile, another installation
    /// runs, a version is in use, a name is taken. Nothing was changed.
    Conflict,
    /// The account's upstream cannot do this.
    NotSupported,
    /// There is no room to write: the disk, or the user's share of it, is full. Nothing was changed.
    StorageFull,
    /// What the call needs of the system does not do its part: a keyring that is locked, a disk that takes
    /// nothing. Nothing was changed.
    Unavailable,
    /// Something of ours failed.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::InvalidSettings | Self::NotSupported => 422,
            Self::StorageFull => 507,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}
