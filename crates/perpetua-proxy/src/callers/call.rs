//! An action as the hub takes it, made of what came over HTTP. Pure.
//!
//! Bodies may hold 50 MB, so that JSON is read behind the beginning of its frame and copied no more.

use std::{borrow::Cow, collections::HashSet, fmt, ops::Range};

use bytes::Bytes;
use perpetua_onebot::{FrameKind, FrameLimits, MalformedReason, Peek, form::Form, peek};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::{refused::CallRefused, route::BodyKind};

/// What a text may begin with that is no part of it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An action, of which it is not certain yet that it can be read.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) frame: Bytes,
    /// Where its parameters stand, if they were put into it.
    params: Option<Range<usize>>,
}

/// The beginning of the frame of an action.
pub(super) fn beginning(action: &str) -> Vec<u8> {
    let name = Value::from(action).to_string();
    [br#"{"action":"#, name.as_bytes(), br#","params":"#].concat()
}

/// The parameters of a query, without the token.
pub(super) fn query(query: Option<&str>) -> Result<Form, CallRefused> {
    let mut form = Form::parse(query.unwrap_or_default().as_bytes())?;
    form.retain(|name| name != "access_token");
    Ok(form)
}

/// The frame of an action: `read` is its beginning, and behind `begins` its body. What the body says counts more than
/// what the query says.
pub(super) fn action(
    mut read: Vec<u8>,
    begins: usize,
    kind: &BodyKind,
    mut query: Form,
    limits: &FrameLimits,
) -> Result<Written, CallRefused> {
    let body = trimmed(&read, begins);
    let text = &read[body.clone()];
    let is_json = *kind == BodyKind::Json;
    if text.first() == Some(&b'{') {
        return if query.is_empty() {
            read.truncate(body.end);
            read.drain(begins..body.start);
            let params = begins..read.len();
            read.push(b'}');
            Ok(Written {
                frame: read.into(),
                params: Some(params),
            })
        } else {
            with_query(&read[..begins], text, query)
        };
    }
    if !(text.is_empty() || (is_json && text == b"null")) {
        match kind {
            BodyKind::Json => return Err(no_object(text)),
            BodyKind::Form => query.extend(Form::parse(text)?)?,
            BodyKind::Unsaid(None) => return Err(CallRefused::NoKind),
            BodyKind::Unsaid(Some(kind)) => return Err(CallRefused::Kind(kind.clone())),
        }
    }
    let bytes = query.written_bytes();
    if bytes > limits.max_bytes {
        return Err(CallRefused::TooLarge {
            bytes: bytes as u64,
            limit: limits.max_bytes,
        });
    }
    read.truncate(begins);
    read.push(b'{');
    query.write_members(&mut read);
    read.push(b'}');
    let params = begins..read.len();
    read.push(b'}');
    Ok(Written {
        frame: read.into(),
        params: Some(params),
    })
}

/// The frame that stands in a body as a whole.
pub(super) fn frame(read: Vec<u8>) -> Written {
    let body = trimmed(&read, 0);
    Written {
        frame: Bytes::from(read).slice(body),
        params: None,
    }
}

impl Written {
    /// The action, if it is one.
    pub(super) fn peek(&self, limits: &FrameLimits) -> Result<Peek<'_>, CallRefused> {
        let text = std::str::from_utf8(&self.frame).map_err(|_| CallRefused::NotUtf8)?;
        // Its beginning is ours, and not counted.
        let limits = FrameLimits {
            max_bytes: usize::MAX,
            max_depth: limits.max_depth + 1,
        };
        let peeked = peek(text, &limits);
        let Some(params) = self.params.clone().map(|range| &text[range]) else {
            let peeked = peeked.map_err(|malformed| not_json(&malformed.reason))?;
            let is_action = peeked.kind() == FrameKind::Action;
            return is_action.then_some(peeked).ok_or(CallRefused::NoAction);
        };
        match peeked {
            // More than one value there would be members of the frame.
            Ok(peeked) if peeked.params == Some(params) => Ok(peeked),
            _ => Err(peek(params, &limits)
                .err()
                .map_or(CallRefused::NotObject, |malformed| {
                    not_json(&malformed.reason)
                })),
        }
    }
}

fn not_json(reason: &MalformedReason) -> CallRefused {
    CallRefused::NotJson(reason.into())
}

/// JSON that is no object, or none at all.
fn no_object(text: &[u8]) -> CallRefused {
    if serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return CallRefused::NotObject;
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return CallRefused::NotUtf8;
    };
    let malformed = peek(text, &FrameLimits::default()).err();
    malformed.map_or(CallRefused::NotObject, |malformed| {
        not_json(&malformed.reason)
    })
}

/// A JSON object with the parameters of a query that it does not have itself.
fn with_query(beginning: &[u8], object: &[u8], mut query: Form) -> Result<Written, CallRefused> {
    let mut json = serde_json::Deserializer::from_slice(object);
    let names = Names(query.names().map(str::to_owned).collect());
    let Left { names, has_members } = json
        .deserialize_map(names)
        .and_then(|left| json.end().map(|()| left))
        .map_err(|_| no_object(object))?;
    query.retain(|name| names.contains(name));
    let mut frame = Vec::with_capacity(beginning.len() + query.written_bytes() + object.len() + 2);
    frame.extend_from_slice(beginning);
    frame.push(b'{');
    query.write_members(&mut frame);
    if has_members && !query.is_empty() {
        frame.push(b',');
    }
    frame.extend_from_slice(&object[1..]);
    let params = beginning.len()..frame.len();
    frame.push(b'}');
    Ok(Written {
        frame: frame.into(),
        params: Some(params),
    })
}

/// Finds out which names of a query an object does not have itself. Of the object nothing is kept.
struct Names(HashSet<String>);

struct Left {
    names: HashSet<String>,
    has_members: bool,
}

impl<'de> Visitor<'de> for Names {
    type Value = Left;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Left, A::Error> {
        let mut has_members = false;
        while let Some((name, IgnoredAny)) = members.next_entry::<Cow<'_, str>, _>()? {
            self.0.remove(&*name);
            has_members = true;
        }
        Ok(Left {
            names: self.0,
            has_members,
        })
    }
}

/// Where the text behind `begins` stands, without the white space around it.
fn trimmed(read: &[u8], begins: usize) -> Range<usize> {
    let body = &read[begins..];
    let behind_mark = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let from_start = behind_mark.trim_ascii_start();
    let start = read.len() - from_start.len();
    start..start + from_start.trim_ascii_end().len()
}

#[cfg(test)]
mod tests {
    use perpetua_onebot::FrameLimits;
    use serde_json::{Value, json};

    use super::{action, beginning, frame, query};
    use crate::callers::{refused::CallRefused, route::BodyKind};

    const LIMITS: FrameLimits = FrameLimits {
        max_bytes: 1000,
        max_depth: 8,
    };

    /// The parameters of the action that comes of a call.
    fn params(asked: &str, body: &[u8], kind: &BodyKind) -> Result<Value, CallRefused> {
        let mut read = beginning("send_msg");
        let begins = read.len();
        read.extend_from_slice(body);
        let written = action(read, begins, kind, query(Some(asked))?, &LIMITS)?;
        let peek = written.peek(&LIMITS)?;
        assert_eq!(peek.action.as_deref(), Some("send_msg"));
        assert!(!peek.has_echo());
        let params = peek.params.expect("parameters");
        Ok(serde_json::from_str(params).expect("JSON"))
    }

    #[test]
    fn parameters_come_from_query_form_and_json() {
        let unsaid = || BodyKind::Unsaid(None);
        for (asked, body, kind, expected) in [
            ("", "", unsaid(), json!({})),
            ("", " \r\n", BodyKind::Json, json!({})),
            ("", "null", BodyKind::Json, json!({})),
            ("user_id=1", "", unsaid(), json!({ "user_id": 1 })),
            ("access_token=t&a=1", "", unsaid(), json!({ "a": "1" })),
            (
                "",
                "user_id=1&message=a%26b",
                BodyKind::Form,
                json!({ "user_id": 1, "message": "a&b" }),
            ),
            (
                "a=1&b=2",
                "b=3",
                BodyKind::Form,
                json!({ "a": "1", "b": "3" }),
            ),
            ("", r#"{"a":[1]}"#, BodyKind::Json, json!({ "a": [1] })),
            ("", " {\"a\":1}\n", unsaid(), json!({ "a": 1 })),
            ("", "\u{feff}{\"a\":1}", BodyKind::Json, json!({ "a": 1 })),
            ("", r#"{"a":1}"#, BodyKind::Form, json!({ "a": 1 })),
            (
                "",
                r#"{"a":1}"#,
                BodyKind::Unsaid(Some("text/plain".into())),
                json!({ "a": 1 }),
            ),
            (
                "a=1&c=2",
                r#" { "a" : 3 } "#,
                BodyKind::Json,
                json!({ "a": 3, "c": "2" }),
            ),
            ("a=1", "{}", BodyKind::Json, json!({ "a": "1" })),
            ("a=1", "{ }", BodyKind::Json, json!({ "a": "1" })),
            (
                "",
                r#"{"echo":1,"action":"x"}"#,
                BodyKind::Json,
                json!({ "echo": 1, "action": "x" }),
            ),
        ] {
            let came = params(asked, body.as_bytes(), &kind);
            assert_eq!(came, Ok(expected), "{asked} {body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_whole() {
        let unsaid = || BodyKind::Unsaid(None);
        let refused =
            |asked: &str, body: &[u8], kind| params(asked, body, &kind).expect_err("refused");
        for body in [
            &br#"{"a":1"#[..],
            br#"{"a":1}}"#,
            br#"{"a":1},"b":2"#,
            br#"{},"action":"other","params":{}"#,
            b"{} {}",
            b"{'a':1}",
            b"{",
        ] {
            for kind in [BodyKind::Json, BodyKind::Form, unsaid()] {
                for asked in ["", "a=1"] {
                    let refused = refused(asked, body, kind.clone());
                    assert!(matches!(refused, CallRefused::NotJson(_)), "{refused:?}");
                }
            }
        }
        for body in ["[]", "1", "\"x\"", "true"] {
            assert_eq!(
                refused("", body.as_bytes(), BodyKind::Json),
                CallRefused::NotObject
            );
        }
        assert!(matches!(
            refused("", b"a=1", BodyKind::Json),
            CallRefused::NotJson(_)
        ));
        assert_eq!(refused("", b"a=1", unsaid()), CallRefused::NoKind);
        let plain = BodyKind::Unsaid(Some("text/plain".into()));
        assert_eq!(
            refused("", b"a=1", plain),
            CallRefused::Kind("text/plain".into())
        );
        for (body, kind) in [
            (&b"{\"a\":\"\xc4\xe3\"}"[..], BodyKind::Json),
            (b"a=\xc4\xe3", BodyKind::Form),
            (b"\xc4\xe3", BodyKind::Json),
        ] {
            assert_eq!(refused("", body, kind), CallRefused::NotUtf8);
        }
        assert_eq!(refused("a=%ff", b"", unsaid()), CallRefused::NotUtf8);
        let many = "x".repeat(1000);
        assert!(matches!(
            refused("", format!("a={many}").as_bytes(), BodyKind::Form),
            CallRefused::TooLarge { .. }
        ));
    }

    #[test]
    fn a_whole_frame_is_taken_as_it_is() {
        let text = r#"{"action":"a","params":{"b":1},"echo":{"seq":2}}"#;
        let written = frame(format!(" {text}\n").into_bytes());
        assert_eq!(written.frame, text);
        let peek = written.peek(&LIMITS).expect("an action");
        assert_eq!(peek.echo(), Some(r#"{"seq":2}"#));
        let refused = |text: &str| {
            let written = frame(text.as_bytes().to_vec());
            written.peek(&LIMITS).map(|_| ()).expect_err("refused")
        };
        assert_eq!(refused("{}"), CallRefused::NoAction);
        assert_eq!(refused(r#"{"post_type":"message"}"#), CallRefused::NoAction);
        assert!(matches!(refused(""), CallRefused::NotJson(_)));
        assert!(matches!(refused("[]"), CallRefused::NotJson(_)));
    }
}
