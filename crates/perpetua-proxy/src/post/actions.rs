//! The actions that answers ask for, and what becomes of them. Pure.

use std::borrow::Cow;

use perpetua_onebot::{FrameKind, FrameLimits, QuickAction, compose, peek};
use perpetua_words::{Message, post as words};
use serde::Deserialize;

/// Before the name of an action, in its echo.
const ECHO: &str = "post:";
/// What is kept of the words of a response.
const LONGEST_WORDS: usize = 200;

/// The words for people in a response: implementations differ in where they put them.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    wording: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    msg: Option<Cow<'a, str>>,
}

/// What a frame says of an action that an answer asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Response {
    /// It is something else.
    None,
    /// It was done, or is under way.
    Done,
    /// It was not done.
    Failed(Message),
}

/// The frame of an action, whose echo says which it was.
pub(super) fn frame(action: &QuickAction) -> String {
    let echo = format!("\"{ECHO}{}\"", action.action);
    compose::action(action.action, &action.params, &echo)
}

/// Reads a frame as the response to one.
pub(super) fn response(frame: &[u8], limits: &FrameLimits) -> Response {
    let text = std::str::from_utf8(frame).unwrap_or_default();
    let Ok(peeked) = peek(text, limits) else {
        return Response::None;
    };
    if peeked.kind() != FrameKind::Response {
        return Response::None;
    }
    if peeked.status != Some("\"failed\"") {
        return Response::Done;
    }
    let echo = peeked.echo().unwrap_or_default().trim_matches('"');
    let said: Said<'_> = serde_json::from_str(text).unwrap_or_default();
    let said = [said.wording, said.message, said.msg].into_iter().flatten();
    let mut said = said.filter(|words| !words.is_empty());
    let words = said.next().unwrap_or_default();
    Response::Failed(
        words::QuickFailed {
            action: echo.strip_prefix(ECHO).unwrap_or(echo),
            retcode: peeked.retcode.unwrap_or_default(),
            text: words.chars().take(LONGEST_WORDS).collect::<String>(),
        }
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use perpetua_onebot::{FrameLimits, QuickAction};
    use perpetua_words::post as words;

    use super::{Response, frame, response};

    fn of(text: &str) -> Response {
        response(text.as_bytes(), &FrameLimits::default())
    }

    #[test]
    fn a_response_says_which_action_failed_and_why() {
        let kick = QuickAction {
            action: "set_group_kick",
            params: r#"{"group_id":1}"#.to_owned(),
        };
        assert_eq!(
            frame(&kick),
            r#"{"action":"set_group_kick","params":{"group_id":1},"echo":"post:set_group_kick"}"#
        );
        for (members, text) in [
            (r#""message":"no right","wording":"""#, "no right"),
            (r#""msg":"a","wording":"b""#, "b"),
            (r#""message":7"#, ""),
        ] {
            let failed = format!(
                r#"{{"status":"failed","retcode":102,"data":null,{members},"echo":"post:set_group_kick"}}"#
            );
            let told = words::QuickFailed {
                action: "set_group_kick",
                retcode: 102,
                text,
            };
            assert_eq!(of(&failed), Response::Failed(told.into()));
        }
    }

    #[test]
    fn what_was_done_and_what_is_no_response_is_told_apart() {
        let done = r#"{"status":"ok","retcode":0,"data":{"message_id":1},"echo":"post:send_msg"}"#;
        let under_way = r#"{"status":"async","retcode":1,"data":null,"echo":"post:send_msg"}"#;
        let event = r#"{"post_type":"meta_event","status":{"online":true}}"#;
        let found = [of(done), of(under_way), of(event)];
        assert_eq!(found, [Response::Done, Response::Done, Response::None]);
    }
}
