//! The splices on any text: what parsed still parses and has the wanted echo, and nothing else has changed.

use perpetua_onebot::{FrameLimits, MalformedReason, Peek, peek};
use serde_json::Value;

/// Panics where the code is wrong.
pub(crate) fn check(text: &str) {
    let limits = FrameLimits::default();
    let original = match peek(text, &limits) {
        Ok(original) => original,
        Err(malformed) => {
            let is_object =
                serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
            assert!(
                !is_object || matches!(malformed.reason, MalformedReason::TooManyEchoes { .. })
            );
            return;
        }
    };
    let with = with_echo(text, &original, r#""p1""#);
    let peeked = peek(&with, &limits).expect("a spliced frame parses");
    assert_eq!(peeked.echo(), Some(r#""p1""#));

    let without = without_echo(&with, &peeked);
    let peeked = peek(&without, &limits).expect("a frame without its echo parses");
    assert!(!peeked.has_echo());
    assert_eq!(without, without_echo(text, &original));

    if let Ok(Value::Object(mut members)) = serde_json::from_str(text) {
        members.remove("echo");
        let kept: Value =
            serde_json::from_str(&without).expect("what `serde_json` read, it reads again");
        assert_eq!(kept, Value::Object(members));
    }
}

fn with_echo(text: &str, peek: &Peek<'_>, echo: &str) -> String {
    String::from_utf8(peek.echo_spans().replace(text.as_bytes(), echo)).expect("UTF-8")
}

fn without_echo(text: &str, peek: &Peek<'_>) -> String {
    String::from_utf8(peek.echo_spans().remove(text.as_bytes())).expect("UTF-8")
}
