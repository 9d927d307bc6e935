//! Messages in the other format, of any text: what comes out is JSON, does not change any more, and says
//! what the parser says that makes a tree.

use perpetua_onebot::{MessageFormat, quick_actions, reshape_answer, reshape_event, segment};
use serde_json::Value;

/// Larger than what any seed becomes.
const ROOM: usize = 1 << 20;

/// Panics where the code is wrong.
pub(crate) fn check(text: &str) {
    for to in [MessageFormat::Array, MessageFormat::String] {
        if let Ok(Some(made)) = reshape_event(text, to, ROOM) {
            assert!(is_json(&made), "{made}");
            assert_eq!(reshape_event(&made, to, ROOM), Ok(None), "{made}");
        }
        if let Ok(Some(made)) = reshape_answer(text, to, ROOM) {
            assert!(is_json(&made), "{made}");
        }
    }
    if let Some((before, after)) = of_one_string(text) {
        assert_eq!(before, after, "{text}");
    }
    // Whatever is asked for, what goes up are whole frames.
    for action in quick_actions(text.as_bytes(), text.as_bytes())
        .into_iter()
        .flatten()
    {
        assert!(is_json(&action.frame()), "{}", action.frame());
    }
}

/// The segments of a message that is a string, by the parser that makes a tree and by the one that makes text.
fn of_one_string(text: &str) -> Option<(Value, Value)> {
    let event: Value = serde_json::from_str(text).ok()?;
    let message = event.get("message")?.as_str()?;
    let made = reshape_event(text, MessageFormat::Array, ROOM).ok()??;
    let made: Value = serde_json::from_str(&made).ok()?;
    let by_the_tree = serde_json::to_value(segment::parse_cq(message)).ok()?;
    Some((by_the_tree, made["message"].clone()))
}

/// Whether it is JSON; lone surrogates are, and a tree cannot hold them.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
