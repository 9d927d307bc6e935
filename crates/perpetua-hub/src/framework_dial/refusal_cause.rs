//! What a framework means when it refuses a connection in a way of its own. Pure.
//!
//! Each was seen on the framework itself: aiocqhttp 1.4 and `NoneBot2` 2.5 answer the upgrade with a status, Karin 1.15 and the
//! Koishi adapter 6.9 take it and close. Where the settings name the framework, its likeliest cause comes first.

use perpetua_words::{Message, dial as words};

use crate::FrameworkKind;

/// What is known of the way to a framework.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DialledWay<'a> {
    /// Which one it is, if the settings name it.
    pub framework: Option<FrameworkKind>,
    /// It is shown a token.
    pub has_token: bool,
    /// The path of its address, before what a half adds to it.
    pub path: &'a str,
    /// It is one of two halves, of which each adds its own part to the path.
    pub is_half: bool,
    /// Its address has a `?`, and something behind that.
    pub has_query: bool,
}

/// Why a framework does not want us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalCause {
    /// It asks for a token, and none is sent.
    TokenMissing(Option<FrameworkKind>),
    /// It asks for another token.
    TokenWrong(Option<FrameworkKind>),
    /// It serves another account.
    OtherAccount(Option<FrameworkKind>),
    /// It waits at another path: this one.
    OtherPath(FrameworkKind, &'static str),
    /// It waits at another path, which its own settings say: there.
    UnservedPath(FrameworkKind, &'static str),
    /// It takes one connection for everything, and not two halves.
    TakesNoHalves(FrameworkKind),
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

    /// It has no place for halves, whatever their path.
    fn unwanted_halves(&self) -> Option<RefusalCause> {
        let framework = self.framework.filter(|_| self.is_half)?;
        let takes_none = !framework.takes_halves();
        takes_none.then_some(RefusalCause::TakesNoHalves(framework))
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
            (403, Some(FrameworkKind::Nonebot)) => Some(
                way.other_path()
                    .or_else(|| way.unwanted_halves())
                    .unwrap_or(Self::NonebotRefused { has_token }),
            ),
            (403, Some(FrameworkKind::Astrbot)) | (401, _) if has_token => {
                Some(Self::TokenWrong(framework))
            }
            (401, _) => Some(Self::TokenMissing(framework)),
            (404 | 405, _) => way
                .other_path()
                .or_else(|| way.unwanted_halves())
                .or_else(|| way.query_in_path()),
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

    /// What it means that it closes at once without a word; `None` where it can mean several things.
    pub fn of_silence(way: &DialledWay<'_>) -> Option<Self> {
        let framework = way.framework?;
        way.unwanted_halves()
            .or_else(|| Some(Self::UnservedPath(framework, framework.path_setting()?)))
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
            Self::UnservedPath(framework, setting) => {
                let framework = framework.name();
                words::UnservedPath {
                    framework,
                    reason,
                    setting,
                }
                .into()
            }
            Self::TakesNoHalves(framework) => {
                let framework = framework.name();
                words::TakesNoHalves { framework, reason }.into()
            }
            Self::QueryInPath => words::QueryInPath { reason }.into(),
            Self::NonebotRefused { has_token: true } => words::NonebotRefused { reason }.into(),
            Self::NonebotRefused { has_token: false } => {
                words::NonebotRefusedBare { reason }.into()
            }
        }
    }
}

fn other_account(framework: Option<FrameworkKind>, reason: Message) -> Message {
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
    use crate::FrameworkKind::{Astrbot, Koishi, Nonebot};

    const STRANGER: DialledWay<'static> = DialledWay {
        framework: None,
        has_token: true,
        path: "/ws",
        is_half: false,
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
    fn halves_are_told_from_a_wrong_path() {
        for (framework, path, status, code) in [
            (Nonebot, "/onebot/v11/ws", 403, "dial.takes_no_halves"),
            (Nonebot, "/onebot/v11/ws", 404, "dial.takes_no_halves"),
            (Nonebot, "/ws", 403, "dial.other_path"),
            (Koishi, "/onebot", 404, "dial.takes_no_halves"),
            (Astrbot, "/ws", 403, "dial.token_wrong_at"),
        ] {
            let way = DialledWay {
                framework: Some(framework),
                is_half: true,
                path,
                ..STRANGER
            };
            let cause = RefusalCause::of_status(status, &way).expect("a cause");
            let told = cause.told(words::Status { status }.into());
            assert_eq!(told.code, code, "{framework:?} {path} {status}");
        }
    }

    #[test]
    fn who_closes_without_a_word_is_understood_where_its_framework_is_known() {
        for (framework, is_half, code) in [
            (Some(Koishi), false, Some("dial.unserved_path")),
            (Some(Koishi), true, Some("dial.takes_no_halves")),
            (Some(Nonebot), true, Some("dial.takes_no_halves")),
            (Some(Nonebot), false, None),
            (Some(Astrbot), true, None),
            (None, true, None),
        ] {
            let way = DialledWay {
                framework,
                is_half,
                ..STRANGER
            };
            let told = RefusalCause::of_silence(&way).map(|cause| cause.told(words::Left.into()));
            assert_eq!(
                told.map(|told| told.code),
                code.map(Into::into),
                "{framework:?} {is_half}"
            );
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
                ..STRANGER
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
