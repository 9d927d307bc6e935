//! Whether `online` in heartbeats is true.

use perpetua_hub::{ConnectionId, Profile};

use crate::rig::{BOT, Rig};

/// What the connection was last told, at once and without a heartbeat's being due.
fn told(rig: &mut Rig, id: ConnectionId) -> Option<bool> {
    let frames = rig.take(id);
    let beat = frames
        .iter()
        .rfind(|frame| frame["meta_event_type"] == "heartbeat");
    beat.and_then(|beat| beat["status"]["online"].as_bool())
}

#[test]
fn a_kicked_account_is_offline_until_a_message_proves_otherwise() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"notice","notice_type":"bot_offline","tag":"kick","message":"elsewhere"}}"#
    ));
    assert_eq!(told(&mut rig, id), Some(false));
    assert_eq!(
        rig.hub.snapshot().offline_reason.as_deref(),
        Some("elsewhere: kick")
    );
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":true}}}}"#
    ));
    assert_eq!(told(&mut rig, id), None, "a core says `online` for ever");
    rig.message(1);
    assert_eq!(told(&mut rig, id), Some(true));
    assert_eq!(rig.hub.snapshot().offline_reason, None);
}

#[test]
fn a_lost_link_is_offline_and_a_message_after_it_is_online() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.lose();
    assert_eq!(told(&mut rig, id), Some(false));
    rig.open();
    rig.message(1);
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn the_core_is_believed_when_it_says_that_it_is_offline() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", Profile::Standard);
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":false}}}}"#
    ));
    assert_eq!(told(&mut rig, id), Some(false));
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"notice","notice_type":"bot_online"}}"#
    ));
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn an_open_link_without_an_account_is_not_online() {
    let mut rig = Rig::new();
    rig.open();
    assert!(!rig.hub.online());
    rig.log_in(BOT);
    assert!(rig.hub.online());
}
