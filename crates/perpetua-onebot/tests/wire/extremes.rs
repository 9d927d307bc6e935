//! Very long, very deep, and every JSON type of echo.

use perpetua_onebot::{FrameLimits, MalformedReason, peek};

use crate::{with_echo, without_echo};

const EVENT: &str = r#"{"time":1700000000,"self_id":20002,"post_type":"message","message_id":-7,"group_id":"1234567890123456789","message":[{"type":"text","data":{"text":"\u4F60好 \"\\"}}],"echo":{"seq":1.0}}"#;

#[test]
fn every_type_of_echo_stays_byte_for_byte() {
    let long = format!("\"{}\"", "e\\n".repeat(350_000));
    for echo in [
        r#""1""#,
        "7",
        "-0.50e+1",
        "123456789012345678901234567890",
        r#"{ "seq" : [1] }"#,
        "[ ]",
        "true",
        "null",
        r#""""#,
        "0",
        &long,
    ] {
        let text = format!("{{\"action\":\"a\",\"echo\":\n {echo}\t }}");
        let peeked = peek(&text, &FrameLimits::default()).expect("a frame");
        assert_eq!(peeked.echo(), Some(echo));
        let upstream = with_echo(&text, &peeked, r#""p1""#);
        assert_eq!(upstream, "{\"action\":\"a\",\"echo\":\n \"p1\"\t }");
        let back = with_echo(
            &upstream,
            &peek(&upstream, &FrameLimits::default()).expect("a frame"),
            echo,
        );
        assert_eq!(back, text);
    }
}

#[test]
fn an_absent_echo_is_not_a_null_one() {
    let absent = peek(r#"{"action":"a"}"#, &FrameLimits::default()).expect("a frame");
    let null = peek(r#"{"action":"a","echo":null}"#, &FrameLimits::default()).expect("a frame");
    assert_eq!((absent.has_echo(), absent.echo()), (false, None));
    assert_eq!((null.has_echo(), null.echo()), (true, Some("null")));
}

#[test]
fn an_event_truncated_at_any_byte_is_refused() {
    for (cut, _) in EVENT.char_indices() {
        let malformed =
            peek(&EVENT[..cut], &FrameLimits::default()).expect_err("a part of an event");
        let whole_echo_is_above = cut == EVENT.len() - 1;
        assert_eq!(
            malformed.echo.is_some(),
            whole_echo_is_above,
            "cut at {cut}"
        );
    }
    assert!(peek(EVENT, &FrameLimits::default()).is_ok());
}

#[test]
fn a_string_of_fifty_megabytes_is_carried() {
    let head = r#"{"action":"upload","params":{"file":"base64://"#;
    let text = format!(r#"{head}{}"}},"echo":1}}"#, "A".repeat(50_000_000));
    let peeked = peek(&text, &FrameLimits::default()).expect("below the limit");
    assert_eq!(
        (peeked.action.as_deref(), peeked.echo()),
        (Some("upload"), Some("1"))
    );
    let spliced = with_echo(&text, &peeked, r#""p12""#);
    assert!(spliced.starts_with(head) && spliced.ends_with(r#"AA"},"echo":"p12"}"#));
    assert_eq!(spliced.len(), text.len() + 4);
    assert_eq!(
        without_echo(&text, &peeked).len(),
        text.len() - r#","echo":1"#.len()
    );
}

#[test]
fn a_frame_of_a_hundred_megabytes_is_refused_unread() {
    let text = "{".repeat(100_000_000);
    let malformed = peek(&text, &FrameLimits::default()).expect_err("above the limit");
    assert_eq!(
        malformed.reason,
        MalformedReason::TooLarge {
            bytes: 100_000_000,
            limit: 64 << 20
        }
    );
}

#[test]
fn ten_million_brackets_are_refused() {
    let text = format!(r#"{{"echo":1,"a":{}"#, "[".repeat(10_000_000));
    let malformed = peek(&text, &FrameLimits::default()).expect_err("too deep");
    assert_eq!(malformed.reason, MalformedReason::TooDeep { limit: 256 });
    assert_eq!(malformed.echo.as_deref(), Some("1"));
}

#[test]
fn depth_without_a_limit_overflows_no_stack() {
    let limits = FrameLimits {
        max_bytes: usize::MAX,
        max_depth: usize::MAX,
    };
    let levels = 1_000_000;
    let text = format!(
        r#"{{"a":{}{},"echo":1}}"#,
        "[".repeat(levels),
        "]".repeat(levels)
    );
    assert_eq!(
        peek(&text, &limits).expect("deep and whole").echo(),
        Some("1")
    );
}

#[test]
fn many_siblings_are_not_deep() {
    let text = format!(
        r#"{{"data":[{}],"echo":1}}"#,
        vec![r#"{"a":"[{"}"#; 100_000].join(",")
    );
    assert!(
        peek(
            &text,
            &FrameLimits {
                max_depth: 3,
                ..FrameLimits::default()
            }
        )
        .is_ok()
    );
}
