//! Every kind of event has what the models of `nonebot-adapter-onebot` require of it: a missing field or a wrong
//! type makes that framework drop the event with a validation error.
//!
//! Source: `nonebot/adapters/onebot/v11/event.py` of the adapter. Beside them, every member that the text of
//! OneBot v11 (`event/*.md`) names for a kind is there.

use std::collections::BTreeSet;

use perpetua_simulator::Chat;
use serde_json::{Value, json};

use crate::harness::{BOT, FANG, LEI, MING, MO, NEXT_DOOR, Stage, TESTING};

/// What a field must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Field {
    Nothing,
    Integer,
    Text,
    Object,
    Segments,
}

use Field::{Integer, Nothing, Object, Segments, Text};

const EVENT: &[(&str, Field)] = &[("time", Integer), ("self_id", Integer), ("post_type", Text)];
const MESSAGE: &[(&str, Field)] = &[
    ("sub_type", Text),
    ("user_id", Integer),
    ("message_type", Text),
    ("message_id", Integer),
    ("message", Segments),
    ("raw_message", Text),
    ("font", Integer),
    ("sender", Object),
];
const OF_GROUP: &[(&str, Field)] = &[("user_id", Integer), ("group_id", Integer)];
const SUB_TYPE: &[(&str, Field)] = &[("sub_type", Text)];
const OPERATOR: &[(&str, Field)] = &[("operator_id", Integer)];
const ASKED: &[(&str, Field)] = &[("user_id", Integer), ("comment", Text), ("flag", Text)];

/// The required fields of each kind, in parts.
fn required(kind: &str) -> Vec<&'static [(&'static str, Field)]> {
    match kind {
        "message/private" => vec![EVENT, MESSAGE],
        "message/group" => vec![EVENT, MESSAGE, OF_GROUP],
        "notice/group_upload" => vec![EVENT, OF_GROUP, &[("file", Object)]],
        "notice/group_admin" => vec![EVENT, OF_GROUP, SUB_TYPE],
        "notice/group_increase" | "notice/group_decrease" => {
            vec![EVENT, OF_GROUP, SUB_TYPE, OPERATOR]
        }
        "notice/group_ban" => vec![
            EVENT,
            OF_GROUP,
            SUB_TYPE,
            OPERATOR,
            &[("duration", Integer)],
        ],
        "notice/group_recall" => vec![EVENT, OF_GROUP, OPERATOR, &[("message_id", Integer)]],
        "notice/friend_recall" => vec![EVENT, &[("user_id", Integer), ("message_id", Integer)]],
        "notice/friend_add" => vec![EVENT, &[("user_id", Integer)]],
        "notice/notify" => vec![
            EVENT,
            SUB_TYPE,
            &[("user_id", Integer), ("target_id", Integer)],
        ],
        "request/friend" => vec![EVENT, ASKED],
        "request/group" => vec![EVENT, ASKED, OF_GROUP, SUB_TYPE],
        other => panic!("no model of `{other}` is known"),
    }
}

/// The members that the text of OneBot v11 names for each kind, beyond those of every event.
fn named(kind: &str) -> &'static [&'static str] {
    match kind {
        "message/private" => &[
            "sub_type",
            "message_id",
            "user_id",
            "message",
            "raw_message",
            "font",
            "sender",
        ],
        "message/group" => &[
            "sub_type",
            "message_id",
            "group_id",
            "user_id",
            "anonymous",
            "message",
            "raw_message",
            "font",
            "sender",
        ],
        "notice/group_upload" => &["group_id", "user_id", "file"],
        "notice/group_admin" => &["sub_type", "group_id", "user_id"],
        "notice/group_increase" | "notice/group_decrease" => {
            &["sub_type", "group_id", "operator_id", "user_id"]
        }
        "notice/group_ban" => &["sub_type", "group_id", "operator_id", "user_id", "duration"],
        "notice/group_recall" => &["group_id", "user_id", "operator_id", "message_id"],
        "notice/friend_recall" => &["user_id", "message_id"],
        "notice/friend_add" => &["user_id"],
        "notice/notify" => &["sub_type", "user_id", "target_id"],
        "request/friend" => &["user_id", "comment", "flag"],
        "request/group" => &["sub_type", "group_id", "user_id", "comment", "flag"],
        other => panic!("the standard has no `{other}`"),
    }
}

/// The members of a sender that the text names.
fn named_of_sender(kind: &str) -> &'static [&'static str] {
    match kind {
        "message/private" => &["user_id", "nickname", "sex", "age"],
        _ => &[
            "user_id", "nickname", "card", "sex", "age", "area", "level", "role", "title",
        ],
    }
}

fn every_event() -> Vec<Value> {
    let mut stage = Stage::new();
    let mut events = Vec::new();
    for chat in [Chat::Group(TESTING), Chat::User(MING), Chat::User(FANG)] {
        let speaker = if chat == Chat::User(FANG) { FANG } else { MING };
        let (message_id, seen) = stage.say(chat, speaker, "看[CQ:image,file=x.jpg]");
        events.extend(seen.frames);
        let recall = json!({ "event": "recall", "message_id": message_id });
        events.extend(stage.simulate(recall).frames);
    }
    for event in [
        json!({ "event": "poke", "group_id": TESTING, "user_id": MING }),
        json!({ "event": "poke", "user_id": MING }),
        json!({ "event": "ban", "group_id": TESTING, "user_id": LEI, "duration": 60 }),
        json!({ "event": "whole_ban", "group_id": TESTING, "enable": true }),
        json!({ "event": "admin", "group_id": TESTING, "user_id": LEI, "enable": true }),
        json!({ "event": "upload", "group_id": TESTING, "user_id": MING, "name": "x", "size": 1 }),
        json!({ "event": "join", "group_id": TESTING, "user_id": FANG }),
        json!({ "event": "leave", "group_id": TESTING, "user_id": FANG }),
        json!({ "event": "group_request", "group_id": TESTING, "user_id": FANG }),
        json!({ "event": "group_invite", "group_id": NEXT_DOOR, "user_id": MO }),
        json!({ "event": "friend_request", "user_id": MO }),
        json!({ "event": "friend_add", "user_id": MO }),
        json!({ "event": "kick", "group_id": TESTING, "user_id": BOT }),
    ] {
        events.extend(stage.simulate(event).frames);
    }
    events
}

fn text<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name]
        .as_str()
        .unwrap_or_else(|| panic!("`{name}` of {event}"))
}

fn kind(event: &Value) -> String {
    let post_type = text(event, "post_type");
    format!("{post_type}/{}", text(event, &format!("{post_type}_type")))
}

#[test]
fn every_event_fits_the_models_of_nonebot() {
    let mut kinds = BTreeSet::new();
    for event in every_event() {
        let kind = kind(&event);
        for (name, field) in required(&kind).concat() {
            assert_eq!(held(&event[name]), Some(field), "`{name}` of {event}");
        }
        assert_eq!(
            event.get("echo"),
            None,
            "an echo would make it a response to some"
        );
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 13, "every kind was there: {kinds:?}");
}

#[test]
fn every_event_has_each_member_that_the_standard_names() {
    for event in every_event() {
        let kind = kind(&event);
        for name in ["time", "self_id", "post_type"].iter().chain(named(&kind)) {
            assert!(event.get(name).is_some(), "`{name}` of {event}");
        }
    }
}

#[test]
fn a_message_says_that_its_sender_is_not_anonymous_and_all_that_the_standard_names_of_them() {
    let mut stage = Stage::new();
    let chats = [
        (Chat::Group(TESTING), MING, Some(Nothing)),
        (Chat::Group(TESTING), LEI, Some(Nothing)),
        (Chat::User(MING), MING, None),
        (Chat::User(FANG), FANG, None),
    ];
    for (chat, speaker, anonymous) in chats {
        let (message_id, seen) = stage.say(chat, speaker, "hi");
        let mut told = vec![seen.frames[0].clone()];
        let params = json!({ "message_id": message_id });
        told.push(stage.ask("get_msg", &params));
        if speaker == LEI {
            stage.simulate(json!({ "event": "leave", "group_id": TESTING, "user_id": LEI }));
            told.push(stage.ask("get_msg", &params));
        }
        for message in told {
            assert_eq!(
                message.get("anonymous").and_then(held),
                anonymous,
                "{message}"
            );
            for name in named_of_sender(&kind(&message)) {
                assert!(
                    message["sender"].get(name).is_some(),
                    "`{name}` of {message}"
                );
            }
        }
    }
}

#[test]
fn parts_of_events_fit_too() {
    for event in every_event() {
        if let Some(file) = event.get("file") {
            for (name, field) in [
                ("id", Text),
                ("name", Text),
                ("size", Integer),
                ("busid", Integer),
            ] {
                assert_eq!(held(&file[name]), Some(field), "`{name}` of {event}");
            }
        }
        if let Some(sender) = event.get("sender") {
            // All optional, but of these types if present; Koishi needs the first two.
            assert_eq!(held(&sender["user_id"]), Some(Integer));
            assert_eq!(held(&sender["nickname"]), Some(Text));
            for (name, field) in [
                ("age", Integer),
                ("level", Text),
                ("role", Text),
                ("card", Text),
            ] {
                assert!(
                    sender
                        .get(name)
                        .is_none_or(|value| held(value) == Some(field))
                );
            }
        }
    }
}

fn held(value: &Value) -> Option<Field> {
    match value {
        Value::Null => Some(Nothing),
        Value::Number(number) => number.is_i64().then_some(Integer),
        Value::String(_) => Some(Text),
        Value::Object(_) => Some(Object),
        Value::Array(segments) => {
            let all = segments
                .iter()
                .all(|segment| segment["type"].is_string() && segment["data"].is_object());
            all.then_some(Segments)
        }
        Value::Bool(_) => None,
    }
}
