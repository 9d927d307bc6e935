//! The events that fakes emit.

use serde_json::{Value, json};

/// `meta_event/lifecycle/connect`, with which every OneBot connection opens.
pub fn lifecycle(self_id: u64) -> Value {
    json!({
        "time": 1_700_000_000,
        "self_id": self_id,
        "post_type": "meta_event",
        "meta_event_type": "lifecycle",
        "sub_type": "connect",
    })
}

/// A group message. Its `message_id` is `number`, by which [`number_of`] knows it again.
pub fn group_message(self_id: u64, number: u64, text: &str) -> Value {
    json!({
        "time": 1_700_000_000,
        "self_id": self_id,
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
        "message_id": number,
        "group_id": 30003,
        "user_id": 40001,
        "anonymous": null,
        "message": [{ "type": "text", "data": { "text": text } }],
        "raw_message": text,
        "font": 0,
        "sender": { "user_id": 40001, "nickname": "Ada", "card": "", "role": "member" },
    })
}

/// The number of a [`group_message`]; `None` for every other frame.
pub fn number_of(frame: &Value) -> Option<u64> {
    (frame["post_type"] == "message")
        .then(|| frame["message_id"].as_u64())
        .flatten()
}
