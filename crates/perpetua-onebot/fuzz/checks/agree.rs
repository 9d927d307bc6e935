//! Our reader against `serde_json`: the same texts are JSON, and every field of the peek is what a tree shows.

use perpetua_onebot::{FrameLimits, MalformedReason, Peek, peek};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

const UNLIMITED: FrameLimits = FrameLimits {
    max_bytes: usize::MAX,
    max_depth: usize::MAX,
};

/// Panics where the code is wrong.
pub(crate) fn check(text: &str) {
    agrees(text);
    // As the value of a member, most texts are read further than on their own.
    agrees(&format!("{{\"data\":{text}}}"));
}

fn agrees(text: &str) {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let is_object = text
        .trim_start_matches([' ', '\t', '\n', '\r'])
        .starts_with('{');
    match peek(text, &UNLIMITED) {
        Ok(peek) => {
            assert!(is_json && is_object);
            // A tree refuses lone surrogates and floats out of range, which the grammar allows.
            if let Ok(members) = serde_json::from_str(text) {
                fields_agree(&peek, &members);
            }
        }
        Err(malformed) => match malformed.reason {
            MalformedReason::TooManyEchoes { .. } => assert!(is_json && is_object),
            MalformedReason::NotAnObject => assert!(!is_object),
            MalformedReason::Syntax { line, column, .. } => {
                assert!(!is_json && is_object);
                place_exists(text, line, column);
            }
            reason => panic!("no limit was set: {reason}"),
        },
    }
}

fn fields_agree(peek: &Peek<'_>, members: &Map<String, Value>) {
    for (name, seen) in [
        ("post_type", &peek.post_type),
        ("meta_event_type", &peek.meta_event_type),
        ("notice_type", &peek.notice_type),
        ("sub_type", &peek.sub_type),
        ("action", &peek.action),
        ("stream", &peek.stream),
    ] {
        assert_eq!(
            seen.as_deref(),
            members.get(name).and_then(Value::as_str),
            "{name}"
        );
    }
    for (name, seen) in [
        ("self_id", peek.self_id),
        ("group_id", peek.group_id),
        ("user_id", peek.user_id),
        ("retcode", peek.retcode),
    ] {
        // A tree makes floats of `-0`, `7.0` and `7e0`, and so hides which of them are integers.
        if members.get(name).is_none_or(|value| !is_whole_float(value)) {
            assert_eq!(seen, members.get(name).and_then(integer), "{name}");
        }
    }
    for (name, seen) in [
        ("status", peek.status),
        ("params", peek.params),
        ("data", peek.data),
        ("echo", peek.echo()),
    ] {
        let seen = seen.map(|raw| serde_json::from_str::<Value>(raw).expect("a raw value is JSON"));
        assert_eq!(seen.as_ref(), members.get(name), "{name}");
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(spelled) if !spelled.starts_with('+') => spelled.parse().ok(),
        value => value.as_i64(),
    }
}

fn is_whole_float(value: &Value) -> bool {
    value.is_f64() && value.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn place_exists(text: &str, line: usize, column: usize) {
    let found = text.split('\n').nth(line - 1).expect("the line is there");
    assert!((1..=found.len() + 1).contains(&column));
}
