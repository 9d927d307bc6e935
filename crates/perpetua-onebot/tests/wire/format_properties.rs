//! Messages in the other format and back: whatever a core sends stays what it is.

use perpetua_onebot::{MessageFormat, reshape_answer, reshape_event, segment};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROOM: usize = 1 << 20;

/// The kinds that cores send.
const KINDS: [&str; 22] = [
    "face",
    "image",
    "record",
    "video",
    "at",
    "rps",
    "dice",
    "shake",
    "poke",
    "anonymous",
    "share",
    "contact",
    "location",
    "music",
    "reply",
    "forward",
    "node",
    "xml",
    "json",
    "mface",
    "markdown",
    "file",
];

/// A segment as cores send them: arguments are strings.
fn any_segment() -> impl Strategy<Value = Value> {
    let text = r#"([&\[\],;="\\/]|&amp;|&#44;|&#91;|\[CQ:at,qq=1\]|\n|\PC){0,12}"#;
    let data = prop::collection::vec(("[a-zA-Z_.-]{1,6}", text), 0..4);
    let code = (
        prop::sample::select(&KINDS[..]).prop_map(str::to_owned),
        data,
    )
        .prop_map(|(kind, data)| json!({ "type": kind, "data": Value::from_iter(data) }));
    prop_oneof![
        text.prop_map(|text| json!({ "type": "text", "data": { "text": text } })),
        code,
    ]
}

/// Texts in a row are joined, and empty ones left out: a string cannot tell them apart.
fn merged(segments: Vec<Value>) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for segment in segments {
        let text = segment["data"]["text"]
            .as_str()
            .filter(|_| segment["type"] == "text");
        match (text, merged.last_mut()) {
            (Some(""), _) => {}
            (Some(more), Some(last)) if last["type"] == "text" => {
                let first = last["data"]["text"].as_str().expect("a text");
                last["data"]["text"] = format!("{first}{more}").into();
            }
            _ => merged.push(segment),
        }
    }
    merged
}

/// The same JSON with some characters written as escapes, as .NET does it.
fn with_escapes(text: &str) -> String {
    text.replace('&', "\\u0026")
        .replace('=', "\\u003D")
        .replace('一', "\\u4e00")
}

fn reshaped(text: &str, to: MessageFormat) -> String {
    reshape_event(text, to, ROOM)
        .expect(text)
        .expect("it has the other format")
}

fn message(text: &str) -> Value {
    let event: Value = serde_json::from_str(text).expect(text);
    event["message"].clone()
}

proptest! {
    #[test]
    fn an_array_comes_back_from_its_string(segments in prop::collection::vec(any_segment(), 0..6), escapes: bool) {
        let segments = merged(segments);
        let event = json!({ "a": [1], "message": segments, "message_format": "array" }).to_string();
        let event = if escapes { with_escapes(&event) } else { event };
        let string = reshaped(&event, MessageFormat::String);
        // What is told apart here is told apart by the parser that makes a tree, too.
        let written = message(&string);
        let parsed = segment::parse_cq(written.as_str().expect("a string"));
        prop_assert_eq!(serde_json::to_value(parsed).expect("segments"), json!(segments.clone()));
        let back = reshaped(&string, MessageFormat::Array);
        prop_assert_eq!(message(&back), json!(segments));
        let once_more = reshaped(&back, MessageFormat::String);
        // Byte for byte: what stands for itself has come out of its escapes the first time.
        prop_assert_eq!(reshaped(&once_more, MessageFormat::Array), back);
        prop_assert_eq!(once_more.len(), string.len());
        prop_assert_eq!(once_more, string);
    }

    /// Also strings that no core writes: what is not quite a code is text in both.
    #[test]
    fn a_string_says_the_same_as_its_array(text in r#"([\[\],=&;"\\]|CQ:|\[CQ:a,|at|&#44;|&amp;|\PC){0,30}"#, escapes: bool) {
        let event = json!({ "message": text }).to_string();
        let event = if escapes { with_escapes(&event) } else { event };
        let array = reshaped(&event, MessageFormat::Array);
        let by_the_tree = segment::parse_cq(&text);
        prop_assert_eq!(message(&array), serde_json::to_value(by_the_tree).expect("segments"));
        let string = reshaped(&array, MessageFormat::String);
        prop_assert_eq!(reshaped(&string, MessageFormat::Array), array);
    }

    #[test]
    fn garbage_is_refused_or_stays_json(text in r#"[\[\]{}",:]{0,12}|\{"(message|data|content)":[\[\]{}",:a-z0]{0,20}\}|\PC{0,20}"#) {
        for to in [MessageFormat::Array, MessageFormat::String] {
            for made in [reshape_event(&text, to, ROOM), reshape_answer(&text, to, ROOM)] {
                if let Ok(Some(made)) = made {
                    prop_assert!(serde_json::from_str::<Value>(&made).is_ok(), "{}", made);
                }
            }
        }
    }
}
