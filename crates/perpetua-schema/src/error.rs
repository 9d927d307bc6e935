//! What goes wrong in a call: a code for programs, a sentence for people.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::SettingsProblem;

/// A failed call, as JSON: `{"code": …, "message": …, "problems": […]}`.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct RpcError {
    /// What the caller can branch on.
    pub code: ErrorCode,
    /// What failed and what to do, for people.
    pub message: String,
    /// Where the settings are wrong, with [`ErrorCode::InvalidSettings`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<SettingsProblem>,
}

impl RpcError {
    /// An error without further detail.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
        }
    }
}

/// The kinds of failure that a UI treats differently.
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
