//! JSON as .NET writes it, and the events.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// `System.Text.Json` with its defaults: what is not ASCII, and what could mean something to HTML, is escaped.
pub(crate) fn dotnet_json(value: &impl Serialize) -> String {
    let plain = serde_json::to_string(value).unwrap_or_default();
    let mut text = String::with_capacity(plain.len());
    let mut characters = plain.chars();
    let mut inside = false;
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                inside = !inside;
                text.push('"');
            }
            '\\' => match characters.next() {
                Some('"') => text.push_str("\\u0022"),
                other => text.extend(['\\'].into_iter().chain(other)),
            },
            '\'' | '<' | '>' | '&' | '+' | '`' | '\u{7f}' if inside => {
                escape(character, &mut text);
            }
            // Of an echo, which is repeated as it came.
            ' ' | '\t' | '\r' | '\n' if !inside => {}
            character if character.is_ascii() => text.push(character),
            character => escape(character, &mut text),
        }
    }
    text
}

fn escape(character: char, text: &mut String) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        let _ = write!(text, "\\u{unit:04X}");
    }
}

/// The answer to an action, with its fields in Lagrange's order.
#[derive(Serialize)]
pub(crate) struct Response<'a> {
    pub(crate) status: &'static str,
    pub(crate) retcode: i32,
    pub(crate) data: Value,
    pub(crate) echo: Option<&'a RawValue>,
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// What every event ends with: derived fields come first in .NET, those of the base class last.
#[derive(Serialize)]
struct Event<T> {
    #[serde(flatten)]
    fields: T,
    time: u64,
    self_id: u64,
    post_type: &'static str,
}

fn event(self_id: u64, post_type: &'static str, fields: impl Serialize) -> String {
    dotnet_json(&Event {
        fields,
        time: now(),
        self_id,
        post_type,
    })
}

/// With which a connection begins.
pub(crate) fn lifecycle(self_id: u64) -> String {
    #[derive(Serialize)]
    struct Lifecycle {
        sub_type: &'static str,
        meta_event_type: &'static str,
    }
    let fields = Lifecycle {
        sub_type: "connect",
        meta_event_type: "lifecycle",
    };
    event(self_id, "meta_event", fields)
}

/// Which says `online` whatever has happened.
pub(crate) fn heartbeat(self_id: u64, interval: u64) -> String {
    #[derive(Serialize)]
    #[expect(clippy::struct_excessive_bools, reason = "as on the wire")]
    struct Status {
        app_initialized: bool,
        app_enabled: bool,
        app_good: bool,
        online: bool,
        good: bool,
    }
    #[derive(Serialize)]
    struct Heartbeat {
        interval: u64,
        status: Status,
        meta_event_type: &'static str,
    }
    let fields = Heartbeat {
        interval,
        status: Status {
            app_initialized: true,
            app_enabled: true,
            app_good: true,
            online: true,
            good: true,
        },
        meta_event_type: "heartbeat",
    };
    event(self_id, "meta_event", fields)
}

/// What Lagrange tells clients of a kick, some seconds after its log.
pub(crate) fn bot_offline(self_id: u64, tag: &str, message: &str) -> String {
    #[derive(Serialize)]
    struct Offline<'a> {
        tag: &'a str,
        message: &'a str,
        notice_type: &'static str,
    }
    let fields = Offline {
        tag,
        message,
        notice_type: "bot_offline",
    };
    event(self_id, "notice", fields)
}

/// What it tells clients when its connection to QQ is back.
pub(crate) fn bot_online(self_id: u64) -> String {
    #[derive(Serialize)]
    struct Online {
        reason: &'static str,
        notice_type: &'static str,
    }
    let fields = Online {
        reason: "Reconnect",
        notice_type: "bot_online",
    };
    event(self_id, "notice", fields)
}

/// A friend writes in the group.
pub(crate) fn group_message(self_id: u64, message_id: i64, text: &str) -> String {
    #[derive(Serialize)]
    #[expect(clippy::struct_field_names, reason = "as on the wire")]
    struct Message<'a> {
        message_type: &'static str,
        sub_type: &'static str,
        message_id: i64,
        group_id: u64,
        user_id: u64,
        anonymous: Option<()>,
        message: Value,
        raw_message: &'a str,
        font: u8,
        sender: Value,
        message_style: Option<()>,
    }
    let fields = Message {
        message_type: "group",
        sub_type: "normal",
        message_id,
        group_id: crate::actions::GROUP,
        user_id: crate::actions::FRIEND,
        anonymous: None,
        message: json!([{ "type": "text", "data": { "text": text } }]),
        raw_message: text,
        font: 0,
        sender: json!({
            "user_id": crate::actions::FRIEND, "nickname": "Ada", "card": "", "sex": "unknown",
            "age": 0, "area": "", "level": "1", "role": "member", "title": "",
        }),
        message_style: None,
    };
    event(self_id, "message", fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_dotnet_does_and_means_the_same() {
        let value = json!({ "text": "你好 \"a+b\" <i>'&`\\\u{1f600}\n" });
        let text = dotnet_json(&value);
        assert_eq!(
            text,
            r#"{"text":"\u4F60\u597D \u0022a\u002Bb\u0022 \u003Ci\u003E\u0027\u0026\u0060\\\uD83D\uDE00\n"}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_lifecycle_has_its_fields_in_the_order_of_real_ones() {
        let text = lifecycle(449_427_853);
        let rest = text
            .strip_prefix(r#"{"sub_type":"connect","meta_event_type":"lifecycle","time":"#)
            .unwrap();
        assert!(rest.ends_with(r#","self_id":449427853,"post_type":"meta_event"}"#));
    }
}
