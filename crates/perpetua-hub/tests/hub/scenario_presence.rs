//! Whether `online` in heartbeats is true.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId};

use crate::rig::{BOT, Rig};

#[test]
fn a_kicked_account_is_offline_until_a_message_proves_otherwise() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    kick(&mut rig);
    assert_eq!(told(&mut rig, id), Some(false));
    assert_eq!(
        rig.hub
            .snapshot()
            .offline_reason
            .map(|reason| reason.to_string())
            .as_deref(),
        Some("elsewhere: kick")
    );
    beat(&mut rig, true);
    assert_eq!(told(&mut rig, id), None, "a core says `online` for ever");
    rig.message(1);
    assert_eq!(told(&mut rig, id), Some(true));
    assert_eq!(rig.hub.snapshot().offline_reason, None);
}

/// As `NapCat` does: its heartbeats know whether it is logged in.
#[test]
fn heartbeats_that_told_of_a_kick_take_it_back() {
    for said_before_the_notice in [true, false] {
        let mut rig = Rig::online();
        let id = rig.guest("napcat", ClientProfile::Standard);
        beat(&mut rig, !said_before_the_notice);
        kick(&mut rig);
        if !said_before_the_notice {
            beat(&mut rig, false);
        }
        assert_eq!(told(&mut rig, id), Some(false));
        beat(&mut rig, true);
        assert_eq!(told(&mut rig, id), Some(true));
        assert_eq!(rig.hub.snapshot().offline_reason, None);
        kick(&mut rig);
        beat(&mut rig, true);
        assert_eq!(told(&mut rig, id), Some(false), "each kick by itself");
    }
}

#[test]
fn no_heartbeat_takes_the_kick_of_a_managed_core_back() {
    let mut rig = Rig::online();
    rig.hub.set_managed(true);
    kick(&mut rig);
    beat(&mut rig, false);
    beat(&mut rig, true);
    assert!(!rig.hub.online());
}

#[test]
fn a_kicked_account_is_online_when_the_core_says_that_it_is_back() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    kick(&mut rig);
    rig.take(id);
    rig.upstream(r#"{"post_type":"notice","notice_type":"bot_online"}"#);
    assert_eq!(told(&mut rig, id), Some(true));
}

/// A core that was kicked stays connected to us, and may be restarted without logging in again.
#[test]
fn a_kicked_account_is_online_again_only_when_a_new_link_shows_its_login() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    kick(&mut rig);
    rig.take(id);
    rig.lose();
    rig.open();
    assert_eq!(told(&mut rig, id), None, "a new link alone shows nothing");
    let echo = &rig.take_actions()[0]["echo"];
    rig.upstream(&format!(
        r#"{{"status":"failed","retcode":100,"data":null,"echo":{echo}}}"#
    ));
    assert_eq!(told(&mut rig, id), None, "it may not have logged in");
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn another_account_is_not_offline_because_the_former_was() {
    let mut rig = Rig::online();
    kick(&mut rig);
    rig.pass(Duration::from_secs(30));
    rig.log_in(30_003);
    assert!(rig.hub.online());
}

#[test]
fn a_lost_link_is_offline_and_a_message_after_it_is_online() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.lose();
    assert_eq!(told(&mut rig, id), Some(false));
    rig.open();
    rig.message(1);
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn the_core_is_believed_when_its_heartbeat_says_offline_until_it_says_online() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    beat(&mut rig, false);
    assert_eq!(told(&mut rig, id), Some(false));
    assert!(rig.hub.snapshot().offline_reason.is_some());
    beat(&mut rig, true);
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn a_core_that_has_lost_qq_is_offline_until_its_log_says_that_it_is_back() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.hub.set_interrupted(
        Some(
            perpetua_words::io::Other {
                text: "the core lost QQ",
            }
            .into(),
        ),
        rig.now,
    );
    assert_eq!(told(&mut rig, id), Some(false));
    let reason = rig.hub.snapshot().offline_reason;
    assert_eq!(
        reason.map(|reason| reason.to_string()).as_deref(),
        Some("the core lost QQ")
    );
    beat(&mut rig, true);
    assert_eq!(told(&mut rig, id), None, "a core says `online` for ever");
    rig.hub.set_interrupted(None, rig.now);
    assert_eq!(told(&mut rig, id), Some(true));
    assert!(rig.take(id).is_empty(), "no notice of it");
}

#[test]
fn a_kick_is_not_over_because_an_interruption_is() {
    let mut rig = Rig::online();
    kick(&mut rig);
    rig.hub.set_interrupted(
        Some(
            perpetua_words::io::Other {
                text: "the core lost QQ",
            }
            .into(),
        ),
        rig.now,
    );
    rig.hub.set_interrupted(None, rig.now);
    let reason = rig.hub.snapshot().offline_reason;
    assert_eq!(
        reason.map(|reason| reason.to_string()).as_deref(),
        Some("elsewhere: kick")
    );
}

#[test]
fn an_open_link_without_an_account_is_not_online() {
    let mut rig = Rig::new();
    rig.open();
    assert!(!rig.hub.online());
    rig.log_in(BOT);
    assert!(rig.hub.online());
}

/// What the connection was last told, at once and without a heartbeat's being due.
fn told(rig: &mut Rig, id: ConnectionId) -> Option<bool> {
    let frames = rig.take(id);
    let beat = frames
        .iter()
        .rfind(|frame| frame["meta_event_type"] == "heartbeat");
    beat.and_then(|beat| beat["status"]["online"].as_bool())
}

/// The core says that the account was logged out.
fn kick(rig: &mut Rig) {
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"notice","notice_type":"bot_offline","tag":"kick","message":"elsewhere"}}"#
    ));
}

/// The core's own heartbeat.
fn beat(rig: &mut Rig, online: bool) {
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":{online}}}}}"#
    ));
}
