//! `set_restart`: for managed cores, after its delay, one at a time.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, SupervisorSignal};
use serde_json::{Value, json};

use crate::rig::Rig;

#[test]
fn a_core_that_is_not_managed_is_not_restarted() {
    let (mut rig, id) = managed();
    rig.hub.set_managed(false);
    let refusal = ask(&mut rig, id, r#"{"delay":2.5}"#);
    assert_eq!(
        (&refusal["status"], &refusal["retcode"], &refusal["data"]),
        (&json!("failed"), &json!(1401), &json!(null))
    );
    let words = refusal["message"].as_str().expect("words");
    assert!(words.contains("not managed"), "{words}");
    assert!(
        rig.take_actions().is_empty(),
        "perpetua's own actions never reach the upstream"
    );
}

#[test]
fn the_caller_is_answered_at_once_and_the_supervisor_after_the_delay() {
    let (mut rig, id) = managed();
    let text = r#"{"action":"set_restart","params":{"delay":1500.5},"echo":{"n":1}}"#;
    rig.send(id, text);
    assert_eq!(
        rig.take_texts(id),
        [r#"{"status":"async","retcode":1,"data":null,"echo":{"n":1}}"#]
    );
    rig.pass(Duration::from_micros(1_500_499));
    assert_eq!(rig.hub.next_signal(), None);
    rig.pass(Duration::from_micros(1));
    assert!(rig.hub.signals_woken());
    assert_eq!(rig.hub.next_signal(), Some(SupervisorSignal::RestartWanted));
    assert_eq!(rig.hub.next_signal(), None);
}

#[test]
fn without_a_delay_it_begins_now() {
    for params in ["{}", "null", r#"{"delay":null}"#, r#"{"delay":0}"#] {
        let (mut rig, id) = managed();
        assert_eq!(ask(&mut rig, id, params)["status"], "async", "{params}");
        rig.pass(Duration::ZERO);
        assert_eq!(rig.hub.next_signal(), Some(SupervisorSignal::RestartWanted));
    }
}

#[test]
fn a_delay_that_is_none_is_refused() {
    let (mut rig, id) = managed();
    for delay in ["-1", "600001", "1e300", "\"soon\"", "[]"] {
        let answer = ask(&mut rig, id, &format!(r#"{{"delay":{delay}}}"#));
        assert_eq!(answer["retcode"], 1400, "{delay}");
    }
    assert_eq!(ask(&mut rig, id, r#"{"delay":600000}"#)["retcode"], 1);
}

#[test]
fn while_one_is_under_way_others_are_told_when_to_ask_again() {
    let (mut rig, id) = managed();
    let other = rig.guest("koishi", ClientProfile::Standard);
    ask(&mut rig, id, r#"{"delay":2000}"#);
    let answer = ask(&mut rig, other, "{}");
    assert_eq!(answer["retcode"], 1429);
    let words = answer["message"].as_str().expect("words");
    assert!(words.contains("in 7 s"), "{words}");
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.hub.next_signal(), Some(SupervisorSignal::RestartWanted));
    rig.pass(Duration::from_millis(4999));
    assert_eq!(ask(&mut rig, other, "{}")["retcode"], 1429);
    rig.pass(Duration::from_millis(1));
    assert_eq!(ask(&mut rig, other, "{}")["retcode"], 1);
}

#[test]
fn it_is_wanted_even_while_the_core_is_away() {
    let (mut rig, id) = managed();
    ask(&mut rig, id, r#"{"delay":1000}"#);
    rig.lose();
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.hub.next_signal(), Some(SupervisorSignal::RestartWanted));
}

fn managed() -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_managed(true);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

/// Asks for a restart with raw `params`; gives the answer.
fn ask(rig: &mut Rig, id: ConnectionId, params: &str) -> Value {
    let answer = rig.call(
        id,
        &format!(r#"{{"action":"set_restart","params":{params},"echo":5}}"#),
    );
    assert_eq!(answer["echo"], json!(5));
    answer
}
