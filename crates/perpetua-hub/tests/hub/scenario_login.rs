//! Who the account is: asked first of all, and what waits for the answer.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, Role};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig};

const OTHER_BOT: i64 = 30_003;
const ASKS_LOGIN: &str = r#"{"action":"get_login_info","echo":"9f"}"#;

#[test]
fn what_waited_less_than_8_s_is_sent_in_order_when_the_account_is_back() {
    let mut rig = Rig::online();
    let id = waiting(&mut rig, 3);
    rig.pass(Duration::from_secs(7));
    rig.open();
    assert!(rig.hub.upstream_woken());
    let first = rig.take_actions();
    assert_eq!(names(&first), ["get_login_info"]);
    rig.answer(&first[0], &format!(r#"{{"user_id":{BOT}}}"#));
    assert!(rig.hub.upstream_woken());
    assert_eq!(names(&rig.take_actions()), ["send_0", "send_1", "send_2"]);
    assert!(refusals(&rig.take(id)).is_empty());
}

#[test]
fn only_an_event_that_names_its_account_lets_actions_go() {
    let mut rig = Rig::online();
    waiting(&mut rig, 1);
    rig.open();
    rig.take_actions();
    rig.upstream(r#"{"post_type":"message"}"#);
    rig.upstream(r#"{"self_id":0,"post_type":"message"}"#);
    assert!(rig.take_actions().is_empty());
    rig.message(1);
    assert_eq!(names(&rig.take_actions()), ["send_0"]);
}

#[test]
fn what_waits_for_an_upstream_that_shows_no_account_is_refused_with_1503() {
    let mut rig = Rig::online();
    let id = waiting(&mut rig, 1);
    rig.open();
    rig.take_actions();
    rig.pass(Duration::from_secs(8));
    assert_eq!(refusals(&rig.take(id)), [1503]);
    rig.message(1);
    assert!(rig.take_actions().is_empty());
}

/// The bot of the old account was asked; the new one must not say it.
#[test]
fn what_was_asked_of_one_account_is_not_sent_to_another() {
    for known_before_open in [true, false] {
        let mut rig = Rig::online();
        rig.hub.set_probes(None, rig.now);
        waiting(&mut rig, 2);
        if known_before_open {
            rig.hub.set_uin(Some(OTHER_BOT), rig.now);
        }
        rig.open();
        rig.log_in(OTHER_BOT);
        assert_eq!(names(&rig.take_actions()), Vec::<&str>::new());
        assert_eq!(rig.hub.snapshot().unsent, 0);
        assert_eq!(rig.hub.next_deadline(), None);
    }
}

#[test]
fn the_known_login_is_told_to_everyone_while_the_upstream_is_away() {
    let mut rig = Rig::online();
    let expected = json!({
        "status": "ok", "retcode": 0, "data": {"user_id": BOT, "nickname": "bot"}, "echo": "9f",
    });
    let ids = [
        rig.guest("sdk", ClientProfile::Perpetua),
        rig.guest("nonebot", ClientProfile::Standard),
    ];
    rig.lose();
    for id in ids {
        rig.take(id);
        assert_eq!(rig.call(id, ASKS_LOGIN), expected);
    }
}

#[test]
fn while_the_link_is_open_only_the_perpetua_profile_is_answered_from_knowledge() {
    let mut rig = Rig::online();
    let sdk = rig.guest("sdk", ClientProfile::Perpetua);
    let standard = rig.guest("nonebot", ClientProfile::Standard);
    assert_eq!(rig.call(sdk, ASKS_LOGIN)["data"]["user_id"], BOT);
    assert!(rig.take_actions().is_empty());
    rig.send(standard, ASKS_LOGIN);
    assert!(rig.take(standard).is_empty());
    assert_eq!(names(&rig.take_actions()), ["get_login_info"]);
}

#[test]
fn the_login_of_one_account_is_not_told_as_anothers() {
    let mut rig = Rig::online();
    rig.lose();
    rig.hub.set_uin(Some(OTHER_BOT), rig.now);
    let id = rig.guest("sdk", ClientProfile::Perpetua);
    rig.send(id, ASKS_LOGIN);
    assert!(rig.take(id).is_empty());
}

#[test]
fn an_unknown_login_is_refused_before_the_sdk_gives_up() {
    let mut rig = Rig::new();
    rig.client("sdk", ClientProfile::Perpetua);
    let id = rig.connect("sdk", Role::Universal);
    rig.send(id, ASKS_LOGIN);
    rig.pass(Duration::from_secs(8));
    assert_eq!(refusals(&rig.take(id)), [1503]);
}

#[test]
fn a_login_that_the_upstream_does_not_tell_is_refused_8_s_after_it_was_asked() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.send(id, ASKS_LOGIN);
    rig.pass(Duration::from_secs(5));
    rig.take_actions();
    rig.pass(Duration::from_millis(2999));
    assert!(rig.take(id).is_empty());
    rig.pass(Duration::from_millis(1));
    assert_eq!(refusals(&rig.take(id)), [1504]);
}

/// A connection that asks for `send_0`, `send_1`, … while the upstream is away.
fn waiting(rig: &mut Rig, count: u8) -> ConnectionId {
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.lose();
    for number in 0..count {
        rig.send(
            id,
            &format!(r#"{{"action":"send_{number}","echo":{number}}}"#),
        );
    }
    assert!(rig.take_actions().is_empty());
    rig.take(id);
    id
}

fn names(actions: &[Value]) -> Vec<&str> {
    let names = actions.iter().map(|action| action["action"].as_str());
    names.map(|name| name.expect("it has a name")).collect()
}

/// The `retcode`s of all refusals among the frames.
fn refusals(frames: &[Value]) -> Vec<i64> {
    let refused = frames.iter().filter(|frame| frame["status"] == "failed");
    refused
        .filter_map(|frame| frame["retcode"].as_i64())
        .collect()
}
