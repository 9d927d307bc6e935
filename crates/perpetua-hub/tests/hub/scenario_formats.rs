//! Messages in the format that each client wants.

use perpetua_hub::{
    AccountLimits, ClientSettings, ConnectionId, InDriver, MessageFormat, Outgoing, Role, Taken,
};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig};

const ARRAY: &str =
    r#"[{"type":"text","data":{"text":"hi\u4F60 "}},{"type":"at","data":{"qq":"1"}}]"#;
const STRING: &str = r#""hi\u4F60 [CQ:at,qq=1]""#;

/// A client with one connection that wants messages like this.
fn guest(rig: &mut Rig, name: &str, format: Option<MessageFormat>) -> ConnectionId {
    want(rig, name, format);
    let id = rig.connect(name, Role::Universal);
    rig.take(id);
    id
}

fn want(rig: &mut Rig, name: &str, format: Option<MessageFormat>) {
    let settings = ClientSettings {
        format,
        ..ClientSettings::default()
    };
    rig.hub.set_client(name, settings, rig.now);
}

fn event(kind: &str, message: &str, format: &str) -> String {
    format!(
        r#"{{ "self_id":{BOT},"post_type":"{kind}", "message":{message},"message_format":"{format}","raw_message":"as it came" }}"#
    )
}

fn frames(rig: &mut Rig, id: ConnectionId) -> Vec<Outgoing> {
    rig.take_frames(id).0
}

fn held(rig: &Rig) -> usize {
    rig.hub.held_bytes(|_| InDriver::default())
}

/// How often the owner was shown something at the client.
fn noted(rig: &Rig, client: &str) -> u64 {
    let snapshot = rig.hub.snapshot();
    let client = snapshot.clients.iter().find(|one| &*one.name == client);
    client.expect("a client").noted
}

/// `CONNECTIONS.md`, C37.
#[test]
fn each_client_gets_its_own_format_and_the_rest_byte_for_byte() {
    let mut rig = Rig::online();
    let plain = guest(&mut rig, "plain", None);
    let array = guest(&mut rig, "array", Some(MessageFormat::Array));
    let string = guest(&mut rig, "string", Some(MessageFormat::String));
    for kind in ["message", "message_sent"] {
        for (came, other) in [
            ((ARRAY, "array"), (STRING, "string")),
            ((STRING, "string"), (ARRAY, "array")),
        ] {
            let (came, other) = (event(kind, came.0, came.1), event(kind, other.0, other.1));
            rig.upstream(&came);
            let (in_array, in_string) = if came.contains("\"array\"") {
                (&came, &other)
            } else {
                (&other, &came)
            };
            assert_eq!(rig.take_texts(plain), [came.as_str()]);
            assert_eq!(rig.take_texts(array), [in_array.as_str()]);
            assert_eq!(rig.take_texts(string), [in_string.as_str()]);
        }
    }
}

#[test]
fn events_that_are_no_messages_stay_as_they_came() {
    let mut rig = Rig::online();
    let id = guest(&mut rig, "string", Some(MessageFormat::String));
    let notice = event("notice", ARRAY, "array");
    rig.upstream(&notice);
    assert_eq!(rig.take_texts(id), [notice]);
}

#[test]
fn events_of_both_kinds_keep_their_order_and_their_numbers() {
    let mut rig = Rig::online();
    let id = guest(&mut rig, "string", Some(MessageFormat::String));
    let first = rig.hub.snapshot().last_event;
    for kind in ["message", "notice", "message"] {
        rig.upstream(&event(kind, ARRAY, "array"));
    }
    let numbers: Vec<_> = frames(&mut rig, id)
        .iter()
        .map(Outgoing::event_number)
        .collect();
    assert_eq!(numbers, [1, 2, 3].map(|number| Some(first + number)));
    assert_eq!(rig.seat(id).last_event, first + 3);
}

#[test]
fn an_echo_in_an_event_is_taken_out_in_every_format() {
    let mut rig = Rig::online();
    let id = guest(&mut rig, "string", Some(MessageFormat::String));
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"echo":1,"post_type":"message","message":{ARRAY}}}"#
    ));
    assert_eq!(
        rig.take_texts(id),
        [format!(
            r#"{{"self_id":{BOT},"post_type":"message","message":{STRING}}}"#
        )]
    );
}

#[test]
fn what_was_said_before_is_answered_in_the_format_of_who_asks() {
    for (action, data, other) in [
        (
            "get_msg",
            format!(r#"{{"message":{ARRAY}}}"#),
            format!(r#"{{"message":{STRING}}}"#),
        ),
        (
            "get_group_msg_history",
            format!(r#"{{"messages":[{{"message":{ARRAY}}}]}}"#),
            format!(r#"{{"messages":[{{"message":{STRING}}}]}}"#),
        ),
        (
            "get_friend_msg_history",
            format!(r#"{{"messages":[{{"message":{ARRAY}}}]}}"#),
            format!(r#"{{"messages":[{{"message":{STRING}}}]}}"#),
        ),
        (
            "get_forward_msg",
            format!(r#"{{"message":[{{"type":"node","data":{{"content":{ARRAY}}}}}]}}"#),
            format!(r#"{{"message":[{{"type":"node","data":{{"content":{STRING}}}}}]}}"#),
        ),
        // Nothing is known of what other actions answer.
        (
            "get_essence",
            format!(r#"{{"message":{ARRAY}}}"#),
            format!(r#"{{"message":{ARRAY}}}"#),
        ),
    ] {
        let mut rig = Rig::online();
        for (format, expected) in [
            (None, &data),
            (Some(MessageFormat::Array), &data),
            (Some(MessageFormat::String), &other),
        ] {
            let id = guest(&mut rig, "asks", format);
            rig.send(
                id,
                &format!(r#"{{"action":"{action}","echo":{{"seq":1}}}}"#),
            );
            let asked = rig.take_actions();
            rig.answer(&asked[0], &data);
            let answer = rig.take_texts(id);
            assert_eq!(
                answer,
                [format!(
                    r#"{{"status":"ok","retcode":0,"data":{expected},"echo":{{"seq":1}}}}"#
                )]
            );
        }
    }
}

#[test]
fn the_first_event_after_the_switch_has_the_new_format() {
    let mut rig = Rig::online();
    let id = guest(&mut rig, "bot", None);
    let (array, string) = (
        event("message", ARRAY, "array"),
        event("message", STRING, "string"),
    );
    rig.upstream(&array);
    want(&mut rig, "bot", Some(MessageFormat::String));
    rig.upstream(&array);
    want(&mut rig, "bot", Some(MessageFormat::Array));
    rig.upstream(&array);
    assert_eq!(rig.take_texts(id), [array.clone(), string, array]);
}

#[test]
fn what_a_format_cannot_hold_goes_as_it_came_and_the_owner_is_told() {
    let mut rig = Rig::online();
    let string = guest(&mut rig, "string", Some(MessageFormat::String));
    let other = guest(&mut rig, "other", None);
    let broken = event("message", r#"[{"type":"a b"}]"#, "array");
    rig.upstream(&broken);
    rig.send(string, r#"{"action":"get_msg","echo":1}"#);
    let asked = rig.take_actions();
    rig.answer(&asked[0], r#"{"message":[1]}"#);
    assert_eq!(
        rig.take_texts(string),
        [
            broken,
            r#"{"status":"ok","retcode":0,"data":{"message":[1]},"echo":1}"#.to_owned()
        ]
    );
    rig.take(other);
    // It is known once they were written; whatever goes out next brings it.
    rig.hub.heartbeat(string);
    rig.take(string);
    assert_eq!((noted(&rig, "string"), noted(&rig, "other")), (2, 0));
    rig.hub.heartbeat(string);
    rig.take(string);
    assert_eq!(noted(&rig, "string"), 2, "once each");
}

/// A call has one frame, a poll may be the last one, and a framework that is posted to is given one frame at a time: each is
/// told of all the same, and so is what went out before the format was changed.
#[test]
fn what_was_given_to_somebody_who_takes_no_more_is_told_when_it_leaves() {
    let mut rig = Rig::online();
    let broken = event("message", r#"[{"type":"a b"}]"#, "array");
    want(&mut rig, "bot", Some(MessageFormat::String));
    let call = rig.hub.begin_call("bot", rig.now).expect("it is there").id;
    rig.send(call, r#"{"action":"get_msg"}"#);
    let asked = rig.take_actions();
    rig.answer(&asked[0], r#"{"message":[1]}"#);
    assert_eq!(rig.take_texts(call).len(), 1);
    assert_eq!(noted(&rig, "bot"), 0, "nobody has asked for more");
    rig.hub.disconnect(call, rig.now);
    assert_eq!(noted(&rig, "bot"), 1);

    let poll = rig.connect("bot", Role::Event);
    rig.take(poll);
    rig.upstream(&broken);
    assert_eq!(rig.take_texts(poll), [broken.as_str()]);
    want(&mut rig, "bot", Some(MessageFormat::Array));
    assert_eq!(noted(&rig, "bot"), 2);
    want(&mut rig, "bot", Some(MessageFormat::String));
    let Taken::Nothing = rig.hub.take_one(poll, rig.now) else {
        panic!("nothing waits");
    };
    rig.upstream(&broken);
    let Taken::Frame(frame) = rig.hub.take_one(poll, rig.now) else {
        panic!("an event waits");
    };
    assert_eq!(frame.into_bytes(), broken);
    rig.hub.disconnect(poll, rig.now);
    assert_eq!(noted(&rig, "bot"), 3);
}

#[test]
fn a_message_grows_no_larger_than_a_frame_may_be() {
    let mut rig = Rig::online();
    let codes = event("message", &format!("\"{}\"", "[CQ:a]".repeat(20)), "string");
    let limits = AccountLimits {
        max_frame_size: codes.len(),
        ..AccountLimits::default()
    };
    rig.hub.set_limits(limits);
    let id = guest(&mut rig, "array", Some(MessageFormat::Array));
    rig.upstream(&codes);
    assert_eq!(rig.take_texts(id), [codes]);
    rig.take(id);
    assert_eq!(noted(&rig, "array"), 1);
}

#[test]
fn a_copy_in_another_format_is_made_once_and_counts_for_as_long_as_anybody_has_it() {
    let mut rig = Rig::online();
    let plain = guest(&mut rig, "plain", None);
    let [one, other] =
        ["one", "other"].map(|name| guest(&mut rig, name, Some(MessageFormat::String)));
    let before = held(&rig);
    let came = event("message", ARRAY, "array");
    let made = event("message", STRING, "string").len();
    rig.upstream(&came);
    assert_eq!(
        held(&rig),
        before + came.len(),
        "nothing is made before it is wanted"
    );
    let first = frames(&mut rig, one).remove(0).into_bytes();
    assert_eq!(held(&rig), before + came.len() + made);
    let second = frames(&mut rig, other).remove(0).into_bytes();
    assert_eq!(first.as_ptr(), second.as_ptr(), "both have the same one");
    drop(first);
    assert_eq!(held(&rig), before + came.len() + made);
    drop(second);
    assert_eq!(held(&rig), before + came.len(), "the plain one waits");
    rig.take(plain);
    assert_eq!(held(&rig), before);
}

#[test]
fn who_waits_longest_for_another_format_is_to_blame_for_it() {
    let mut rig = Rig::online();
    let plain = guest(&mut rig, "plain", None);
    let [quick, slow] =
        ["quick", "slow"].map(|name| guest(&mut rig, name, Some(MessageFormat::String)));
    let came = event("message", ARRAY, "array");
    let made = event("message", STRING, "string").len();
    for _ in 0..3 {
        rig.upstream(&came);
        drop(rig.take_texts(quick));
    }
    frames(&mut rig, slow).truncate(0);
    rig.upstream(&came);
    drop(rig.take_texts(quick));
    let shares = rig.hub.shares(|_| InDriver::default());
    let bytes = |id| {
        let share = shares.iter().find(|share| share.connection == Some(id));
        share.expect("a share").bytes
    };
    assert_eq!(bytes(plain), 4 * came.len(), "it has the most events");
    assert_eq!((bytes(quick), bytes(slow)), (0, made));
}

/// The greeting, refusals and notices of the hub's own have no message.
#[test]
fn the_hubs_own_frames_are_the_same_in_every_format() {
    let mut rig = Rig::online();
    want(&mut rig, "string", Some(MessageFormat::String));
    let id = rig.connect("string", Role::Universal);
    let greeting = rig.take(id);
    assert_eq!(greeting[0]["meta_event_type"], "lifecycle");
    let refused = rig.call(id, r#"{"action":"set_restart","echo":[1]}"#);
    assert_eq!(
        (&refused["retcode"], &refused["echo"]),
        (&json!(1401), &json!([1]))
    );
    let frames: Vec<Value> = rig.take(id);
    assert!(frames.is_empty());
}
