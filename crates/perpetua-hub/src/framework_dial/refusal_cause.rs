//! What a framework means when it refuses a connection in a way of its own. Pure.
//!
//! Each was seen on the framework itself: aiocqhttp 1.4 and `NoneBot2` 2.5 answer the upgrade with a status, Karin 1.15 and the
//! Koishi adapter 6.9 take it and close. Where the settings name the framework, its likeliest cause comes first.

use perpetua_words::{Message, dial as words};

use crate::Framework;

/// What is known of the way to a framework.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DialledWay<'a> {
    /// Which one it is, if the settings name it.
    pub framework: Option<Framework>,
    /// It is shown a token.
    pub has_token: bool,
    /// The path of its address.
    pub path: &'a str,
    /// Its address has a `?`, and something behind that.
    pub has_query: bool,
}

/// Why a framework does not want us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalCause {
    /// It asks for a token, and none is sent.
    TokenMissing(Option<Framework>),
    /// It asks for another token.
    TokenWrong(Option<Framework>),
    /// It serves another account.
    OtherAccount(Option<Framework>),
    /// It waits at another path: this one.
    OtherPath(Framework, &'static str),
    /// It compares the whole path, and there is a query behind ours.
    QueryInPath,
    /// `NoneBot` says the same to a wrong token as to an account that is connected there in another way.
    NonebotRefused {
        /// It is shown a token.
        has_token: bool,
    },
}

impl DialledWay<'_> {
    /// The path at which the framework waits, if the address has another one.
    fn other_path(&self) -> Option<RefusalCause> {
        let framework = self.framework?;
        let path = framework.path()?;
        let is_other = self.path.trim_end_matches('/') != path;
        is_other.then_some(RefusalCause::OtherPath(framework, path))
    }

    fn query_in_path(&self) -> Option<RefusalCause> {
        self.has_query.then_some(RefusalCause::QueryInPath)
    }
}

impl RefusalCause {
    /// What the status of an answer to the upgrade means; `None` where it can mean several things.
    pub fn of_status(status: u16, way: &DialledWay<'_>) -> Option<Self> {
        let DialledWay {
            framework,
            has_token,
            ..
        } = *way;
        match (status, framework) {
            // Its server says 403 to everything that it does not upgrade, whatever the reason.
            (403, Some(Framework::Nonebot)) => Some(
                way.other_path()
                    .unwrap_or(Self::NonebotRefused { has_token }),
            ),
            (403, Some(Framework::Astrbot)) | (401, _) if has_token => {
                Some(Self::TokenWrong(framework))
            }
            (401, _) => Some(Self::TokenMissing(framework)),
            (404 | 405, _) => way.other_path().or_else(|| way.query_in_path()),
            _ => None,
        }
    }

    /// What a Close frame means that comes at once; `None` where nobody knows.
    pub fn of_close(code: u16, text: &str, way: &DialledWay<'_>) -> Option<Self> {
        let says = |words: &str| text.to_ascii_lowercase().contains(words);
        let framework = way.framework;
        match code {
            3001 => Some(Self::TokenWrong(framework)),
            3002 => Some(Self::TokenMissing(framework)),
            1008 if says("x-self-id") => Some(Self::OtherAccount(framework)),
            1008 if says("token") || says("authori") => Some(Self::TokenWrong(framework)),
            _ => None,
        }
    }

    /// As a sentence around what the framework said.
    pub(super) fn told(self, reason: Message) -> Message {
        match self {
            Self::TokenMissing(None) => words::TokenMissing { reason }.into(),
            Self::TokenMissing(Some(framework)) => {
                let (framework, setting) = (framework.name(), framework.token_setting());
                words::TokenMissingAt {
                    framework,
                    reason,
                    setting,
                }
                .into()
            }
            Self::TokenWrong(None) => words::TokenWrong { reason }.into(),
            Self::TokenWrong(Some(framework)) => {
                let (framework, setting) = (framework.name(), framework.token_setting());
                words::TokenWrongAt {
                    framework,
                    reason,
                    setting,
                }
                .into()
            }
            Self::OtherAccount(framework) => other_account(framework, reason),
            Self::OtherPath(framework, path) => {
                let framework = framework.name();
                words::OtherPath {
                    framework,
                    path,
                    reason,
                }
                .into()
            }
            Self::QueryInPath => words::QueryInPath { reason }.into(),
            Self::NonebotRefused { has_token: true } => words::NonebotRefused { reason }.into(),
            Self::NonebotRefused { has_token: false } => {
                words::NonebotRefusedBare { reason }.into()
            }
        }
    }
}

fn other_account(framework: Option<Framework>, reason: Message) -> Message {
    let setting = framework.and_then(|one| Some((one.name(), one.account_setting()?)));
    match setting {
        None => words::OtherAccount { reason }.into(),
        Some((framework, setting)) => words::OtherAccountAt {
            framework,
            reason,
            setting,
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::dial as words;

    use super::{DialledWay, RefusalCause};
    use crate::Framework::{Astrbot, Koishi, Nonebot};

    const STRANGER: DialledWay<'static> = DialledWay {
        framework: None,
        has_token: true,
        path: "/ws",
        has_query: false,
    };

    #[test]
    fn what_a_framework_says_of_its_own_is_understood_and_nothing_else() {
        use RefusalCause::{OtherAccount, QueryInPath, TokenMissing, TokenWrong};

        for (code, text, cause) in [
            (3001, "", Some(TokenWrong(None))),
            (3002, "", Some(TokenMissing(None))),
            (1008, "invalid x-self-id", Some(OtherAccount(None))),
            (1008, "Invalid access_token", Some(TokenWrong(None))),
            (1008, "Unauthorized", Some(TokenWrong(None))),
            (1008, "invalid x-client-role", None),
            (1000, "", None),
            (1011, "token", None),
        ] {
            let found = RefusalCause::of_close(code, text, &STRANGER);
            assert_eq!(found, cause, "{code} {text}");
        }
        let bare = DialledWay {
            has_token: false,
            ..STRANGER
        };
        let queried = DialledWay {
            has_query: true,
            ..STRANGER
        };
        for (status, way, cause) in [
            (401, STRANGER, Some(TokenWrong(None))),
            (401, bare, Some(TokenMissing(None))),
            (403, STRANGER, None),
            (403, bare, None),
            (404, STRANGER, None),
            (404, queried, Some(QueryInPath)),
            (500, queried, None),
        ] {
            let found = RefusalCause::of_status(status, &way);
            assert_eq!(found, cause, "{status} {way:?}");
        }
    }

    #[test]
    fn of_a_framework_that_is_known_its_likeliest_cause_is_told() {
        for (framework, path, has_token, status, code) in [
            (Nonebot, "/onebot/v11/ws", true, 403, "dial.nonebot_refused"),
            (
                Nonebot,
                "/onebot/v11/ws/",
                false,
                403,
                "dial.nonebot_refused_bare",
            ),
            (Nonebot, "/ws", true, 403, "dial.other_path"),
            (Nonebot, "/", true, 404, "dial.other_path"),
            (Astrbot, "/ws", true, 403, "dial.token_wrong_at"),
            (Astrbot, "/ws/", false, 401, "dial.token_missing_at"),
            (Astrbot, "/onebot", true, 404, "dial.other_path"),
            (Koishi, "/onebot", true, 401, "dial.token_wrong_at"),
        ] {
            let way = DialledWay {
                framework: Some(framework),
                has_token,
                path,
                has_query: false,
            };
            let cause = RefusalCause::of_status(status, &way).expect("a cause");
            let told = cause.told(words::Status { status }.into());
            assert_eq!(told.code, code, "{framework:?} {path} {status}");
        }
        let koishi = DialledWay {
            framework: Some(Koishi),
            ..STRANGER
        };
        let told = RefusalCause::of_close(1008, "invalid x-self-id", &koishi)
            .map(|cause| cause.told(words::Left.into()).to_string());
        assert!(
            told.is_some_and(|told| told.contains("`selfId`")),
            "{koishi:?}"
        );
    }
}
