//! What can be wrong with a signer.

use std::time::Duration;

/// A fault of a signer's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerFault {
    /// Every answer has this status, such as 521 or 404.
    Status(u16),
    /// Every answer comes so late.
    Slow(Duration),
    /// It says at once what it is, and signs so late.
    SlowToSign(Duration),
    /// It does not say what it is; it signs.
    NoAppInfo,
    /// What it says of itself lacks these fields; it signs.
    LacksFields(&'static [&'static str]),
    /// It signs for another system than it says.
    WrongPlatform,
    /// It signs for another version than it says.
    WrongVersion,
    /// It does not say for which version it signs.
    NoVersion,
    /// Its signatures are empty.
    EmptySign,
    /// Its signatures are `null`.
    NullSign,
    /// Its signatures are no hex digits.
    BadHex,
    /// Its answers have no `value`.
    NoValue,
    /// It answers with a page for people.
    WebPage,
    /// It wants to know a request's length beforehand: 411.
    NeedsLength,
    /// It does not sign (521); it says what it is.
    RefusesToSign,
}

impl SignerFault {
    /// The status that it answers with instead of a signature.
    pub(crate) fn status(self, has_length: bool) -> Option<u16> {
        match self {
            Self::Status(code) => Some(code),
            Self::RefusesToSign => Some(521),
            Self::NeedsLength if !has_length => Some(411),
            _ => None,
        }
    }
}
