//! What an upstream within the node is told: whose an action is, and whom an event reached.

use bytes::Bytes;
use perpetua_hub::{Asker, ClientProfile, ClientSettings, OverflowPolicy, QueueLimits, Role};
use perpetua_onebot::{FrameLimits, peek};
use serde_json::json;

use crate::rig::{BOT, Rig, text};

const EVENT: &str = r#"{"post_type":"message","self_id":20002,"message":"hi"}"#;

#[test]
fn an_action_is_told_with_its_client_and_the_echo_that_it_came_with() {
    let mut rig = Rig::online();
    rig.client("nonebot", ClientProfile::Standard);
    rig.client("koishi", ClientProfile::Standard);
    let (nonebot, koishi) = (
        rig.connect("nonebot", Role::Universal),
        rig.connect("koishi", Role::Api),
    );
    let questions = [
        (nonebot, "nonebot", Some("7")),
        (koishi, "koishi", Some(r#"{ "a": [1.0, "\u4F60"] }"#)),
        (nonebot, "nonebot", None),
    ];
    for (id, _, echo) in questions {
        let echo = echo.map_or_else(String::new, |echo| format!(r#","echo":{echo}"#));
        rig.send(id, &format!(r#"{{"action":"send_msg"{echo}}}"#));
    }
    for (number, (_, client, echo)) in questions.into_iter().enumerate() {
        let action = rig.hub.take_asked_action(rig.now).expect("it waits");
        let asker = Asker {
            client: client.into(),
            echo: echo.map(Into::into),
        };
        assert_eq!(action.asker, Some(asker));
        let frame = text(action.frame);
        assert!(frame.contains("\"echo\":\"p"), "{number}: {frame}");
    }
    assert!(rig.hub.take_asked_action(rig.now).is_none());
}

#[test]
fn the_hubs_own_question_is_nobodys() {
    let mut rig = Rig::new();
    rig.open();
    let probe = rig.hub.take_asked_action(rig.now).expect("it asks first");
    assert_eq!(probe.asker, None);
}

#[test]
fn an_event_is_told_with_the_clients_that_get_it_each_once() {
    let mut rig = Rig::online();
    for name in ["away", "koishi", "nonebot", "typist"] {
        rig.client(name, ClientProfile::Standard);
    }
    rig.connect("nonebot", Role::Event);
    rig.connect("nonebot", Role::Api);
    rig.connect("koishi", Role::Universal);
    rig.connect("koishi", Role::Universal);
    rig.connect("typist", Role::Api);
    assert_eq!(told(&mut rig, EVENT), ["nonebot", "koishi"]);
    let response = r#"{"status":"ok","retcode":0,"data":null,"echo":"p9"}"#;
    assert!(told(&mut rig, response).is_empty());
    let beat = json!({ "post_type": "meta_event", "meta_event_type": "heartbeat", "self_id": BOT });
    assert!(told(&mut rig, &beat.to_string()).is_empty());
    let other = json!({ "post_type": "message", "self_id": 1 });
    assert!(told(&mut rig, &other.to_string()).is_empty());
}

#[test]
fn who_is_cut_off_because_of_an_event_has_not_got_it() {
    let mut rig = Rig::online();
    let settings = ClientSettings {
        queue: QueueLimits {
            frames: 1,
            when_full: OverflowPolicy::Disconnect,
            ..QueueLimits::default()
        },
        ..ClientSettings::default()
    };
    rig.hub.set_client("slow", settings, rig.now);
    rig.connect("slow", Role::Universal);
    while !told(&mut rig, EVENT).is_empty() {}
    assert_eq!(rig.hub.cut_off().count(), 1);
}

#[test]
fn who_waits_for_its_greeting_gets_no_events() {
    let mut rig = Rig::new();
    rig.client("early", ClientProfile::Standard);
    rig.connect("early", Role::Universal);
    rig.open();
    assert!(told(&mut rig, r#"{"post_type":"message","message":"hi"}"#).is_empty());
}

#[test]
fn a_program_on_a_leased_port_goes_by_the_name_that_it_gave_itself() {
    let mut rig = Rig::online();
    let id = rig.guest("(leased)", ClientProfile::Perpetua);
    assert_eq!(told(&mut rig, EVENT), ["(leased)"]);
    rig.call(
        id,
        r#"{"action":"set_client_name","params":{"name":"mine"}}"#,
    );
    assert_eq!(told(&mut rig, EVENT), ["mine"]);
    rig.send(id, r#"{"action":"send_msg"}"#);
    let action = rig.hub.take_asked_action(rig.now).expect("it waits");
    let asker = action.asker.expect("a client's");
    assert_eq!((&*asker.client, asker.echo), ("mine", None));
}

/// Lets the upstream send a frame, and gives whom it reached.
fn told(rig: &mut Rig, frame: &str) -> Vec<String> {
    let peeked = peek(frame, &FrameLimits::default()).expect("JSON");
    let bytes = Bytes::copy_from_slice(frame.as_bytes());
    let clients = rig.hub.from_embedded(bytes, &peeked, rig.now);
    clients.iter().map(ToString::to_string).collect()
}
