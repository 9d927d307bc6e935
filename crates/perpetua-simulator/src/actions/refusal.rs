//! Why an action is not done, and the code that tells a bot so.

use thiserror::Error;

use crate::error::SimulatorError;

/// Why an action is not done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error("the frame is malformed: {0}")]
    Malformed(String),
    #[error("the frame has no `action`, or one that is no string")]
    NoAction,
    #[error("unknown action `{0}`")]
    UnknownAction(String),
    #[error("`params` must be an object")]
    ParamsNotObject,
    #[error("`params` cannot be read: {0}")]
    ParamsUnreadable(String),
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    #[error("the parameter `{name}` must be {expected}")]
    Wrong {
        name: &'static str,
        expected: &'static str,
    },
    #[error("{0}")]
    Unsupported(&'static str),
    #[error(transparent)]
    Impossible(#[from] SimulatorError),
}

impl Refusal {
    /// 1400 and 1404 are the standard's; 1200 is what NapCat gives for anything else that fails.
    pub(super) fn retcode(&self) -> i64 {
        match self {
            Refusal::Malformed(_)
            | Refusal::NoAction
            | Refusal::ParamsNotObject
            | Refusal::ParamsUnreadable(_)
            | Refusal::Missing(_)
            | Refusal::Wrong { .. } => 1400,
            Refusal::UnknownAction(_) => 1404,
            Refusal::Unsupported(_) | Refusal::Impossible(_) => 1200,
        }
    }
}
