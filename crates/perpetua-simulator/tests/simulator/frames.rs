//! Frames at their edges: echoes, suffixes, what is unknown, missing or broken.

use perpetua_onebot::{FrameLimits, peek};
use perpetua_simulator::Outcome;
use serde_json::{Value, json};

use crate::harness::{MING, Stage, TESTING, read};

fn handle(frame: &str) -> Outcome {
    let mut stage = Stage::new();
    let now = stage.now();
    stage.simulator.handle(frame, now)
}

#[test]
fn an_echo_comes_back_byte_for_byte() {
    for echo in [
        r#""1""#,
        "1",
        "1.0",
        "-0",
        "1e400",
        "9007199254740993",
        r#"{ "seq" : 1 }"#,
        "[1, 2]",
        "null",
        "true",
        r#""""#,
        r#""\u4F60\n""#,
        "0",
    ] {
        for action in ["get_status", "no_such", "send_msg", "get_status_async"] {
            let outcome = handle(&format!(r#"{{"action":"{action}","echo":{echo}}}"#));
            let response = peek(&outcome.frames[0], &FrameLimits::default()).expect("a response");
            assert_eq!(response.echo(), Some(echo));
        }
    }
}

#[test]
fn without_an_echo_the_response_has_none() {
    let outcome = handle(r#"{"action":"get_status"}"#);
    assert_eq!(outcome.frames.len(), 1);
    assert_eq!(read(&outcome.frames[0]).get("echo"), None);
}

#[test]
fn an_unknown_action_is_refused_with_1404() {
    for action in [
        "no_such",
        "",
        "_async",
        "no_such_async",
        "get_status_async_async",
    ] {
        let mut stage = Stage::new();
        let (retcode, words) = stage.refused(action, &json!({}));
        assert_eq!(retcode, 1404);
        assert!(words.contains(&format!("`{action}`")));
    }
}

#[test]
fn missing_and_wrong_parameters_are_refused_with_1400_and_named() {
    let mut stage = Stage::new();
    for (action, params, named) in [
        ("send_group_msg", json!({ "message": "x" }), "`group_id`"),
        (
            "send_group_msg",
            json!({ "group_id": TESTING }),
            "`message`",
        ),
        (
            "send_group_msg",
            json!({ "group_id": "x", "message": "x" }),
            "`group_id`",
        ),
        (
            "send_group_msg",
            json!({ "group_id": TESTING, "message": 7 }),
            "`message`",
        ),
        (
            "send_msg",
            json!({ "message_type": "guild", "message": "x" }),
            "`message_type`",
        ),
        (
            "set_group_ban",
            json!({ "group_id": TESTING, "user_id": 1, "duration": -1 }),
            "`duration`",
        ),
        (
            "set_group_whole_ban",
            json!({ "group_id": TESTING, "enable": "maybe" }),
            "`enable`",
        ),
        (
            "send_like",
            json!({ "user_id": MING, "times": 100 }),
            "`times`",
        ),
        (
            "get_group_honor_info",
            json!({ "group_id": TESTING, "type": "x" }),
            "`type`",
        ),
        ("get_msg", json!([1]), "`params`"),
    ] {
        let (retcode, words) = stage.refused(action, &params);
        assert_eq!(retcode, 1400, "{action} {params}");
        assert!(words.contains(named), "{words}");
    }
}

#[test]
fn parameters_that_nest_too_deep_are_refused() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let frame = format!(r#"{{"action":"get_status","params":{{"x":{deep}}},"echo":1}}"#);
    assert_eq!(read(&handle(&frame).frames[0])["retcode"], 1400);
}

#[test]
fn an_async_action_is_done_and_only_accepted() {
    let mut stage = Stage::new();
    let params = json!({ "group_id": TESTING, "message": "later" });
    for action in ["send_group_msg_async", "send_group_msg_rate_limited"] {
        let seen = stage.act(action, &params);
        assert_eq!(
            seen.frames,
            [json!({ "status": "async", "retcode": 1, "data": null, "echo": "e" })]
        );
        assert_eq!(seen.lines(), ["[测试群] 小恒: later"]);
    }
    let seen = stage.act("set_group_kick_async", &json!({}));
    assert_eq!(
        seen.response()["retcode"],
        1,
        "nobody waits for the refusal"
    );
}

#[test]
fn what_is_no_action_changes_nothing() {
    for frame in [
        r#"{"post_type":"message","echo":1}"#,
        r#"{"status":"ok","retcode":0,"data":null,"echo":1}"#,
        "{}",
        "",
        "[]",
    ] {
        assert_eq!(handle(frame), Outcome::default(), "{frame}");
    }
}

#[test]
fn a_broken_frame_with_an_echo_is_refused_with_1400() {
    for frame in [
        r#"{"echo":"x","action":"get_status""#,
        r#"{"echo":"x"}"#,
        r#"{"action":7,"echo":"x"}"#,
    ] {
        let outcome = handle(frame);
        assert_eq!(outcome.frames.len(), 1, "{frame}");
        let response: Value = read(&outcome.frames[0]);
        assert_eq!(response["retcode"], 1400);
        assert_eq!(response["echo"], "x");
    }
}
