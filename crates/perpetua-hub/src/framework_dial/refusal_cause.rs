//! What a framework means when it refuses a connection in a way of its own. Pure.
//!
//! Each was seen on the framework itself: aiocqhttp 1.4 and `NoneBot2` 2.5 answer the upgrade with a status, Karin 1.15 and the
//! Koishi adapter 6.9 take it and close.

use perpetua_words::{Message, dial as words};

/// Why a framework does not want us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalCause {
    /// It asks for a token, and none is sent.
    TokenMissing,
    /// It asks for another token.
    TokenWrong,
    /// It serves another account.
    OtherAccount,
}

impl RefusalCause {
    /// What the status of an answer to the upgrade means; `None` where it can mean several things. `NoneBot2` says 403
    /// to a wrong token as to an account that is connected there in another way.
    pub fn of_status(status: u16, has_token: bool) -> Option<Self> {
        match (status, has_token) {
            (401, true) => Some(Self::TokenWrong),
            (401, false) => Some(Self::TokenMissing),
            _ => None,
        }
    }

    /// What a Close frame means that comes at once; `None` where nobody knows.
    pub fn of_close(code: u16, text: &str) -> Option<Self> {
        let says = |words: &str| text.to_ascii_lowercase().contains(words);
        match code {
            3001 => Some(Self::TokenWrong),
            3002 => Some(Self::TokenMissing),
            1008 if says("x-self-id") => Some(Self::OtherAccount),
            1008 if says("token") || says("authori") => Some(Self::TokenWrong),
            _ => None,
        }
    }

    /// As a sentence around what the framework said.
    pub(super) fn told(self, reason: Message) -> Message {
        match self {
            Self::TokenMissing => words::TokenMissing { reason }.into(),
            Self::TokenWrong => words::TokenWrong { reason }.into(),
            Self::OtherAccount => words::OtherAccount { reason }.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RefusalCause;

    #[test]
    fn what_a_framework_says_of_its_own_is_understood_and_nothing_else() {
        use RefusalCause::{OtherAccount, TokenMissing, TokenWrong};

        for (code, text, cause) in [
            (3001, "", Some(TokenWrong)),
            (3002, "", Some(TokenMissing)),
            (1008, "invalid x-self-id", Some(OtherAccount)),
            (1008, "Invalid access_token", Some(TokenWrong)),
            (1008, "Unauthorized", Some(TokenWrong)),
            (1008, "invalid x-client-role", None),
            (1000, "", None),
            (1011, "token", None),
        ] {
            assert_eq!(RefusalCause::of_close(code, text), cause, "{code} {text}");
        }
        for (status, has_token, cause) in [
            (401, true, Some(TokenWrong)),
            (401, false, Some(TokenMissing)),
            (403, true, None),
            (403, false, None),
            (500, true, None),
        ] {
            assert_eq!(
                RefusalCause::of_status(status, has_token),
                cause,
                "{status}"
            );
        }
    }
}
