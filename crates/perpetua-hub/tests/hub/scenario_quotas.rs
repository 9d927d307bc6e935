//! How much a client may have under way.

use std::time::Duration;

use bytes::Bytes;
use perpetua_hub::{ClientFrame, ClientProfile, ClientSettings, Role};
use perpetua_onebot::{FrameLimits, peek};
use serde_json::json;

use crate::rig::Rig;

#[test]
fn beyond_2048_unanswered_actions_a_client_is_refused_with_1429_and_others_are_not() {
    let mut rig = Rig::online();
    let greedy = rig.guest("greedy", ClientProfile::Standard);
    let other = rig.guest("other", ClientProfile::Standard);
    for echo in 0..2048 {
        rig.send(greedy, &format!(r#"{{"action":"send_msg","echo":{echo}}}"#));
    }
    let refusal = rig.call(greedy, r#"{"action":"send_msg","echo":"beyond"}"#);
    assert_eq!(
        (&refusal["retcode"], &refusal["echo"]),
        (&json!(1429), &json!("beyond"))
    );
    rig.send(other, r#"{"action":"send_msg","echo":1}"#);
    let actions = rig.take_actions();
    assert_eq!(actions.len(), 2049);
    rig.answer(&actions[0], "null");
    rig.take(greedy);
    rig.send(greedy, r#"{"action":"send_msg","echo":"again"}"#);
    assert!(rig.take(greedy).is_empty(), "there is room for one");
    rig.pass(Duration::from_secs(61));
    assert_eq!(rig.take(greedy).len(), 2048);
    for echo in 0..2048 {
        rig.send(greedy, &format!(r#"{{"action":"send_msg","echo":{echo}}}"#));
    }
    assert!(rig.take(greedy).is_empty(), "all of the room is back");
}

#[test]
fn how_many_actions_may_be_unanswered_is_in_the_settings_of_the_client() {
    let mut rig = Rig::online();
    let allow = |rig: &mut Rig, max_pending_actions| {
        let settings = ClientSettings {
            max_pending_actions,
            ..ClientSettings::default()
        };
        rig.hub.set_client("modest", settings, rig.now);
    };
    allow(&mut rig, 2);
    let (one, other) = (
        rig.connect("modest", Role::Universal),
        rig.connect("modest", Role::Universal),
    );
    rig.take(one);
    rig.take(other);
    rig.send(one, r#"{"action":"send_msg","echo":1}"#);
    rig.send(other, r#"{"action":"send_msg","echo":2}"#);
    let refusal = rig.call(other, r#"{"action":"send_msg","echo":3}"#);
    assert_eq!(refusal["retcode"], 1429, "all its connections count");
    // The hub's own actions are answered at once, so they are never pending.
    let answer = rig.call(one, r#"{"action":"set_client_name","params":{"name":"x"}}"#);
    assert_eq!(answer["retcode"], 0);
    allow(&mut rig, 3);
    rig.send(other, r#"{"action":"send_msg","echo":4}"#);
    assert!(rig.take(other).is_empty(), "the new limit holds at once");
}

#[test]
fn beyond_128_mib_of_unsent_bytes_a_client_is_refused_with_1429_until_they_are_sent() {
    let mut rig = Rig::online();
    let greedy = rig.guest("greedy", ClientProfile::Standard);
    let other = rig.guest("other", ClientProfile::Standard);
    let image = "x".repeat(48 << 20);
    let text = format!(r#"{{"action":"send_msg","params":"{image}","echo":1}}"#);
    let (large, peeked) = (
        Bytes::from(text.clone()),
        peek(&text, &FrameLimits::default()),
    );
    for id in [greedy, greedy, other, greedy] {
        let frame = ClientFrame::new(&large, &peeked);
        rig.hub.from_client(id, frame, rig.now);
    }
    let refusals = rig.take(greedy);
    assert_eq!(refusals.len(), 1, "two of three have room");
    assert_eq!(refusals[0]["retcode"], 1429);
    assert!(
        rig.take(other).is_empty(),
        "another client has its own room"
    );
    for _ in 0..2 {
        rig.hub.take_action(rig.now).expect("it waits");
    }
    let frame = ClientFrame::new(&large, &peeked);
    rig.hub.from_client(greedy, frame, rig.now);
    assert!(rig.take(greedy).is_empty(), "what was sent takes no room");
}

/// A small frame is a piece of what was read at once, and may be the only one of it that stays.
#[test]
fn an_action_that_waits_keeps_nothing_but_itself() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    let text = r#"{"action":"send_msg","echo":1}"#;
    let read = Bytes::from(text.to_owned() + &" ".repeat(16 << 10));
    let frame = read.slice(..text.len());
    let peeked = peek(text, &FrameLimits::default());
    rig.hub
        .from_client(id, ClientFrame::new(&frame, &peeked), rig.now);
    drop(frame);
    assert!(read.is_unique(), "what was read is kept for a part of it");
    rig.hub.take_action(rig.now).expect("it waits");
}
