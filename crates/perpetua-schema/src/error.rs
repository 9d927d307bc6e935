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
    /// No such call, account, client, group or person.
    NotFound,
    /// The new settings are wrong; nothing was changed.
    InvalidSettings,
    /// Something else came first: the settings were changed by someone meanwhile, another installation
    /// runs, a version is in use, a name is taken. Nothing was changed.
    Conflict,
    /// The account's upstream cannot do this.
    NotSupported,
    /// Something of ours failed.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::InvalidSettings | Self::NotSupported => 422,
            Self::Internal => 500,
        }
    }
}
