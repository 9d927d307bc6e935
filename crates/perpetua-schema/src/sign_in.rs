//! How a browser signs in. What goes over `/session` is no call: it is what a browser does before it may make one.

use serde::{Deserialize, Serialize};

use perpetua_words::Message;

/// The body of `POST /session`: `{"token": …}` or `{"code": …}`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInCredential {
    /// The sign-in token.
    Token(String),
    /// The one-time code of a link.
    Code(String),
}

impl std::fmt::Debug for SignInCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([redacted])",
            Self::Code(_) => "Code([redacted])",
        })
    }
}

/// The answer to `GET /session`, and to a `POST` that was right.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// Whether this browser is signed in.
    pub signed_in: bool,
    /// For how many seconds wrong answers of this address count for nothing; `null`: they are counted.
    pub locked_s: Option<u64>,
}

/// The answer to a `POST` of `/session` that was not right.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum SignInRefused {
    /// This is not the token.
    WrongToken {
        /// How many more wrong ones there may be before the address is locked.
        left: u32,
    },
    /// This was wrong too, after too many others of the same address.
    Locked {
        /// For how long.
        seconds: u64,
    },
    /// Somebody has signed in with this code already.
    CodeUsed,
    /// Nobody has used this code in time.
    CodeLate,
    /// There was no such code, or long ago.
    CodeUnknown,
}

/// See [`crate::Call::SignInLink`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SignInLink {}

/// The reply to [`crate::Call::SignInLink`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Serialize, Deserialize)]
pub struct SignInLinkMade {
    /// What comes behind the address of the node. The code stands behind `#`, which no browser sends.
    pub path: String,
    /// For how many seconds it is good.
    pub good_for_s: u64,
    /// Why it leads to no page, if it does not.
    pub problem: Option<Message>,
}

impl std::fmt::Debug for SignInLinkMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInLinkMade")
            .field("good_for_s", &self.good_for_s)
            .finish_non_exhaustive()
    }
}

/// See [`crate::Call::SignInToken`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SignInToken {}

/// See [`crate::Call::SignInTokenNew`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SignInTokenNew {}

#[cfg(test)]
mod tests {
    use super::{SignInCredential, SignInRefused};

    #[test]
    fn on_the_wire() {
        let shown = serde_json::from_str::<SignInCredential>(r#"{"code":"c0de"}"#);
        assert_eq!(shown.expect("valid"), SignInCredential::Code("c0de".into()));
        assert!(serde_json::from_str::<SignInCredential>("{}").is_err());
        let shown = SignInCredential::Token("s3cret".into());
        assert_eq!(format!("{shown:?}"), "Token([redacted])");
        for (refused, json) in [
            (
                SignInRefused::WrongToken { left: 4 },
                r#"{"reason":"wrong_token","left":4}"#,
            ),
            (SignInRefused::CodeLate, r#"{"reason":"code_late"}"#),
        ] {
            assert_eq!(serde_json::to_string(&refused).expect("JSON"), json);
        }
    }
}
