//! Message segments, and the CQ codes that say the same in one string.
//!
//! Source: OneBot v11, `message/string.md` and `message/array.md`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::cq::{self, Piece};

/// One piece of a message: a run of text, a picture, a mention, …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// What it is: `text`, `image`, `at`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its arguments; empty also when they are missing or `null`.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub data: Map<String, Value>,
}

impl Segment {
    /// A run of plain text.
    pub fn text(s: impl Into<String>) -> Segment {
        Self {
            kind: "text".to_owned(),
            data: Map::from_iter([("text".to_owned(), s.into().into())]),
        }
    }
}

fn null_as_empty<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Map<String, Value>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The segments that a string of text and CQ codes stands for. What is not quite a CQ code is text.
pub fn parse_cq(text: &str) -> Vec<Segment> {
    cq::pieces(text).map(Segment::from).collect()
}

impl From<Piece<'_>> for Segment {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Text(text) => Self::text(cq::unescaped(text).collect::<String>()),
            Piece::Code(code) => {
                let value = |value| Value::from(cq::unescaped(value).collect::<String>());
                let arguments = code.arguments();
                Self {
                    kind: code.kind.to_owned(),
                    data: arguments
                        .map(|(name, text)| (name.to_owned(), value(text)))
                        .collect(),
                }
            }
        }
    }
}

/// The string of text and CQ codes that stands for `segments`.
///
/// Arguments that are no strings are written as JSON, and `null` ones left out.
pub fn to_cq(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        if segment.kind == "text" {
            let plain = segment.data.get("text").map(spelled).unwrap_or_default();
            text.extend(cq::escaped(&plain, false));
        } else {
            push_code(&mut text, segment);
        }
    }
    text
}

fn push_code(text: &mut String, segment: &Segment) {
    text.push_str("[CQ:");
    text.push_str(&segment.kind);
    for (name, value) in segment.data.iter().filter(|(_, value)| !value.is_null()) {
        text.push(',');
        text.push_str(name);
        text.push('=');
        text.extend(cq::escaped(&spelled(value), true));
    }
    text.push(']');
}

fn spelled(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The segments of the `message` that a send action got: a CQ string, an array of segments, or one segment.
pub fn from_message(value: &Value) -> Option<Vec<Segment>> {
    match value {
        Value::String(text) => Some(parse_cq(text)),
        Value::Array(items) => items
            .iter()
            .map(|item| Segment::deserialize(item).ok())
            .collect(),
        Value::Object(_) => Segment::deserialize(value)
            .ok()
            .map(|segment| vec![segment]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Segment, from_message, parse_cq, to_cq};

    fn segment(kind: &str, data: Value) -> Segment {
        let members = [("type", kind.into()), ("data", data)];
        let object = members.map(|(name, value)| (name.to_owned(), value));
        serde_json::from_value(Value::from_iter(object)).expect("a segment")
    }

    #[test]
    fn text_and_codes_are_told_apart() {
        assert_eq!(
            parse_cq("a[CQ:at,qq=10001]&#91;b&#93;[CQ:shake]"),
            [
                Segment::text("a"),
                segment("at", json!({ "qq": "10001" })),
                Segment::text("[b]"),
                segment("shake", json!({})),
            ]
        );
        assert_eq!(parse_cq(""), []);
    }

    #[test]
    fn escapes_are_read_once() {
        assert_eq!(
            parse_cq("&amp;#91;&#44;&lt;"),
            [Segment::text("&#91;,&lt;")]
        );
        assert_eq!(
            parse_cq("[CQ:share,url=http://a/?b=1&amp;c=2&#44;3,title=&#91;x&#93;]"),
            [segment(
                "share",
                json!({ "url": "http://a/?b=1&c=2,3", "title": "[x]" })
            )]
        );
    }

    #[test]
    fn what_is_not_quite_a_code_is_text() {
        for text in [
            "[CQ:",
            "[CQ:at,qq=1",
            "[CQ:]",
            "[CQ:,a=1]",
            "[CQ:a b]",
            "[CQ:at,qq]",
            "[CQ:at,=1]",
            "[cq:at]",
            "[]",
        ] {
            assert_eq!(parse_cq(text), [Segment::text(text)], "{text}");
        }
        assert_eq!(
            parse_cq("[[CQ:a]]"),
            [
                Segment::text("["),
                segment("a", json!({})),
                Segment::text("]")
            ]
        );
        assert_eq!(
            parse_cq("[CQ:at,qq=1,]"),
            [segment("at", json!({ "qq": "1" }))]
        );
    }

    #[test]
    fn other_values_are_written_as_json_and_null_is_left_out() {
        let image = segment("image", json!({ "cache": true, "id": 12, "url": null }));
        assert_eq!(
            to_cq(&[image, Segment::text("a,b")]),
            "[CQ:image,cache=true,id=12]a,b"
        );
    }

    #[test]
    fn a_message_comes_in_three_shapes() {
        let shake = segment("shake", json!({}));
        assert_eq!(
            from_message(&json!("[CQ:shake]")),
            Some(vec![shake.clone()])
        );
        assert_eq!(
            from_message(&json!({ "type": "shake" })),
            Some(vec![shake.clone()])
        );
        assert_eq!(
            from_message(&json!([{ "type": "shake", "data": null }])),
            Some(vec![shake])
        );
        assert_eq!(from_message(&json!([])), Some(vec![]));
        for other in [
            json!(1),
            json!(null),
            json!([1]),
            json!({ "data": {} }),
            json!([{ "type": 1 }]),
        ] {
            assert_eq!(from_message(&other), None, "{other}");
        }
    }

    fn any_segment() -> impl Strategy<Value = Segment> {
        let data =
            prop::collection::btree_map("[a-z_.-]{1,5}", r"[&\[\],;#0-9a-z=\PC]{0,12}", 0..4);
        let code = ("[a-zA-Z0-9_.-]{1,6}", data)
            .prop_filter("text has its own form", |(kind, _)| kind != "text")
            .prop_map(|(kind, data)| segment(&kind, json!(data)));
        prop_oneof![
            r"([&\[\],;]|&amp;|&#91;|\[CQ:at\]|\PC){1,12}".prop_map(Segment::text),
            code
        ]
    }

    /// Runs of texts joined: CQ codes cannot say where one text ends and the next begins.
    fn merged(segments: &[Segment]) -> Vec<Segment> {
        let mut merged: Vec<Segment> = Vec::new();
        for segment in segments {
            match merged.last_mut() {
                Some(last) if last.kind == "text" && segment.kind == "text" => {
                    let (first, second) = (&last.data["text"], &segment.data["text"]);
                    let joined = [first, second]
                        .map(|text| text.as_str().expect("a text"))
                        .concat();
                    *last = Segment::text(joined);
                }
                _ => merged.push(segment.clone()),
            }
        }
        merged
    }

    proptest! {
        #[test]
        fn segments_survive_their_codes(segments in prop::collection::vec(any_segment(), 0..6)) {
            prop_assert_eq!(parse_cq(&to_cq(&segments)), merged(&segments));
        }

        #[test]
        fn any_text_is_a_message(text in r"([\[\],=&;]|CQ:|at|&#44;|\PC){0,30}") {
            let segments = parse_cq(&text);
            prop_assert_eq!(parse_cq(&to_cq(&segments)), segments);
        }
    }
}
