//! `set_client_name`.

use perpetua_hub::{ClientProfile, ConnectionId, DisconnectReason};
use serde_json::{Value, json};

use crate::rig::Rig;

#[test]
fn a_name_is_told_to_others_from_then_on() {
    let mut rig = Rig::online();
    let (first, second) = two(&mut rig);
    assert_eq!(set_name(&mut rig, first, "alpha")["status"], "ok");
    assert_eq!(rig.seat(first).name.as_deref(), Some("alpha"));
    rig.hub.disconnect(first, rig.now);
    assert_eq!(rig.take(second)[0]["client"]["client_name"], "alpha");
}

#[test]
fn a_taken_name_is_refused_naming_its_holder() {
    let mut rig = Rig::online();
    let (first, second) = two(&mut rig);
    set_name(&mut rig, first, "alpha");
    let refusal = set_name(&mut rig, second, "alpha");
    assert_eq!(refusal["retcode"], 1401);
    let holder = rig.hub.app_id(first).expect("it is there").to_string();
    for key in ["msg", "message", "wording"] {
        assert!(
            refusal[key]
                .as_str()
                .is_some_and(|words| words.contains(&holder)),
            "{refusal}"
        );
    }
    assert_eq!(rig.seat(second).name, None);
}

#[test]
fn ones_own_name_may_be_set_again_and_another_frees_it() {
    let mut rig = Rig::online();
    let (first, second) = two(&mut rig);
    assert_eq!(set_name(&mut rig, first, "alpha")["status"], "ok");
    assert_eq!(set_name(&mut rig, first, "alpha")["status"], "ok");
    assert_eq!(set_name(&mut rig, first, "beta")["status"], "ok");
    assert_eq!(set_name(&mut rig, second, "alpha")["status"], "ok");
}

#[test]
fn a_name_is_free_at_once_after_its_holder_has_left() {
    let mut rig = Rig::online();
    let (first, second) = two(&mut rig);
    set_name(&mut rig, first, "alpha");
    rig.hub.disconnect(first, rig.now);
    rig.take(second);
    assert_eq!(set_name(&mut rig, second, "alpha")["status"], "ok");
}

#[test]
fn a_name_is_free_at_once_after_its_holder_was_cut_off() {
    let mut rig = Rig::online();
    let (first, second) = two(&mut rig);
    set_name(&mut rig, first, "alpha");
    rig.hub
        .cut_connection(first, DisconnectReason::WriteTooSlow);
    assert_eq!(set_name(&mut rig, second, "alpha")["status"], "ok");
}

#[test]
fn a_connected_clients_name_is_taken() {
    let mut rig = Rig::online();
    rig.guest("nonebot", ClientProfile::Standard);
    let id = rig.guest("lease", ClientProfile::Perpetua);
    assert_eq!(set_name(&mut rig, id, "nonebot")["retcode"], 1401);
}

/// Otherwise two connections share it as soon as that client comes.
#[test]
fn a_name_of_the_settings_is_taken_even_while_its_client_is_away() {
    let mut rig = Rig::online();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.guest("lease", ClientProfile::Perpetua);
    assert_eq!(set_name(&mut rig, id, "nonebot")["retcode"], 1401);
    rig.hub.remove_client("nonebot");
    assert_eq!(set_name(&mut rig, id, "nonebot")["status"], "ok");
}

#[test]
fn a_client_of_the_settings_may_go_by_another_name_and_by_its_own_again() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    assert_eq!(set_name(&mut rig, id, "alpha")["status"], "ok");
    let lease = rig.guest("lease", ClientProfile::Perpetua);
    assert_eq!(set_name(&mut rig, lease, "nonebot")["retcode"], 1401);
    assert_eq!(set_name(&mut rig, id, "nonebot")["status"], "ok");
}

#[test]
fn what_a_lease_is_called_in_the_hub_is_no_taken_name() {
    let mut rig = Rig::online();
    let (first, _) = two(&mut rig);
    assert_eq!(set_name(&mut rig, first, "second")["status"], "ok");
}

#[test]
fn a_name_must_be_a_text_that_is_not_blank() {
    let mut rig = Rig::online();
    let (first, _) = two(&mut rig);
    for name in [json!(""), json!("  "), json!(null), json!(5)] {
        let action = json!({"action": "set_client_name", "params": {"name": name}, "echo": 1});
        assert_eq!(
            rig.call(first, &action.to_string())["retcode"],
            1400,
            "{name}"
        );
    }
    for params in ["null", "{}", "[]", "\"alpha\""] {
        let action = format!(r#"{{"action":"set_client_name","params":{params},"echo":1}}"#);
        assert_eq!(rig.call(first, &action)["retcode"], 1400, "{params}");
    }
    assert_eq!(
        rig.call(first, r#"{"action":"set_client_name","echo":1}"#)["retcode"],
        1400
    );
}

/// A name is kept and shown for as long as its connection is open.
#[test]
fn a_name_has_a_length_and_drives_nothing() {
    let mut rig = Rig::online();
    let (first, _) = two(&mut rig);
    let longest = "机".repeat(64);
    let refused = [
        format!("{longest}器"),
        "x".repeat(1_000_000),
        "a\u{1b}]0;title\u{7}".into(),
        "a\nb".into(),
        "a\u{9b}2J".into(),
        "a\u{202e}b".into(),
        "a\u{200b}".into(),
    ];
    for name in refused {
        assert_eq!(set_name(&mut rig, first, &name)["retcode"], 1400);
        assert_eq!(rig.seat(first).name, None);
    }
    assert_eq!(set_name(&mut rig, first, &longest)["status"], "ok");
}

/// The parser repeats what it found.
#[test]
fn what_is_said_of_wrong_params_does_not_grow_with_them() {
    let mut rig = Rig::online();
    let (first, _) = two(&mut rig);
    let params = "x".repeat(100_000);
    let action = json!({"action": "set_client_name", "params": params, "echo": 1});
    let refusal = rig.call(first, &action.to_string()).to_string();
    assert!(refusal.len() < 2000, "{}", refusal.len());
}

/// Two leased clients, their greetings read.
fn two(rig: &mut Rig) -> (ConnectionId, ConnectionId) {
    let first = rig.guest("first", ClientProfile::Perpetua);
    let second = rig.guest("second", ClientProfile::Perpetua);
    rig.take(first);
    (first, second)
}

fn set_name(rig: &mut Rig, id: ConnectionId, name: &str) -> Value {
    let action = json!({"action": "set_client_name", "params": {"name": name}, "echo": 1});
    rig.call(id, &action.to_string())
}
