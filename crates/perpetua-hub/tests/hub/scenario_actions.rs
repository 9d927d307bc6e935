//! Actions, their answers, and what becomes of those that get none.

use std::time::Duration;

use perpetua_hub::{Profile, Taken};
use serde_json::json;

use crate::rig::{BOT, Rig, kinds};

const OTHER_BOT: i64 = 30_003;

#[test]
fn an_answer_finds_its_caller_with_the_callers_own_echo() {
    let mut rig = Rig::online();
    let id = rig.guest("koishi", Profile::Standard);
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
    let first = rig.guest("first", Profile::Standard);
    let second = rig.guest("second", Profile::Standard);
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
    let id = rig.guest("nonebot", Profile::Standard);
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
fn what_waited_less_is_sent_when_the_upstream_is_back() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.lose();
    rig.send(id, r#"{"action":"send_msg","echo":"e"}"#);
    assert!(rig.take_actions().is_empty());
    rig.pass(Duration::from_secs(7));
    rig.open();
    rig.log_in(BOT);
    let retcodes: Vec<_> = rig
        .take(id)
        .into_iter()
        .filter(|frame| frame["retcode"] != json!(null))
        .collect();
    assert!(retcodes.is_empty());
    assert_eq!(rig.hub.snapshot().unanswered, 1);
}

#[test]
fn what_is_not_answered_within_60_s_is_refused_with_1504() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
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
fn what_was_sent_is_unknown_when_the_link_is_lost_and_never_sent_again() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
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
fn beyond_2048_unanswered_actions_a_client_is_refused_with_1429_and_others_are_not() {
    let mut rig = Rig::online();
    let greedy = rig.guest("greedy", Profile::Standard);
    let other = rig.guest("other", Profile::Standard);
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
fn the_known_login_is_told_while_the_upstream_is_away() {
    let mut rig = Rig::online();
    let id = rig.guest("sdk", Profile::Perpetua);
    rig.lose();
    rig.take(id);
    rig.send(id, r#"{"action":"get_login_info","echo":"9f"}"#);
    let expected = json!({
        "status": "ok", "retcode": 0, "data": {"user_id": BOT, "nickname": "bot"}, "echo": "9f",
    });
    assert_eq!(rig.take(id), [expected]);
}

#[test]
fn an_unknown_login_is_refused_before_the_sdk_gives_up() {
    let mut rig = Rig::new();
    rig.client("sdk", Profile::Perpetua);
    let id = rig.connect("sdk", perpetua_hub::Role::Universal);
    rig.send(id, r#"{"action":"get_login_info","echo":"9f"}"#);
    rig.pass(Duration::from_secs(9));
    assert_eq!(rig.take(id)[0]["retcode"], 1503);
}

#[test]
fn a_malformed_frame_is_refused_when_its_echo_can_be_found() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
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
    let id = rig.guest("sdk", Profile::Perpetua);
    let refusal = rig.call(id, r#"{"action":"set_client_name","params":{"name":""}}"#);
    assert_eq!(refusal["retcode"], 1400);
    assert_eq!(refusal.get("echo"), None);
}

#[test]
fn all_parts_of_a_streamed_answer_arrive() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.send(id, r#"{"action":"download_file_stream","echo":1}"#);
    let echo = rig.take_actions()[0]["echo"].to_string();
    for kind in ["stream", "stream", "response", "response"] {
        rig.pass(Duration::from_secs(50));
        rig.upstream(&format!(
            r#"{{"status":"ok","retcode":0,"data":{{"type":"{kind}"}},"echo":{echo},"stream":"stream-action"}}"#
        ));
    }
    assert_eq!(rig.take(id).len(), 3, "the one after the last is late");
    assert_eq!(rig.hub.snapshot().unanswered, 0);
}

/// `NapCat` answers each chunk of `upload_file_stream` once, with `"type":"stream"`: nothing more
/// comes for that echo (its `UploadFileStream.processChunk`).
#[test]
fn an_uploaded_chunk_that_was_answered_is_not_refused_later() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.send(
        id,
        r#"{"action":"upload_file_stream","params":{"chunk_index":0},"echo":1}"#,
    );
    let echo = rig.take_actions()[0]["echo"].to_string();
    rig.upstream(&format!(
        r#"{{"status":"ok","retcode":0,"data":{{"type":"stream","status":"chunk_received"}},"echo":{echo},"stream":"stream-action"}}"#
    ));
    assert_eq!(rig.take(id).len(), 1);
    rig.pass(Duration::from_secs(61));
    assert!(rig.take(id).is_empty(), "it was answered");
    assert_eq!(rig.hub.snapshot().clients[0].traffic.refusals, 0);
}

#[test]
fn a_client_that_leaves_with_a_call_in_flight_harms_nobody() {
    let mut rig = Rig::online();
    let (leaver, other) = (
        rig.guest("leaver", Profile::Standard),
        rig.guest("other", Profile::Standard),
    );
    rig.send(leaver, r#"{"action":"send_msg","echo":1}"#);
    let actions = rig.take_actions();
    rig.hub.disconnect(leaver, rig.now);
    rig.answer(&actions[0], "null");
    assert_eq!(rig.take_batch(leaver), (Vec::new(), Taken::Gone));
    rig.message(1);
    assert_eq!(kinds(&rig.take(other)), ["message"]);
    assert_eq!(rig.hub.snapshot().unanswered, 0);
}

/// The bot of the old account was asked; the new one must not say it.
#[test]
fn what_was_asked_of_one_account_is_not_sent_to_another() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.lose();
    rig.send(id, r#"{"action":"send_group_msg","echo":1}"#);
    rig.hub.learn_self_id(OTHER_BOT, rig.now);
    rig.open();
    let actions = rig.take_actions();
    assert!(
        actions
            .iter()
            .all(|action| action["action"] == "get_login_info"),
        "{actions:?}"
    );
}
