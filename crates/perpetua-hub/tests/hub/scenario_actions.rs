//! Actions, their answers, and what becomes of those that get none.

use std::time::Duration;

use perpetua_hub::{ClientProfile, LinkFailure, LinkState, Remaining};
use serde_json::json;

use crate::rig::{BOT, Rig, kinds};

#[test]
fn an_answer_finds_its_caller_with_the_callers_own_echo() {
    let mut rig = Rig::online();
    let id = rig.guest("koishi", ClientProfile::Standard);
    let long = format!("\"{}\"", "x".repeat(1 << 20));
    for echo in [
        "\"1\"",
        "1",
        "1.0",
        "{ \"seq\" :1}",
        "[]",
        "true",
        "null",
        "\"\"",
        "0",
        &long,
    ] {
        rig.send(id, &format!(r#"{{"action":"send_msg","echo":{echo}}}"#));
        let actions = rig.take_actions();
        rig.answer(&actions[0], "null");
        let answer = format!(r#"{{"status":"ok","retcode":0,"data":null,"echo":{echo}}}"#);
        assert_eq!(rig.take_texts(id), [answer]);
    }
    rig.send(id, r#"{"action":"send_msg"}"#);
    let actions = rig.take_actions();
    rig.answer(&actions[0], "null");
    assert_eq!(
        rig.take_texts(id),
        [r#"{"status":"ok","retcode":0,"data":null}"#]
    );
}

#[test]
fn equal_echoes_of_two_clients_do_not_meet() {
    let mut rig = Rig::online();
    let first = rig.guest("first", ClientProfile::Standard);
    let second = rig.guest("second", ClientProfile::Standard);
    for id in [first, second] {
        rig.send(id, r#"{"action":"send_msg","echo":1}"#);
    }
    let actions = rig.take_actions();
    rig.answer(&actions[1], "2");
    rig.answer(&actions[0], "1");
    rig.answer(&actions[0], "3");
    assert_eq!(rig.take(first)[0]["data"], 1);
    assert_eq!(rig.take(second)[0]["data"], 2);
    assert!(rig.take(first).is_empty());
    assert_eq!(rig.hub.snapshot().late_responses, 1);
}

#[test]
fn what_is_not_sent_within_8_s_is_refused_with_1503() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.lose();
    rig.take(id);
    rig.send(id, r#"{"action":"send_msg","echo":"e"}"#);
    rig.pass(Duration::from_millis(7999));
    assert!(rig.take(id).is_empty());
    rig.pass(Duration::from_millis(1));
    let refusal = &rig.take(id)[0];
    assert_eq!(
        (&refusal["retcode"], &refusal["echo"]),
        (&json!(1503), &json!("e"))
    );
    rig.open();
    assert_eq!(rig.take_actions().len(), 1, "only the hub's own question");
}

#[test]
fn a_refusal_says_why_the_upstream_is_away_even_while_it_is_dialled() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.lose();
    let last_failure = Some(LinkFailure::Lost(
        perpetua_words::io::Other {
            text: "reset by peer",
        }
        .into(),
    ));
    rig.hub
        .set_link(LinkState::Dialling { last_failure }, rig.now);
    rig.send(id, r#"{"action":"send_msg","echo":1}"#);
    rig.take(id);
    rig.pass(Duration::from_secs(8));
    let words = rig.take(id)[0]["wording"].to_string();
    assert!(words.contains("reset by peer"), "{words}");
}

#[test]
fn what_is_not_answered_within_60_s_is_refused_with_1504() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.send(id, r#"{"action":"send_msg","echo":"e"}"#);
    let actions = rig.take_actions();
    rig.pass(Duration::from_millis(59_999));
    assert!(rig.take(id).is_empty());
    rig.pass(Duration::from_millis(1));
    let refusal = &rig.take(id)[0];
    assert_eq!(
        (&refusal["retcode"], &refusal["echo"]),
        (&json!(1504), &json!("e"))
    );
    rig.answer(&actions[0], "null");
    assert!(rig.take(id).is_empty(), "too late");
}

#[test]
fn a_link_that_opens_while_another_is_open_takes_its_place_as_if_that_had_ended() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    for _ in 0..3 {
        rig.send(id, r#"{"action":"send_msg","echo":"e"}"#);
        assert_eq!(rig.take_actions().len(), 1);
        rig.take(id);
        rig.open();
        let told = rig.take(id);
        let refusals: Vec<_> = told
            .iter()
            .filter(|frame| frame["echo"] == "e")
            .map(|frame| &frame["retcode"])
            .collect();
        assert_eq!(refusals, [&json!(1504)], "{told:?}");
        assert!(!rig.hub.online(), "nobody has told who is there");
        rig.log_in(BOT);
        assert!(rig.hub.online());
    }
}

#[test]
fn what_was_sent_is_unknown_when_the_link_is_lost_and_never_sent_again() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.send(id, r#"{"action":"send_msg","echo":"e"}"#);
    let before = rig.take_actions();
    rig.lose();
    assert_eq!(rig.take(id)[0]["retcode"], 1504);
    rig.open();
    let after = rig.take_actions();
    assert_eq!(after.len(), 1, "only the hub's own question");
    assert_ne!(before[0]["echo"], after[0]["echo"]);
    rig.answer(&before[0], "null");
    assert!(
        rig.take(id)
            .iter()
            .all(|frame| frame.get("retcode").is_none())
    );
}

#[test]
fn a_malformed_frame_is_refused_when_its_echo_can_be_found() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let refusal = rig.call(id, r#"{"echo":{"seq":1},"action":"#);
    assert_eq!(
        (&refusal["retcode"], &refusal["echo"]),
        (&json!(1400), &json!({"seq": 1}))
    );
    rig.send(id, "hello");
    assert!(rig.take(id).is_empty());
}

#[test]
fn a_refused_action_without_an_echo_is_answered_too() {
    let mut rig = Rig::online();
    let id = rig.guest("sdk", ClientProfile::Perpetua);
    let refusal = rig.call(id, r#"{"action":"set_client_name","params":{"name":""}}"#);
    assert_eq!(refusal["retcode"], 1400);
    assert_eq!(refusal.get("echo"), None);
}

#[test]
fn a_client_that_leaves_with_a_call_in_flight_harms_nobody() {
    let mut rig = Rig::online();
    let (leaver, other) = (
        rig.guest("leaver", ClientProfile::Standard),
        rig.guest("other", ClientProfile::Standard),
    );
    rig.send(leaver, r#"{"action":"send_msg","echo":1}"#);
    let actions = rig.take_actions();
    rig.hub.disconnect(leaver, rig.now);
    rig.answer(&actions[0], "null");
    assert_eq!(rig.take_batch(leaver), (Vec::new(), Remaining::Gone));
    rig.message(1);
    assert_eq!(kinds(&rig.take(other)), ["message"]);
    assert_eq!(rig.hub.snapshot().unanswered, 0);
}
