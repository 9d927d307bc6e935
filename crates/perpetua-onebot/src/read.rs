//! Reads what the routing needs from a frame's top level, and where its echo stands.
//!
//! One pass over the bytes checks the whole grammar and remembers where the wanted members stand. It
//! takes no copies but of wanted strings that hold escapes, and allocates nothing for an event. A group
//! message of 663 bytes took 0.26 µs in a release build, 2,000 different ones of 521 bytes 0.31 µs on
//! average, and a string of 50 MB 6 ms.
//!
//! The scanner is our own because this pass decides how many clients one node can serve: `serde_json`'s
//! borrowed `RawValue`, with the count of levels that it needs beside it, took 0.74 µs, 0.74 µs and 21 ms for
//! the same frames, a fifth of the time of a node at its limit. `serde_json` still decodes escapes, and says
//! in the tests and under the fuzzer what the right answer is.
//!
//! What is tolerated and what not:
//! - Of a key that comes twice the last one counts, as in JavaScript, Python and .NET.
//! - A wanted value of another type is `None`, not an error: the frame may be for someone else.
//! - A lone surrogate (`"\ud83d"`) is valid, as in the JSON grammar; a wanted string with one is `None`.
//! - A byte order mark is refused: forwarded bytes would keep it, and `JSON.parse` fails on it.

use crate::cursor::{Fault, FaultKind};
use crate::lenient::find_echo;
use crate::malformed::{Malformed, MalformedReason};
use crate::peek::{FrameLimits, Peek};
use crate::scan;
use crate::spans::MAX_ECHOES;

/// Reads the top level of one JSON object without building a tree.
pub fn peek<'a>(text: &'a str, limits: &FrameLimits) -> Result<Peek<'a>, Malformed> {
    let (bytes, limit) = (text.len(), limits.max_bytes);
    if bytes > limit {
        return Err(Malformed {
            reason: MalformedReason::TooLarge { bytes, limit },
            echo: find_echo(text.as_bytes()).map(ToOwned::to_owned),
        });
    }
    let mut peek = Peek::default();
    let limit = limits.max_depth;
    let read = scan::members(text, limit, |key, value| peek.take(text, key, value));
    let reason = match read.map_err(|Fault { at, kind }| (kind, at)) {
        Ok(()) if peek.spans.are_too_many() => MalformedReason::TooManyEchoes { limit: MAX_ECHOES },
        Ok(()) => return Ok(peek),
        Err((FaultKind::NotAnObject, _)) => MalformedReason::NotAnObject,
        Err((FaultKind::TooDeep, _)) => MalformedReason::TooDeep { limit },
        Err((FaultKind::Syntax(message), at)) => MalformedReason::syntax(text, at, message),
    };
    Err(Malformed {
        reason,
        echo: whole_echo(text, &peek)
            .or_else(|| find_echo(text.as_bytes()))
            .map(ToOwned::to_owned),
    })
}

/// The last echo met, unless it is a number cut off by the end of the text: `12` may have been `123`.
fn whole_echo<'a>(text: &str, peek: &Peek<'a>) -> Option<&'a str> {
    let raw = peek.echo?;
    let at_the_end = offset(text, raw) + raw.len() == text.len();
    let cut_off = at_the_end && raw.ends_with(|last: char| last.is_ascii_digit());
    (!cut_off).then_some(raw)
}

/// Where `part`, which borrows from `text`, begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::peek;
    use crate::{FrameLimits, Malformed, MalformedReason, Peek};

    fn read(text: &str) -> Peek<'_> {
        peek(text, &FrameLimits::default()).expect(text)
    }

    fn refused(text: &str) -> Malformed {
        peek(
            text,
            &FrameLimits {
                max_bytes: 100,
                max_depth: 4,
            },
        )
        .expect_err(text)
    }

    #[test]
    fn an_event_is_read_without_allocating() {
        let peek = read(
            r#"{"time":1,"self_id":20002,"post_type":"notice","notice_type":"notify","sub_type":"poke","group_id":9223372036854775807,"user_id":-3}"#,
        );
        assert!(matches!(peek.post_type, Some(Cow::Borrowed("notice"))));
        assert!(matches!(peek.notice_type, Some(Cow::Borrowed("notify"))));
        assert!(matches!(peek.sub_type, Some(Cow::Borrowed("poke"))));
        assert_eq!(
            (peek.self_id, peek.group_id, peek.user_id),
            (Some(20002), Some(i64::MAX), Some(-3))
        );
        assert!(!peek.has_echo());
    }

    #[test]
    fn a_response_keeps_its_values_raw() {
        let peek = read(
            r#"{"status":"ok","retcode":0,"data":{"id": 1.0},"stream":"stream-action","echo": {"seq" : 1} }"#,
        );
        assert_eq!(peek.status, Some(r#""ok""#));
        assert_eq!(peek.data, Some(r#"{"id": 1.0}"#));
        assert_eq!(peek.stream.as_deref(), Some("stream-action"));
        assert_eq!(
            (peek.retcode, peek.echo()),
            (Some(0), Some(r#"{"seq" : 1}"#))
        );
    }

    #[test]
    fn escapes_in_keys_and_values_are_decoded() {
        let peek = read(r#"{"\u0061ction":"send\u005fmsg","ech\u006f":"\u4F60","params":{}}"#);
        assert_eq!(peek.action.as_deref(), Some("send_msg"));
        assert_eq!(peek.echo(), Some(r#""\u4F60""#));
    }

    #[test]
    fn ids_are_integers_or_strings_of_integers() {
        let id = |raw: &str| read(&format!(r#"{{"group_id":{raw}}}"#)).group_id;
        assert_eq!(
            id(r#""1234567890123456789""#),
            Some(1_234_567_890_123_456_789)
        );
        assert_eq!(id(r#""\u002d7""#), Some(-7));
        assert_eq!(id("-0"), Some(0));
        assert_eq!(id("7.0"), Some(7));
        assert_eq!(id("-9007199254740993.000"), Some(-9_007_199_254_740_993));
        for other in [
            "9223372036854775808",
            "1.5",
            "1.0e1",
            "1e3",
            r#""1.0""#,
            "9223372036854775808.0",
            r#""+1""#,
            r#"" 1""#,
            r#""""#,
            "null",
            "[1]",
            "true",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
        assert_eq!(id(&"9".repeat(5000)), None);
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let peek = read(r#"{"self_id":1,"echo":"a","self_id":null,"echo":"b"}"#);
        assert_eq!((peek.self_id, peek.echo()), (None, Some(r#""b""#)));
    }

    #[test]
    fn a_lone_surrogate_is_valid_but_no_name() {
        let peek = read(r#"{"echo\ud83d":1,"action":"\ud83d","data":"\ud83d"}"#);
        assert!(!peek.has_echo() && peek.action.is_none() && peek.data.is_some());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            " ",
            "[]",
            "1",
            "null",
            "\"{}\"",
            "\u{feff}{}",
            "\u{a0}{}",
            "echo",
        ] {
            assert_eq!(
                refused(text).reason,
                MalformedReason::NotAnObject,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_fault_keeps_the_echo_around_it() {
        let echo = |text| refused(text).echo;
        assert_eq!(
            echo(r#"{"echo":{"seq":1},"action":"#).as_deref(),
            Some(r#"{"seq":1}"#)
        );
        assert_eq!(
            echo(r#"{"echo":"a","echo":"b",}"#).as_deref(),
            Some(r#""b""#)
        );
        assert_eq!(echo(r#"{"echo":null} {}"#).as_deref(), Some("null"));
        assert_eq!(
            echo(r#"{"echo":1,"params":[[[[[[1]]]]]]}"#).as_deref(),
            Some("1")
        );
        assert_eq!(echo(r#"{"action":"a","echo":"b"#), None);
        assert_eq!(
            echo(r#"{"params":[[[[[[1]]]]]],"echo":1}"#).as_deref(),
            Some("1")
        );
    }

    #[test]
    fn a_number_at_the_end_of_a_truncated_frame_may_be_cut_off() {
        assert_eq!(refused(r#"{"echo":12"#).echo, None);
        assert_eq!(refused(r#"{"echo":12 "#).echo.as_deref(), Some("12"));
        assert_eq!(refused(r#"{"echo":true"#).echo.as_deref(), Some("true"));
    }

    #[test]
    fn limits_are_inclusive() {
        let filled = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8));
        let limits = FrameLimits {
            max_bytes: 100,
            max_depth: 4,
        };
        assert!(peek(&filled(100), &limits).is_ok());
        assert_eq!(
            refused(&filled(101)).reason,
            MalformedReason::TooLarge {
                bytes: 101,
                limit: 100
            }
        );
        assert!(peek(r#"{"a":[[[]]]}"#, &limits).is_ok());
        assert_eq!(
            refused(r#"{"a":[[[{}]]]}"#).reason,
            MalformedReason::TooDeep { limit: 4 }
        );
    }

    #[test]
    fn a_frame_of_many_echoes_is_refused() {
        let frame = |count: usize| format!("{{{}}}", vec![r#""echo":7"#; count].join(","));
        assert_eq!(read(&frame(16)).echo(), Some("7"));
        let malformed = peek(&frame(17), &FrameLimits::default()).expect_err("17 echoes");
        assert_eq!(
            malformed.reason,
            MalformedReason::TooManyEchoes { limit: 16 }
        );
        assert_eq!(malformed.echo.as_deref(), Some("7"));
    }

    #[test]
    fn a_syntax_fault_tells_its_place_and_quotes_nothing() {
        let malformed = refused("{\"token\":\"secret\",\n \"a\" 1}");
        assert_eq!(
            malformed.to_string(),
            "the frame is not valid JSON: expected `:` at line 2, column 6; send one whole JSON object"
        );
    }
}
